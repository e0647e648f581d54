"""Who uses the cores during a watch: the program, pi-tui itself, and everything else. Standard library only."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import suppress

from pi_tui.host.core_account import busy_ns, process_cpu_ns
from pi_tui.host.watch_protocol import CoreUse
from pi_tui.observe.proc.process_tree import PROC
from pi_tui.observe.proc.thread_files import read_process_stat

FIRST_READING_S = 0.2
READING_S = 1.0
"""The time between two readings: at first, and later. The system counts busy time in ticks of 10 ms."""

_CUTIME, _CSTIME = 13, 14
"""Indices after the command's closing bracket: CPU time of children that were waited for (fields 16 and 17 of the line)."""

_NS = 1e9
_TICK_NS = round(_NS / (os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100))


class CoreUseMeter:
    """Measures how much CPU time the watched program, pi-tui and everything else used.

    Args:
        app: the app's process id.
        cores: the numbers of the cores that count.
        process_cpu: returns the CPU time of a process's threads, the ended ones included, in nanoseconds; None if unknown.
        read_stat: returns the `stat` line of a process; empty if it has ended.
        read_busy: returns how long the cores were busy since the system's start, in nanoseconds; None if unknown.
        reaped: returns the CPU time of the program's processes that this process itself has reaped, in nanoseconds.
    """

    def __init__(
        self,
        app: int,
        cores: frozenset[int],
        *,
        process_cpu: Callable[[int], int | None] = process_cpu_ns,
        read_stat: Callable[[int], bytes] = read_process_stat,
        read_busy: Callable[[frozenset[int]], int | None] | None = None,
        reaped: Callable[[], int] | None = None,
    ) -> None:
        self._pi_tui = (os.getpid(), app)
        self._cores = cores
        self._process_cpu = process_cpu
        self._read_stat = read_stat
        self._read_busy = read_busy or read_busy_ns
        self._reaped = reaped or read_reaped_ns
        self._first: tuple[int, int, int, int] | None = None
        self._program_ns = 0
        self._due_ns = 0
        self.latest: CoreUse | None = None

    def read_if_due(self, now_ns: int, members: Iterable[int]) -> None:
        """Read all counters if the last reading is old enough. `members` are the program's living processes."""
        if now_ns < self._due_ns:
            return
        self._due_ns = now_ns + round(min(READING_S, max(FIRST_READING_S, now_ns / _NS)) * _NS)
        busy_ns = self._read_busy(self._cores)
        pi_tui = [self._process_cpu(pid) for pid in self._pi_tui if pid > 0]
        if busy_ns is None or None in pi_tui:
            return
        pi_tui_ns = sum(each or 0 for each in pi_tui)
        # a process that ends before its parent has waited for it is missing for a moment: the sum never falls
        self._program_ns = max(self._program_ns, self._reaped() + sum(map(self._cpu_with_children, members)))
        if self._first is None:
            self._first = (now_ns, self._program_ns, pi_tui_ns, busy_ns)
            return
        since_ns, program_ns, before_ns, busy_before_ns = self._first
        self.latest = CoreUse(
            wall_s=round((now_ns - since_ns) / _NS, 3),
            cores=len(self._cores),
            program_s=round((self._program_ns - program_ns) / _NS, 3),
            pi_tui_s=round((pi_tui_ns - before_ns) / _NS, 3),
            busy_s=round((busy_ns - busy_before_ns) / _NS, 3),
        )

    def _cpu_with_children(self, pid: int) -> int:
        """Return the CPU time of a process and of the descendants that it waited for; 0 if it has ended."""
        fields = self._read_stat(pid).rpartition(b")")[2].split()
        children_ns = 0
        with suppress(IndexError, ValueError):
            children_ns = (int(fields[_CUTIME]) + int(fields[_CSTIME])) * _TICK_NS
        return (self._process_cpu(pid) or 0) + children_ns


def read_busy_ns(cores: frozenset[int]) -> int | None:
    """Return how long these cores were busy since the system's start, in nanoseconds; None if the system does not tell."""
    try:
        with open(f"{PROC}/stat", encoding="ascii", errors="replace") as file:
            return busy_ns(file.read(), cores)
    except OSError:
        return None


def read_reaped_ns() -> int:
    """Return the CPU time of this process's children that it has reaped, and of theirs, in nanoseconds."""
    times = os.times()
    return round((times.children_user + times.children_system) * _NS)
