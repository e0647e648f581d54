"""All that a spawned worker imports of the laboratory's own: a task, the clocks around it, and both ways to tell of it.

One file, for every worker pays for every file in its start-up, and what a worker needs seldom is imported when it does.

A *reading* goes home to the host: the worker's clocks before and after a kernel call. Workers that are threads of the host
append theirs to a list; others write theirs to a pipe of the host's own. The *roll call* goes to the observer while it
happens, through a pipe of the observer's own: who is at work right now, so that it looks at those threads and no others.
Roll calls are hints: where the pipe is full or gone, one is lost, and the lanes show a little less. Both are records of
fixed size, each in one write that the system keeps whole (below PIPE_BUF).
"""

import os
import struct
import sys
import time
from _thread import get_native_id
from collections.abc import Callable

TYPE_CHECKING = False  # as in `typing`, whose import a worker can do without
if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from typing import Any

    from pi_tui.host.user_code import UserCode

Task = tuple[int, int, int]
"""index, samples, seed"""

ENTERED, LEFT, RAISED = 1, 2, 3
"""Kinds of a reading: before a kernel call, after one, and after one that ended in an exception."""

READING = struct.Struct("<iiiiqqqqqqI")
"""kind, worker (-1: told by pid and tid), task, pid, tid, wall_ns, cpu_ns, queued_ns (-1: not known), voluntary
switches, page faults, length of the text that follows (of RAISED alone)."""

LONGEST_TEXT = 4096 - READING.size
"""A reading with its text stays below PIPE_BUF, so that no other worker's can fall into it."""

BEGIN, END, ENTER, LEAVE, GIL = 1, 2, 3, 4, 5
"""Kinds of a roll call: a trial begins; it ends; a worker enters a kernel call; it leaves; where a process's GIL lies."""

WORKER_EVENT = struct.Struct("<iiiiqqq")
"""kind, trial, worker, pid, tid, and two numbers: the wall clock in nanoseconds and nothing, or where the GIL begins and ends.

The worker is -1 for one that is told by its pid and tid alone. When a trial begins it says how many there will be, the
second number is the same for all trials that repeat the same work, and a tid is told where somebody wants to know whether
threads of this process wait for its GIL outside kernel calls.
"""

_seeded_for: tuple[int, int] | None = None
_pipes: "tuple[Connection[bytes, bytes], Connection[bytes, bytes] | None] | None" = None
_event_pipe = -1
_files: dict[tuple[int, int, str], int] = {}


def _discard(record: bytes) -> None:
    """Where readings go before anybody asked for them: nowhere."""


_send: Callable[[bytes], object] = _discard


# ---- both ways


def start_reporting(readings: "Connection[bytes, bytes]", events: "Connection[bytes, bytes] | None") -> None:
    """In a worker that is a process: its readings go through `readings`, and its events through `events`.

    A pool calls this once a worker.
    """
    global _pipes
    _pipes = readings, events  # kept, or their descriptors would be closed with them
    descriptor = readings.fileno()
    set_reading_sink(lambda record: os.write(descriptor, record))
    set_event_pipe(-1 if events is None else events.fileno())


def set_reading_sink(send: Callable[[bytes], object]) -> None:
    """Hand every further reading of this process to `send`."""
    global _send
    _send = send


def set_event_pipe(descriptor: int) -> None:
    """Write every further roll call of this process to `descriptor`, which must not block."""
    global _event_pipe
    _event_pipe = descriptor


def get_event_pipe() -> int:
    """Where roll calls go; -1 for nowhere."""
    return _event_pipe


def send_worker_event(kind: int, worker: int, tid: int, first: int, second: int = 0, trial: int = 0) -> None:
    """Send one roll call."""
    if _event_pipe >= 0:
        try:  # noqa: SIM105 (contextlib is an import more)
            os.write(_event_pipe, WORKER_EVENT.pack(kind, trial, worker, os.getpid(), tid, first, second))
        except OSError:
            pass


# ---- the clocks


def record_enter(worker: int, task: int) -> None:
    """Read the clocks before a kernel call.

    The wall clock is read before the CPU's and the queue's, and in `record_leave` after them: they then count nothing that lies
    outside the call, so that what is left over, the waiting, cannot fall below zero. Switches and page faults are part of
    no sum; to ask for them takes a while, and that lies outside the call.
    """
    tid = get_native_id()
    # The roll is called first: should this thread have to wait for the GIL in here, the lanes then see it.
    send_worker_event(ENTER, worker, tid, time.perf_counter_ns())
    switches, faults = _usage()
    wall = time.perf_counter_ns()
    cpu = time.thread_time_ns()
    queued = read_queued_ns()
    _send(READING.pack(ENTERED, worker, task, os.getpid(), tid, wall, cpu, queued, switches, faults, 0))


def record_leave(worker: int, task: int, text: str | None = None) -> None:
    """Read the clocks after a kernel call; `text` tells of an exception."""
    queued = read_queued_ns()
    cpu = time.thread_time_ns()
    wall = time.perf_counter_ns()
    switches, faults = _usage()
    kind = LEFT if text is None else RAISED
    tail = b"" if text is None else text.encode()[:LONGEST_TEXT]
    tid = get_native_id()
    _send(READING.pack(kind, worker, task, os.getpid(), tid, wall, cpu, queued, switches, faults, len(tail)) + tail)
    send_worker_event(LEAVE, worker, tid, wall)


