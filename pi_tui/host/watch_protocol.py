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
        page_fault: of the ticks in `io`, those at which it waited for a page of its memory.
        major_faults: pages that were read from the disk for it since the first sighting; None if no tick saw it wait for one.
        gil_contended: ticks at which any thread of its process waited for the GIL; None if the process has several GILs.
        gil_ran: of these, those at which this thread ran.
        gil_stalled: of these, those at which no thread of the process ran: the thread with the GIL was itself blocked.
        gil_blocked: of the stalled ones, those at which this thread was blocked elsewhere than at the GIL.
        gil_blocked_at: the system call or lock that it was blocked at most of these ticks; may be empty.
        selector: of the ticks in `io`, those at which it was in its selector (epoll, select, poll), as an event loop.
        selector_returns: how often it came back there.
        longest_away_s: its longest absence from there that has ended.
        away_s: the absence that goes on; 0 while it is there, None if it was never there.
        allowed_cores: the numbers of the cores that it may run on, if these are fewer than the watcher's own.
        gil_queued_ns: of `queued_ns`, what passed between two waits for the GIL in which it did not get the GIL.
        gil_handover_ns: of the rest, what passed before it ran with the GIL, and after it gave up the GIL; at most.
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
    page_fault: int = 0
    major_faults: int | None = None
    gil_contended: int | None = None
    gil_ran: int = 0
    gil_stalled: int = 0
    gil_blocked: int = 0
    gil_blocked_at: str = ""
    selector: int = 0
    selector_returns: int = 0
    longest_away_s: float = 0.0
    away_s: float | None = None
    allowed_cores: tuple[int, ...] | None = None
    gil_queued_ns: int = 0
    gil_handover_ns: int = 0


@dataclass(frozen=True, slots=True)
class ProcessSeen:
    """One process of the program. `python` is its version ("3.13t"), "?" if unknown, empty for other programs."""

    pid: int
    parent: int
    command: str
    python: str
    gil: GilStatus


@dataclass(frozen=True, slots=True)
class CoreUse:
    """Who used the cores since the start of the watch, in seconds of CPU time.

    Attributes:
        wall_s: the time that this covers.
        cores: the number of cores that the watcher may run on; only these are meant.
        program_s: the program with all its processes, those that have ended included.
        pi_tui_s: the watcher and the app.
        busy_s: everything that kept these cores busy, the program and pi-tui included.
    """

    wall_s: float
    cores: int
    program_s: float
    pi_tui_s: float
    busy_s: float


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
        core_use: who used the cores, as of about a second ago; None if it is too early or the system does not tell.
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
    core_use: CoreUse | None = None


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
_VALUES = {kind: attrgetter(*(field.name for field in fields(kind))) for kind in (ThreadSeen, ProcessSeen, CoreUse)}
_ALLOWED_CORES = [field.name for field in fields(ThreadSeen)].index("allowed_cores")


def encode(message: WatchMessage) -> bytes:
    """Encode a message as one line of JSON, including the newline."""
    values = [getattr(message, field.name) for field in fields(message)]
    if isinstance(message, Sighting):
        processes = [_VALUES[ProcessSeen](each) for each in message.processes]
        threads = [_VALUES[ThreadSeen](each) for each in message.threads]
        core_use = None if message.core_use is None else _VALUES[CoreUse](message.core_use)
        values[-3:] = [processes, threads, core_use]
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
        processes, threads, core_use = values[-3:]
        values[-3:] = [
            tuple(ProcessSeen(*each) for each in processes),
            tuple(_decode_thread(each) for each in threads),
            None if core_use is None else CoreUse(*core_use),
        ]
    elif kind == WatchEnded.__name__:
        values[-1] = tuple(values[-1])
    message: WatchMessage = _KINDS[kind](*values)
    return message


def _decode_thread(values: list[Any]) -> ThreadSeen:
    if values[_ALLOWED_CORES] is not None:
        values[_ALLOWED_CORES] = tuple(values[_ALLOWED_CORES])
    return ThreadSeen(*values)
