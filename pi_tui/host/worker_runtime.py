"""Everything of pi-tui that a spawned worker imports: a task, the clocks around it, and the records that it sends.

It is one file because every import lengthens the start-up of every worker. What a worker rarely needs is imported on use.

A *reading* holds a worker's clocks before or after a kernel call and goes to the host. Workers that are threads of the host
append their readings to a list; other workers write them to a pipe. A *worker event* goes to the observer, through another
pipe and at once: it says which threads are inside a kernel call, so that the observer samples those threads only. Worker
events may get lost: if the pipe is full or closed, an event is dropped, and the lanes show a little less. A record starts
with fields of fixed size, and each record is a single write below PIPE_BUF, which the system keeps in one piece.
"""

import os
import struct
import sys
from _thread import (
    _count as count_threads,  # threads besides the main one; `threading` tells the same, a hundred times slower
)
from _thread import get_native_id
from collections.abc import Callable
from os import (  # bound here: a kernel that replaces functions of these modules does not reach the clocks
    getpid,
    pread,
    write,
)
from time import perf_counter_ns, process_time_ns, thread_time_ns

from pi_tui.host.user_output import flush, write_by_lines

TYPE_CHECKING = False  # as in `typing`, which would cost every worker an import
if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from typing import Any

    from pi_tui.host.user_code import UserCode

Task = tuple[int, int, int]
"""index, samples, seed"""

ENTERED, LEFT, RAISED = 1, 2, 3
"""Kinds of readings: before a kernel call, after it, and after a call that raised an exception."""

READING = struct.Struct("<iiiiiiqqqqqqqqI")
"""kind, worker (-1: identified by pid and tid), task, pid, tid, threads of the process, wall_ns, cpu_ns, queued_ns (-1: not
known), CPU of all threads of the process in nanoseconds, CPU of the children that the process waited for, voluntary switches,
minor and major page faults, and the length of the text that follows.

The text of RAISED describes the exception; that of LEFT is empty, or lists the CPU numbers that the thread may run on where
the call changed them."""

LONGEST_TEXT = 4096 - READING.size
"""Keeps a reading with its text within PIPE_BUF, so that the records of several workers do not mix."""

BEGIN, END, ENTER, LEAVE, GIL = 1, 2, 3, 4, 5
"""Kinds of worker events: a trial begins or ends, a worker enters or leaves a kernel call, the address of a GIL."""

WORKER_EVENT = struct.Struct("<iiiiqqq")
"""kind, trial, worker, pid, tid, and two numbers.

The two numbers are the wall clock in nanoseconds and 0; for GIL, the first address of the GIL and the address after it. The
worker is -1 if it is identified by pid and tid only. For BEGIN, `worker` is the number of workers, the second number is
equal for all trials of one case, and `tid` is not 0 if the observer shall also report whether threads of this process wait
for its GIL outside kernel calls.
"""

STACKS_SIGNAL = 61 if sys.platform == "linux" else 0
"""A real-time signal that neither the system nor a library uses (SIGRTMAX - 3); 0 where there are none."""

CLOSED_PIPES_EXIT = 113
"""The exit code of a host or worker process that cannot go on because the kernel closed its pipes."""

_EBADF = 9  # errno.EBADF everywhere

_seeded_for: tuple[int, int] | None = None
_pipes: "tuple[Connection[bytes, bytes], Connection[bytes, bytes] | None] | None" = None
_event_pipe = -1
_files: dict[tuple[int, int, str], int] = {}


def _discard(record: bytes) -> None:
    """Drop a record: the sink until `set_reading_sink` sets another."""


_send: Callable[[bytes], object] = _discard


# ---- sending records


def start_reporting(readings: "Connection[bytes, bytes]", events: "Connection[bytes, bytes] | None") -> None:
    """Send the readings and the events of this worker process through two pipes.

    Each worker process calls this first: it is the initializer of a job made of processes.
    """
    global _pipes
    _pipes = readings, events  # keeps the descriptors open
    descriptor = readings.fileno()
    set_reading_sink(lambda record: write_reading(descriptor, record))
    set_event_pipe(-1 if events is None else events.fileno())
    dump_stacks_on_signal()
    write_by_lines()


