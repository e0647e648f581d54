"""Texts of a row's fields, which the table, the filter, the row's details and its summary share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pi_tui.analysis.text import prose
from pi_tui.analysis.text.formatting import human_count

if TYPE_CHECKING:
    from pi_tui.analysis.results import Case
    from pi_tui.ui.state.session import Row

GROUP_SPACE = "\u00a0"
"""The space between groups of thousands: as wide as a cell (in a picture a thin space is not), and no line breaks there."""


def format_python(row: Row) -> str:
    """Return the interpreter's id, with the setting of the GIL for a free-threaded build."""
    result = row.result
    if result is None or not result.free_threaded_build or result.gil_enabled is None:
        return row.case.python
    return f"{row.case.python} GIL {'on' if result.gil_enabled else 'off'}"


def format_count(count: int) -> str:
    """Return a whole number with spaces between thousands."""
    return human_count(count, GROUP_SPACE)


def format_samples(case: Case, *, short: bool = False) -> str:
    """Return the samples per task, or of all tasks where they are split among them; `short` writes a million as 1M."""
    count = _shorten_count(case.samples) if short else format_count(case.samples)
    return count + (" split" if case.split else "")


def _shorten_count(count: int) -> str:
    """Return a whole number in millions or thousands where that is exact."""
    unit, name = next(((unit, name) for unit, name in ((10**6, "M"), (10**3, "k")) if count % unit == 0), (1, ""))
    return f"{format_count(count // unit)}{name}"


def format_workers(case: Case) -> str:
    """Return the number of workers, with the number of tasks where it differs: "16 on 4"."""
    return f"{case.workers}" if case.tasks == case.workers else f"{case.tasks} on {case.workers}"


def describe_failure(row: Row) -> str:
    """Say why a row has no figures; empty for a row that has, or will have, some."""
    if row.state in ("failed", "unavailable") and row.result is not None and row.result.error is not None:
        return prose.describe_failure(row.state, row.result.error)
    if row.state == "stopped" and (row.result is None or row.result.wall_s is None):
        return "stopped before it was measured"
    return ""
