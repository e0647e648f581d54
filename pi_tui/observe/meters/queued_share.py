"""What share of the last second each of some threads was ready to run while others had the cores, from outside.

`/proc/<pid>/task/<tid>/schedstat` tells, as its second number, for how many nanoseconds a thread has waited in the run queue
since it began (Linux, Documentation/scheduler/sched-stats). It is brought up to date when the thread gets a core and at the
scheduler's ticks, so a moment of it is coarse and a second of it is good to a few parts in a hundred.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence

from pi_tui.observe.meters.core_share import MOST_THREADS, WINDOW_S, Clock, Thread, ThreadLines

LEAST_S = 0.3
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
        self._files = ThreadLines("schedstat")
        self._read = read or self._files
        self._looks: dict[Thread, deque[tuple[float, int]]] = {}
        self._told: dict[Thread, float] = {}

    def restart(self) -> None:
        """Forget what was seen: other threads come."""
        self._files.keep(())
        self._looks.clear()
        self._told.clear()

    def read(self, threads: Sequence[Thread]) -> dict[Thread, float]:
        """Look at these threads; the share of each that can be told. Of a thread that is gone, what was told last."""
        threads = threads[:MOST_THREADS]
        self._files.keep(threads)
        for gone in self._looks.keys() - set(threads):
            del self._looks[gone]
            self._told.pop(gone, None)
        now = self._clock()
        for thread in threads:
            delay_ns = _delay_ns(self._read(thread))
            if delay_ns is not None:
                self._look(thread, now, delay_ns)
        return {thread: self._told[thread] for thread in threads if thread in self._told}

    def _look(self, thread: Thread, now: float, delay_ns: int) -> None:
        looks = self._looks.setdefault(thread, deque())
        looks.append((now, delay_ns))
        while len(looks) > 2 and looks[1][0] <= now - WINDOW_S:
            looks.popleft()
        first_s, first_ns = looks[0]
        if now - first_s >= LEAST_S:
            self._told[thread] = min(1.0, max(0.0, (delay_ns - first_ns) / 1e9 / (now - first_s)))


def _delay_ns(line: bytes | None) -> int | None:
    """The run-queue delay of a `schedstat` line; None for one that is none."""
    try:
        return None if line is None else int(line.split()[1])
    except (IndexError, ValueError):
        return None