def write_reading(descriptor: int, record: bytes) -> None:
    """Write a record to the host; end this process if the kernel closed the descriptor."""
    try:
        write(descriptor, record)
    except OSError as error:
        exit_if_closed(error)
        raise


def exit_if_closed(error: OSError) -> None:
    """End this process, which can tell nobody any more, if an error says that the kernel closed its pipes."""
    if error.errno == _EBADF:
        os._exit(CLOSED_PIPES_EXIT)


def dump_stacks_on_signal() -> None:
    """Have this process write the stacks of its threads to standard error when it gets `STACKS_SIGNAL`.

    The handler is C code: it also works while a call holds the GIL. Without a main thread's signals (a subinterpreter) or
    without real-time signals (macOS, Windows) nothing is set up.
    """
    if STACKS_SIGNAL:
        try:
            import faulthandler

            faulthandler.register(STACKS_SIGNAL, file=2, all_threads=True)
        except (ImportError, AttributeError, OSError, ValueError, RuntimeError):
            pass


def set_reading_sink(send: Callable[[bytes], object]) -> None:
    """Pass all further readings of this process to `send`."""
    global _send
    _send = send


def set_event_pipe(descriptor: int) -> None:
    """Write all further worker events of this process to `descriptor`, which must not block; -1 writes none."""
    global _event_pipe
    _event_pipe = descriptor


def get_event_pipe() -> int:
    """Return the descriptor that worker events are written to; -1 for none."""
    return _event_pipe


def send_worker_event(kind: int, worker: int, tid: int, first: int, second: int = 0, trial: int = 0) -> None:
    """Send one worker event to the observer, or drop it if the pipe is full or closed."""
    if _event_pipe >= 0:
        try:  # noqa: SIM105 (contextlib would be one more import)
            write(_event_pipe, WORKER_EVENT.pack(kind, trial, worker, getpid(), tid, first, second))
        except OSError:
            pass


# ---- the clocks


def record_enter(worker: int, task: int) -> None:
    """Read the clocks before a kernel call.

    The wall clock is read before the CPU and queue clocks here, and after them in `record_leave`. These clocks then cover
    no time outside the wall interval, so the remainder (the waiting) cannot become negative. Reading the switches and page
    faults takes some time, which stays outside the call; they are not part of any sum.
    """
    tid = get_native_id()
    # The event is sent first, so that the lanes show it if this thread has to wait for the GIL in this function.
    send_worker_event(ENTER, worker, tid, perf_counter_ns())
    usage = _usage()
    process = process_time_ns()
    wall = perf_counter_ns()
    cpu = thread_time_ns()
    queued = read_queued_ns()
    _send(READING.pack(ENTERED, worker, task, getpid(), tid, count_threads(), wall, cpu, queued, process, *usage, 0))


def record_leave(worker: int, task: int, text: str = "", *, kind: int = LEFT) -> None:
    """Read the clocks after a kernel call; see `READING` for the text."""
    queued = read_queued_ns()
    cpu = thread_time_ns()
    wall = perf_counter_ns()
    process = process_time_ns()
    usage = _usage()
    tail = text.encode()[:LONGEST_TEXT]
    tid = get_native_id()
    fixed = READING.pack(
        kind, worker, task, getpid(), tid, count_threads(), wall, cpu, queued, process, *usage, len(tail)
    )
    _send(fixed + tail)
    send_worker_event(LEAVE, worker, tid, wall)


def read_allowed_cores() -> str:
    """Return the CPU numbers that this thread may run on, with commas; "" where the system does not tell."""
    try:
        return ",".join(map(str, sorted(os.sched_getaffinity(0))))
    except (AttributeError, OSError):
        return ""


def read_queued_ns() -> int:
    """Return for how many nanoseconds this thread has been ready but not running since its start; -1 if unknown.

    Source: Documentation/scheduler/sched-stats.rst of the Linux kernel, second number.
    """
    try:
        return int(_read_thread_file("schedstat").split()[1])
    except (OSError, ValueError, IndexError, AttributeError):
        return -1


Usage = tuple[int, int, int, int]
"""CPU of the children that this process waited for, in nanoseconds, then voluntary switches, minor and major page faults of
this thread; -1 each if unknown."""


