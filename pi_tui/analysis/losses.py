"""Decompose a trial's speed-up: from the ideal to what was measured, in units of workers.

The trial's wall time is that of the worker that finished last. All time of this worker beyond its fair share of the useful
work is a loss, and `workers = speedup + losses` holds by construction, to floating-point accuracy.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median, median_low

from pi_tui.analysis.results import Case, Losses, Trial
from pi_tui.host.protocol import WorkerLedger

WAITING_TOLERANCE = 0.01
"""How far waiting may fall below zero, as a share of the wall: it is a difference of clocks of different resolution."""

SUM_TOLERANCE = 0.01
"""How far the sum of a worker's six parts may differ from the wall, as a share of the wall."""


def require_known(seconds: float | None) -> float:
    """Return `seconds` of a ledger; those of every result with losses are known.

    Raises:
        ValueError: the seconds are None.
    """
    if seconds is None:
        raise ValueError("the time inside kernel calls is not known")
    return seconds


def total_running_s(trial: Trial) -> float | None:
    """Return the CPU seconds of all workers of a trial; None if any is unknown."""
    known = [worker.running_s for worker in trial.workers if worker.running_s is not None]
    return sum(known) if len(known) == len(trial.workers) else None


def has_known_ledger(trial: Trial) -> bool:
    """Return whether the ledger knows what each worker did inside kernel calls."""
    return total_running_s(trial) is not None


def cpu_s_per_sample(trials: Sequence[Trial]) -> float | None:
    """Return the CPU seconds per sample, the median over trials; None if no trial had samples and a known ledger."""
    costs = [
        cpu_s / samples
        for trial in trials
        if (samples := sum(worker.samples for worker in trial.workers)) > 0
        and (cpu_s := total_running_s(trial)) is not None
    ]
    return median(costs) if costs else None


def find_median_trial(trials: Sequence[Trial]) -> Trial | None:
    """Return the trial with the lower median wall, whose losses represent the case; None without trials."""
    if not trials:
        return None
    middle = median_low(trial.wall_s for trial in trials)
    return next(trial for trial in trials if trial.wall_s == middle)


def find_critical_worker(workers: Sequence[WorkerLedger]) -> WorkerLedger | None:
    """Return the worker that finished last: the one with the least idle time among those that had a task."""
    return min((worker for worker in workers if worker.tasks > 0), key=lambda worker: worker.idle_s, default=None)


def ledger_wall_s(worker: WorkerLedger) -> float:
    """Return the sum of a worker's six parts, in seconds: the trial's wall as this worker measured it.

    Raises:
        ValueError: not all parts are known.
    """
    return (
        worker.startup_s
        + require_known(worker.running_s)
        + (worker.queued_s or 0.0)
        + require_known(worker.waiting_s)
        + worker.between_s
        + worker.idle_s
    )


def decompose_losses(trial: Trial, *, workers: int, baseline_cpu_s_per_sample: float) -> Losses | None:
    """Return the losses of one trial; None if no worker had a task, no time passed, or the ledger is unknown.

    `baseline_cpu_s_per_sample` is the CPU time per sample when nothing else runs.
    """
    last = find_critical_worker(trial.workers)
    if last is None or last.running_s is None or last.waiting_s is None or (wall_s := ledger_wall_s(last)) <= 0:
        return None
    useful_s = baseline_cpu_s_per_sample * sum(worker.samples for worker in trial.workers)
    task_s = baseline_cpu_s_per_sample * last.samples

    def in_workers(seconds: float) -> float:
        return seconds / wall_s * workers

    def if_known(seconds: float | None) -> float | None:
        return None if seconds is None else in_workers(seconds)

    return Losses(
        speedup=useful_s / wall_s,
        startup=in_workers(last.startup_s),
        queued=if_known(last.queued_s),
        waiting=in_workers(last.waiting_s),
        gil_wait=if_known(last.gil_wait_s),
        lock_wait=if_known(last.lock_wait_s),
        io_wait=if_known(last.io_wait_s),
        between=in_workers(last.between_s),
        extra=in_workers(last.running_s - task_s),
        imbalance=in_workers(task_s - useful_s / workers),
        collect=in_workers(last.idle_s),
        workers=workers,
        worker=last.index,
        trial=trial.number,
    )


def sum_losses(losses: Losses) -> float:
    """Return speed-up plus all losses: the number of workers, except for floating-point error."""
    return (
        losses.speedup
        + losses.startup
        + (losses.queued or 0.0)
        + losses.waiting
        + losses.between
        + losses.extra
        + losses.imbalance
        + losses.collect
    )


def check_ledger(case: Case, trial: Trial) -> tuple[str, ...]:
    """Return the faults of a trial's ledger as sentences: the host's own checks, or else those that can be made here."""
    if trial.faults:
        return trial.faults
    faults = []
    tasks = sum(worker.tasks for worker in trial.workers)
    if tasks != case.tasks:
        faults.append(f"The workers had {tasks} tasks, not {case.tasks}.")
    samples = sum(worker.samples for worker in trial.workers)
    if samples != case.total_samples:
        faults.append(f"The workers had {samples} samples, not {case.total_samples}.")
    for worker in trial.workers:
        if worker.waiting_s is None or worker.running_s is None:
            continue  # unknown parts cannot contradict the wall
        if worker.waiting_s < -WAITING_TOLERANCE * trial.wall_s:
            faults.append(f"Worker {worker.index} waited {worker.waiting_s:.6f} s: waiting cannot be negative.")
        if abs(ledger_wall_s(worker) - trial.wall_s) > SUM_TOLERANCE * trial.wall_s:
            faults.append(f"The parts of worker {worker.index} do not sum to the trial's wall.")
    return tuple(faults)
