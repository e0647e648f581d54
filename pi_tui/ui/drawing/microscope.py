"""A trial tick by tick: 200 ms in as many bands as the width makes necessary, with the hand-offs counted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import ceil
from typing import NamedTuple

from pi_tui.analysis.lanes import LaneShares, count_handoffs, measure_lane_shares
from pi_tui.analysis.text.formatting import share_text
from pi_tui.ui.drawing.lanes import HARDLY, MISSED, certainty_text, lane_pieces, legend, met
from pi_tui.ui.drawing.spans import Line, Piece, fit, justify, width
from pi_tui.ui.state.lane_history import Lane, LanesView
from pi_tui.ui.state.time_categories import GIL_WAIT, IO_WAIT, LOCK_WAIT, RUNNING, WAITING

WINDOW_MS = 200.0
SHARED = ("run", "GIL", "lock", "I/O", "other")
_SHARES_CELLS = 7 * len(SHARED)
_MARK_CELLS = 20
_STEPS_MS = (5, 10, 20, 25, 50, 100)
_MOST_TALL = 3


class Sight(NamedTuple):
    """What of a trial is in sight: its first tick counted from the first that is kept, and the first worker."""

    start: int
    first: int = 0


def window_ticks(view: LanesView) -> int:
    """Ticks that are in sight at once."""
    return round(WINDOW_MS / view.period_ms)


def last_start(view: LanesView) -> int:
    """Where the last stretch begins."""
    return max(0, view.ticks - window_ticks(view))


def band_cells(view: LanesView, cells: int) -> int:
    """Ticks of one band: the window in as few bands as fit, all of the same length and of whole tens of milliseconds."""
    room = max(10, cells - label_cells(view))
    bands = ceil(window_ticks(view) / room)
    ticks = ceil(window_ticks(view) / bands)
    ten = max(1, round(10 / view.period_ms))
    return min(room, ceil(ticks / ten) * ten)


def label_cells(view: LanesView) -> int:
    """Cells that the workers' names take."""
    return max((len(lane.label) for lane in view.lanes), default=2) + 1


