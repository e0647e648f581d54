"""The ledgers of a trial's workers: each worker's time as one bar, with what it was mostly spent on in per cent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pi_tui.analysis.losses import ledger_wall_s, require_known
from pi_tui.analysis.text.formatting import share_text
from pi_tui.ui.drawing.bars import stacked_bar
from pi_tui.ui.drawing.spans import Line, Piece, fit
from pi_tui.ui.state.time_categories import (
    BETWEEN,
    GIL_WAIT,
    IDLE,
    IO_WAIT,
    LOCK_WAIT,
    QUEUED,
    RUNNING,
    STARTUP,
    WAITING,
    Meaning,
)

if TYPE_CHECKING:
    from pi_tui.analysis.results import Trial
    from pi_tui.host.protocol import WorkerLedger

SHOWN = 0.005
_MOST_BAR, _LEAST_BAR = 48, 8
_MOST_TOLD = 3
_TOLD_CELLS = 13
_SHORT = {
    RUNNING: "run",
    STARTUP: "startup",
    QUEUED: "queued",
    WAITING: "waiting",
    GIL_WAIT: "GIL",
    LOCK_WAIT: "lock",
    IO_WAIT: "I/O",
    BETWEEN: "between",
    IDLE: "idle",
}


def shares_of(worker: WorkerLedger) -> list[tuple[Meaning, float]]:
    """A worker's parts as shares of the wall, in the order in which a bar shows them; waiting by kind where known."""
    wall_s = ledger_wall_s(worker)
    if wall_s <= 0:
        return []
    if worker.gil_wait_s is None:
        waits = [(WAITING, require_known(worker.waiting_s))]
    else:
        waits = [
            (GIL_WAIT, worker.gil_wait_s),
            (LOCK_WAIT, worker.lock_wait_s or 0.0),
            (IO_WAIT, worker.io_wait_s or 0.0),
        ]
    parts = [
        (STARTUP, worker.startup_s),
        (RUNNING, require_known(worker.running_s)),
        (QUEUED, worker.queued_s or 0.0),
        *waits,
        (BETWEEN, worker.between_s),
        (IDLE, worker.idle_s),
    ]
    return [(meaning, max(0.0, seconds / wall_s)) for meaning, seconds in parts]


def ledger_lines(trial: Trial, last: int, cells: int, lines: int) -> list[Line]:
    """A line a worker below a heading; `last` is the worker that finished last, whose losses are shown."""
    workers = trial.workers
    if lines < min(2, len(workers)) or not workers:
        return []
    drawn: list[Line] = []
    if lines > len(workers):
        drawn.append([Piece("Each worker's time", "strong"), Piece("  * last: the terms are its own", "faint")])
    room = lines - len(drawn)
    shown = workers if len(workers) <= room else workers[: room - 1]
    label_cells = max(len(f"{worker.index}") for worker in workers) + 3
    told = max(1, min(_MOST_TOLD, (cells - label_cells - 2 * _LEAST_BAR) // _TOLD_CELLS))
    bar = max(_LEAST_BAR, min(_MOST_BAR, cells - label_cells - told * _TOLD_CELLS))
    for worker in shown:
        mark = "*" if worker.index == last and len(workers) > 1 else " "
        label = Piece(f"{f'w{worker.index}{mark}':<{label_cells}}", "muted")
        shares = shares_of(worker)
        pieces = fit(stacked_bar(shares, bar, bar), bar) if shares else fit([Piece("no task", "faint")], bar)
        drawn.append([label, *pieces, *_told(shares, told)])
    if len(shown) < len(workers):
        drawn.append([Piece(f"and {len(workers) - len(shown)} more", "faint")])
    return [fit(line, cells) for line in drawn]


def _told(shares: list[tuple[Meaning, float]], most: int) -> list[Piece]:
    """The largest parts in per cent, the largest first."""
    ordered = sorted(((share, meaning) for meaning, share in shares if share >= SHOWN), reverse=True)
    pieces: list[Piece] = []
    for share, meaning in ordered[:most]:
        ink = "muted" if meaning is IDLE else meaning.ink
        pieces += [Piece(f" {share_text(share):>4} ", ink), Piece(_SHORT[meaning], "muted")]
    return pieces
