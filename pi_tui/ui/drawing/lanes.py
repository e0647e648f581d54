"""Lanes: one line a worker, the newest tick at the right, and what a worker was at or waited for as a glyph and an ink."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import groupby
from math import ceil
from typing import NamedTuple

from pi_tui.analysis.lanes import LaneShares, measure_lane_shares
from pi_tui.analysis.text.formatting import share_text
from pi_tui.host.protocol import LaneState
from pi_tui.ui.drawing.spans import Line, Piece, align_right, fit, justify, width, wrap
from pi_tui.ui.state.lane_history import Lane, LanesView
from pi_tui.ui.state.time_categories import GIL_WAIT, IDLE, IO_WAIT, LOCK_WAIT, QUEUED, RUNNING, WAITING, Meaning

CELL_MS = 2.0
"""What a cell stands for: short enough for the turns of 5 ms that threads take at the GIL."""

WINDOW_MS = 1000.0
"""The numbers beside a lane are of its last second."""

MISSED = Meaning("track", "not seen", "│")

MEANING_OF: dict[str, Meaning] = {
    LaneState.RUNNING: RUNNING,
    LaneState.GIL: GIL_WAIT,
    LaneState.LOCK: LOCK_WAIT,
    LaneState.SLEEP: IO_WAIT,
    LaneState.IO: IO_WAIT,
    LaneState.BLOCKED: WAITING,
    LaneState.ABSENT: IDLE,
    LaneState.MISSED: MISSED,
}
"""What a letter of a lane means. Outside kernel calls a worker is idle as far as its lane can tell: nothing is drawn."""

LEGEND = (RUNNING, GIL_WAIT, LOCK_WAIT, IO_WAIT, WAITING)

_NUMBERED = ("run", "GIL", "other", "queued")
HARDLY = 0.005
_QUEUED_CELLS = 56
"""From so many cells on there is room for the share that was queued; elsewhere it is part of what ran."""

_WORDY_CELLS = 66
"""From so many cells on there is room for the words beside the numbers where no heading tells them."""

_UNSEEN = "What threads wait for is not visible on this system: the ledger tells how long they waited, not for what."
_INSIDE = "Threads inside the app have no lanes: nobody watches them from outside. Watch the beat at the top."

_MARK_EVERY = 12
_STEPS_MS = (10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 5000)


class Place(NamedTuple):
    """Where in the lanes a pane looks: the first worker that is shown, and whether it stands still by a person's wish.

    Where it looks at threads inside the app (`inside`) there are none.
    """

    first: int = 0
    paused: bool = False
    inside: bool = False


def ticks_a_cell(period_ms: float) -> int:
    """How many ticks a cell stands for."""
    return max(1, round(CELL_MS / period_ms))


@lru_cache(maxsize=4096)
def most(letters: str) -> str:
    """The meaning that had most of a cell's ticks, as its letter; of equals the first. Missed ticks count if all are."""
    seen = letters.replace(LaneState.MISSED, "")
    return max(seen, key=seen.count) if seen else LaneState.MISSED