def workers_shown(view: LanesView, cells: int, lines: int) -> int:
    """How many workers there is room for in a pane of that size."""
    bands = ceil(window_ticks(view) / band_cells(view, cells))
    return max(1, (lines - 5) // bands - 2)


def microscope_lines(view: LanesView, sight: Sight, in_all: int, cells: int, lines: int) -> list[Line]:
    """The whole screen; `in_all` is the number of hand-offs in the whole trial."""
    start, ticks = sight.start, window_ticks(view)
    drawn: list[Line] = [_head(view, sight, in_all, cells), overview(view, start, ticks, cells), []]
    per_band = band_cells(view, cells)
    shown = view.lanes[sight.first : sight.first + workers_shown(view, cells, lines)]
    margin = " " * label_cells(view)
    bands = ceil(ticks / per_band)
    tall = max(1, min(_MOST_TALL, ((lines - 4) // bands - 1) // max(1, len(shown)) - 1))
    for begin in range(start, start + ticks, per_band):
        end = min(begin + per_band, start + ticks)
        drawn.append([Piece(margin), *_ruler(view, begin, end)])
        for index, lane in enumerate(shown):
            label = Piece(f"{lane.label:<{len(margin)}}", "muted")
            pieces = lane_pieces(lane.letters[begin:end])
            drawn += [[label, *pieces], *[[Piece(margin), *pieces]] * (tall - 1)]
            drawn += [[]] * (tall > 1 and index < len(shown) - 1)
        drawn.append([])
    if lines - 1 - len(drawn) > len(shown):
        drawn += shares_lines(view, shown, start, ticks)
    drawn += [[]] * (lines - 1 - len(drawn))
    drawn = drawn[: lines - 1]
    drawn.append(_foot(view, sight, len(shown), cells))
    return [fit(line, cells) for line in drawn]


def shares_lines(view: LanesView, shown: Sequence[Lane], start: int, ticks: int) -> list[Line]:
    """What each worker was at, in the stretch in sight and in all that is kept of the trial."""
    margin = " " * label_cells(view)
    heads = [f"{name:<{_SHARES_CELLS}}" for name in ("in sight", "whole trial")]
    words = "".join(f"{word:>7}" for word in SHARED)
    drawn: list[Line] = [[Piece(margin), *(Piece(f"   {head}", "faint") for head in heads)]]
    drawn.append([Piece(margin), Piece(f"{words}   " * 2, "faint")])
    for lane in shown:
        here, whole = measure_lane_shares(lane.letters[start : start + ticks]), measure_lane_shares(lane.letters)
        pieces = [Piece(f"{lane.label:<{len(margin)}}", "muted")]
        drawn.append([*pieces, *shares_pieces(here), Piece("   "), *shares_pieces(whole)])
    return drawn


def shares_pieces(found: LaneShares | None) -> list[Piece]:
    """Shares by kind, in columns of seven cells."""
    if found is None:
        return [Piece(f"{'-':>{7 * len(SHARED)}}", "faint")]
    parts = zip(
        (found.running, found.gil, found.lock, found.io, found.blocked),
        (RUNNING, GIL_WAIT, LOCK_WAIT, IO_WAIT, WAITING),
        strict=True,
    )
    return [Piece(f"{share_text(share):>7}", each.ink if share >= HARDLY else "faint") for share, each in parts]


def overview(view: LanesView, start: int, ticks: int, cells: int) -> Line:
    """Where in the trial the stretch in sight lies."""
    total = max(view.ticks, 1)
    first = min(cells - 1, start * cells // total)
    last = max(first + 1, min(cells, ceil((start + ticks) * cells / total)))
    return [
        Piece("─" * first, "track"),
        Piece("━" * (last - first), "key"),
        Piece("─" * (cells - last), "track"),
    ]


def _head(view: LanesView, sight: Sight, in_all: int, cells: int) -> Line:
    """The stretch in sight, and the hand-offs in it and in all."""
    ticks = window_ticks(view)
    here = count_handoffs([lane.letters[sight.start : sight.start + ticks] for lane in view.lanes])
    begin = (view.first_tick + sight.start) * view.period_ms / 1000
    end = min(begin + ticks * view.period_ms / 1000, (view.first_tick + view.ticks) * view.period_ms / 1000)
    whole = (view.first_tick + view.ticks) * view.period_ms / 1000
    sight_told = Piece(f"{begin:.3f} to {end:.3f} s", "strong")
    rate = in_all / (view.ticks * view.period_ms / 1000) if view.ticks else 0.0
    here_told = [Piece("hand-offs  ", "muted"), Piece(f"{here}", "strong"), Piece(" here", "muted")]
    all_told = [Piece("  "), Piece(f"{in_all}", "strong"), Piece(" in all", "muted")]
    return _both_ends(
        (
            (
                [sight_told, Piece(f" of {whole:.3f} s", "muted")],
                [*here_told, *all_told, Piece(f", {rate:.0f} a second", "muted")],
            ),
            ([sight_told, Piece(f" of {whole:.3f} s", "muted")], [*here_told, *all_told]),
            ([sight_told], [*here_told, *all_told]),
            ([sight_told], here_told),
            ([sight_told], []),
        ),
        cells,
    )


def _both_ends(ways: Iterable[tuple[list[Piece], list[Piece]]], cells: int) -> Line:
    """The first of several ways to say something at the two ends of a line that fits whole; else the last one."""
    left: list[Piece] = []
    right: list[Piece] = []
    for left, right in ways:
        if width(left) + width(right) + (2 if right else 0) <= cells:
            break
    return justify(left, right, cells)


def _ruler(view: LanesView, begin: int, end: int) -> Line:
    """Milliseconds since the trial's start, below each other in all bands."""
    step_ms = next(step for step in (*_STEPS_MS, 200) if step / view.period_ms >= _MARK_CELLS or step == 200)
    text = " " * (end - begin)
    for at in range(begin, end):
        milliseconds = (view.first_tick + at) * view.period_ms
        if milliseconds % step_ms < view.period_ms:
            text = _marked(text, at - begin, f"{milliseconds:.0f} ms")
    return [Piece(text, "faint")]


def _marked(text: str, at: int, word: str) -> str:
    """A ruler with one more mark; its word stands behind it, at the end before it, and without a word it is left out."""
    for first, mark in ((at, f"│{word}"), (at - len(word), f"{word}│")):
        if first >= 0 and text[first : first + len(mark)] == " " * len(mark):
            return text[:first] + mark + text[first + len(mark) :]
    return text


def _foot(view: LanesView, sight: Sight, shown: int, cells: int) -> Line:
    """The legend, how sure it is, and which workers of how many."""
    meanings = [*met(view.lanes), MISSED]
    scale = Piece(f"1 cell = {view.period_ms:g} ms · {certainty_text(view)}", "faint")
    which = [Piece(f"workers {sight.first + 1}-{sight.first + shown} of {len(view.lanes)}", "muted"), Piece(" ")]
    which = which if shown < len(view.lanes) else []
    shorter = ((legend(meanings[:count]), which[:1]) for count in range(len(meanings), -1, -1))
    return _both_ends(((legend(meanings), [*which, scale]), *shorter), cells)
