"""The files in `/proc` that show what one thread does. They are opened once and read many times."""

from __future__ import annotations

import os
from dataclasses import dataclass

from pi_tui.observe.proc.process_tree import PROC

MAX_LINE_BYTES = 256
"""More than any line of `syscall`, and enough of `stat` to include the state; small, so that reading is cheap."""

_MAX_STAT_BYTES = 1024
_MAJOR_FAULTS = 9
"""The index of the major page faults after the command's closing bracket (field 12 of the line)."""


@dataclass(frozen=True, slots=True)
class ThreadFile:
    """An open file of a thread: `syscall` if `shows_syscall`, otherwise `stat`, which shows the scheduler's state alone."""

    descriptor: int
    shows_syscall: bool


def open_thread_file(pid: int, tid: int, *, syscall: bool = True, proc: str = PROC) -> ThreadFile | None:
    """Open a thread's `syscall` file if it can be read, otherwise its `stat` file.

    Only a process that may trace the thread can read `syscall`: an ancestor of the same user, if the kernel allows tracing at
    all. Everyone can read `stat`. `syscall` False opens `stat` at once. Returns None if the thread has ended or there is no
    `/proc`.
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


def read_stat_line(pid: int, tid: int, proc: str = PROC) -> bytes:
    """Read a thread's line of `stat` once; empty if the thread has ended or there is no `/proc`."""
    return _read_once(f"{proc}/{pid}/task/{tid}/stat")


def read_process_stat(pid: int, proc: str = PROC) -> bytes:
    """Read a process's line of `stat` once; empty if the process has ended or there is no `/proc`."""
    return _read_once(f"{proc}/{pid}/stat")


def read_major_faults(stat: bytes) -> int | None:
    """Return how many pages were read from the disk for a thread, from its line of `stat`; None if the line is empty."""
    fields = stat.rpartition(b")")[2].split()
    return int(fields[_MAJOR_FAULTS]) if len(fields) > _MAJOR_FAULTS else None


def _read_once(path: str) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return b""
    try:
        return os.pread(descriptor, _MAX_STAT_BYTES, 0)
    except OSError:
        return b""
    finally:
        os.close(descriptor)
