"""Collect a run's trials and the observer's CPU time from the run's events."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean
from time import perf_counter_ns, process_time_ns
from typing import Any

from pi_tui.analysis.results import Trial
from pi_tui.engine.run.events import Event, HostReady, LanesMoved, TrialFinished, TrialStarted


@dataclass(frozen=True)
class ObservedTrial:
    """One trial: its wall, the ticks of its lanes, and which other processes needed a core meanwhile.

    Attributes:
        observer_cpu, listener_cpu: shares of one core used by the observer, and by the process that listens (for example the
            app).
        queued: share of the wall in which a worker was ready but on no core, the mean over the workers; None if unknown.
    """

    kernel: str
    mode: str
    workers: int
    wall_s: float
    made: int
    missed: int
    period_ns: int
    observer_cpu: float
    listener_cpu: float
    queued: float | None


class Listener:
    """Takes the events of runs, from any one thread, and keeps the measured trials."""

    def __init__(self) -> None:
        self.trials: list[ObservedTrial] = []
        self._observer = 0
        self._began = (0, 0, 0)
        self._lanes: LanesMoved | None = None

    def take(self, event: Event) -> None:
        """Take the next event."""
        if isinstance(event, HostReady):
            self._observer = event.observer_pid
        elif isinstance(event, TrialStarted):
            self._began = perf_counter_ns(), self._observer_cpu_ns(), process_time_ns()
            self._lanes = None
        elif isinstance(event, LanesMoved):
            self._lanes = event
        elif isinstance(event, TrialFinished) and event.trial.kind == "measured":
            took_ns = perf_counter_ns() - self._began[0]
            used_ns = self._observer_cpu_ns() - self._began[1]
            case, lanes = event.case, self._lanes.lanes if self._lanes else None
            self.trials.append(
                ObservedTrial(
                    kernel=case.kernel,
                    mode=case.mode,
                    workers=case.workers,
                    wall_s=event.trial.wall_s,
                    made=lanes.made if lanes else 0,
                    missed=lanes.missed if lanes else 0,
                    period_ns=lanes.period_ns if lanes else 0,
                    observer_cpu=used_ns / took_ns,
                    listener_cpu=(process_time_ns() - self._began[2]) / took_ns,
                    queued=_queued(event.trial),
                )
            )

    def _observer_cpu_ns(self) -> int:
        """Return the observer's CPU time; 0 before there is one, as for runs in the app."""
        return cpu_ns(self._observer) if self._observer else 0

    def pop_trials(self) -> list[dict[str, Any]]:
        """Return the trials since the last call."""
        trials, self.trials = self.trials, []
        return [asdict(trial) for trial in trials]


def _queued(trial: Trial) -> float | None:
    """Return the mean over the workers of queued / wall."""
    shares = [worker.queued_s / trial.wall_s for worker in trial.workers if worker.queued_s is not None]
    return fmean(shares) if len(shares) == len(trial.workers) > 0 else None


def cpu_ns(pid: int) -> int:
    """Return the CPU time of a single-threaded process, in nanoseconds, as Linux's scheduler counts it."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0])
