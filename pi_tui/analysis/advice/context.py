"""The input of verdicts: a result's losses as shares, and the facts that verdicts follow from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pi_tui.analysis.losses import find_critical_worker, ledger_wall_s, require_known
from pi_tui.analysis.results import Conditions, Losses, Result, Trial
from pi_tui.host.protocol import WorkerLedger

WAITING_BASELINE_SHARE = 0.5
"""A baseline that is blocked for this share of its wall waits by itself: no other worker holds its locks."""


WORKER_NOUNS = {"processes": "process", "interpreters": "interpreter"}
"""The noun for a worker, by what it is made of; "thread" otherwise."""


@dataclass(frozen=True, slots=True)
class WaitBreakdown:
    """Waiting by kind, in units of workers; `unknown` is waiting of an unknown kind."""

    gil: float = 0.0
    lock: float = 0.0
    io: float = 0.0
    unknown: float = 0.0


@dataclass(frozen=True, slots=True)
class AdviceContext:
    """A result with losses, together with the trial and the worker that they describe."""

    result: Result
    conditions: Conditions
    losses: Losses
    trial: Trial
    last: WorkerLedger
    baseline: Result

    @property
    def workers(self) -> int:
        """The requested number of workers."""
        return self.losses.workers

    @property
    def noun(self) -> str:
        """The noun for a worker: "thread", "interpreter" or "process"."""
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
        """The highest speed-up that workers and cores allow."""
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
        """Whether waiting is divided by what the observer saw."""
        return self.losses.gil_wait is not None

    @property
    def waits(self) -> WaitBreakdown:
        """Waiting by kind: as the lanes saw it, or as far as it is certain without them."""
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
        """Whether the kernel is blocked for most of its time even when it runs alone."""
        walls = waits = 0.0
        for trial in self.baseline.measured_trials or self.baseline.trials:
            walls += trial.wall_s
            waits += sum(require_known(worker.waiting_s) for worker in trial.workers)
        return walls > 0 and waits / walls >= WAITING_BASELINE_SHARE

    def share(self, in_workers: float) -> float:
        """Return a loss in units of workers as a share of the last worker's wall."""
        return in_workers / self.workers

    def shares(self, seconds: Callable[[WorkerLedger], float]) -> list[float]:
        """Return `seconds` of each worker that had a task, as shares of the wall."""
        return [seconds(worker) / self.wall_s for worker in self.trial.workers if worker.tasks > 0]

    @property
    def switches_per_s(self) -> float | None:
        """Voluntary context switches per second of the worker with the most; None if unknown."""
        known = [w.voluntary_switches for w in self.trial.workers if w.voluntary_switches is not None]
        return max(known) / self.wall_s if known else None


def make_context(result: Result, conditions: Conditions, baseline: Result | None) -> AdviceContext | None:
    """Return the context of a result; None if its losses are not known."""
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
