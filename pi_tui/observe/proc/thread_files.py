"""The files of `/proc` that tell what one thread does, kept open."""

from __future__ import annotations

import os
from dataclasses import dataclass

from pi_tui.observe.proc.process_tree import PROC

MAX_LINE_BYTES = 256
"""More than a line of `syscall` ever has, and as much of `stat` as holds the state; small, so that reading is cheap."""


@dataclass(frozen=True, slots=True)
class ThreadFile:
    """An open file of a thread. `has_calls`: it tells the system call; else the scheduler's state alone."""

    descriptor: int
    shows_syscall: bool


def open_thread_file(pid: int, tid: int, *, syscall: bool = True, proc: str = PROC) -> ThreadFile | None:
    """The best file of a thread that can be read; None where the thread is gone, or there is no `/proc`.

    `syscall` may be looked at only by who may trace the thread: an ancestor of the same user, where the kernel allows that
    at all. `stat` is for everyone. `calls` False asks for the latter at once.
    """
    for name in ("syscall", "stat") if syscall else ("stat",):
        try:
            descriptor = os.open(f"{proc}/{pid}/task/{tid}/{name}", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            continue
        try:
            if os.pread(descriptor, MAX_LINE_BYTES, 0):
                return ThreadFile(descriptor, name == "syscall")
        except OSError:
            pass
        os.close(descriptor)
    return None
