"""Who is running, by /proc: the family of a process, and whoever carries a mark in its environment.

Standard library only. Where there is no /proc (macOS, Windows) all of this finds nobody.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import NamedTuple

RUN_ID_VARIABLE = "PI_TUI_RUN"
"""The environment variable that a host and everything it starts carries."""

PROC = "/proc"
_TRACKER = b"multiprocessing.resource_tracker"


class Process(NamedTuple):
    """One line of `/proc/<pid>/stat`, as far as it matters here."""

    pid: int
    parent: int
    group: int
    session: int
    alive: bool
    start_ticks: int = 0
    """Clock ticks after the system's start: with the number it names one process for good."""


def list_processes(proc: str = PROC) -> dict[int, Process]:
    """Everything that runs, by process id; what is dead and only waits to be reaped is there with `alive` False."""
    try:
        names = os.listdir(proc)
    except OSError:
        return {}
    found = (read_process(name, proc) for name in names if name.isdigit())
    return {process.pid: process for process in found if process is not None}


def find_descendants(table: dict[int, Process], roots: Iterable[int]) -> set[int]:
    """The living descendants of `roots`, without the roots themselves."""
    children: dict[int, list[int]] = {}
    for process in table.values():
        children.setdefault(process.parent, []).append(process.pid)
    pending = list(roots)
    seen = set(pending)
    found: set[int] = set()
    while pending:
        for pid in children.get(pending.pop(), ()):
            if pid not in seen:
                seen.add(pid)
                pending.append(pid)
                if table[pid].alive:
                    found.add(pid)
    return found


def find_marked(table: dict[int, Process], run_id: str) -> set[int]:
    """The living processes that were started with `PI_TUI_RUN=<run_id>`, or forked from such a one."""
    entry = b"\0" + f"{RUN_ID_VARIABLE}={run_id}".encode() + b"\0"
    return {
        pid for pid, process in table.items() if process.alive and entry in b"\0" + _read_file(pid, "environ") + b"\0"
    }


def read_newest_pid(proc: str = PROC) -> int:
    """The process id that was given away last; 0 where that cannot be known."""
    fields = _read_file("", "loadavg", proc).split()
    return int(fields[-1]) if fields else 0


def is_alive(pid: int, proc: str = PROC) -> bool:
    """Whether a process of that number runs. One that only waits to be reaped does not, where there is a /proc to tell."""
    if os.path.isdir(proc):
        process = read_process(pid, proc)
        return process is not None and process.alive
    try:
        os.kill(pid, 0)
    except OSError as error:
        return isinstance(error, PermissionError)  # it is there, and another person's
    return True


def is_same_process(process: Process) -> bool:
    """Whether its number has not been given to another process in the meantime."""
    now = read_process(process.pid)
    return now is not None and now.start_ticks == process.start_ticks


def is_resource_tracker(pid: int) -> bool:
    """Whether it is `multiprocessing`'s own process that unlinks what others leaked."""
    return _TRACKER in _read_file(pid, "cmdline")


def read_process(pid: int | str, proc: str = PROC) -> Process | None:
    """One process; None where there is none, or no more."""
    stat = _read_file(pid, "stat", proc)
    fields = stat.rpartition(b")")[2].split()  # the command's name, before it, may hold anything
    if len(fields) < 20:
        return None
    state, parent, group, session, threads, start_ticks = (fields[index] for index in (0, 1, 2, 3, 17, 19))
    # A main thread that ended before its siblings reads as dead, yet the process runs on.
    alive = state not in (b"Z", b"X") or int(threads) > 1
    return Process(int(pid), int(parent), int(group), int(session), alive, int(start_ticks))


def _read_file(pid: int | str, file: str, proc: str = PROC) -> bytes:
    """A file of `/proc/<pid>`; empty where the process is gone or another person's."""
    try:
        descriptor = os.open(f"{proc}/{pid}/{file}", os.O_RDONLY)
    except OSError:
        return b""
    try:
        parts = []
        while part := os.read(descriptor, 65536):
            parts.append(part)
        return b"".join(parts)
    except OSError:
        return b""
    finally:
        os.close(descriptor)
