"""What share of each core some threads use, from outside: their own CPU time, on the core they were last seen on.

`/proc/<pid>/task/<tid>/stat` tells a thread's CPU time in ticks of 10 ms (fields 14 and 15) and the core it ran on last
(field 39). What it used since the last look is put to that core, and a moving second is told. A thread that wandered in
between is booked on the wrong core for the moment; the scheduler moves a busy thread seldom.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress

Thread = tuple[int, int]
Clock = Callable[[], float]
ReadStat = Callable[[Thread], bytes | None]

WINDOW_S = 1.0
LEAST_S = 0.75
"""Before that nothing is told: what threads did before they were first looked at would pass for other programs' work."""

MOST_THREADS = 64
"""A look costs some ten microseconds a thread."""

_UTIME, _STIME, _PROCESSOR = 11, 12, 36
"""Places after the command's closing bracket (fields 14, 15 and 39 of the line)."""

_LONGEST = 1024


class ThreadLines:
    """What `/proc/<pid>/task/<tid>/NAME` says of threads; the files are kept open."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._open: dict[Thread, int] = {}

    def __call__(self, thread: Thread) -> bytes | None:
        """A thread's line; None where it is gone, or there is no `/proc`."""
        try:
            if thread not in self._open:
                path = f"/proc/{thread[0]}/task/{thread[1]}/{self._name}"
                self._open[thread] = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            return os.pread(self._open[thread], _LONGEST, 0)
        except OSError:
            return None

    def keep(self, threads: Sequence[Thread]) -> None:
        """Close the files of all other threads."""
        for thread in set(self._open) - set(threads):
            with suppress(OSError):
                os.close(self._open.pop(thread))


class OwnShare:
    """The share of each core that the named threads used in the last second.

    Args:
        cores: logical cores of the machine.
        clock: seconds.
        read: a thread's `stat` line.
        tick_s: seconds of a tick of the line's CPU times.
    """

    def __init__(
        self,
        cores: int,
        clock: Clock = time.monotonic,
        read: ReadStat | None = None,
        tick_s: float | None = None,
    ) -> None:
        self._cores = cores
        self._clock = clock
        self._files = ThreadLines("stat")
        self._read = read or self._files
        self._tick_s = tick_s or (1 / os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 0.01)
        self._used: dict[Thread, int] = {}
        self._looks: deque[tuple[float, tuple[float, ...]]] = deque()

    def restart(self) -> None:
        """Forget what was seen: other threads come."""
        self._files.keep(())
        self._used.clear()
        self._looks.clear()

    def read(self, threads: Sequence[Thread]) -> tuple[float, ...] | None:
        """Look at these threads; a share a core; None where none can be looked at, or it is too early to tell."""
        threads = threads[:MOST_THREADS]
        self._files.keep(threads)
        booked = [0.0] * self._cores
        used: dict[Thread, int] = {}
        for thread in threads:
            told = _parsed(self._read(thread))
            if told is None:
                continue
            ticks, core = told
            used[thread] = ticks
            if core < self._cores and thread in self._used:
                booked[core] += max(0, ticks - self._used[thread]) * self._tick_s
        self._used = used
        now = self._clock()
        self._looks.append((now, tuple(booked)))
        while len(self._looks) > 2 and self._looks[1][0] <= now - WINDOW_S:
            self._looks.popleft()
        span_s = now - self._looks[0][0]
        if not used or span_s < LEAST_S:
            return None
        later = list(self._looks)[1:]
        return tuple(min(1.0, sum(look[core] for _, look in later) / span_s) for core in range(self._cores))


def _parsed(line: bytes | None) -> tuple[int, int] | None:
    """CPU ticks and core of a `stat` line; None for one that is none."""
    if not line:
        return None
    fields = line[line.rfind(b")") + 1 :].split()
    try:
        return int(fields[_UTIME]) + int(fields[_STIME]), int(fields[_PROCESSOR])
    except (IndexError, ValueError):
        return None
