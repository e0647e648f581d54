"""The clocks of a worker, read before and after each kernel call, and their way home.

A reading is a record of fixed size. Workers that are threads of the host append theirs to a list; workers that are
processes write theirs to a pipe of the host's own, each in one write that the system keeps whole (below PIPE_BUF).
Every spawned worker imports this file, so it imports next to nothing itself.
"""

import os
import struct
import time
from _thread import get_native_id
from collections.abc import Callable

from pi_tui.host import roll_call

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

ENTER, LEAVE, RAISED = 1, 2, 3

RECORD = struct.Struct("<iiiiqqqqqqI")
"""kind, worker (-1: told by pid and tid), task, pid, tid, wall_ns, cpu_ns, queued_ns (-1: not known), voluntary
switches, page faults, length of the text that follows (of RAISED alone)."""

LONGEST_TEXT = 4096 - RECORD.size
"""A record with its text stays below PIPE_BUF, so that no other worker's record can fall into it."""

_queue_files: dict[tuple[int, int], int] = {}


def _keep(record: bytes) -> None:
    """Where records go before anybody asked for them: nowhere."""


_send: Callable[[bytes], object] = _keep


def send_to(send: Callable[[bytes], object]) -> None:
    """Hand every further record of this process to `send`."""
    global _send
    _send = send


def queued_ns() -> int:
    """Nanoseconds that this thread was ready to run but not running, since it was born; -1 where that is not told.

    Source: Documentation/scheduler/sched-stats.rst of the Linux kernel, second number.
    """
    key = (os.getpid(), get_native_id())
    file = _queue_files.get(key)
    try:
        if file is None:
            file = _queue_files[key] = os.open("/proc/thread-self/schedstat", os.O_RDONLY | os.O_CLOEXEC)
        return int(os.pread(file, 64, 0).split()[1])
    except (OSError, ValueError, IndexError, AttributeError):
        return -1


def forget_threads() -> None:
    """Close the files that `queued_ns` keeps open for this process's threads; thread ids are used again."""
    while _queue_files:
        _, file = _queue_files.popitem()
        os.close(file)


def entered(worker: int, task: int) -> None:
    """Read the clocks before a kernel call.

    The wall clock is read first here and last in `left`: the other clocks then count nothing that lies outside the call,
    so that what is left over, the waiting, cannot fall below zero.
    """
    tid = get_native_id()
    # The roll is called first: should this thread have to wait for the GIL in here, the lanes then see it.
    roll_call.call(roll_call.ENTER, worker, tid, time.perf_counter_ns())
    wall = time.perf_counter_ns()
    cpu = time.thread_time_ns()
    switches, faults = _usage()
    queued = queued_ns()
    _send(RECORD.pack(ENTER, worker, task, os.getpid(), tid, wall, cpu, queued, switches, faults, 0))


def left(worker: int, task: int, text: str | None = None) -> None:
    """Read the clocks after a kernel call, the wall clock last; `text` tells of an exception."""
    queued = queued_ns()
    switches, faults = _usage()
    cpu = time.thread_time_ns()
    wall = time.perf_counter_ns()
    kind = LEAVE if text is None else RAISED
    tail = b"" if text is None else text.encode()[:LONGEST_TEXT]
    tid = get_native_id()
    _send(RECORD.pack(kind, worker, task, os.getpid(), tid, wall, cpu, queued, switches, faults, len(tail)) + tail)
    roll_call.call(roll_call.LEAVE, worker, tid, wall)


def _usage() -> tuple[int, int]:
    """Voluntary switches and page faults of this thread; -1 where they are not told."""
    if resource is None or not hasattr(resource, "RUSAGE_THREAD"):
        return -1, -1
    usage = resource.getrusage(resource.RUSAGE_THREAD)
    return usage.ru_nvcsw, usage.ru_minflt + usage.ru_majflt
