"""The share of each core that given threads used in the last second, read from outside.

`/proc/<pid>/task/<tid>/stat` holds a thread's CPU time in ticks of 10 ms (fields 14 and 15) and the core that it last ran on
(field 39). The CPU time since the last reading is counted for that core. For a thread that changed cores in between, this is
partly the wrong core, but the scheduler seldom moves a busy thread.
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
"""The shortest time that a share is computed for. In the first moments, CPU time from before the first reading is unknown and
would pass for that of other programs."""

MAX_THREADS = 64
"""The most threads that are read: each costs some ten microseconds."""

_UTIME, _STIME, _PROCESSOR = 11, 12, 36
"""Indices after the command's closing bracket (fields 14, 15 and 39 of the line)."""

_MAX_LINE_BYTES = 1024


class ThreadFileReader:
    """Reads the first line of `/proc/<pid>/task/<tid>/NAME` of threads, and keeps the files open."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._open: dict[Thread, int] = {}

    def __call__(self, thread: Thread) -> bytes | None:
        """Return a thread's line; None if the thread has ended or there is no `/proc`."""
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
    """Measures the share of each core that given threads used in the last second.

    Args:
        cores: logical cores of the machine.
        clock: seconds.
        read: returns a thread's `stat` line.
        tick_s: the unit of the line's CPU times, in seconds.
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
        """Forget all readings, before other threads are measured."""
        self._files.close_others(())
        self._used.clear()
        self._readings.clear()

    def read(self, threads: Sequence[Thread]) -> tuple[float, ...] | None:
        """Read these threads; return a share from 0 to 1 per core. None if no thread can be read or it is too early."""
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
    """Return CPU ticks and core of a `stat` line; None if the line is malformed."""
    if not line:
        return None
    fields = line[line.rfind(b")") + 1 :].split()
    try:
        return int(fields[_UTIME]) + int(fields[_STIME]), int(fields[_PROCESSOR])
    except (IndexError, ValueError):
        return None
