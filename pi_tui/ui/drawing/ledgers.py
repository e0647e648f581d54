"""The ledgers of a trial's workers: each worker's time as a bar, with its largest parts in per cent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pi_tui.analysis.losses import ledger_wall_s, require_known
from pi_tui.analysis.text.formatting import share_text
from pi_tui.ui.drawing.bars import draw_stacked_bar
from pi_tui.ui.drawing.spans import Line, Span, fit
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
    TimeCategory,
)

if TYPE_CHECKING:
    from pi_tui.analysis.results import Trial
    from pi_tui.host.protocol import WorkerLedger

LEAST_SHARE = 0.005
_MOST_BAR, _LEAST_BAR = 48, 8
_MOST_NUMBERS = 3
_NUMBER_CELLS = 13
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


def list_ledger_shares(worker: WorkerLedger) -> list[tuple[TimeCategory, float]]:
    """List a worker's times as shares of the wall in the order of a bar; waiting by its parts where they are known."""
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
    return [(category, max(0.0, seconds / wall_s)) for category, seconds in parts]


def draw_ledgers(trial: Trial, last: int, cells: int, lines: int) -> list[Line]:
    """Draw one line per worker below a heading; `last` is the number of the worker that finished last, which is marked."""
    workers = trial.workers
    if lines < min(2, len(workers)) or not workers:
        return []
    drawn: list[Line] = []
    if lines > len(workers):
        drawn.append([Span("Each worker's time", "strong"), Span("  * finished last: its terms", "faint")])
    room = lines - len(drawn)
    shown = workers if len(workers) <= room else workers[: room - 1]
    label_cells = max(len(f"{worker.index}") for worker in workers) + 3
    numbers = max(1, min(_MOST_NUMBERS, (cells - label_cells - 2 * _LEAST_BAR) // _NUMBER_CELLS))
    bar = max(_LEAST_BAR, min(_MOST_BAR, cells - label_cells - numbers * _NUMBER_CELLS))
    for worker in shown:
        mark = "*" if worker.index == last and len(workers) > 1 else " "
        label = Span(f"{f'w{worker.index}{mark}':<{label_cells}}", "muted")
        shares = list_ledger_shares(worker)
        spans = fit(draw_stacked_bar(shares, bar, bar), bar) if shares else fit([Span("no task", "faint")], bar)
        drawn.append([label, *spans, *_draw_largest(shares, numbers)])
    if len(shown) < len(workers):
        drawn.append([Span(f"and {len(workers) - len(shown)} more", "faint")])
    return [fit(line, cells) for line in drawn]


def _draw_largest(shares: list[tuple[TimeCategory, float]], most: int) -> list[Span]:
    """Draw the `most` largest parts in per cent, the largest first."""
    ordered = sorted(((share, category) for category, share in shares if share >= LEAST_SHARE), reverse=True)
    spans: list[Span] = []
    for share, category in ordered[:most]:
        style = "muted" if category is IDLE else category.style
        spans += [Span(f" {share_text(share):>4} ", style), Span(_SHORT[category], "muted")]
    return spans
