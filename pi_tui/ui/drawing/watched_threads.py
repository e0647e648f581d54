"""The threads of a watched program: a lane per thread with its shares of the last second, and each thread's ledger as a bar."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len

from pi_tui.analysis.text.formatting import share_text, span
from pi_tui.analysis.watch.watch_record import ThreadLedger
from pi_tui.ui.drawing.bars import draw_stacked_bar
from pi_tui.ui.drawing.lanes import compress_lane, draw_lane, draw_legend, draw_ruler
from pi_tui.ui.drawing.spans import Line, Span, fit, justify, line_width
from pi_tui.ui.state.time_categories import GIL_WAIT, IO_WAIT, LOCK_WAIT, QUEUED, RUNNING, WAITING, TimeCategory

NEGLIGIBLE = 0.005
_CELL_NS = 2_000_000
_LEAST_LANE = 12
_MOST_LABEL = 24
_NUMBER_CELLS = 6
_LEAST_BAR, _MOST_BAR = 10, 60


class ThreadRow(NamedTuple):
    """A thread: its ids and name, the letters of its lane, and its ledgers of the whole time and of the last second."""

    pid: int
    tid: int
    name: str
    letters: str
    total: ThreadLedger
    recent: ThreadLedger
    ended: bool = False
    waits_at: str = ""


class ProcessRow(NamedTuple):
    """A heading above the threads of a process, where there are several processes."""

    pid: int
    command: str
    python: str


WatchRow = ThreadRow | ProcessRow


class WatchView(NamedTuple):
    """What a watch shows at one moment.

    Attributes:
        title: the command line.
        last_tick: the number of the newest tick, which keeps cells at whole multiples of their ticks.
        unwatched: how many threads are too many to be sampled.
        certainty: how the lanes were seen, a `host.protocol.Certainty`.
        over: the program has ended.
    """

    title: str
    pid: int | None = None
    elapsed_s: float = 0.0
    period_ns: int = 1_000_000
    last_tick: int = 0
    rate_hz: float | None = None
    certainty: str = "none"
    rows: tuple[WatchRow, ...] = ()
    threads: int = 0
    unwatched: int = 0
    over: bool = False


class ThreadsPosition(NamedTuple):
    """How a pane shows the threads.

    Attributes:
        first: the number of the first row shown.
        zoom: how many times coarser the lanes are than the finest scale.
        paused: a person stopped the lanes.
        lately: the ledgers are of the last second instead of the whole time.
    """

    first: int = 0
    zoom: int = 1
    paused: bool = False
    lately: bool = True


_SHARES: tuple[tuple[str, TimeCategory], ...] = (
    ("run", RUNNING),
    ("GIL", GIL_WAIT),
    ("lock", LOCK_WAIT),
    ("I/O", IO_WAIT),
    ("queue", QUEUED),
)
_STATES: tuple[tuple[str, TimeCategory], ...] = (("run", RUNNING), ("wait", WAITING), ("queue", QUEUED))


def draw_watch_header(view: WatchView, cells: int) -> Line:
    """Draw the first line: the program, the time it was watched, the sampling rate, and the source of the lanes."""
    how = {"system call": "system calls", "state": "states alone", "none": "looking"}.get(view.certainty, "")
    rate = "" if view.rate_hz is None or view.rate_hz <= 0 else f"{view.rate_hz:.0f} Hz, "
    threads = f"{view.threads} thread{'s' if view.threads != 1 else ''}"
    facts = f"{threads} · {'ended' if view.over else span(max(0.001, view.elapsed_s))} · {rate}{how} "
    right = [Span(facts, "notice" if view.certainty == "state" else "muted")]
    pid = "" if view.pid is None else f" {view.pid}"
    left = [Span(" pi-tui watch", "title"), Span(f"{pid}  ", "muted"), Span(view.title, "text")]
    return justify(left, right, cells) if line_width(right) + 16 < cells else fit(left, cells)


def draw_thread_lanes(view: WatchView, position: ThreadsPosition, cells: int, lines: int) -> list[Line]:
    """Draw the pane of lanes: a ruler, a line per thread, and the legend; a text where no thread was seen yet."""
    if not view.rows:
        return [fit([Span("Threads will appear here, one lane per thread.", "muted")], cells)]
    columns = _choose_columns(view, cells)
    label = _label_cells(view, cells)
    room = max(1, cells - label - len(columns) * _NUMBER_CELLS)
    per_cell = max(1, round(_CELL_NS / view.period_ns)) * position.zoom
    end = "paused" if position.paused else "end" if view.over else "now"
    ruler = draw_ruler(room, per_cell * view.period_ns / 1e6, end)
    heading = [Span(f"{word:>{_NUMBER_CELLS}}", "faint") for word, _ in columns]
    drawn: list[Line] = [[Span(" " * label), *ruler, *heading]]
    for row in view.rows[position.first : position.first + count_visible_rows(lines)]:
        if isinstance(row, ProcessRow):
            drawn.append(fit(_draw_process(row), cells))
            continue
        letters = compress_lane(row.letters, max(0, view.last_tick + 1 - len(row.letters)), per_cell, room)
        numbers = _draw_numbers(row.recent, columns, ended=row.ended)
        drawn.append([*_draw_label(row, label), *draw_lane(letters[-room:]), *numbers])
    drawn += [[]] * (lines - 1 - len(drawn))
    drawn.append(_draw_footer(view, position, columns, cells, count_visible_rows(lines)))
    return [fit(line, cells) for line in drawn[:lines]]


def count_visible_rows(lines: int) -> int:
    """Return how many rows fit between heading and footer."""
    return max(1, lines - 2)


def draw_thread_ledgers(view: WatchView, position: ThreadsPosition, cells: int, lines: int) -> list[Line]:
    """Draw the pane of ledgers: each thread's time as a bar, its parts in per cent, and where it was blocked most often."""
    if not view.rows:
        return [fit([Span("The time of each thread will appear here.", "muted")], cells)]
    columns = _choose_columns(view, cells)
    label = _label_cells(view, cells)
    at_cells = 18 if cells >= 100 else 0  # clock_nanosleep is long, and common
    room = cells - label - len(columns) * _NUMBER_CELLS - at_cells - 1
    bar = max(0, min(_MOST_BAR, room))
    heading = [
        Span(" " * label),
        Span(f"{'the last second' if position.lately else 'since the start':<{bar}}", "faint"),
    ]
    heading += [Span(f"{word:>{_NUMBER_CELLS}}", "faint") for word, _ in columns]
    if at_cells:
        heading.append(Span("  mostly in", "faint"))
    drawn: list[Line] = [heading]
    for row in view.rows[position.first : position.first + count_visible_rows(lines)]:
        if isinstance(row, ProcessRow):
            drawn.append(fit(_draw_process(row), cells))
            continue
        ledger = row.recent if position.lately else row.total
        spans = fit(draw_stacked_bar(_list_parts(ledger), bar, bar), bar) if bar >= _LEAST_BAR else [Span(" " * bar)]
        at = [Span(f"  {row.waits_at[: at_cells - 3]}", "muted")] if at_cells else []
        drawn.append(
            [
                *_draw_label(row, label),
                *spans,
                *_draw_numbers(ledger, columns, ended=row.ended and position.lately),
                *at,
            ]
        )
    drawn += [[]] * (lines - 1 - len(drawn))
    drawn.append(_draw_footer(view, position, columns, cells, count_visible_rows(lines)))
    return [fit(line, cells) for line in drawn[:lines]]


