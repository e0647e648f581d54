"""The threads of a process that are not inside a kernel call, while others are: whether they wait for the GIL.

A kernel that keeps the GIL keeps it from the thread that starts the workers, from a worker that has just been born and from
one that goes for its next task. None of them can say so: they would need the GIL for it. From outside it is seen.
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
"""After so many looks the process's threads are listed anew: that costs as much as several looks."""


def list_thread_ids(pid: int) -> list[int]:
    """The threads of a process; none of one that is gone."""
    try:
        return [int(name) for name in os.listdir(f"{PROC}/{pid}/task")]
    except OSError:
        return []


class OtherThreads:
    """Looks at the threads of one process, as often as the lanes are looked at.

    Args:
        pid: the process.
        machine: whose system calls they make.
        open_file, read: as for the lanes.
        list_threads: the ids of a process's threads.
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
        """Look once. `inside` are the threads inside kernel calls, which do not count; `gil` is where the GIL lies."""
        if self._samples % SAMPLES_PER_LISTING == 0:
            self._open_new_threads()
        self._samples += 1
        self._waiting.difference_update(inside)
        lines = {tid: self._read_line(tid) for tid in tuple(self._files) if tid not in inside}
        running = [tid for tid, line in lines.items() if line == RUNNING_LINE]
        # Who waits for the GIL wakes up every switch interval to ask for it: then it is ready, and on a busy machine for long.
        self._waiting.intersection_update(running)
        self._waiting.update(tid for tid, line in lines.items() if gil is not None and self._waits_for_gil(line, gil))
        if self._waiting:
            self._gil += 1
        elif running:
            self._running += 1

    def count_ticks(self) -> OutsideTicks:
        """What was seen so far."""
        return OutsideTicks(self._gil, self._running)

    def close(self) -> None:
        """Close every file."""
        for tid in tuple(self._files):
            self._close_file(tid)

    def _waits_for_gil(self, line: bytes, gil: range) -> bool:
        wait = None if line == RUNNING_LINE else parse_futex_wait(line, self._machine)
        return wait is not None and wait.address in gil

    def _read_line(self, tid: int) -> bytes:
        try:
            return self._read(self._files[tid], MAX_LINE_BYTES, 0)
        except OSError:  # the thread is gone
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
