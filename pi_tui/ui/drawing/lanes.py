"""Lanes: one line per worker with the newest tick at the right; a cell's glyph and style say what the worker did."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import groupby
from math import ceil
from typing import NamedTuple

from pi_tui.analysis.lanes import LaneShares, measure_lane_shares
from pi_tui.analysis.text.formatting import share_text
from pi_tui.host.protocol import LaneState
from pi_tui.ui.drawing.spans import Line, Span, align_right, fit, justify, line_width, wrap
from pi_tui.ui.state.lane_history import Lane, LanesView
from pi_tui.ui.state.time_categories import GIL_WAIT, IDLE, IO_WAIT, LOCK_WAIT, QUEUED, RUNNING, WAITING, TimeCategory

CELL_MS = 2.0
"""The time that a cell covers: short enough to show the turns of 5 ms (the switch interval) that threads take at the GIL."""

WINDOW_MS = 1000.0
"""The numbers beside a lane are shares of its last second."""

MISSED = TimeCategory("track", "not seen", "│")

CATEGORY_OF: dict[str, TimeCategory] = {
    LaneState.RUNNING: RUNNING,
    LaneState.GIL: GIL_WAIT,
    LaneState.LOCK: LOCK_WAIT,
    LaneState.SLEEP: IO_WAIT,
    LaneState.IO: IO_WAIT,
    LaneState.BLOCKED: WAITING,
    LaneState.ABSENT: IDLE,
    LaneState.MISSED: MISSED,
}
"""The category of each letter of a lane. Outside kernel calls a lane cannot tell what a worker does, and nothing is drawn."""

LEGEND = (RUNNING, GIL_WAIT, LOCK_WAIT, IO_WAIT, WAITING)

_NUMBERED = ("run", "GIL", "other", "queued")
NEGLIGIBLE = 0.005
_QUEUED_CELLS = 56
"""From this width on, the queued share has a column of its own; below it, it is part of the running share."""

_WORDY_CELLS = 66
"""From this width on, three numbers have words beside them where there is no heading above them."""

_UNSEEN = "This system does not show what threads wait for. The losses show how long they waited."
_INSIDE = "Threads inside the app have no lanes, as no other process samples them. Watch the beat at the top."

_MARK_EVERY = 12
_STEPS_MS = (10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 5000)


class LanesPosition(NamedTuple):
    """What part of the lanes a pane shows.

    Attributes:
        first: the number of the first worker shown.
        paused: a person stopped the lanes.
        inside: the run is of threads inside the app, which have no lanes.
    """

    first: int = 0
    paused: bool = False
    inside: bool = False


def ticks_per_cell(period_ms: float) -> int:
    """Return how many ticks a cell covers."""
    return max(1, round(CELL_MS / period_ms))


@lru_cache(maxsize=4096)
def find_dominant_letter(letters: str) -> str:
    """Return the most frequent letter of a cell's ticks, of equals the first; missed ticks count only where all were missed."""
    sampled = letters.replace(LaneState.MISSED, "")
    return max(sampled, key=sampled.count) if sampled else LaneState.MISSED