def draw_output(text: str, back: int, cells: int, lines: int) -> list[Line]:
    """Draw the program's output, `back` lines above its end."""
    printed = text.splitlines()
    if not printed:
        return [fit([Span("The program's output will appear here.", "muted")], cells)]
    last = max(min(lines, len(printed)), len(printed) - back)
    return [fit([Span(line, "text")], cells) for line in printed[max(0, last - lines) : last]]


def _choose_columns(view: WatchView, cells: int) -> tuple[tuple[str, TimeCategory], ...]:
    columns = _STATES if view.certainty == "state" else _SHARES
    most = (cells - _LEAST_LANE - 12) // _NUMBER_CELLS
    return columns[: max(1, most)]


def _label_cells(view: WatchView, cells: int) -> int:
    longest = max((cell_len(f"{row.tid} {row.name}") for row in view.rows if isinstance(row, ThreadRow)), default=8)
    return min(longest, _MOST_LABEL, max(8, cells // 4)) + 1


def _draw_label(row: ThreadRow, cells: int) -> list[Span]:
    style = "faint" if row.ended else "muted"
    return [*fit([Span(f"{row.tid} ", "faint"), Span(row.name, style)], cells - 1), Span(" ")]


def _draw_process(row: ProcessRow) -> Line:
    python = f" (Python {row.python})" if row.python not in ("", "?") else ""
    return [Span(f"{row.pid} ", "faint"), Span(f"{row.command}", "text"), Span(python, "faint")]


def _draw_numbers(ledger: ThreadLedger, columns: Sequence[tuple[str, TimeCategory]], *, ended: bool) -> list[Span]:
    if ended:
        return [Span(f"{'ended':>{len(columns) * _NUMBER_CELLS}}", "faint")]
    shares = {
        "run": ledger.share(ledger.running_s),
        "GIL": ledger.wait_share(ledger.gil_wait_s),
        "lock": ledger.wait_share(ledger.lock_wait_s),
        "I/O": ledger.wait_share(ledger.io_wait_s),
        "wait": ledger.share(ledger.waiting_s),
        "queue": ledger.share(ledger.queued_s),
    }
    spans = []
    for word, category in columns:
        share = shares[word]
        text = "-" if share is None else share_text(share)
        style = category.style if share is not None and share >= NEGLIGIBLE else "faint"
        spans.append(Span(f"{text:>{_NUMBER_CELLS}}", style))
    return spans


def _list_parts(ledger: ThreadLedger) -> list[tuple[TimeCategory, float]]:
    """List a ledger's times as shares of its wall; waiting by its parts where they are known."""
    waits: list[tuple[TimeCategory, float | None]]
    if ledger.gil_wait_s is None:
        waits = [(WAITING, ledger.waiting_s)]
    else:
        waits = [(GIL_WAIT, ledger.gil_wait_s), (LOCK_WAIT, ledger.lock_wait_s), (IO_WAIT, ledger.io_wait_s)]
    parts = [(RUNNING, ledger.running_s), (QUEUED, ledger.queued_s), *waits]
    return [(category, ledger.share(seconds) or 0.0) for category, seconds in parts]


def _draw_footer(
    view: WatchView, position: ThreadsPosition, columns: Sequence[tuple[str, TimeCategory]], cells: int, shown: int
) -> Line:
    left: list[Span] = []
    if shown < len(view.rows):
        left.append(
            Span(f"{position.first + 1}-{min(len(view.rows), position.first + shown)} of {len(view.rows)} ", "muted")
        )
    if view.unwatched:
        left.append(Span(f"{view.unwatched} more are not watched ", "notice"))
    categories = [category for _, category in columns]
    while categories and line_width(left) + line_width(draw_legend(categories)) + 2 > cells:
        categories = categories[:-1]
    return justify(left, draw_legend(categories), cells)
