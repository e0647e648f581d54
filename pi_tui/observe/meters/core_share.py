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
MIN_SPAN_S = 0.75
"""Before that nothing is told: what threads did before they were first looked at would pass for other programs' work."""

MAX_THREADS = 64
"""A look costs some ten microseconds a thread."""

_UTIME, _STIME, _PROCESSOR = 11, 12, 36
"""Places after the command's closing bracket (fields 14, 15 and 39 of the line)."""

_MAX_LINE_BYTES = 1024


class ThreadFileReader:
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
            return os.pread(self._open[thread], _MAX_LINE_BYTES, 0)
        except OSError:
            return None

    def close_others(self, threads: Sequence[Thread]) -> None:
        """Close the files of all other threads."""
        for thread in set(self._open) - set(threads):
            with suppress(OSError):
                os.close(self._open.pop(thread))


class CoreShare:
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
        self._files = ThreadFileReader("stat")
        self._read = read or self._files
        self._tick_s = tick_s or (1 / os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 0.01)
        self._used: dict[Thread, int] = {}
        self._readings: deque[tuple[float, tuple[float, ...]]] = deque()

    def restart(self) -> None:
        """Forget what was seen: other threads come."""
        self._files.close_others(())
        self._used.clear()
        self._readings.clear()

    def read(self, threads: Sequence[Thread]) -> tuple[float, ...] | None:
        """Look at these threads; a share a core; None where none can be looked at, or it is too early to tell."""
        threads = threads[:MAX_THREADS]
        self._files.close_others(threads)
        booked = [0.0] * self._cores
        used: dict[Thread, int] = {}
        for thread in threads:
            parsed = _parse_stat(self._read(thread))
            if parsed is None:
                continue
            ticks, core = parsed
            used[thread] = ticks
            if core < self._cores and thread in self._used:
                booked[core] += max(0, ticks - self._used[thread]) * self._tick_s
        self._used = used
        now = self._clock()
        self._readings.append((now, tuple(booked)))
        while len(self._readings) > 2 and self._readings[1][0] <= now - WINDOW_S:
            self._readings.popleft()
        span_s = now - self._readings[0][0]
        if not used or span_s < MIN_SPAN_S:
            return None
        later = list(self._readings)[1:]
        return tuple(min(1.0, sum(booked[core] for _, booked in later) / span_s) for core in range(self._cores))


def _parse_stat(line: bytes | None) -> tuple[int, int] | None:
    """CPU ticks and core of a `stat` line; None for one that is none."""
    if not line:
        return None
    fields = line[line.rfind(b")") + 1 :].split()
    try:
        return int(fields[_UTIME]) + int(fields[_STIME]), int(fields[_PROCESSOR])
    except (IndexError, ValueError):
        return None
