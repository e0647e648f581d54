"""The texts of a stored run, in cells and lines."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from pi_tui.analysis.text.formatting import human_count, plural, span
from pi_tui.ui.drawing.spans import Line, Span
from pi_tui.ui.state.row_fields import GROUP_SPACE

if TYPE_CHECKING:
    from pi_tui.storage.history.queries import RunEntry

LocalTime = Callable[[float], datetime]
"""Converts seconds since the epoch to the local time."""

_STATES = {
    "ok": ("ok", "good"),
    "partial": ("partial", "notice"),
    "unavailable": ("unavailable", "notice"),
    "failed": ("failed", "bad"),
    "stopped": ("stopped", "notice"),
    "interrupted": ("interrupted", "notice"),
    "running": ("running", "running"),
    "unreadable": ("unreadable", "bad"),
}
_GLYPHS = {"unavailable": "-", "failed": "✗", "stopped": "■", "interrupted": "■", "running": "▸", "unreadable": "?"}


def format_time(seconds: float, local: LocalTime) -> str:
    """Return day and time."""
    return f"{local(seconds):%Y-%m-%d %H:%M}"


def format_short_time(seconds: float, local: LocalTime) -> str:
    """Return day and time without the year."""
    return f"{local(seconds):%m-%d %H:%M}"


def format_start(line: RunEntry, local: LocalTime, write: Callable[[float, LocalTime], str] = format_time) -> str:
    """Return when a run started; "" for one that cannot be read."""
    return "" if line.state == "unreadable" else write(line.started_at, local)


def draw_state_glyph(line: RunEntry) -> Line:
    """Return one glyph for an error, or for a run under way."""
    return [Span(_GLYPHS.get(line.state, " "), _STATES[line.state][1])]


def draw_state(line: RunEntry) -> Line:
    """Return the state in one word."""
    word, style = _STATES[line.state]
    return [Span(word, "muted" if line.state == "ok" else style)]


def draw_reference(line: RunEntry) -> Line:
    """Return the mark of the reference."""
    return [Span("R", "key")] if line.reference else []


def format_trials(line: RunEntry) -> str:
    """Return the number of stored trials, and of how many where some are missing."""
    done = human_count(line.trials, GROUP_SPACE)
    whole = line.completed or line.trials == line.trials_planned
    return done if whole else f"{done}/{human_count(line.trials_planned, GROUP_SPACE)}"


def _format_count(count: int) -> str:
    return human_count(count, GROUP_SPACE)


def format_machine(line: RunEntry) -> str:
    """Return processor and cores."""
    return f"{line.processor}, {plural(line.usable_cores, 'core')}"


def elapsed_s(line: RunEntry) -> float | None:
    """Return how long a run took in seconds; None where it has no end."""
    return None if line.finished_at is None else max(0.0, line.finished_at - line.started_at)


def describe_run(line: RunEntry, local: LocalTime) -> list[Line]:
    """Return everything about a run, the most important first."""
    if line.state == "unreadable":
        return [
            [Span(f"Run {line.id} cannot be read: {line.reason}", "bad")],
            *([[Span(line.title)]] if line.title else []),
        ]
    first = [Span(f"Run {line.id}", "strong"), Span(f"  {format_time(line.started_at, local)}", "muted")]
    if (lasted := elapsed_s(line)) is not None:
        first.append(Span(f", took {span(lasted)}", "muted"))
    if line.reference:
        first.append(Span("  the reference", "key"))
    if line.note:
        first.append(Span(f"  {line.note}", "text"))
    python = f"Python {', '.join(line.pythons)}" if line.pythons else "no Python"
    machine = f"{line.processor}, {plural(line.usable_cores, 'usable core')}, {line.host or 'name not known'}"
    return [
        first,
        [Span(line.title, "text")],
        [Span(_describe_outcome(line), _STATES[line.state][1] if line.state != "ok" else "muted")],
        [Span(f"{python} · {machine} · pi-tui {line.pi_tui}", "faint")],
    ]


def _describe_outcome(line: RunEntry) -> str:
    cases = plural(line.cases, "case")
    trials = f"{format_trials(line)} trial{'' if line.trials == 1 else 's'}"
    if line.state == "ok":
        return f"{cases}, {trials}, all ran"
    of = f"{cases}, {_format_count(line.trials)} of {_format_count(line.trials_planned)} trials"
    outcome = {
        "unavailable": f"{cases}: {'it could not' if line.cases == 1 else 'none could'} be run",
        "partial": f"{cases}, {trials}: {_format_count(line.unavailable)} of the cases could not be run",
        "failed": f"{of}: a case failed",
        "stopped": f"{of}: stopped",
        "interrupted": f"{of}: interrupted, the program that ran it was ended",
        "running": f"{of} so far: under way",
    }[line.state]
    return f"{outcome} ({line.reason})" if line.reason else outcome
