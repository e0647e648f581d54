"""The input of verdicts: a result's losses as shares, and the facts that verdicts follow from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from pi_tui.analysis.advice.affinity import find_allowed_cores
from pi_tui.analysis.advice.validity import has_short_baseline
from pi_tui.analysis.losses import cpu_s_per_sample, find_critical_worker, ledger_wall_s, require_known
from pi_tui.analysis.results import Conditions, Losses, NeighbouringRow, Result, Trial
from pi_tui.analysis.text.prose import count
from pi_tui.host.core_account import LEAST_WALL_S, CoreAccount
from pi_tui.host.protocol import WorkerLedger

Evidence = dict[str, float | int | str]
"""The figures behind a verdict, by name."""

NOTABLE_SHARE = 0.08
"""A loss is mentioned from this share of the last worker's wall on."""

NOTABLE_CORES_SHARE = 0.1
"""Programs that are no part of the trial are named as the cause of queueing if they used this share of the usable cores."""

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
    def several(self) -> str:
        """The workers, counted: "two threads"."""
        return count(self.workers, self.noun, self.nouns)

    @property
    def machine_cores(self) -> int:
        """The cores that the machine allows, before the kernel changed anything."""
        return self.conditions.machine.usable_cores

    @property
    def allowed_cores(self) -> frozenset[int] | None:
        """The CPU numbers that the kernel left to the workers; None if it changed no affinity mask."""
        return find_allowed_cores(self.result, self.baseline, self.trial)

    @property
    def cores(self) -> int:
        """Usable cores, less those that the kernel has excluded by the affinity mask."""
        allowed = self.allowed_cores
        return self.machine_cores if allowed is None else min(self.machine_cores, len(allowed))

    @property
    def narrowed(self) -> bool:
        """Whether the affinity mask that the kernel set leaves fewer cores than the workers could use."""
        return self.cores < min(self.workers, self.machine_cores)

    @property
    def speedup(self) -> float | None:
        """The measured speed-up; None for a baseline, and if the baseline is too short to compare anything with."""
        if self.result.baseline or has_short_baseline(self.result, self.baseline):
            return None
        return self.result.speedup

    @property
    def account(self) -> CoreAccount | None:
        """Who used the cores during the trials; None if unknown, or if the trials were shorter than what it covers."""
        wall = self.result.wall_s
        return self.result.cores if wall is not None and wall.median >= LEAST_WALL_S else None

    @property
    def others(self) -> float | None:
        """How many cores' worth other programs used; None if unknown."""
        return None if self.account is None else self.account.others

    @property
    def others_notable(self) -> bool:
        """Whether other programs used a notable share of the usable cores."""
        return self.others is not None and self.others >= NOTABLE_CORES_SHARE * self.machine_cores

    @property
    def neighbours(self) -> tuple[NeighbouringRow, ...]:
        """The other rows of the run; none if their speed-ups depend on a baseline that is too short."""
        return () if has_short_baseline(self.result, self.baseline) else self.conditions.neighbours

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
    def call_share(self) -> float:
        """The share of the wall that the last worker spent inside kernel calls."""
        last = self.last
        inside_s = require_known(last.running_s) + (last.queued_s or 0.0) + require_known(last.waiting_s)
        return min(1.0, max(0.0, inside_s / self.wall_s))

    @property
    def queued_share(self) -> float:
        """The share of the wall that the last worker was ready but had no core."""
        return self.share(self.losses.queued or 0.0)

    @property
    def blocked(self) -> float:
        """Waiting for anything but the GIL, in units of workers."""
        return self.waits.lock + self.waits.io + self.waits.unknown

    def per_sample_alone(self, amount: Callable[[WorkerLedger], float | None]) -> float | None:
        """Return an amount per sample of the baseline, the median over its trials; None if it is unknown."""
        found = [
            sum(amount(worker) or 0.0 for worker in trial.workers) / samples
            for trial in self.baseline.measured_trials or self.baseline.trials
            if (samples := sum(worker.samples for worker in trial.workers)) > 0
            and all(amount(worker) is not None for worker in trial.workers)
        ]
        return median(found) if found else None

    @property
    def cost_alone_s(self) -> float:
        """CPU seconds per sample when the kernel runs alone."""
        return cpu_s_per_sample(self.baseline.measured_trials or self.baseline.trials) or 0.0

    @property
    def switches_per_cpu_s(self) -> float:
        """Voluntary switches per second on a core, of the worker with the most; 0 if unknown."""
        return max((_switches_per_cpu_s(worker) for worker in self.trial.workers), default=0.0)

    @property
    def switches_per_cpu_s_alone(self) -> float:
        """The same of the baseline."""
        trials = self.baseline.measured_trials or self.baseline.trials
        return max((_switches_per_cpu_s(worker) for trial in trials for worker in trial.workers), default=0.0)

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


def _switches_per_cpu_s(worker: WorkerLedger) -> float:
    running_s = worker.running_s or 0.0
    return (worker.voluntary_switches or 0) / running_s if running_s > 0 else 0.0


def _last_worker_index(trial: Trial) -> int | None:
    last = find_critical_worker(trial.workers)
    return last.index if last else None
