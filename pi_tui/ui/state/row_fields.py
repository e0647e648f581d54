"""Texts of a row's fields, which the table, the filter, the row's details and its summary share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pi_tui.analysis.text.formatting import human_count
from pi_tui.analysis.text.strip_escapes import strip_escapes

if TYPE_CHECKING:
    from pi_tui.analysis.results import Case
    from pi_tui.ui.state.session import Row

GROUP_SPACE = "\u00a0"
"""Between groups of thousands: a blank as wide as any cell (a thin space is not, in a picture), where no line breaks."""


def format_python(row: Row) -> str:
    """The interpreter, with the GIL where a free-threaded build leaves a choice."""
    result = row.result
    if result is None or not result.free_threaded_build or result.gil_enabled is None:
        return row.case.python
    return f"{row.case.python} GIL {'on' if result.gil_enabled else 'off'}"


def format_count(count: int) -> str:
    """A whole number with its thousands apart."""
    return human_count(count, GROUP_SPACE)


def format_samples(case: Case) -> str:
    """Samples of a task, or of all of them where they are divided."""
    return format_count(case.samples) + (" split" if case.split else "")


def format_workers(case: Case) -> str:
    """The workers, with the number of tasks where it differs."""
    return f"{case.workers}" if case.tasks == case.workers else f"{case.tasks} on {case.workers}"


def describe_failure(row: Row) -> str:
    """What happened to a row that has no figures; empty for one that may have some."""
    if row.state in ("failed", "unavailable") and row.result is not None and row.result.error is not None:
        error = row.result.error
        told = row.state == "unavailable" or f": {error.type}" in f": {error.message}"
        return strip_escapes(error.message if told else f"{error.type}: {error.message}")
    if row.state == "stopped" and (row.result is None or row.result.wall_s is None):
        return "stopped before it was measured"
    return ""
