"""What share of the last second each of some threads was ready to run while others had the cores, from outside.

`/proc/<pid>/task/<tid>/schedstat` tells, as its second number, for how many nanoseconds a thread has waited in the run queue
since it began (Linux, Documentation/scheduler/sched-stats). It is brought up to date when the thread gets a core and at the
scheduler's ticks, so a moment of it is coarse and a second of it is good to a few parts in a hundred.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence

from pi_tui.observe.meters.core_share import MAX_THREADS, WINDOW_S, Clock, Thread, ThreadFileReader

MIN_SPAN_S = 0.3
"""Of shorter stretches nothing is told."""

ReadLine = Callable[[Thread], bytes | None]


class QueuedShare:
    """The share of its time that each thread was queued, over a moving second.

    Args:
        clock: seconds.
        read: a thread's `schedstat` line; None where it is gone, or the system keeps none.
    """

    def __init__(self, clock: Clock = time.monotonic, read: ReadLine | None = None) -> None:
        self._clock = clock
        self._files = ThreadFileReader("schedstat")
        self._read = read or self._files
        self._readings: dict[Thread, deque[tuple[float, int]]] = {}
        self._shares: dict[Thread, float] = {}

    def restart(self) -> None:
        """Forget what was seen: other threads come."""
        self._files.close_others(())
        self._readings.clear()
        self._shares.clear()

    def read(self, threads: Sequence[Thread]) -> dict[Thread, float]:
        """Look at these threads; the share of each that can be told. Of a thread that is gone, what was told last."""
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
    """The run-queue delay of a `schedstat` line; None for one that is none."""
    try:
        return None if line is None else int(line.split()[1])
    except (IndexError, ValueError):
        return None