def compress_lane(letters: str, first_tick: int, per_cell: int, cells: int) -> str:
    """Return the last `cells` cells of a lane, one letter each, padded with blanks on the left.

    Cells begin at whole multiples of `per_cell` ticks since the trial's start, so that they do not flicker as ticks come in.
    """
    if not letters:
        return " " * cells
    end_cell = ceil((first_tick + len(letters)) / per_cell)
    first_cell = max(end_cell - cells, first_tick // per_cell)
    shown = []
    for cell in range(first_cell, end_cell):
        start = max(0, cell * per_cell - first_tick)
        shown.append(find_dominant_letter(letters[start : (cell + 1) * per_cell - first_tick]))
    return "".join(shown).rjust(cells)


def draw_lane(letters: str) -> list[Span]:
    """Draw letters as spans, one cell each."""
    spans = []
    for letter, run in groupby(letters):
        category = CATEGORY_OF.get(letter, IDLE)
        spans.append(Span(category.glyph * len(list(run)), category.style))
    return spans


def draw_lanes(view: LanesView | None, place: LanesPosition, cells: int, lines: int) -> list[Line]:
    """Draw the pane; without a trial, or where the system shows no lanes, draw a text that says so."""
    if view is None or not view.lanes:
        return _draw_empty(view, cells, lines, inside=place.inside)
    roomy = lines >= 4 and cells >= 40
    body = lines - 2 if roomy else lines
    shown = view.lanes[place.first : place.first + body]
    numbers = _NumberColumns.fitting(cells, heading=roomy)
    label_cells = max(len(lane.label) for lane in view.lanes) + 1
    room = max(1, cells - label_cells - numbers.cells)
    per_cell = ticks_per_cell(view.period_ms)
    drawn: list[Line] = []
    if roomy:
        ruler = draw_ruler(room, per_cell * view.period_ms, _choose_end_word(view, place))
        drawn.append([Span(" " * label_cells), *ruler, *numbers.heading()])
    tall, gap = choose_spacing(body, len(shown))
    for index, lane in enumerate(shown):
        spans = draw_lane(compress_lane(lane.letters, view.first_tick, per_cell, room))
        shares = numbers.line(measure_last_second(lane, view.period_ms), lane.queued)
        for row in range(tall):
            label = Span(f"{lane.label:<{label_cells}}" if row == 0 else " " * label_cells, "muted")
            drawn.append(fit([label, *spans, *(shares if row == 0 else ())], cells))
        drawn += [fit([], cells)] * (gap if index < len(shown) - 1 else 0)
    if roomy:
        drawn += [fit([], cells)] * (lines - 1 - len(drawn))
        drawn.append(_draw_caption(view, place, len(shown), cells))
    return [fit(line, cells) for line in drawn]


def count_visible_lanes(lines: int, cells: int) -> int:
    """Return how many lanes a pane of this size can show."""
    return lines - 2 if lines >= 4 and cells >= 40 else lines


def measure_last_second(lane: Lane, period_ms: float) -> LaneShares | None:
    """Return the shares of a lane's last second; None where its worker was in no kernel call."""
    return measure_lane_shares(lane.letters[-max(1, round(WINDOW_MS / period_ms)) :])


def draw_ruler(cells: int, cell_ms: float, end: str) -> Line:
    """Draw a ruler whose cells cover `cell_ms` each, with the time before its right end, which `end` names."""
    step_ms = next((step for step in _STEPS_MS if step / cell_ms >= _MARK_EVERY), _STEPS_MS[-1])
    text = [" "] * cells
    ends = f"{end}▕"
    before_ms = step_ms
    while (at := cells - round(before_ms / cell_ms)) >= 0:
        word = f"│−{before_ms} ms"
        if at + len(word) < cells - len(ends):
            text[at : at + len(word)] = word
        before_ms += step_ms
    if len(ends) <= cells:
        text[cells - len(ends) :] = ends
    return [Span("".join(text), "faint")]


def draw_legend(categories: Iterable[TimeCategory]) -> list[Span]:
    """Draw the glyphs of categories with their names."""
    spans: list[Span] = []
    for category in categories:
        spans += [
            Span("  " if spans else ""),
            Span(category.glyph * 2, category.style),
            Span(f" {category.label}", "muted"),
        ]
    return spans


def find_categories(lanes: Iterable[Lane], ticks: int = 0) -> list[TimeCategory]:
    """Return the categories in the last `ticks` ticks of lanes (0 is all ticks), in the legend's order."""
    letters = set().union(*(set(lane.letters[-ticks:] if ticks else lane.letters) for lane in lanes))
    found = {CATEGORY_OF[letter].style for letter in letters if letter in CATEGORY_OF}
    return [category for category in LEGEND if category.style in found]


def describe_certainty(view: LanesView) -> str:
    """Return the achieved sampling rate and the source of the lanes: "1.00 kHz, system calls"."""
    if view.certainty == "none":
        return "not visible on this system"
    how = "system calls" if view.certainty == "system call" else "state only"
    return how if view.rate_hz is None else f"{view.rate_hz / 1000:.2f} kHz, {how}"


def _choose_end_word(view: LanesView, place: LanesPosition) -> str:
    return "paused" if place.paused else "end" if view.ended else "now"


def choose_spacing(body: int, lanes: int) -> tuple[int, int]:
    """Choose how many lines each lane has, and how many blank lines are between two."""
    if lanes <= 0:
        return 1, 0
    for tall, gap in ((3, 1), (2, 1), (1, 1)):
        if lanes * tall + (lanes - 1) * gap <= body:
            return tall, gap
    return 1, 0


def _draw_caption(view: LanesView, place: LanesPosition, shown: int, cells: int) -> Line:
    """Draw the trial's title, which workers are shown, and the legend of the categories that occur."""
    left = [Span(view.title, "text")]
    if shown < len(view.lanes):
        left.append(Span(f"  {place.first + 1}-{place.first + shown} of {len(view.lanes)} workers", "muted"))
    window = round(WINDOW_MS / view.period_ms)
    categories = find_categories(view.lanes[place.first : place.first + shown], window)
    while categories and line_width(left) + line_width(draw_legend(categories)) + 2 > cells:
        categories = categories[:-1]
    return justify(left, draw_legend(categories), cells)


def _draw_empty(view: LanesView | None, cells: int, lines: int, *, inside: bool) -> list[Line]:
    """Draw what will appear here and how to make it appear, or why nothing will."""
    if inside or (view is not None and view.certainty == "none"):
        return [[Span(line, "muted")] for line in wrap(_INSIDE if inside else _UNSEEN, cells, lines)]
    drawn: list[Line] = [
        [Span(line, "muted")]
        for line in wrap("One lane per worker, live: who is running, who is waiting, and why.", cells, 2)
    ]
    run = [Span("Press ", "muted"), Span("r", "key", "app.start_run"), Span(" to run;", "muted")]
    then = [
        Span("then ", "muted"),
        Span("Enter", "key"),
        Span(" zooms in, ", "muted"),
        Span("Space", "key"),
        Span(" pauses.", "muted"),
    ]
    beside = [*run, Span(" "), *then]
    drawn += [beside] if line_width(beside) <= cells else [run, then]
    return [fit(line, cells) for line in drawn[:lines]]


class _NumberColumns(NamedTuple):
    """The shares at the right end of a lane: `many` of them, under a heading or with `words` beside them."""

    many: int
    words: bool

    @classmethod
    def fitting(cls, cells: int, *, heading: bool) -> _NumberColumns:
        if heading:
            return cls(4 if cells >= _QUEUED_CELLS else 3 if cells >= 44 else 1, words=False)
        return cls(3, words=True) if cells >= _WORDY_CELLS else cls(2 if cells >= 44 else 1, words=True)

    @property
    def cells(self) -> int:
        """Their width in cells."""
        widths = [6 + len(f" {word}") if self.words else 7 for word in _NUMBERED[: self.many]]
        return sum(widths)

    def heading(self) -> list[Span]:
        return [Span(f"{word:>7}", "faint") for word in _NUMBERED[: self.many]]

    def line(self, found: LaneShares | None, queued: float | None) -> list[Span]:
        if found is None:
            return align_right([Span("-", "faint")], self.cells)
        apart = min(queued or 0.0, found.running) if self.many > 3 else 0.0  # a lane shows a queued thread as running
        parts: tuple[tuple[float | None, str], ...] = (
            (found.running - apart, RUNNING.style),
            (found.gil, GIL_WAIT.style),
            (found.lock + found.io + found.blocked, choose_other_style(found)),
            (None if queued is None else apart, QUEUED.style),
        )
        spans: list[Span] = []
        for word, (share, style) in zip(_NUMBERED[: self.many], parts, strict=False):
            number = f"{'-' if share is None else share_text(share):>{6 if self.words else 7}}"
            spans.append(Span(number, style if share is not None and share >= NEGLIGIBLE else "faint"))
            if self.words:
                spans.append(Span(f" {word}", "muted"))
        return spans


def choose_other_style(found: LaneShares) -> str:
    """Choose the style of what a worker waited for most besides the GIL."""
    parts = ((found.lock, LOCK_WAIT), (found.io, IO_WAIT), (found.blocked, WAITING))
    return max(parts, key=lambda part: part[0])[1].style
