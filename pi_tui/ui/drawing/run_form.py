"""The run pane: what would run and for how long, its settings, and the progress of a run."""

from __future__ import annotations

from typing import Literal, NamedTuple

from pi_tui.analysis.text.formatting import countdown, plural, share_text, span
from pi_tui.ui.drawing.bars import draw_bar
from pi_tui.ui.drawing.spans import Line, Span, fit, justify, line_width, wrap

Field = Literal["python", "gil", "repeats", "host", "start"]

FIELDS: tuple[Field, ...] = ("python", "gil", "repeats", "host", "start")
LABEL_CELLS = 9


class RunView(NamedTuple):
    """What the run pane shows.

    Attributes:
        known: whether there has been a plan, or a refusal, for the present selection.
        added: how many baselines were added to the selected cases.
        until_stable: the precision that cases are repeated for, as a share of the median; None for a fixed number of repeats.
        refused: why there is no plan; empty where there is one.
        needs_confirmation: the run is refused for its size alone, and can be confirmed.
        activity: what the run does before its first trial.
        share: the share of the run's trials that are done, 0 to 1.
    """

    cases: int = 0
    known: bool = True
    added: int = 0
    unavailable: int = 0
    repeats: int = 5
    until_stable: float | None = None
    estimate_s: float = 0.0
    refused: str = ""
    needs_confirmation: bool = False
    python: str = ""
    gil: str = ""
    gil_changeable: bool = False
    in_app: bool = False
    running: bool = False
    stopping: bool = False
    activity: str = ""
    trial: int = 0
    trials: int = 0
    share: float = 0.0
    left_s: float | None = None


def draw_run_form(view: RunView, cells: int, lines: int, cursor: Field | None) -> list[tuple[Line, str]]:
    """Draw at most `lines` lines, each with the name of its background; the buttons are always among them."""
    fields = [(_draw_field(view, field, cells), "cursor" if field == cursor else "") for field in FIELDS[:-1]]
    buttons = [(_draw_buttons(view, cells, chosen=cursor == "start"), "")]
    if lines < len(fields) + 2:
        fields = fields[: max(0, lines - 2)]
    room = lines - len(fields) - 1
    head = _draw_progress(view, cells) if view.running else _draw_preview(view, cells, max(1, room))
    top: list[tuple[Line, str]] = [(line, "") for line in head[: max(1, min(len(head), room))]]
    spare = lines - len(top) - len(fields) - 1
    blank: tuple[Line, str] = (fit([], cells), "")
    before = [blank] if spare >= 2 else []
    after = [blank] * (spare - len(before))
    return [*top, *before, *fields, *after, *buttons][:lines]


def _draw_preview(view: RunView, cells: int, lines: int) -> list[Line]:
    if not view.known:
        return [fit([], cells)]
    if view.refused:
        return [fit([Span(line, "notice")], cells) for line in wrap(view.refused, cells, lines)]
    if not view.cases:
        return [fit([Span("Nothing that can run is ticked.", "notice")], cells)]
    right = [Span("≈ ", "faint"), Span(span(view.estimate_s), "strong")]
    more = "" if view.until_stable is None else "+"
    repeats = f"{view.repeats}{more} repeats" if more else plural(view.repeats, "repeat")
    left = [Span(plural(view.cases, "case"), "strong"), Span(f" × {repeats}", "text")]
    if line_width(left) + 1 + line_width(right) > cells:
        left[1] = Span(f" × {view.repeats}{more}", "text")
    return [justify(left, right, cells), fit([Span(_describe_details(view), "faint")], cells)]


def _describe_details(view: RunView) -> str:
    parts = ["no warm-up · not kept" if view.in_app else "one warm-up each"]
    if view.added:
        parts.append(f"{plural(view.added, 'baseline')} added")
    if view.unavailable:
        parts.append(f"{view.unavailable} cannot run")
    return " · ".join(parts)


def _draw_progress(view: RunView, cells: int) -> list[Line]:
    if view.stopping or not view.trials:
        activity = "stopping" if view.stopping else view.activity or "starting"
        return [fit([Span(f"{activity} …", "text")], cells), fit(draw_bar(view.share, cells, "running"), cells)]
    left = [Span(f"trial {view.trial}", "strong"), Span(f" of {view.trials}", "text")]
    right = [Span(f"{countdown(view.left_s)} left", "text")] if view.left_s is not None else []
    shown = f" {share_text(view.share):>4}"
    meter = [*draw_bar(view.share, cells - len(shown), "running"), Span(shown, "text")]
    return [justify(left, right, cells), fit(meter, cells)]


def _draw_field(view: RunView, field: Field, cells: int) -> Line:
    label, value, style, hint = _describe_field(view, field)
    click = "app.pythons" if field == "python" else f"change('{field}', 1)"
    left = [Span(f"{label:<{LABEL_CELLS}}", "muted", click), Span(value, style, click)]
    if field == "repeats":
        steps = [Span(" - ", "key", "change('repeats', -1)"), Span(" + ", "key", "change('repeats', 1)")]
        return justify(left, steps, cells)
    return justify(left, [Span(hint, "key", click)] if hint else [], cells)


def _describe_field(view: RunView, field: Field) -> tuple[str, str, str, str]:
    """Return a field's label, its value, the value's style, and the key or glyph at the right edge."""
    if field == "python":
        return "Python", view.python, "text", "▾"
    if field == "gil":
        return "GIL", view.gil, "text" if view.gil_changeable else "muted", " g " if view.gil_changeable else ""
    if field == "repeats":
        precision = "" if view.until_stable is None else f"+ to ±{view.until_stable * 100:g}%"
        return "Repeats", f"{view.repeats}{precision}", "text", ""
    return "Host", "inside this app" if view.in_app else "its own process", "alarm" if view.in_app else "text", "▾"


def _draw_buttons(view: RunView, cells: int, *, chosen: bool) -> Line:
    can_run = bool(view.cases) and not view.running
    on = "/cursor" if chosen else "/cursor-away"
    words = " ▸ Run  r asks " if view.needs_confirmation and not view.running else " ▸ Run  r "
    run = Span(words, ("running" if can_run else "faint") + on, "app.start_run" if can_run else "")
    stop = Span(" ■ Stop  x ", ("alarm" if view.running else "faint") + on, "app.stop_run" if view.running else "")
    if line_width([run, stop]) >= cells:
        return fit([stop if view.running else run], cells)
    return justify([run], [stop], cells)
