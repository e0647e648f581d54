"""What a watcher tells of a program it looks at: frozen dataclasses, one JSON line each.

They stand here, beside the messages of runs, because both who sees (`observe.watch`) and who reckons (`analysis`) need them.
A line is `[version, kind, fields...]`: hundreds of threads are told several times a second, so fields go by their place.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any, Literal

VERSION = 1

GilStatus = Literal["known", "unknown", "none"]
"""Whether the place of a process's GIL is known; "none" is no Python."""

EndReason = Literal["ended", "stopped", "gone"]
"""Why a watch is over: the program ended by itself, it was to be ended, or the watch alone was."""


@dataclass(frozen=True, slots=True)
class ThreadSeen:
    """One thread, from when it was first seen until now.

    Attributes:
        name: as the system has it, 15 bytes at most.
        since_s, until_s: when it was first seen, and when its clocks were last read, in seconds from the watch's start.
        ended: it is gone; this is the last word on it.
        calls: the system call that it is blocked in can be read; else the scheduler's state alone.
        letters: what was seen since the last sighting, a letter of `host.protocol.LaneState` a tick.
        running ... missed: at how many ticks it was seen at what, since it was first seen. `lock` becomes less by what
            `gil` becomes more when a futex that was taken for another lock proves a GIL.
        cpu_ns, queued_ns, slices: time on a core, time ready for one, and how often it was put on one, since it was first
            seen. None where the system does not tell.
        waits_at: the system call or lock that it was most often seen blocked at; may be empty.
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
    """One process of the program. `python` is its version ("3.13t"), "?" for one unknown, empty where it is no Python."""

    pid: int
    parent: int
    command: str
    python: str
    gil: GilStatus


@dataclass(frozen=True, slots=True)
class Sighting:
    """The program at one moment.

    Attributes:
        elapsed_s: since the watch's start.
        period_ns: from one tick to the next, for the letters of this sighting.
        ticks: letters of each lane.
        made, missed: ticks since the watch's start at which was looked, and that came too late.
        cost: share of a core that the watcher itself took in the last second or so; None at first.
        unwatched: threads that are there but too many to be looked at.
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
    """The program is there. `pid` is its first process."""

    pid: int
    watcher_pid: int


@dataclass(frozen=True, slots=True)
class NotStarted:
    """The command cannot be started; a sentence tells why."""

    why: str


@dataclass(frozen=True, slots=True)
class WatchEnded:
    """The watch is over, and where it started the program, that is too.

    Attributes:
        exit_code: as `subprocess` tells it: negative is a signal's number. None where it cannot be known.
        outlived: processes that were still there when the program had ended by itself, and were ended.
        survivors: process ids that could not be ended.
    """

    why: EndReason
    exit_code: int | None
    outlived: int = 0
    survivors: tuple[int, ...] = ()


WatchMessage = Sighting | Begun | NotStarted | WatchEnded

_KINDS: dict[str, type[Any]] = {kind.__name__: kind for kind in (Sighting, Begun, NotStarted, WatchEnded)}
_VALUES = {kind: attrgetter(*(field.name for field in fields(kind))) for kind in (ThreadSeen, ProcessSeen)}


def encode(message: WatchMessage) -> bytes:
    """One message as a line of JSON, with its newline."""
    values = [getattr(message, field.name) for field in fields(message)]
    if isinstance(message, Sighting):
        values[-2] = [_VALUES[ProcessSeen](each) for each in message.processes]
        values[-1] = [_VALUES[ThreadSeen](each) for each in message.threads]
    return json.dumps([VERSION, type(message).__name__, *values], separators=(",", ":")).encode() + b"\n"


def decode(line: bytes) -> WatchMessage:
    """The message of one line.

    Raises:
        ValueError: it is none of this version.
    """
    version, kind, *values = json.loads(line)
    if version != VERSION or kind not in _KINDS:
        raise ValueError(f"not a sighting of version {VERSION}: {line[:80]!r}")
    if kind == Sighting.__name__:
        values[-2] = tuple(ProcessSeen(*each) for each in values[-2])
        values[-1] = tuple(ThreadSeen(*each) for each in values[-1])
    elif kind == WatchEnded.__name__:
        values[-1] = tuple(values[-1])
    message: WatchMessage = _KINDS[kind](*values)
    return message
