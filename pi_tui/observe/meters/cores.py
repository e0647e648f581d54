"""How busy each core was in the last second, from the system's cumulative counters.

The counters advance in ticks of 10 ms, so a difference over 0.1 s is wrong by up to 5 percentage points, over a second by one.
A meter is therefore read often (4 Hz), and each reading covers one second.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import psutil

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class CoreTimes:
    """One core's busy and total time since the machine's boot, in seconds."""

    busy_s: float
    total_s: float


Reader = Callable[[], tuple[CoreTimes, ...]]


@dataclass(frozen=True, slots=True)
class CoreReading:
    """How busy the cores were in the second before `taken_at`, which is a time of the meter's clock.

    `busy` holds a share from 0 to 1 per core; None for a core whose counters have not advanced since the meter was made.
    """

    taken_at: float
    busy: tuple[float | None, ...]

    @property
    def mean(self) -> float | None:
        """The mean share of the cores whose share is known; None if none is."""
        known = [share for share in self.busy if share is not None]
        return sum(known) / len(known) if known else None


def read_core_times() -> tuple[CoreTimes, ...]:
    """Read every core's counters. Waiting for I/O counts as idle. Guest time, which is part of user time, is counted once."""
    times = []
    for core in psutil.cpu_times(percpu=True):
        total = sum(core) - getattr(core, "guest", 0.0) - getattr(core, "guest_nice", 0.0)
        times.append(CoreTimes(total - core.idle - getattr(core, "iowait", 0.0), total))
    return tuple(times)


class CoreMeter:
    """Reads how busy all cores are.

    Args:
        clock: seconds, monotonic.
        reader: returns the cores' counters.
        window_s: the time that a reading covers.
        max_readings: how many readings `history` holds.
    """

    def __init__(
        self,
        clock: Clock = time.monotonic,
        reader: Reader = read_core_times,
        *,
        window_s: float = 1.0,
        max_readings: int = 240,
    ) -> None:
        self._clock = clock
        self._reader = reader
        self._window_s = window_s
        self._counters: deque[tuple[float, tuple[CoreTimes, ...]]] = deque([(clock(), reader())])
        self._history: deque[CoreReading] = deque(maxlen=max_readings)

    @property
    def cores(self) -> int:
        """The number of cores at the latest reading."""
        return len(self._counters[-1][1])

    @property
    def history(self) -> tuple[CoreReading, ...]:
        """The latest readings, oldest first."""
        return tuple(self._history)

    def read(self) -> CoreReading:
        """Read the counters once; return the reading and add it to `history`."""
        now, times = self._clock(), self._reader()
        if len(times) != self.cores:  # a core was switched on or off: the old counters belong to other cores
            self._counters.clear()
        self._counters.append((now, times))
        while len(self._counters) > 2 and self._counters[1][0] <= now - self._window_s:
            self._counters.popleft()
        before = self._counters[0][1]
        reading = CoreReading(now, tuple(_share(old, new) for old, new in zip(before, times, strict=True)))
        self._history.append(reading)
        return reading


def _share(old: CoreTimes, new: CoreTimes) -> float | None:
    total = new.total_s - old.total_s
    if total <= 0:
        return None
    return min(1.0, max(0.0, (new.busy_s - old.busy_s) / total))
