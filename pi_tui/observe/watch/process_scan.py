"""Who belongs to a program at the moment: its processes and their threads.

Nothing is read as long as the system gave away no new number of a process or thread; and how often all processes are gone
through depends on how long that takes.
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
_MOST_BETWEEN_NS = 2_000_000_000
_SHARE = 0.003
"""Of a core, at most, for going through all processes."""


@dataclass(frozen=True, slots=True)
class Members:
    """The processes and threads of a program."""

    processes: dict[int, Process]
    threads: tuple[tuple[int, int], ...]


class ProcessScan:
    """Finds the members.

    Args:
        root: the program's first process.
        reaper: where it is given, everything below this process belongs to the program as well.
        strangers: processes that do not, wherever they are.
        clock: nanoseconds.
        proc: the folder in which the system tells of processes.
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
        """The members; None where nobody can have joined since the last time."""
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
            self._due_ns = now + min(round(took / _SHARE), _MOST_BETWEEN_NS)
        return Members(dict(self._known), tuple(self._list_threads()))

    def request_scan(self) -> None:
        """Whoever is there is to be told the next time, though nobody may have joined."""
        self._pending = True

    def _find_processes(self) -> None:
        table = list_processes(self._proc)
        others = {
            pid for pid, known in self._known.items() if pid in table and table[pid].start_ticks != known.start_ticks
        }
        roots = {self._root, *self._known} - others  # whoever was known stays so, should its parent end
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
    """The process that a number names, whether it is that of a process or of one of its threads; None for nobody's."""
    try:
        with open(f"{proc}/{number}/status", "rb") as status:
            lines = status.read().splitlines()
    except OSError:
        return None
    group = next((int(line.split()[1]) for line in lines if line.startswith(b"Tgid:")), number)
    process = read_process(group, proc)
    return process if process is not None and process.alive else None


def read_command(pid: int, proc: str = PROC) -> str:
    """A process's command line on one line; in brackets, its name, where there is none (a kernel's own, or one that ends)."""
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
    """A thread's name, as the system has it; empty where it is gone."""
    try:
        with open(f"{proc}/{pid}/task/{tid}/comm", "rb") as stream:
            text = stream.read(64).decode(errors="replace").rstrip("\n")
    except OSError:
        return ""
    return _printable(text)


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in text)
