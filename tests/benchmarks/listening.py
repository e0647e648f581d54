"""What the events of a run tell of its trials and of the observer that looked on."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter_ns
from typing import Any

from pi_tui.engine.events import Event, HostReady, LanesMoved, TrialFinished, TrialStarted


@dataclass(frozen=True)
class TrialSeen:
    """One trial: its wall, the ticks of its lanes, and the observer's share of a core meanwhile."""

    kernel: str
    mode: str
    workers: int
    wall_s: float
    made: int
    missed: int
    period_ns: int
    observer_cpu: float


class Listener:
    """Takes the events of runs, from any one thread, and keeps the measured trials."""

    def __init__(self) -> None:
        self.trials: list[TrialSeen] = []
        self._observer = 0
        self._began = (0, 0)
        self._lanes: LanesMoved | None = None

    def take(self, event: Event) -> None:
        """The next event."""
        if isinstance(event, HostReady):
            self._observer = event.observer_pid
        elif isinstance(event, TrialStarted):
            self._began = perf_counter_ns(), self._observer_cpu_ns()
            self._lanes = None
        elif isinstance(event, LanesMoved):
            self._lanes = event
        elif isinstance(event, TrialFinished) and event.trial.kind == "measured":
            took_ns = perf_counter_ns() - self._began[0]
            used_ns = self._observer_cpu_ns() - self._began[1]
            case, lanes = event.case, self._lanes.lanes if self._lanes else None
            self.trials.append(
                TrialSeen(
                    kernel=case.kernel,
                    mode=case.mode,
                    workers=case.workers,
                    wall_s=event.trial.wall_s,
                    made=lanes.made if lanes else 0,
                    missed=lanes.missed if lanes else 0,
                    period_ns=lanes.period_ns if lanes else 0,
                    observer_cpu=used_ns / took_ns,
                )
            )

    def _observer_cpu_ns(self) -> int:
        """The observer's CPU time; 0 before there is one, as of runs in the app."""
        return cpu_ns(self._observer) if self._observer else 0

    def told(self) -> list[dict[str, Any]]:
        """The trials since the last time."""
        trials, self.trials = self.trials, []
        return [asdict(trial) for trial in trials]


def cpu_ns(pid: int) -> int:
    """CPU time of a process of one thread, in nanoseconds, as Linux's scheduler counts it."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0])
