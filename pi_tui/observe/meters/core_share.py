"""What each core was used for in the last second: workers, threads and children of their function, and pi-tui itself.

`/proc/<pid>/task/<tid>/stat` holds a thread's CPU time in ticks of 10 ms (fields 14 and 15) and the core that it last ran on
(field 39). The CPU time since the last reading is counted for that core. For a thread that changed cores in between, this is
partly the wrong core, but the scheduler seldom moves a busy thread.

The app starts observers, each observer a host, and hosts the processes of workers: what a thread is follows from where in this
tree it is (`list_relatives`). `/proc/<pid>/task/<tid>/children` names the children.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from enum import Enum
from typing import NamedTuple

Thread = tuple[int, int]
Clock = Callable[[], float]
ReadStat = Callable[[Thread], bytes | None]

WINDOW_S = 1.0
MIN_SPAN_S = 0.75
"""The shortest time that a share is computed for. In the first moments, CPU time from before the first reading is unknown and
would pass for that of other programs."""

MAX_THREADS = 64
"""The most workers that are read, and the most of their relatives: each costs some ten microseconds."""

LISTED_EVERY_S = 1.0
"""How long a list of the relatives is used: to make it costs about as much as to read all of them."""

_HOST_DEPTH = 2
"""A host is a grandchild of the app."""

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


class Use(Enum):
    """What a thread is, for the account of the cores."""

    WORKER = 0
    FUNCTION = 1
    PI_TUI = 2


class CoreUse(NamedTuple):
    """What each core was used for, as shares of it from 0 to 1, a figure per core.

    Attributes:
        workers: the workers' threads.
        function: other threads and children of the workers' processes, which their function started.
        pi_tui: the app, the observer and the host's main thread.
    """

    workers: tuple[float, ...]
    function: tuple[float, ...]
    pi_tui: tuple[float, ...]


def list_relatives(app: int) -> dict[Thread, Use]:
    """Return the threads of an app (a process id) and of its descendants by what they are; none where `/proc` is missing."""
    found: dict[Thread, Use] = {}
    processes = [(app, 0)]
    while processes and len(found) < MAX_THREADS:
        pid, depth = processes.pop(0)
        for tid in _list_threads(pid):
            serves = depth < _HOST_DEPTH or (depth == _HOST_DEPTH and tid == pid)
            found[pid, tid] = Use.PI_TUI if serves else Use.FUNCTION
            processes += [(child, depth + 1) for child in _list_children(pid, tid)]
    return found


def _list_threads(pid: int) -> Iterator[int]:
    with suppress(OSError):
        yield from map(int, os.listdir(f"/proc/{pid}/task"))


def _list_children(pid: int, tid: int) -> list[int]:
    with suppress(OSError), open(f"/proc/{pid}/task/{tid}/children", "rb") as file:
        return [int(child) for child in file.read().split()]
    return []


class CoreShare:
    """Measures what each core was used for in the last second.

    Args:
        cores: logical cores of the machine.
        clock: seconds.
        read: returns a thread's `stat` line.
        tick_s: the unit of the line's CPU times, in seconds.
        relatives: returns the threads of pi-tui and of what it started.
    """

    def __init__(
        self,
        cores: int,
        clock: Clock = time.monotonic,
        read: ReadStat | None = None,
        tick_s: float | None = None,
        relatives: Callable[[], Mapping[Thread, Use]] = dict,
    ) -> None:
        self._cores = cores
        self._clock = clock
        self._files = ThreadFileReader("stat")
        self._read = read or self._files
        self._tick_s = tick_s or (1 / os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 0.01)
        self._list_relatives = relatives
        self._relatives: Mapping[Thread, Use] = {}
        self._listed_at: float | None = None
        self._used: dict[Thread, int] = {}
        self._readings: deque[tuple[float, dict[Use, list[float]]]] = deque()

    def restart(self) -> None:
        """Forget all readings, before other threads are measured."""
        self._files.close_others(())
        self._used.clear()
        self._readings.clear()
        self._listed_at = None

    def read(self, threads: Sequence[Thread]) -> CoreUse | None:
        """Read these threads of workers, and their relatives; None if no worker can be read or it is too early."""
        now = self._clock()
        kinds = self._select(threads, now)
        self._files.close_others(tuple(kinds))
        booked = {use: [0.0] * self._cores for use in Use}
        used: dict[Thread, int] = {}
        for thread, use in kinds.items():
            parsed = _parse_stat(self._read(thread))
            if parsed is None:
                continue
            ticks, core = parsed
            used[thread] = ticks
            if core < self._cores and thread in self._used:
                booked[use][core] += max(0, ticks - self._used[thread]) * self._tick_s
        self._used = used
        self._readings.append((now, booked))
        while len(self._readings) > 2 and self._readings[1][0] <= now - WINDOW_S:
            self._readings.popleft()
        span_s = now - self._readings[0][0]
        if span_s < MIN_SPAN_S or not any(kinds[thread] is Use.WORKER for thread in used):
            return None
        return CoreUse(*(self._sum_shares(use, span_s) for use in Use))

    def _select(self, threads: Sequence[Thread], now: float) -> dict[Thread, Use]:
        """Return the threads to read by what they are: relatives as listed within the last second, and these workers."""
        if self._listed_at is None or now - self._listed_at >= LISTED_EVERY_S:
            self._relatives, self._listed_at = self._list_relatives(), now
        return dict(self._relatives) | dict.fromkeys(threads[:MAX_THREADS], Use.WORKER)

    def _sum_shares(self, use: Use, span_s: float) -> tuple[float, ...]:
        later = list(self._readings)[1:]
        return tuple(min(1.0, sum(booked[use][core] for _, booked in later) / span_s) for core in range(self._cores))


def _parse_stat(line: bytes | None) -> tuple[int, int] | None:
    """Return CPU ticks and core of a `stat` line; None if the line is malformed."""
    if not line:
        return None
    fields = line[line.rfind(b")") + 1 :].split()
    try:
        return int(fields[_UTIME]) + int(fields[_STIME]), int(fields[_PROCESSOR])
    except (IndexError, ValueError):
        return None
