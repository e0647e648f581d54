"""The messages of a watcher about the program that it watches: frozen dataclasses, one JSON line each.

They are in this package, like the messages of runs, because both `observe.watch` and `analysis` need them. A line is
`[version, kind, fields...]`. It has no field names, because it may describe hundreds of threads several times per second.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any, Literal

VERSION = 1

GilStatus = Literal["known", "unknown", "none"]
"""Whether the address of a process's GIL is known; "none" for a process that is not Python."""

EndReason = Literal["ended", "stopped", "gone"]
"""Why a watch ended: the program that it had started ended, it was stopped, or the program it was attached to ended."""


@dataclass(frozen=True, slots=True)
class ThreadSeen:
    """One thread, from its first sighting until now.

    Attributes:
        name: the thread's name in the system, 15 bytes at most.
        since_s, until_s: the times of the first sighting and of the last reading of its clocks, in seconds from the start
            of the watch.
        ended: the thread has ended; this is the last message about it.
        calls: the watcher can read the thread's system call, not only its scheduler state.
        letters: the states since the last sighting, one letter of `host.protocol.LaneState` per tick.
        running ... missed: the number of ticks in each state since the first sighting. When a futex that was counted as a
            lock turns out to be a GIL, its ticks move from `lock` to `gil`.
        cpu_ns, queued_ns, slices: the time on a core, the time waiting for a core, and the number of time slices, since the
            first sighting. None if unknown.
        waits_at: the system call or lock that blocked the thread at most ticks; may be empty.
    """

    pid: int
    tid: int
    name: str
    since_s: float
    until_s: float
    ended: bool
    calls: bool
    letters: str
    running: int
    gil: int
    lock: int
    sleep: int
    io: int
    blocked: int
    missed: int
    cpu_ns: int | None
    queued_ns: int | None
    slices: int | None
    waits_at: str


@dataclass(frozen=True, slots=True)
class ProcessSeen:
    """One process of the program. `python` is its version ("3.13t"), "?" if unknown, empty for other programs."""

    pid: int
    parent: int
    command: str
    python: str
    gil: GilStatus


@dataclass(frozen=True, slots=True)
class Sighting:
    """The program at one moment.

    Attributes:
        elapsed_s: the time since the start of the watch.
        period_ns: the time between two ticks, for the letters of this sighting.
        ticks: the number of letters of each lane.
        made, missed: the number of ticks since the start of the watch that were sampled, and that were missed.
        cost: the share of a core that the watcher itself used in about the last second; None at first.
        unwatched: the number of threads beyond the limit, which the watcher does not sample.
    """

    elapsed_s: float
    period_ns: int
    ticks: int
    made: int
    missed: int
    cost: float | None
    unwatched: int
    processes: tuple[ProcessSeen, ...]
    threads: tuple[ThreadSeen, ...]


@dataclass(frozen=True, slots=True)
class Begun:
    """The watch has begun. `pid` is the program's first process."""

    pid: int
    watcher_pid: int


@dataclass(frozen=True, slots=True)
class NotStarted:
    """The command cannot be started; `why` is one sentence."""

    why: str


@dataclass(frozen=True, slots=True)
class WatchEnded:
    """The watch has ended, and so has the program if the watch started it.

    Attributes:
        exit_code: the exit code as in `subprocess`: a negative one is a signal's number. None if unknown.
        outlived: the number of processes that were still running after the program's end and were ended.
        survivors: the ids of processes that could not be ended.
    """

    why: EndReason
    exit_code: int | None
    outlived: int = 0
    survivors: tuple[int, ...] = ()


WatchMessage = Sighting | Begun | NotStarted | WatchEnded

_KINDS: dict[str, type[Any]] = {kind.__name__: kind for kind in (Sighting, Begun, NotStarted, WatchEnded)}
_VALUES = {kind: attrgetter(*(field.name for field in fields(kind))) for kind in (ThreadSeen, ProcessSeen)}


def encode(message: WatchMessage) -> bytes:
    """Encode a message as one line of JSON, including the newline."""
    values = [getattr(message, field.name) for field in fields(message)]
    if isinstance(message, Sighting):
        values[-2] = [_VALUES[ProcessSeen](each) for each in message.processes]
        values[-1] = [_VALUES[ThreadSeen](each) for each in message.threads]
    return json.dumps([VERSION, type(message).__name__, *values], separators=(",", ":")).encode() + b"\n"


def decode(line: bytes) -> WatchMessage:
    """Decode one line.

    Raises:
        ValueError: the line is not a message of this version.
    """
    version, kind, *values = json.loads(line)
    if version != VERSION or kind not in _KINDS:
        raise ValueError(f"not a watch message of version {VERSION}: {line[:80]!r}")
    if kind == Sighting.__name__:
        values[-2] = tuple(ProcessSeen(*each) for each in values[-2])
        values[-1] = tuple(ThreadSeen(*each) for each in values[-1])
    elif kind == WatchEnded.__name__:
        values[-1] = tuple(values[-1])
    message: WatchMessage = _KINDS[kind](*values)
    return message