def compressed(letters: str, first_tick: int, per_cell: int, cells: int) -> str:
    """The last `cells` cells of a lane, a letter each, in whole multiples of `per_cell` ticks so that nothing flickers.

    Where the lane is shorter, blanks stand before it.
    """
    if not letters:
        return " " * cells
    end_cell = ceil((first_tick + len(letters)) / per_cell)
    first_cell = max(end_cell - cells, first_tick // per_cell)
    shown = []
    for cell in range(first_cell, end_cell):
        start = max(0, cell * per_cell - first_tick)
        shown.append(most(letters[start : (cell + 1) * per_cell - first_tick]))
    return "".join(shown).rjust(cells)


def lane_pieces(letters: str) -> list[Piece]:
    """Letters, a cell each, as pieces."""
    pieces = []
    for letter, run in groupby(letters):
        meaning = MEANING_OF.get(letter, IDLE)
        pieces.append(Piece(meaning.glyph * len(list(run)), meaning.ink))
    return pieces


def lanes_lines(view: LanesView | None, place: Place, cells: int, lines: int) -> list[Line]:
    """The whole pane. Without a trial, or where nothing can be seen, words."""
    if view is None or not view.lanes:
        return _words(view, cells, lines, inside=place.inside)
    roomy = lines >= 4 and cells >= 40
    body = lines - 2 if roomy else lines
    shown = view.lanes[place.first : place.first + body]
    numbers = _Numbers.fitting(cells, heading=roomy)
    label_cells = max(len(lane.label) for lane in view.lanes) + 1
    room = max(1, cells - label_cells - numbers.cells)
    per_cell = ticks_a_cell(view.period_ms)
    drawn: list[Line] = []
    if roomy:
        ruler = ruler_line(room, per_cell * view.period_ms, _end_word(view, place))
        drawn.append([Piece(" " * label_cells), *ruler, *numbers.heading()])
    tall, gap = spacing(body, len(shown))
    for index, lane in enumerate(shown):
        pieces = lane_pieces(compressed(lane.letters, view.first_tick, per_cell, room))
        told = numbers.line(last_second(lane, view.period_ms), lane.queued)
        for row in range(tall):
            label = Piece(f"{lane.label:<{label_cells}}" if row == 0 else " " * label_cells, "muted")
            drawn.append(fit([label, *pieces, *(told if row == 0 else ())], cells))
        drawn += [fit([], cells)] * (gap if index < len(shown) - 1 else 0)
    if roomy:
        drawn += [fit([], cells)] * (lines - 1 - len(drawn))
        drawn.append(_caption(view, place, len(shown), cells))
    return [fit(line, cells) for line in drawn]


def lanes_shown(lines: int, cells: int) -> int:
    """How many lanes a pane of that size can show."""
    return lines - 2 if lines >= 4 and cells >= 40 else lines


def last_second(lane: Lane, period_ms: float) -> LaneShares | None:
    """The shares of the last second of a lane; None where its worker was in no kernel call."""
    return measure_lane_shares(lane.letters[-max(1, round(WINDOW_MS / period_ms)) :])


def ruler_line(cells: int, cell_ms: float, end: str) -> Line:
    """Marks of the time before the right end of lanes of so many cells; `end` says what the right end is."""
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
    return [Piece("".join(text), "faint")]


def legend(meanings: Iterable[Meaning]) -> list[Piece]:
    """Glyphs with their words."""
    pieces: list[Piece] = []
    for meaning in meanings:
        pieces += [
            Piece("  " if pieces else ""),
            Piece(meaning.glyph * 2, meaning.ink),
            Piece(f" {meaning.label}", "muted"),
        ]
    return pieces


def met(lanes: Iterable[Lane], ticks: int = 0) -> list[Meaning]:
    """The meanings that occur in the last `ticks` ticks of lanes (all of them by default), in the legend's order."""
    letters = set().union(*(set(lane.letters[-ticks:] if ticks else lane.letters) for lane in lanes))
    found = {MEANING_OF[letter].ink for letter in letters if letter in MEANING_OF}
    return [meaning for meaning in LEGEND if meaning.ink in found]


def certainty_text(view: LanesView) -> str:
    """The achieved rate and how sure it is: "1.00 kHz, system calls"."""
    if view.certainty == "none":
        return "not visible on this system"
    how = "system calls" if view.certainty == "system call" else "state only"
    return how if view.rate_hz is None else f"{view.rate_hz / 1000:.2f} kHz, {how}"


def _end_word(view: LanesView, place: Place) -> str:
    return "paused" if place.paused else "end" if view.ended else "now"


def spacing(body: int, lanes: int) -> tuple[int, int]:
    """How many lines each lane takes, and how many blank ones stand between two."""
    if lanes <= 0:
        return 1, 0
    for tall, gap in ((3, 1), (2, 1), (1, 1)):
        if lanes * tall + (lanes - 1) * gap <= body:
            return tall, gap
    return 1, 0


def _caption(view: LanesView, place: Place, shown: int, cells: int) -> Line:
    """Which trial it is, which workers of how many, and the legend of what occurs."""
    left = [Piece(view.title, "text")]
    if shown < len(view.lanes):
        left.append(Piece(f"  {place.first + 1}-{place.first + shown} of {len(view.lanes)} workers", "muted"))
    window = round(WINDOW_MS / view.period_ms)
    meanings = met(view.lanes[place.first : place.first + shown], window)
    while meanings and width(left) + width(legend(meanings)) + 2 > cells:
        meanings = meanings[:-1]
    return justify(left, legend(meanings), cells)


def _words(view: LanesView | None, cells: int, lines: int, *, inside: bool) -> list[Line]:
    """What will appear here, and how; or why nothing does."""
    if inside or (view is not None and view.certainty == "none"):
        return [[Piece(line, "muted")] for line in wrap(_INSIDE if inside else _UNSEEN, cells, lines)]
    said: list[Line] = [
        [Piece(line, "muted")] for line in wrap("A lane a worker, live: who runs, who waits, and for what.", cells, 2)
    ]
    run = [Piece("r", "key", "app.start_run"), Piece(" runs what is ticked.", "muted")]
    then = [
        Piece("Enter", "key"),
        Piece(" then magnifies, ", "muted"),
        Piece("space", "key"),
        Piece(" pauses.", "muted"),
    ]
    beside = [*run, Piece("  "), *then]
    said += [beside] if width(beside) <= cells else [run, then]
    return [fit(line, cells) for line in said[:lines]]


class _Numbers(NamedTuple):
    """The numbers at the right end of a lane: under a heading, with words, or as few as there is room for."""

    many: int
    words: bool

    @classmethod
    def fitting(cls, cells: int, *, heading: bool) -> _Numbers:
        if heading:
            return cls(4 if cells >= _QUEUED_CELLS else 3 if cells >= 44 else 1, words=False)
        return cls(3, words=True) if cells >= _WORDY_CELLS else cls(2 if cells >= 44 else 1, words=True)

    @property
    def cells(self) -> int:
        """How many cells they take."""
        widths = [6 + len(f" {word}") if self.words else 7 for word in _NUMBERED[: self.many]]
        return sum(widths)

    def heading(self) -> list[Piece]:
        return [Piece(f"{word:>7}", "faint") for word in _NUMBERED[: self.many]]

    def line(self, found: LaneShares | None, queued: float | None) -> list[Piece]:
        if found is None:
            return align_right([Piece("-", "faint")], self.cells)
        apart = min(queued or 0.0, found.running) if self.many > 3 else 0.0  # who is queued looks as if it ran
        parts: tuple[tuple[float | None, str], ...] = (
            (found.running - apart, RUNNING.ink),
            (found.gil, GIL_WAIT.ink),
            (found.lock + found.io + found.blocked, other_ink(found)),
            (None if queued is None else apart, QUEUED.ink),
        )
        pieces: list[Piece] = []
        for word, (share, ink) in zip(_NUMBERED[: self.many], parts, strict=False):
            number = f"{'-' if share is None else share_text(share):>{6 if self.words else 7}}"
            pieces.append(Piece(number, ink if share is not None and share >= HARDLY else "faint"))
            if self.words:
                pieces.append(Piece(f" {word}", "muted"))
        return pieces


def other_ink(found: LaneShares) -> str:
    """The ink of what a worker waited for most besides the GIL."""
    parts = ((found.lock, LOCK_WAIT), (found.io, IO_WAIT), (found.blocked, WAITING))
    return max(parts, key=lambda part: part[0])[1].ink