def read_queued_ns() -> int:
    """Nanoseconds that this thread was ready to run but not running, since it was born; -1 where that is not told.

    Source: Documentation/scheduler/sched-stats.rst of the Linux kernel, second number.
    """
    try:
        return int(_read_thread_file("schedstat").split()[1])
    except (OSError, ValueError, IndexError, AttributeError):
        return -1


def read_usage_from_proc() -> tuple[int, int]:
    """Voluntary switches and page faults of this thread since it was born; -1 where they are not told.

    Source: proc_pid_status(5) and proc_pid_stat(5) of the Linux manual. The module `resource` tells the same and faster, but
    to load it takes a worker longer than to read these some dozens of times.
    """
    try:
        switches = _read_thread_file("status").rpartition(b"\nvoluntary_ctxt_switches:")[2].split(None, 1)[0]
        after_the_name = (
            _read_thread_file("stat").rpartition(b")")[2].split(None, 11)
        )  # a name may hold blanks and brackets
        return int(switches), int(after_the_name[7]) + int(after_the_name[9])
    except (OSError, ValueError, IndexError, AttributeError):
        return -1, -1


_usage: Callable[[], tuple[int, int]] = read_usage_from_proc


def set_usage_reader(read: Callable[[], tuple[int, int]]) -> None:
    """In a process of many workers, and in its forks, read voluntary switches and page faults in another way."""
    global _usage
    _usage = read


def close_thread_files() -> None:
    """Close the files that were opened for this process's threads; thread ids are used again."""
    while _files:
        _, file = _files.popitem()
        os.close(file)


def _read_thread_file(name: str) -> bytes:
    """What the system tells of this thread in one of its files, which stays open for the next time."""
    key = os.getpid(), get_native_id(), name
    file = _files.get(key)
    if file is None:
        file = _files[key] = os.open(f"/proc/thread-self/{name}", os.O_RDONLY | os.O_CLOEXEC)
    return os.pread(file, 4096, 0)


# ---- the task


class Call:
    """A kernel as the modes call it: `call(index, samples, seed)`; what a pool pickles.

    Args:
        module: the kernel's file.
        function: its name there.
        trial: the trial's number, so that a process that serves several is seeded for each.
        seed_in_worker: the kernel draws from a generator shared by its process, which is to be seeded from the first task
            that the process (or subinterpreter) gets. Threads of the host are seeded by the host, once.
        user_code: a function of a person's own; it then stands for module and function.
    """

    __slots__ = ("function", "module", "seed_in_worker", "trial", "user_code")

    def __init__(
        self, module: str, function: str, trial: int, *, seed_in_worker: bool, user_code: "UserCode | None" = None
    ) -> None:
        self.module = module
        self.function = function
        self.trial = trial
        self.seed_in_worker = seed_in_worker
        self.user_code = user_code

    def __getstate__(self) -> "tuple[str, str, int, bool, UserCode | None]":
        return self.module, self.function, self.trial, self.seed_in_worker, self.user_code

    def __setstate__(self, state: "tuple[str, str, int, bool, UserCode | None]") -> None:
        self.module, self.function, self.trial, self.seed_in_worker, self.user_code = state

    def __call__(self, index: int, samples: int, seed: int, worker: int = -1) -> "Any":
        """Run one task; an exception of the kernel is told to the host and raised on."""
        try:
            kernel = self._load_kernel(seed)
        except BaseException as error:
            record_enter(worker, index)
            record_leave(worker, index, self._describe_error(error))
            raise
        record_enter(worker, index)
        try:
            result = kernel(samples, seed)
        except BaseException as error:
            record_leave(worker, index, self._describe_error(error))
            raise
        record_leave(worker, index)
        return result

    def run_task(self, task: Task) -> "Any":
        """The same with the task as one argument."""
        return self(*task)

    def run_numbered_task(self, task: Task) -> "tuple[int, Any]":
        """The same, told with the task's index, for results that come in any order."""
        return task[0], self(*task)

    def report_delivery_failure(self, worker: int, index: int, error: BaseException) -> None:
        """Tell the host that a result could not be sent home."""
        record_leave(worker, index, self._describe_error(error))

    def _describe_error(self, error: BaseException) -> str:
        from pi_tui.host.result_values import pack_error, pack_failure

        return pack_error(error) if self.user_code is None else pack_failure(*self.user_code.describe_error(error))

    def _load_kernel(self, seed: int) -> "Callable[[int, int], Any]":
        """The kernel's function; its import is the worker's start-up, not its work."""
        global _seeded_for
        if self.user_code is not None:
            return self.user_code.make_kernel()
        module = sys.modules.get(self.module)
        if module is None:
            __import__(self.module)
            module = sys.modules[self.module]
        if self.seed_in_worker and _seeded_for != (os.getpid(), self.trial):
            _seeded_for = (os.getpid(), self.trial)
            module.seed_shared(seed)
        kernel: Callable[[int, int], int] = getattr(module, self.function)
        return kernel
