"""The run pane: what would run, how long it takes, what can be set, and how far a run is."""

from __future__ import annotations

from typing import Literal, NamedTuple

from pi_tui.analysis.text.formatting import countdown, plural, share_text, span
from pi_tui.ui.drawing.bars import bar
from pi_tui.ui.drawing.spans import Line, Piece, fit, justify, width, wrap

Field = Literal["python", "gil", "repeats", "host", "start"]

FIELDS: tuple[Field, ...] = ("python", "gil", "repeats", "host", "start")
LABEL_CELLS = 9


class RunView(NamedTuple):
    """What the run pane shows.

    Attributes:
        known: the laboratory was asked what would run.
        refused: why there is no plan; empty where there is one.
        asks: a person is asked whether it is to run although it is refused.
        doing: what is under way before the first trial.
        share: of the run's trials that are done, 0 to 1.
    """

    cases: int = 0
    known: bool = True
    added: int = 0
    unavailable: int = 0
    repeats: int = 5
    until_stable: float | None = None
    estimate_s: float = 0.0
    refused: str = ""
    asks: bool = False
    python: str = ""
    gil: str = ""
    gil_changeable: bool = False
    in_app: bool = False
    running: bool = False
    stopping: bool = False
    doing: str = ""
    trial: int = 0
    trials: int = 0
    share: float = 0.0
    left_s: float | None = None


def form_lines(view: RunView, cells: int, lines: int, cursor: Field | None) -> list[tuple[Line, str]]:
    """The pane's lines with the ground each stands on, at most `lines` of them; the buttons are always among them."""
    fields = [(_field(view, field, cells), "cursor" if field == cursor else "") for field in FIELDS[:-1]]
    buttons = [(_buttons(view, cells, chosen=cursor == "start"), "")]
    if lines < len(fields) + 2:
        fields = fields[: max(0, lines - 2)]
    room = lines - len(fields) - 1
    head = _progress(view, cells) if view.running else _forecast(view, cells, max(1, room))
    top: list[tuple[Line, str]] = [(line, "") for line in head[: max(1, min(len(head), room))]]
    spare = lines - len(top) - len(fields) - 1
    blank: tuple[Line, str] = (fit([], cells), "")
    before = [blank] if spare >= 2 else []
    after = [blank] * (spare - len(before))
    return [*top, *before, *fields, *after, *buttons][:lines]


def _forecast(view: RunView, cells: int, lines: int) -> list[Line]:
    if not view.known:
        return [fit([], cells)]
    if view.refused:
        return [fit([Piece(line, "notice")], cells) for line in wrap(view.refused, cells, lines)]
    if not view.cases:
        return [fit([Piece("Nothing that can run is ticked.", "notice")], cells)]
    right = [Piece("≈ ", "faint"), Piece(span(view.estimate_s), "strong")]
    more = "" if view.until_stable is None else "+"
    repeats = f"{view.repeats}{more} repeats" if more else plural(view.repeats, "repeat")
    left = [Piece(plural(view.cases, "case"), "strong"), Piece(f" × {repeats}", "text")]
    if width(left) + 1 + width(right) > cells:
        left[1] = Piece(f" × {view.repeats}{more}", "text")
    return [justify(left, right, cells), fit([Piece(_small_print(view), "faint")], cells)]


def _small_print(view: RunView) -> str:
    parts = ["no warm-up · not kept" if view.in_app else "a warm-up each"]
    if view.added:
        parts.append(f"{plural(view.added, 'baseline')} added")
    if view.unavailable:
        parts.append(f"{view.unavailable} cannot run")
    return " · ".join(parts)


def _progress(view: RunView, cells: int) -> list[Line]:
    if view.stopping or not view.trials:
        doing = "stopping" if view.stopping else view.doing or "starting"
        return [fit([Piece(f"{doing} …", "text")], cells), fit(bar(view.share, cells, "running"), cells)]
    left = [Piece(f"trial {view.trial}", "strong"), Piece(f" of {view.trials}", "text")]
    right = [Piece(f"{countdown(view.left_s)} left", "text")] if view.left_s is not None else []
    shown = f" {share_text(view.share):>4}"
    meter = [*bar(view.share, cells - len(shown), "running"), Piece(shown, "text")]
    return [justify(left, right, cells), fit(meter, cells)]


def _field(view: RunView, field: Field, cells: int) -> Line:
    label, value, ink, hint = _content(view, field)
    click = "app.pythons" if field == "python" else f"change('{field}', 1)"
    left = [Piece(f"{label:<{LABEL_CELLS}}", "muted", click), Piece(value, ink, click)]
    if field == "repeats":
        steps = [Piece(" - ", "key", "change('repeats', -1)"), Piece(" + ", "key", "change('repeats', 1)")]
        return justify(left, steps, cells)
    return justify(left, [Piece(hint, "key", click)] if hint else [], cells)


def _content(view: RunView, field: Field) -> tuple[str, str, str, str]:
    """Label, value, the value's ink, and the key or sign at the right edge."""
    if field == "python":
        return "Python", view.python, "text", "▾"
    if field == "gil":
        return "GIL", view.gil, "text" if view.gil_changeable else "muted", " g " if view.gil_changeable else ""
    if field == "repeats":
        sure = "" if view.until_stable is None else f"+ to ±{view.until_stable * 100:g}%"
        return "Repeats", f"{view.repeats}{sure}", "text", ""
    return "Host", "inside this app" if view.in_app else "its own process", "alarm" if view.in_app else "text", "▾"


def _buttons(view: RunView, cells: int, *, chosen: bool) -> Line:
    can_run = bool(view.cases) and not view.running
    on = "/cursor" if chosen else "/cursor-away"
    words = " ▸ Run  r asks " if view.asks and not view.running else " ▸ Run  r "
    run = Piece(words, ("running" if can_run else "faint") + on, "app.start_run" if can_run else "")
    stop = Piece(" ■ Stop  x ", ("alarm" if view.running else "faint") + on, "app.stop_run" if view.running else "")
    if width([run, stop]) >= cells:
        return fit([stop if view.running else run], cells)
    return justify([run], [stop], cells)
