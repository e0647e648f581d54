"""The process scan: it finds the processes of a program and their threads.

It reads nothing while the system has assigned no new process or thread id. How often it scans all processes depends on how long
a scan takes.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

from pi_tui.observe.proc.process_tree import (
    PROC,
    Process,
    find_descendants,
    list_processes,
    read_newest_pid,
    read_process,
)

SCAN_PERIOD_NS = 50_000_000
"""The time between two calls of `find_members`."""

_MAX_SCAN_INTERVAL_NS = 2_000_000_000
_MAX_CORE_SHARE = 0.003
"""The most CPU time that scanning all processes may take, as a share of one core."""


@dataclass(frozen=True, slots=True)
class Members:
    """The processes of a program by id, and its threads as (process id, thread id)."""

    processes: dict[int, Process]
    threads: tuple[tuple[int, int], ...]


class ProcessScan:
    """Finds the members of a program: its first process and all descendants.

    Args:
        root: the id of the program's first process.
        reaper: a process whose descendants all belong to the program, but not itself; None: no such process.
        excluded: ids of processes that never belong to the program.
        clock: nanoseconds.
        proc: the folder to read instead of `/proc`.
    """

    def __init__(
        self,
        root: int,
        reaper: int | None,
        excluded: frozenset[int],
        clock: Callable[[], int],
        proc: str = PROC,
    ) -> None:
        self._root = root
        self._reaper = reaper
        self._excluded = excluded
        self._clock = clock
        self._proc = proc
        self._newest_pid = -1
        self._known: dict[int, Process] = {}
        self._due_ns = 0
        self._pending = True

    def find_members(self) -> Members | None:
        """Return the members; None if no process or thread can have been added since the last call."""
        newest_pid = read_newest_pid(self._proc)
        if newest_pid != self._newest_pid or newest_pid == 0:
            self._newest_pid = newest_pid
            self._pending = True
        elif not self._pending:
            return None
        now = self._clock()
        if now >= self._due_ns:
            self._pending = False
            self._find_processes()
            took = self._clock() - now
            self._due_ns = now + min(round(took / _MAX_CORE_SHARE), _MAX_SCAN_INTERVAL_NS)
        return Members(dict(self._known), tuple(self._list_threads()))

    def request_scan(self) -> None:
        """Make the next `find_members` scan even if no process or thread was added, to notice those that ended."""
        self._pending = True

    def _find_processes(self) -> None:
        table = list_processes(self._proc)
        others = {
            pid for pid, known in self._known.items() if pid in table and table[pid].start_ticks != known.start_ticks
        }
        roots = {self._root, *self._known} - others  # a known process stays a member after its parent ends
        if self._reaper is not None:
            roots.add(self._reaper)
        found = (find_descendants(table, roots) | roots) - self._excluded - {self._reaper}
        self._known = {pid: table[pid] for pid in found - others if pid in table and table[pid].alive}

    def _list_threads(self) -> list[tuple[int, int]]:
        found = []
        for pid in sorted(self._known):
            try:
                tids = os.listdir(f"{self._proc}/{pid}/task")
            except OSError:
                self._known.pop(pid)
                continue
            found += [(pid, int(tid)) for tid in tids]
        return found


def find_process(number: int, proc: str = PROC) -> Process | None:
    """Return the process with this process id, or with a thread of this id; None if there is none."""
    try:
        with open(f"{proc}/{number}/status", "rb") as status:
            lines = status.read().splitlines()
    except OSError:
        return None
    group = next((int(line.split()[1]) for line in lines if line.startswith(b"Tgid:")), number)
    process = read_process(group, proc)
    return process if process is not None and process.alive else None


def read_command(pid: int, proc: str = PROC) -> str:
    """Return a process's command line on one line, or its name in brackets if it has none (a kernel thread, a zombie)."""
    for file, form in (("cmdline", "{}"), ("comm", "[{}]")):
        try:
            with open(f"{proc}/{pid}/{file}", "rb") as stream:
                data = stream.read(4096)
        except OSError:
            continue
        text = " ".join(data.replace(b"\0", b" ").decode(errors="replace").split())
        if text:
            return form.format(_printable(text))
    return ""


def read_thread_name(pid: int, tid: int, proc: str = PROC) -> str:
    """Return a thread's name; empty if the thread has ended."""
    try:
        with open(f"{proc}/{pid}/task/{tid}/comm", "rb") as stream:
            text = stream.read(64).decode(errors="replace").rstrip("\n")
    except OSError:
        return ""
    return _printable(text)


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in text)
