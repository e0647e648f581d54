"""The first and the last line: where we are, and which keys apply."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import NamedTuple

from rich.cells import cell_len

from pi_tui.analysis.text.formatting import countdown, plural, share_text
from pi_tui.ui.drawing.bars import bar
from pi_tui.ui.drawing.spans import ELLIPSIS, Line, Piece, fit, justify, whole_sentences, width
from pi_tui.ui.drawing.sparkline import area

CALM_MS = 20.0
"""A beat that comes no later than this is not felt."""

ALARM_MS = 60.0
FULL_SCALE_MS = 200.0
PULSE_CELLS = 6
_BETWEEN = " · "


class HeaderView(NamedTuple):
    """What the header tells. `python` is empty and `lateness_ms` None as long as they are not known.

    `gil_enabled` is None where several Pythons do not agree on it. `replay` says which run is being played, where one is.
    """

    python: str
    gil_enabled: bool | None
    free_threaded_build: bool
    usable_cores: int
    lateness_ms: float | None = None
    pulse: tuple[float, ...] = ()
    replay: str = ""


def header_line(view: HeaderView, cells: int) -> Line:
    """The header in `cells`, the less important words left out where room is short."""
    cores = plural(view.usable_cores, "usable core")
    gil = f"GIL {'on' if view.gil_enabled else 'off'}" + (", free-threaded build" if view.free_threaded_build else "")
    facts = [view.python, gil, cores] if view.python else [cores]
    facts = [view.python, cores] if view.gil_enabled is None else facts
    facts = [view.replay, "nothing is measured"] if view.replay else facts
    help_words = [Piece("  "), Piece("F1", "key", "app.help"), Piece(" help ", "muted", "app.help")]
    for count, with_pulse in product((3, 2, 1, 0), (True, False)):
        left = [Piece(" pi-tui ", "title")]
        for number, fact in enumerate(facts[:count]):
            left += [Piece(" · " if number else "  ", "faint"), Piece(fact, "notice" if view.replay else "muted")]
        right = [*_beat(view, with_pulse), *help_words]
        if width(left) + width(right) + 2 <= cells:
            return justify(left, right, cells)
    return fit([Piece(" pi-tui ", "title")], cells)


def _beat(view: HeaderView, with_pulse: bool) -> list[Piece]:
    if view.lateness_ms is None:
        return []
    ink = "muted" if view.lateness_ms < CALM_MS else "notice" if view.lateness_ms < ALARM_MS else "alarm"
    shown = "<1" if view.lateness_ms < 1 else f"{view.lateness_ms:.0f}"
    words = Piece(f"beat {shown:>3} ms", ink)
    if not with_pulse:
        return [words]
    shares = [min(1.0, late / FULL_SCALE_MS) for late in view.pulse]
    text = area(shares, PULSE_CELLS)[0].replace("\u2800", "⣀")
    return [Piece(text, ink), Piece("  "), words]


class ProgressView(NamedTuple):
    """How far a run is: the trial that is under way, of how many; `share` of the time, from 0 to 1."""

    trial: int
    trials: int
    share: float
    left_s: float | None


class KeyHint(NamedTuple):
    """A key that applies here, what it does, and the action of a click on it."""

    key: str
    words: str
    action: str


def offer(key: str, words: str, action: str) -> list[Piece]:
    """A key with its words, both a place to click on."""
    return [Piece(key, "key", action), Piece(f" {words}", "muted", action)]


def hint_line(line: Line, cells: int) -> Line:
    """A hint in `cells`: offers that do not fit are left out whole, then clauses; what is left is cut.

    A name before the words goes before they are cut: the cursor stands on it.
    """
    kept: list[Piece] = list(line)
    room = cells - 2
    while width(kept) > room and (kept[-1].action or not kept[-1].text.strip()):
        action = kept.pop().action
        while action and kept and kept[-1].action == action:  # the key of these words
            kept.pop()
    if width(kept) > room and len(kept) == 2:
        name, words = kept
        short = whole_sentences([words.text], room - cell_len(name.text), 1)[0]
        if short.endswith(f" {ELLIPSIS}"):
            kept = [name, words._replace(text=short)]
        else:
            kept = [words._replace(text=whole_sentences([words.text], room, 1)[0])]
    return fit([Piece("  "), *kept], cells)


def border_hints(hints: Sequence[str], cells: int) -> str:
    """Hints for a border with room for `cells`: as many as fit whole. The last one, the way out, goes before all others."""
    if not hints:
        return ""
    *others, way_out = hints
    kept: list[str] = []
    for hint in others:
        if cell_len(_BETWEEN.join((*kept, hint, way_out))) <= cells:
            kept.append(hint)
    return _BETWEEN.join((*kept, way_out))


def key_line(hints: Sequence[KeyHint], progress: ProgressView | None, cells: int) -> Line:
    """The last line: as many keys as fit, the most important first, and the progress of a run at the right."""
    right = _progress(progress, cells) if progress else []
    room = cells - width(right) - (2 if right else 1)
    left: list[Piece] = [Piece(" ")]
    used = 1
    for hint in hints:
        pieces = [Piece("  " if used > 1 else ""), *offer(*hint)]
        if used + width(pieces) <= room:
            left += pieces
            used += width(pieces)
    return justify(left, right, cells)


def _progress(view: ProgressView, cells: int) -> list[Piece]:
    roomy = cells >= 100
    pieces = [Piece(f"trial {view.trial}/{view.trials} ", "muted")] if view.trials else [Piece("starting ", "muted")]
    pieces += [*bar(view.share, 12 if roomy else 6, "running"), Piece(f" {share_text(view.share):>4} ", "text")]
    if view.left_s is not None and roomy:
        pieces.append(Piece(f"· {countdown(view.left_s):>5} left ", "muted"))
    return pieces
