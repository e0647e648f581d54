"""The share of the last second that each given thread was queued: ready to run while other threads had the cores.

The second number of `/proc/<pid>/task/<tid>/schedstat` is the time in nanoseconds that a thread has waited in the run queue
since it started (Linux, Documentation/scheduler/sched-stats). The kernel updates it when the thread gets a core and at the
scheduler's ticks, so over a moment it is coarse, and over a second it is accurate to a few percent.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence

from pi_tui.observe.meters.core_share import MAX_THREADS, WINDOW_S, Clock, Thread, ThreadFileReader

MIN_SPAN_S = 0.3
"""The shortest time that a share is computed for."""

ReadLine = Callable[[Thread], bytes | None]


class QueuedShare:
    """Measures the share of the last second that each given thread was queued.

    Args:
        clock: seconds.
        read: returns a thread's `schedstat` line; None if the thread has ended or the system has no such file.
    """

    def __init__(self, clock: Clock = time.monotonic, read: ReadLine | None = None) -> None:
        self._clock = clock
        self._files = ThreadFileReader("schedstat")
        self._read = read or self._files
        self._readings: dict[Thread, deque[tuple[float, int]]] = {}
        self._shares: dict[Thread, float] = {}

    def restart(self) -> None:
        """Forget all readings, before other threads are measured."""
        self._files.close_others(())
        self._readings.clear()
        self._shares.clear()

    def read(self, threads: Sequence[Thread]) -> dict[Thread, float]:
        """Read these threads; return the share of each thread for which it is known. An ended thread keeps its last share."""
        threads = threads[:MAX_THREADS]
        self._files.close_others(threads)
        for gone in self._readings.keys() - set(threads):
            del self._readings[gone]
            self._shares.pop(gone, None)
        now = self._clock()
        for thread in threads:
            delay_ns = _parse_delay_ns(self._read(thread))
            if delay_ns is not None:
                self._add_reading(thread, now, delay_ns)
        return {thread: self._shares[thread] for thread in threads if thread in self._shares}

    def _add_reading(self, thread: Thread, now: float, delay_ns: int) -> None:
        readings = self._readings.setdefault(thread, deque())
        readings.append((now, delay_ns))
        while len(readings) > 2 and readings[1][0] <= now - WINDOW_S:
            readings.popleft()
        first_s, first_ns = readings[0]
        if now - first_s >= MIN_SPAN_S:
            self._shares[thread] = min(1.0, max(0.0, (delay_ns - first_ns) / 1e9 / (now - first_s)))


def _parse_delay_ns(line: bytes | None) -> int | None:
    """Return the run-queue delay of a `schedstat` line in nanoseconds; None if the line is malformed."""
    try:
        return None if line is None else int(line.split()[1])
    except (IndexError, ValueError):
        return None
