"""The process tree, read from /proc: the descendants of a process, and the processes with a run id in their environment.

Standard library only. Without a /proc (macOS, Windows) no process is found.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import NamedTuple

RUN_ID_VARIABLE = "PI_TUI_RUN"
"""The environment variable that holds the run id, in a host and in every process that the host starts."""

PROC = "/proc"
_TRACKER = b"multiprocessing.resource_tracker"


class Process(NamedTuple):
    """The fields of `/proc/<pid>/stat` that are used here."""

    pid: int
    parent: int
    group: int
    session: int
    alive: bool
    start_ticks: int = 0
    """Start time in clock ticks since the system's boot. Together with `pid` it identifies a process uniquely."""


def list_processes(proc: str = PROC) -> dict[int, Process]:
    """Return all processes by id. A zombie, which has ended but is not reaped, is included with `alive` False."""
    try:
        names = os.listdir(proc)
    except OSError:
        return {}
    found = (read_process(name, proc) for name in names if name.isdigit())
    return {process.pid: process for process in found if process is not None}


def find_descendants(table: dict[int, Process], roots: Iterable[int]) -> set[int]:
    """Return the ids of the living descendants of `roots`, without the roots themselves."""
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
    """Return the ids of the living processes with `PI_TUI_RUN=<run_id>` in the environment they were started with."""
    entry = b"\0" + f"{RUN_ID_VARIABLE}={run_id}".encode() + b"\0"
    return {
        pid for pid, process in table.items() if process.alive and entry in b"\0" + _read_file(pid, "environ") + b"\0"
    }


def read_newest_pid(proc: str = PROC) -> int:
    """Return the most recently assigned process or thread id; 0 if unknown."""
    fields = _read_file("", "loadavg", proc).split()
    return int(fields[-1]) if fields else 0


def is_alive(pid: int, proc: str = PROC) -> bool:
    """Return whether a process with this id runs. A zombie does not count as running where there is a /proc."""
    if os.path.isdir(proc):
        process = read_process(pid, proc)
        return process is not None and process.alive
    try:
        os.kill(pid, 0)
    except OSError as error:
        return isinstance(error, PermissionError)  # the process exists and belongs to another user
    return True


def is_same_process(process: Process) -> bool:
    """Return whether the process's id still belongs to it and was not reused."""
    now = read_process(process.pid)
    return now is not None and now.start_ticks == process.start_ticks


def is_resource_tracker(pid: int) -> bool:
    """Return whether a process is `multiprocessing`'s resource tracker, which unlinks shared memory that others leaked."""
    return _TRACKER in _read_file(pid, "cmdline")


def read_process(pid: int | str, proc: str = PROC) -> Process | None:
    """Read one process; None if there is none with this id."""
    stat = _read_file(pid, "stat", proc)
    fields = stat.rpartition(b")")[2].split()  # the command's name, before the bracket, may contain anything
    if len(fields) < 20:
        return None
    state, parent, group, session, threads, start_ticks = (fields[index] for index in (0, 1, 2, 3, 17, 19))
    # A main thread that ended before the other threads reads as a zombie, although the process still runs.
    alive = state not in (b"Z", b"X") or int(threads) > 1
    return Process(int(pid), int(parent), int(group), int(session), alive, int(start_ticks))


def is_stopped(pid: int) -> bool:
    """Return whether a process is stopped by a signal (SIGSTOP); False where the system does not tell."""
    return _read_file(pid, "stat").rpartition(b")")[2].split()[:1] == [b"T"]


def _read_file(pid: int | str, file: str, proc: str = PROC) -> bytes:
    """Read a file of `/proc/<pid>`; empty if the process has ended or belongs to another user."""
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
