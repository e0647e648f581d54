"""The sampling rate: a thousand ticks per second, or fewer where sampling would disturb what is measured.

Reading one worker costs some microseconds on any machine. Waking up for a tick costs next to nothing on bare metal, but some
twenty microseconds in many virtual machines. So the cost of a tick is measured and kept below a share of a core. If the last
trial of the same work kept every core busy and hardly ever waited, its lanes have little to show and sampling disturbs it
most: it gets some hundred ticks per second. The user may fix the rate, whatever it costs.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

SHOWN_PERIODS_NS = (1_000_000, 2_000_000)
"""Periods while lanes are shown: from the preferred one to the longest that still resolves turns at the GIL (5 ms each)."""

PERIODS_NS = (1_000_000, 4_000_000)
"""Periods while only totals are needed: fewer ticks measure these as well, and disturb less."""

BUSY_PERIOD_NS = 4_000_000
"""The period for work that kept every core busy without waiting."""

MAX_WAITING_SHARE = 0.02
"""Work whose workers waited at more than this share of ticks does not count as busy."""

MAX_CORE_SHARE = 0.03
"""The most CPU time that sampling may take, as a share of one core, while lanes are shown. Work that waits leaves room for it
on a second core: two threads that took turns at the GIL were not slowed by a thousand ticks per second (0.996, medians of 12
pairs of hosts)."""

MAX_MACHINE_SHARE = 0.01
"""The same as a share of all cores, while only totals are needed or where there is only one core."""

_MIN_TICKS = 30
"""Fewer ticks say nothing about the cost of a tick, nor about the work."""

_LATEST_WEIGHT = 0.5
"""The weight of the latest trial in the moving average of a tick's cost."""


def count_affinity_cores() -> int:
    """Return how many cores this process may run on. A control group may allow less CPU time than that."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class SamplingRate:
    """Chooses the period of each trial's ticks from the cost of earlier ticks for as many workers.

    Args:
        cores: usable cores; None: those of this process's CPU affinity.
        cpu_clock: CPU time of the sampling thread, in nanoseconds.
        lanes_shown: the lanes are displayed, so totals alone are not enough.
        hz: ticks per second that the user asked for; the rate then adapts neither to cost nor to the work.
    """

    def __init__(
        self,
        cores: int | None = None,
        cpu_clock: Callable[[], int] = time.thread_time_ns,
        *,
        lanes_shown: bool = True,
        hz: int | None = None,
    ) -> None:
        self._periods_ns = (1_000_000_000 // hz,) if hz else SHOWN_PERIODS_NS if lanes_shown else PERIODS_NS
        self._adapts = hz is None
        self._cores = cores or count_affinity_cores()
        may_use_core_share = lanes_shown and self._cores > 1
        self.budget = MAX_CORE_SHARE if may_use_core_share else min(MAX_CORE_SHARE, MAX_MACHINE_SHARE * self._cores)
        self._cpu_clock = cpu_clock
        self._costs: dict[int, float] = {}
        self._busy: set[int] = set()
        self._ticks_by_work: dict[int, tuple[int, float]] = {}
        self._work = 0
        self._workers = 0
        self._began = 0

    def begin_trial(self, workers: int, work: int = 0) -> int:
        """Begin a trial of so many workers; return the period of its ticks in nanoseconds.

        `work` is the same number for all trials that repeat the same work.
        """
        self._workers, self._work = workers, work
        self._began = self._cpu_clock()
        cost_ns = self._costs.get(workers, 0.0)
        affordable = next(
            (period for period in self._periods_ns if cost_ns <= self.budget * period), self._periods_ns[-1]
        )
        return max(affordable, BUSY_PERIOD_NS) if self._adapts and work in self._busy else affordable

    def end_trial(self, ticks: int, running: float | None = None) -> None:
        """End the trial after so many ticks, and learn from it what a tick costs and whether the work is busy.

        `running` is the share of the workers' ticks at which they ran; None if unknown. The ticks of a short trial are
        added to those of the next trials of the same work.
        """
        self._classify_work(ticks, running)
        if ticks < _MIN_TICKS:
            return
        cost_ns = (self._cpu_clock() - self._began) / ticks
        earlier = self._costs.get(self._workers, cost_ns)
        self._costs[self._workers] = earlier + _LATEST_WEIGHT * (cost_ns - earlier)

    def _classify_work(self, ticks: int, running: float | None) -> None:
        """Decide, once there are enough ticks, whether the current work keeps every core busy and hardly waits."""
        ticked, ran = self._ticks_by_work.pop(self._work, (0, 0.0))
        ticked, ran = ticked + ticks, ran + ticks * (running or 0.0)
        if ticked < _MIN_TICKS:
            self._ticks_by_work[self._work] = ticked, ran
        elif self._workers >= self._cores and ran >= (1 - MAX_WAITING_SHARE) * ticked:
            self._busy.add(self._work)
        else:
            self._busy.discard(self._work)

    def cost_ns(self, workers: int) -> float | None:
        """Return the CPU time of a tick for so many workers, in nanoseconds; None if not measured yet."""
        return self._costs.get(workers)
