"""The microscope: 200 ms of a trial tick by tick, in as many bands as its width needs, and the number of hand-offs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import ceil
from typing import NamedTuple

from pi_tui.analysis.lanes import LaneShares, count_handoffs, measure_lane_shares
from pi_tui.analysis.text.formatting import share_text
from pi_tui.ui.drawing.lanes import MISSED, NEGLIGIBLE, describe_certainty, draw_lane, draw_legend, find_categories
from pi_tui.ui.drawing.spans import Line, Span, fit, justify, line_width
from pi_tui.ui.state.lane_history import Lane, LanesView
from pi_tui.ui.state.time_categories import GIL_WAIT, IO_WAIT, LOCK_WAIT, RUNNING, WAITING

WINDOW_MS = 200.0
SHARE_TITLES = ("run", "GIL", "lock", "I/O", "other")
_SHARES_CELLS = 7 * len(SHARE_TITLES)
_MARK_CELLS = 20
_STEPS_MS = (1, 2, 5, 10, 20, 25, 50, 100)
_MOST_TALL = 3


class MicroscopePosition(NamedTuple):
    """What part of a trial is shown.

    Attributes:
        start: the first tick, counted from the first one that is kept.
        first: the number of the first worker.
    """

    start: int
    first: int = 0


def window_ticks(view: LanesView) -> int:
    """Return how many ticks are shown at once: 200 ms, or the whole of a shorter trial."""
    return max(1, min(round(WINDOW_MS / view.period_ms), view.ticks))


def tick_cells(view: LanesView, cells: int) -> float:
    """Return the width of a tick in cells: 1, or what fills the width where a short trial leaves room."""
    return max(1.0, (cells - label_cells(view)) / window_ticks(view))


def last_start(view: LanesView) -> int:
    """Return the last position that `MicroscopePosition.start` can have."""
    return max(0, view.ticks - window_ticks(view))


def band_ticks(view: LanesView, cells: int) -> int:
    """Return the ticks of one band: as few bands as the width allows, of equal length and whole tens of milliseconds."""
    room = max(10, cells - label_cells(view))
    bands = ceil(window_ticks(view) / room)
    ticks = ceil(window_ticks(view) / bands)
    ten = max(1, round(10 / view.period_ms))
    return min(room, ceil(ticks / ten) * ten)


def label_cells(view: LanesView) -> int:
    """Return the width of the workers' names in cells."""
    return max((len(lane.label) for lane in view.lanes), default=2) + 1