def read_usage_from_proc() -> Usage:
    """Return the usage since the start of this thread, and of its process's children.

    Source: proc_pid_status(5) and proc_pid_stat(5) of the Linux manual. The module `resource` gives the same figures faster,
    but importing it takes longer than reading these files some dozens of times.
    """
    times = os.times()
    children_ns = int((times.children_user + times.children_system) * 1e9)
    try:
        switches = _read_thread_file("status").rpartition(b"\nvoluntary_ctxt_switches:")[2].split(None, 1)[0]
        # A thread's name may contain blanks and brackets.
        after_the_name = _read_thread_file("stat").rpartition(b")")[2].split(None, 11)
        return children_ns, int(switches), int(after_the_name[7]), int(after_the_name[9])
    except (OSError, ValueError, IndexError, AttributeError):
        return children_ns, -1, -1, -1


_usage: Callable[[], Usage] = read_usage_from_proc


def set_usage_reader(read: Callable[[], Usage]) -> None:
    """Read the usage with another function, in this process and in those it forks."""
    global _usage
    _usage = read


def close_thread_files() -> None:
    """Close the files of this process's threads: the system reuses thread ids."""
    while _files:
        _, file = _files.popitem()
        os.close(file)


def _read_thread_file(name: str) -> bytes:
    """Read a file of this thread in /proc; it stays open for the next call."""
    key = getpid(), get_native_id(), name
    file = _files.get(key)
    if file is None:
        file = _files[key] = os.open(f"/proc/thread-self/{name}", os.O_RDONLY | os.O_CLOEXEC)
    return pread(file, 4096, 0)


# ---- the task


class Call:
    """A kernel as the modes call it: `call(index, samples, seed)`. Pools pickle it.

    Args:
        module: the kernel's module.
        function: the kernel's name in that module.
        trial: the trial's number, so that a process that serves several trials is seeded for each of them.
        seed_in_worker: the kernel draws from a generator that its process shares, and the first task in a process (or
            subinterpreter) seeds it. For threads of the host, the host seeds it once.
        user_code: a user's function; it replaces `module` and `function`.
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
        """Run one task; report an exception of the kernel to the host and raise it again."""
        try:
            kernel = self._load_kernel(seed)
        except BaseException as error:
            record_enter(worker, index)
            record_leave(worker, index, self._describe_error(error), kind=RAISED)
            raise
        allowed = "" if self.user_code is None else read_allowed_cores()
        record_enter(worker, index)
        try:
            result = kernel(samples, seed)
            if self.user_code is not None:
                flush()
        except BaseException as error:
            flush()
            record_leave(worker, index, self._describe_error(error), kind=RAISED)
            raise
        if self.user_code is None or (now_allowed := read_allowed_cores()) == allowed:
            record_leave(worker, index)
        else:
            record_leave(worker, index, now_allowed)
        return result

    def run_task(self, task: Task) -> "Any":
        """Run one task, given as one argument."""
        return self(*task)

    def run_numbered_task(self, task: Task) -> "tuple[int, Any]":
        """Run one task and return its index with the result, for results that arrive in any order."""
        return task[0], self(*task)

    def report_delivery_failure(self, worker: int, index: int, error: BaseException) -> None:
        """Report to the host that a result could not be sent."""
        record_leave(worker, index, self._describe_error(error), kind=RAISED)

    def _describe_error(self, error: BaseException) -> str:
        from pi_tui.host.result_values import pack_error, pack_failure

        try:
            return pack_error(error) if self.user_code is None else pack_failure(*self.user_code.describe_error(error))
        except BaseException as another:  # even str(error) may raise anything, and the host must hear of the first one
            return pack_failure(type(error).__name__, f"its description raised {type(another).__name__}", "")

    def _load_kernel(self, seed: int) -> "Callable[[int, int], Any]":
        """Return the kernel's function. Its import counts as start-up, because no clock has been read yet."""
        global _seeded_for
        if self.user_code is not None:
            return self.user_code.make_kernel()
        module = sys.modules.get(self.module)
        if module is None:
            __import__(self.module)
            module = sys.modules[self.module]
        if self.seed_in_worker and _seeded_for != (getpid(), self.trial):
            _seeded_for = (getpid(), self.trial)
            module.seed_shared(seed)
        kernel: Callable[[int, int], int] = getattr(module, self.function)
        return kernel
