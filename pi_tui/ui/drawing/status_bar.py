"""The header, the hint line, the line of keys, and the hints in a border."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import NamedTuple

from rich.cells import cell_len

from pi_tui.analysis.text.formatting import countdown, plural, share_text
from pi_tui.ui.drawing.bars import draw_bar
from pi_tui.ui.drawing.spans import ELLIPSIS, Line, Span, fit, justify, line_width, wrap_sentences
from pi_tui.ui.drawing.sparkline import draw_sparkline

CALM_MS = 20.0
"""A heartbeat that is less late than this is not noticed by a person."""

ALARM_MS = 60.0
FULL_SCALE_MS = 200.0
PULSE_CELLS = 6
_SEPARATOR = " · "


class HeaderView(NamedTuple):
    """What the header shows.

    Attributes:
        python: the interpreters in words; empty before they are known.
        gil_enabled: None where several interpreters differ in it.
        lateness_ms: how late the app's heartbeat is; None before the first.
        pulse: the latest latenesses in milliseconds, oldest first.
        replay: which run is being replayed; empty where none is.
    """

    python: str
    gil_enabled: bool | None
    free_threaded_build: bool
    usable_cores: int
    lateness_ms: float | None = None
    pulse: tuple[float, ...] = ()
    replay: str = ""


def draw_header(view: HeaderView, cells: int) -> Line:
    """Draw the header in `cells`; leave out the less important words where they do not fit."""
    cores = plural(view.usable_cores, "usable core")
    gil = f"GIL {'on' if view.gil_enabled else 'off'}" + (", free-threaded build" if view.free_threaded_build else "")
    facts = [view.python, gil, cores] if view.python else [cores]
    facts = [view.python, cores] if view.gil_enabled is None else facts
    facts = [view.replay, "nothing is measured"] if view.replay else facts
    help_words = [Span("  "), Span("F1", "key", "app.help"), Span(" help ", "muted", "app.help")]
    for count, with_pulse in product((3, 2, 1, 0), (True, False)):
        left = [Span(" pi-tui ", "title")]
        for number, fact in enumerate(facts[:count]):
            left += [Span(" · " if number else "  ", "faint"), Span(fact, "notice" if view.replay else "muted")]
        right = [*_draw_heartbeat(view, with_pulse), *help_words]
        if line_width(left) + line_width(right) + 2 <= cells:
            return justify(left, right, cells)
    return fit([Span(" pi-tui ", "title")], cells)


def _draw_heartbeat(view: HeaderView, with_pulse: bool) -> list[Span]:
    if view.lateness_ms is None:
        return []
    style = "muted" if view.lateness_ms < CALM_MS else "notice" if view.lateness_ms < ALARM_MS else "alarm"
    shown = "<1" if view.lateness_ms < 1 else f"{view.lateness_ms:.0f}"
    words = Span(f"beat {shown:>3} ms", style)
    if not with_pulse:
        return [words]
    shares = [min(1.0, late / FULL_SCALE_MS) for late in view.pulse]
    text = draw_sparkline(shares, PULSE_CELLS)[0].replace("\u2800", "⣀")
    return [Span(text, style), Span("  "), words]


class ProgressView(NamedTuple):
    """How far a run is: the number of the present trial, of how many, the `share` of the time from 0 to 1, and the rest."""

    trial: int
    trials: int
    share: float
    left_s: float | None


class KeyHint(NamedTuple):
    """A key that can be pressed now, what it does, and the action of a click on it."""

    key: str
    words: str
    action: str


def draw_key_hint(key: str, words: str, action: str) -> list[Span]:
    """Draw a key and what it does; a click on either runs the action."""
    return [Span(key, "key", action), Span(f" {words}", "muted", action)]


def draw_hint(line: Line, cells: int) -> Line:
    """Draw a hint in `cells`: leave out keys from the end on, then clauses; cut what is still too long.

    The name before the words is left out before the words are cut, as the cursor shows it.
    """
    kept: list[Span] = list(line)
    room = cells - 2
    while line_width(kept) > room and (kept[-1].action or not kept[-1].text.strip()):
        action = kept.pop().action
        while action and kept and kept[-1].action == action:  # the key of these words
            kept.pop()
    if line_width(kept) > room and len(kept) == 2:
        name, words = kept
        short = wrap_sentences([words.text], room - cell_len(name.text), 1)[0]
        if short.endswith(f" {ELLIPSIS}"):
            kept = [name, words._replace(text=short)]
        else:
            kept = [words._replace(text=wrap_sentences([words.text], room, 1)[0])]
    return fit([Span("  "), *kept], cells)


def join_border_hints(hints: Sequence[str], cells: int) -> str:
    """Join as many hints as fit into `cells`; the last one, which closes the dialog, is always among them."""
    if not hints:
        return ""
    *others, way_out = hints
    kept: list[str] = []
    for hint in others:
        if cell_len(_SEPARATOR.join((*kept, hint, way_out))) <= cells:
            kept.append(hint)
    return _SEPARATOR.join((*kept, way_out))


def draw_key_bar(hints: Sequence[KeyHint], progress: ProgressView | None, cells: int) -> Line:
    """Draw the last line: as many keys as fit, the most important first, and the progress of a run at the right."""
    right = _draw_progress(progress, cells) if progress else []
    room = cells - line_width(right) - (2 if right else 1)
    left: list[Span] = [Span(" ")]
    used = 1
    for hint in hints:
        spans = [Span("  " if used > 1 else ""), *draw_key_hint(*hint)]
        if used + line_width(spans) <= room:
            left += spans
            used += line_width(spans)
    return justify(left, right, cells)


def _draw_progress(view: ProgressView, cells: int) -> list[Span]:
    roomy = cells >= 100
    spans = [Span(f"trial {view.trial}/{view.trials} ", "muted")] if view.trials else [Span("starting ", "muted")]
    spans += [*draw_bar(view.share, 12 if roomy else 6, "running"), Span(f" {share_text(view.share):>4} ", "text")]
    if view.left_s is not None and roomy:
        spans.append(Span(f"· {countdown(view.left_s):>5} left ", "muted"))
    return spans
