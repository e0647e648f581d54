"""Sampling the threads of a process that are outside kernel calls, to find whether they wait for the GIL.

A kernel that holds the GIL blocks the thread that starts the workers, a worker that has just been created and a worker that
fetches its next task. None of these can report it, because reporting needs the GIL; from outside it is visible.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from contextlib import suppress

from pi_tui.host.protocol import OutsideTicks
from pi_tui.observe.proc.process_tree import PROC
from pi_tui.observe.proc.syscall_numbers import MachineName
from pi_tui.observe.proc.thread_files import MAX_LINE_BYTES, ThreadFile
from pi_tui.observe.proc.wait_classifier import RUNNING_LINE, parse_futex_wait

SAMPLES_PER_LISTING = 10
"""Samples between two listings of the process's threads, as a listing costs as much as several samples."""


def list_thread_ids(pid: int) -> list[int]:
    """Return the ids of a process's threads; none if the process has ended."""
    try:
        return [int(name) for name in os.listdir(f"{PROC}/{pid}/task")]
    except OSError:
        return []


class OtherThreads:
    """Samples the threads of one process, once per tick of the lanes.

    Args:
        pid: the process.
        machine: the machine whose system call numbers apply.
        open_file: opens a thread's file in `/proc`.
        read: reads such a file from its start, as `os.pread`.
        list_threads: returns the ids of a process's threads.
    """

    def __init__(
        self,
        pid: int,
        machine: MachineName,
        open_file: Callable[..., ThreadFile | None],
        read: Callable[[int, int, int], bytes],
        list_threads: Callable[[int], Collection[int]] = list_thread_ids,
    ) -> None:
        self.pid = pid
        self._machine = machine
        self._open_file = open_file
        self._read = read
        self._list_threads = list_threads
        self._files: dict[int, int] = {}
        self._waiting: set[int] = set()
        self._samples = 0
        self._gil = 0
        self._running = 0

    def sample(self, inside: Collection[int], gil: range | None) -> None:
        """Sample once. `inside` holds the threads inside kernel calls, which do not count; `gil` is the GIL's address range."""
        if self._samples % SAMPLES_PER_LISTING == 0:
            self._open_new_threads()
        self._samples += 1
        self._waiting.difference_update(inside)
        lines = {tid: self._read_line(tid) for tid in tuple(self._files) if tid not in inside}
        running = [tid for tid, line in lines.items() if line == RUNNING_LINE]
        # A thread that waits for the GIL wakes up every switch interval to request it. Until it gets a core, which takes long
        # on a busy machine, it reads as running; it still counts as waiting.
        self._waiting.intersection_update(running)
        self._waiting.update(tid for tid, line in lines.items() if gil is not None and self._waits_for_gil(line, gil))
        if self._waiting:
            self._gil += 1
        elif running:
            self._running += 1

    def count_ticks(self) -> OutsideTicks:
        """Return the totals of all samples so far."""
        return OutsideTicks(self._gil, self._running)

    def close(self) -> None:
        """Close every open file."""
        for tid in tuple(self._files):
            self._close_file(tid)

    def _waits_for_gil(self, line: bytes, gil: range) -> bool:
        wait = None if line == RUNNING_LINE else parse_futex_wait(line, self._machine)
        return wait is not None and wait.address in gil

    def _read_line(self, tid: int) -> bytes:
        try:
            return self._read(self._files[tid], MAX_LINE_BYTES, 0)
        except OSError:  # the thread has ended
            self._close_file(tid)
            return b""

    def _open_new_threads(self) -> None:
        for tid in self._list_threads(self.pid):
            if tid in self._files:
                continue
            file = self._open_file(self.pid, tid)
            if file is None:
                continue
            self._files[tid] = file.descriptor
            if not file.shows_syscall:
                self._close_file(tid)

    def _close_file(self, tid: int) -> None:
        with suppress(OSError):
            os.close(self._files.pop(tid))
