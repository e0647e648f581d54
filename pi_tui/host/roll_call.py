"""Who is at work right now, told to the observer while it happens: it looks at those threads and no others.

Records of fixed size go through a pipe of the observer's own, each in one write. They are hints: where the pipe is full or
gone, one is lost, and the lanes show a little less. Every spawned worker imports this file, so it imports next to nothing.
"""

import os
import struct

BEGIN, END, ENTER, LEAVE, GIL = 1, 2, 3, 4, 5
"""A trial begins; it ends; a worker enters a kernel call; it leaves; a process tells where its GIL lies."""

RECORD = struct.Struct("<iiiiqqq")
"""kind, trial, worker, pid, tid, and two numbers: the wall clock in nanoseconds and nothing, or where the GIL begins and ends.

The worker is -1 for one that is told by its pid and tid alone. When a trial begins it says how many there will be, the
second number is the same for all trials that repeat the same work, and a tid is told where somebody wants to know whether
threads of this process wait for its GIL outside kernel calls.
"""

_pipe = -1


def send_through(descriptor: int) -> None:
    """Write every further record of this process to `descriptor`, which must not block."""
    global _pipe
    _pipe = descriptor


def descriptor() -> int:
    """Where records go; -1 for nowhere."""
    return _pipe


def call(kind: int, worker: int, tid: int, first: int, second: int = 0, trial: int = 0) -> None:
    """Send one record."""
    if _pipe >= 0:
        try:  # noqa: SIM105 (contextlib is an import more)
            os.write(_pipe, RECORD.pack(kind, trial, worker, os.getpid(), tid, first, second))
        except OSError:
            pass
