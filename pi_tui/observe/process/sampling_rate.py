"""How often lanes are looked at: a thousand times a second, or half of that where it would disturb what is measured.

A look costs some microseconds a worker on any machine. Waking up for it costs next to nothing on bare metal, but some
twenty microseconds in many virtual machines. So the cost is measured, and kept below a share of a core. And where the
last trial of the same work kept every core busy and hardly ever waited, there is little to tell apart and much to disturb:
it is looked at a few hundred times a second. A person may ask for a pace of their own, whatever it costs.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

SHOWN_PERIODS_NS = (1_000_000, 2_000_000)
"""Where lanes are shown: from the wanted period to the longest at which turns at the GIL (5 ms each) are still told apart."""

PERIODS_NS = (1_000_000, 4_000_000)
"""Where only proportions are wanted: fewer looks tell them as well, and disturb less."""

BUSY_PERIOD_NS = 4_000_000
"""For work that was seen to take every core and not to wait."""

MAX_WAITING_SHARE = 0.02
"""Of its ticks."""

MAX_CORE_SHARE = 0.03
"""Of the time of one core, where lanes are shown. Work that waits, on more cores than one, leaves room for it: two threads
that took turns at the GIL were not slowed by a thousand looks a second (0.996, medians of 12 pairs of hosts)."""

MAX_MACHINE_SHARE = 0.01
"""Of the time of all cores, where only proportions are wanted, and where there is but one core."""

_MIN_TICKS = 30
_LATEST_WEIGHT = 0.5
"""Of the latest trial, against those before."""


def count_affinity_cores() -> int:
    """Cores that this process may run on; a control group may leave it less of them."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class SamplingRate:
    """Chooses the period of each trial's ticks by what ticks for as many workers cost before.

    Args:
        cores: usable cores.
        cpu_clock: CPU time of the thread that looks, in nanoseconds.
        shown: somebody looks at the lanes themselves, not only at their proportions.
        hz: looks a second that a person asked for, whatever they cost and whatever they look at.
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
        """A trial of so many workers begins. The period of its ticks, in nanoseconds.

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
        """It ended after so many ticks. A few tell nothing of their cost, and of the work only together with those of its
        next trials.

        `running` is the share of all workers' ticks at which they ran; None where that is not known.
        """
        self._classify_work(ticks, running)
        if ticks < _MIN_TICKS:
            return
        cost_ns = (self._cpu_clock() - self._began) / ticks
        earlier = self._costs.get(self._workers, cost_ns)
        self._costs[self._workers] = earlier + _LATEST_WEIGHT * (cost_ns - earlier)

    def _classify_work(self, ticks: int, running: float | None) -> None:
        """Whether the work keeps every core busy and hardly waits, once enough ticks were seen of it."""
        ticked, ran = self._ticks_by_work.pop(self._work, (0, 0.0))
        ticked, ran = ticked + ticks, ran + ticks * (running or 0.0)
        if ticked < _MIN_TICKS:
            self._ticks_by_work[self._work] = ticked, ran
        elif self._workers >= self._cores and ran >= (1 - MAX_WAITING_SHARE) * ticked:
            self._busy.add(self._work)
        else:
            self._busy.discard(self._work)

    def cost_ns(self, workers: int) -> float | None:
        """What a tick for so many workers costs in CPU time; None where that was not measured yet."""
        return self._costs.get(workers)
