"""What verdicts look at: a result's losses as shares, and the facts that they follow from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pi_tui.analysis.losses import find_critical_worker, ledger_wall_s, require_known
from pi_tui.analysis.results import Conditions, Losses, Result, Trial
from pi_tui.host.protocol import WorkerLedger

WAITING_BASELINE_SHARE = 0.5
"""A baseline that is blocked for so much of its wall waits by itself: nobody else holds its locks."""


WORKER_NOUNS = {"processes": "process", "interpreters": "interpreter"}
"""What a worker is called, by what it is made of; "thread" otherwise."""


@dataclass(frozen=True, slots=True)
class WaitBreakdown:
    """Waiting by kind, in units of workers; `unknown` is what nothing tells apart."""

    gil: float = 0.0
    lock: float = 0.0
    io: float = 0.0
    unknown: float = 0.0


@dataclass(frozen=True, slots=True)
class AdviceContext:
    """A result that has losses, with the trial and the worker that they are of."""

    result: Result
    conditions: Conditions
    losses: Losses
    trial: Trial
    last: WorkerLedger
    baseline: Result

    @property
    def workers(self) -> int:
        """Workers asked for."""
        return self.losses.workers

    @property
    def noun(self) -> str:
        """What a worker is: "thread", "interpreter" or "process"."""
        return WORKER_NOUNS.get(self.conditions.mode.made_of, "thread")

    @property
    def nouns(self) -> str:
        """The plural of `noun`."""
        return "processes" if self.noun == "process" else f"{self.noun}s"

    @property
    def cores(self) -> int:
        """Usable cores."""
        return self.conditions.machine.usable_cores

    @property
    def ideal(self) -> int:
        """The best speed-up that workers and cores allow."""
        return min(self.workers, self.cores)

    @property
    def wall_s(self) -> float:
        """The trial's wall, in seconds."""
        return ledger_wall_s(self.last)

    @property
    def threads_share_a_gil(self) -> bool:
        """Whether the workers are threads of one interpreter whose GIL is known to be on."""
        return self.conditions.mode.made_of == "threads" and self.result.gil_enabled is True and self.workers > 1

    @property
    def lanes_seen(self) -> bool:
        """Whether waiting is divided by what was seen from outside."""
        return self.losses.gil_wait is not None

    @property
    def waits(self) -> WaitBreakdown:
        """Waiting by kind: as the lanes saw it, else as far as it is certain without them."""
        waiting = self.losses.waiting
        if self.losses.gil_wait is not None:
            return WaitBreakdown(self.losses.gil_wait, self.losses.lock_wait or 0.0, self.losses.io_wait or 0.0)
        if self.threads_share_a_gil and self.conditions.kernel.holds_gil is True:
            return WaitBreakdown(gil=waiting)
        if self.baseline_waits:
            return WaitBreakdown(io=waiting)
        return WaitBreakdown(unknown=waiting)

    @property
    def baseline_waits(self) -> bool:
        """Whether the kernel is blocked by itself most of its time, with no other worker about."""
        walls = waits = 0.0
        for trial in self.baseline.measured_trials or self.baseline.trials:
            walls += trial.wall_s
            waits += sum(require_known(worker.waiting_s) for worker in trial.workers)
        return walls > 0 and waits / walls >= WAITING_BASELINE_SHARE

    def share(self, in_workers: float) -> float:
        """A loss in units of workers as a share of the last worker's wall."""
        return in_workers / self.workers

    def shares(self, seconds: Callable[[WorkerLedger], float]) -> list[float]:
        """What `seconds` says of each worker that had a task, as a share of the wall."""
        return [seconds(worker) / self.wall_s for worker in self.trial.workers if worker.tasks > 0]

    @property
    def switches_per_s(self) -> float | None:
        """How often a worker gave up its core of its own will, a second: the busiest worker's; None where unknown."""
        known = [w.voluntary_switches for w in self.trial.workers if w.voluntary_switches is not None]
        return max(known) / self.wall_s if known else None


def make_context(result: Result, conditions: Conditions, baseline: Result | None) -> AdviceContext | None:
    """The context of a result; None where its losses are not known."""
    if result.losses is None or baseline is None:
        return None
    trial = next(
        (
            trial
            for trial in result.measured_trials or result.trials
            if trial.number == result.losses.trial and _last_worker_index(trial) == result.losses.worker
        ),
        None,
    )
    last = find_critical_worker(trial.workers) if trial else None
    if trial is None or last is None:
        return None
    return AdviceContext(result, conditions, result.losses, trial, last, baseline)


def _last_worker_index(trial: Trial) -> int | None:
    last = find_critical_worker(trial.workers)
    return last.index if last else None