def count_visible_workers(view: LanesView, cells: int, lines: int) -> int:
    """Return how many workers a pane of this size can show."""
    bands = ceil(window_ticks(view) / band_ticks(view, cells))
    return max(1, (lines - 5) // bands - 2)


def draw_microscope(view: LanesView, position: MicroscopePosition, in_all: int, cells: int, lines: int) -> list[Line]:
    """Draw the screen; `in_all` is the number of hand-offs in the whole trial."""
    start, ticks = position.start, window_ticks(view)
    drawn: list[Line] = [_draw_heading(view, position, in_all, cells), draw_overview(view, start, ticks, cells), []]
    per_band, wide = band_ticks(view, cells), tick_cells(view, cells)
    shown = view.lanes[position.first : position.first + count_visible_workers(view, cells, lines)]
    margin = " " * label_cells(view)
    bands = ceil(ticks / per_band)
    tall = max(1, min(_MOST_TALL, ((lines - 4) // bands - 1) // max(1, len(shown)) - 1))
    for begin in range(start, start + ticks, per_band):
        end = min(begin + per_band, start + ticks)
        drawn.append([Span(margin), *_draw_ruler(view, begin, end, wide)])
        for index, lane in enumerate(shown):
            label = Span(f"{lane.label:<{len(margin)}}", "muted")
            spans = draw_lane(_stretch(lane.letters[begin:end], wide))
            drawn += [[label, *spans], *[[Span(margin), *spans]] * (tall - 1)]
            drawn += [[]] * (tall > 1 and index < len(shown) - 1)
        drawn.append([])
    if lines - 1 - len(drawn) > len(shown):
        drawn += draw_shares_table(view, shown, start, ticks)
    drawn += [[]] * (lines - 1 - len(drawn))
    drawn = drawn[: lines - 1]
    drawn.append(_draw_footer(view, position, len(shown), cells))
    return [fit(line, cells) for line in drawn]


def draw_shares_table(view: LanesView, shown: Sequence[Lane], start: int, ticks: int) -> list[Line]:
    """Draw each worker's shares, of the part that is shown and of all ticks that are kept."""
    margin = " " * label_cells(view)
    heads = [f"{name:<{_SHARES_CELLS}}" for name in ("in sight", "whole trial")]
    words = "".join(f"{word:>7}" for word in SHARE_TITLES)
    drawn: list[Line] = [[Span(margin), *(Span(f"   {head}", "faint") for head in heads)]]
    drawn.append([Span(margin), Span(f"{words}   " * 2, "faint")])
    for lane in shown:
        here, whole = measure_lane_shares(lane.letters[start : start + ticks]), measure_lane_shares(lane.letters)
        spans = [Span(f"{lane.label:<{len(margin)}}", "muted")]
        drawn.append([*spans, *draw_shares(here), Span("   "), *draw_shares(whole)])
    return drawn


def draw_shares(found: LaneShares | None) -> list[Span]:
    """Draw shares by category, in columns of seven cells."""
    if found is None:
        return [Span(f"{'-':>{7 * len(SHARE_TITLES)}}", "faint")]
    parts = zip(
        (found.running, found.gil, found.lock, found.io, found.blocked),
        (RUNNING, GIL_WAIT, LOCK_WAIT, IO_WAIT, WAITING),
        strict=True,
    )
    return [Span(f"{share_text(share):>7}", each.style if share >= NEGLIGIBLE else "faint") for share, each in parts]


def draw_overview(view: LanesView, start: int, ticks: int, cells: int) -> Line:
    """Draw a line for the trial, with a heavy stretch for the part that is shown."""
    total = max(view.ticks, 1)
    first = min(cells - 1, start * cells // total)
    last = max(first + 1, min(cells, ceil((start + ticks) * cells / total)))
    return [
        Span("─" * first, "track"),
        Span("━" * (last - first), "key"),
        Span("─" * (cells - last), "track"),
    ]


def _draw_heading(view: LanesView, position: MicroscopePosition, in_all: int, cells: int) -> Line:
    """Draw the time of the part that is shown, and the hand-offs in it and in the whole trial."""
    ticks = window_ticks(view)
    here = count_handoffs([lane.letters[position.start : position.start + ticks] for lane in view.lanes])
    begin = (view.first_tick + position.start) * view.period_ms / 1000
    end = min(begin + ticks * view.period_ms / 1000, (view.first_tick + view.ticks) * view.period_ms / 1000)
    whole = (view.first_tick + view.ticks) * view.period_ms / 1000
    time_span = Span(f"{begin:.3f} to {end:.3f} s", "strong")
    rate = in_all / (view.ticks * view.period_ms / 1000) if view.ticks else 0.0
    shown_count = [Span("hand-offs  ", "muted"), Span(f"{here}", "strong"), Span(" here", "muted")]
    total_count = [Span("  "), Span(f"{in_all}", "strong"), Span(" in all", "muted")]
    return _justify_first_that_fits(
        (
            (
                [time_span, Span(f" of {whole:.3f} s", "muted")],
                [*shown_count, *total_count, Span(f", {rate:.0f} per second", "muted")],
            ),
            ([time_span, Span(f" of {whole:.3f} s", "muted")], [*shown_count, *total_count]),
            ([time_span], [*shown_count, *total_count]),
            ([time_span], shown_count),
            ([time_span], []),
        ),
        cells,
    )


def _justify_first_that_fits(ways: Iterable[tuple[list[Span], list[Span]]], cells: int) -> Line:
    """Put the first of several pairs of texts that fits at the two ends of a line; where none fits, the last pair."""
    left: list[Span] = []
    right: list[Span] = []
    for left, right in ways:
        if line_width(left) + line_width(right) + (2 if right else 0) <= cells:
            break
    return justify(left, right, cells)


def _stretch(letters: str, wide: float) -> str:
    """Return the letters of a lane with `wide` cells to each."""
    return letters if wide == 1 else "".join(letters[int(cell / wide)] for cell in range(int(len(letters) * wide)))


def _draw_ruler(view: LanesView, begin: int, end: int, wide: float) -> Line:
    """Draw the ruler of a band: milliseconds since the trial's start; a tick is `wide` cells."""
    step_ms = next(step for step in (*_STEPS_MS, 200) if step / view.period_ms * wide >= _MARK_CELLS or step == 200)
    text = " " * int((end - begin) * wide)
    for at in range(begin, end):
        milliseconds = (view.first_tick + at) * view.period_ms
        if milliseconds % step_ms < view.period_ms:
            text = _add_mark(text, int((at - begin) * wide), f"{milliseconds:.0f} ms")
    return [Span(text, "faint")]


def _add_mark(text: str, at: int, word: str) -> str:
    """Add a mark and its word to a ruler: the word right of the mark, or left of it, or neither where there is no room."""
    for first, mark in ((at, f"│{word}"), (at - len(word), f"{word}│")):
        if first >= 0 and text[first : first + len(mark)] == " " * len(mark):
            return text[:first] + mark + text[first + len(mark) :]
    return text


def _draw_footer(view: LanesView, position: MicroscopePosition, shown: int, cells: int) -> Line:
    """Draw the legend, the scale and source of the lanes, and which workers are shown."""
    categories = [*find_categories(view.lanes), MISSED]
    per = "1 cell =" if tick_cells(view, cells) == 1 else "ticks of"
    scale = Span(f"{per} {view.period_ms:g} ms · {describe_certainty(view)}", "faint")
    which = [Span(f"workers {position.first + 1}-{position.first + shown} of {len(view.lanes)}", "muted"), Span(" ")]
    which = which if shown < len(view.lanes) else []
    shorter = ((draw_legend(categories[:count]), which[:1]) for count in range(len(categories), -1, -1))
    return _justify_first_that_fits(((draw_legend(categories), [*which, scale]), *shorter), cells)
