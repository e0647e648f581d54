"""Notice that a worker process died while the main thread waits for a result that will never come.

`Pool.map` and `Queue.get` wait forever for a task whose process was killed. `Pool.terminate` may do so, too: a process that
dies while it waits for a task never releases the queue's lock. A timer signal interrupts the wait a few times per second.
Its handler receives the readings, so that their pipe never fills, and checks the processes. If one is lost, this host ends.
The watchdog needs no thread, so that forking stays safe.
"""

from __future__ import annotations

import contextlib
import copy
import os
import signal
import time
from collections.abc import Callable, Iterator
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from types import FrameType
from typing import Any, NoReturn

from pi_tui.host import ledger, worker_runtime
from pi_tui.host.protocol import Failure

PERIOD_S = 0.2

LINGER_S = 10.0
"""How long a worker process may run after the last task. Sending results takes less; a forgotten thread never ends."""


_PF_EXITING = 0x4
"""A flag in `/proc/<pid>/stat`: set before an ending process closes its files. Source: include/linux/sched.h of Linux."""

ARRIVING_BYTES = 1 << 16
"""So many bytes per look are results on their way; looking itself reads some hundred."""


CLOSED_PIPES = Failure(
    "ClosedPipes", "the kernel closed files that it did not open, among them the pipes of its worker process"
)


class ReadingReceiver:
    """The host's end of the pipe for the workers' readings.

    Attributes:
        all_lived_at_termination: whether all workers lived when the first of them was terminated; None before that.
    """

    def __init__(self, descriptor: int) -> None:
        os.set_blocking(descriptor, False)
        self._descriptor = descriptor
        self._rest = b""
        self.readings: list[ledger.Reading] = []
        self.all_lived_at_termination: bool | None = None

    def receive(self) -> None:
        """Read all readings that have arrived."""
        while True:
            try:
                data = os.read(self._descriptor, 1 << 20)
            except BlockingIOError:
                return
            if not data:
                return
            found, self._rest = ledger.parse_readings(self._rest + data)
            self.readings += found

    @property
    def finished_tasks(self) -> int:
        """The number of tasks that have finished."""
        return sum(reading.kind == worker_runtime.LEFT for reading in self.readings)

    def find_failure(self) -> Failure | None:
        """Return the failure of the first kernel call that raised an exception; None if there is none."""
        return ledger.find_failure(self.readings)

    def is_in_kernel(self, pid: int) -> bool:
        """Return whether the last reading of a process says that it entered a kernel call."""
        kinds = [reading.kind for reading in self.readings if reading.pid == pid]
        return bool(kinds) and kinds[-1] == worker_runtime.ENTERED


def record_processes(context: BaseContext, started: list[BaseProcess]) -> Any:
    """Copy a context so that each process it creates is also appended to `started`; a pool forgets those that ended."""
    recorder: Any = copy.copy(context)
    create = recorder.Process

    def process(*args: Any, **kwargs: Any) -> BaseProcess:
        created: BaseProcess = create(*args, **kwargs)
        started.append(created)
        return created

    recorder.Process = process
    return recorder


def describe_exit(code: int) -> Failure:
    """Convert the exit code of a worker process to a failure."""
    if code < 0:
        name = signal.Signals(-code).name if -code in signal.Signals.__members__.values() else f"signal {-code}"
        return Failure(name, f"a worker process was ended by {name}")
    if code == worker_runtime.CLOSED_PIPES_EXIT:
        return CLOSED_PIPES
    return Failure("Exit", f"a worker process ended with exit code {code} before its work was done")


@contextlib.contextmanager
def watch_workers(
    receiver: ReadingReceiver, started: list[BaseProcess], tasks: int, give_up: Callable[[Failure], NoReturn]
) -> Iterator[None]:
    """Inside the block, kill all workers and call `give_up` if one of them is lost or does not end.

    The mode itself passes on an exception of a kernel; `give_up` is called for it only if that takes too long.
    """
    if not hasattr(signal, "setitimer"):  # Windows: only the time-out notices a lost worker
        yield
        return
    raised_before = False
    done_at: float | None = None
    bytes_read = 0
    checking = False

    def handle_alarm(_signal: int, frame: FrameType | None) -> None:
        nonlocal checking
        if not checking:  # on a busy machine, the next alarm may interrupt this one and must not read in between
            checking = True
            check(frame)
            checking = False

    def check(frame: FrameType | None) -> None:
        nonlocal raised_before, done_at, bytes_read
        exited = list_exited(started, frame)
        receiver.receive()
        raised = receiver.find_failure()
        if raised_before:
            failure = raised
        elif raised or receiver.finished_tasks < tasks:
            failure = None if raised else find_lost_worker(receiver, exited)
        else:
            bytes_read, before = read_bytes_count(), bytes_read
            if done_at is None or bytes_read - before > ARRIVING_BYTES:  # results are still on their way
                done_at = time.monotonic()
            failure = describe_lingering_worker() if time.monotonic() - done_at > LINGER_S else None
        raised_before = raised is not None
        if failure is not None:
            for process in started:
                with contextlib.suppress(ValueError, AttributeError, OSError):
                    process.kill()
            give_up(failure)

    before = signal.signal(signal.SIGALRM, handle_alarm)
    signal.setitimer(signal.ITIMER_REAL, PERIOD_S, PERIOD_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def read_bytes_count() -> int:
    """Return how many bytes this process has read so far, results of workers included; 0 where the system does not tell."""
    with contextlib.suppress(OSError, ValueError, IndexError), open("/proc/self/io", "rb") as file:
        return int(file.read().split()[1])
    return 0


def describe_lingering_worker() -> Failure:
    """Return the failure of a trial that does not end although all tasks are done."""
    return Failure(
        "LeftBehind",
        f"the tasks are done, but a worker process did not end within {LINGER_S:g} s: a thread or process that the "
        "kernel started and left running may be the reason",
    )


def list_exited(started: list[BaseProcess], interrupted: FrameType | None = None) -> list[tuple[int, int]]:
    """Return the process id and the exit code of each worker that has ended.

    This must be called before the readings are received, which then include the last reading of each of these workers.
    Otherwise a worker that ends in between would seem to have ended in the middle of its work. A worker whose exit code the
    interrupted code is about to read is left out: a fork server sends each exit code once, and a second reader gets 255.
    """
    found = []
    awaited = _find_awaited(interrupted)
    for process in started:
        if awaited is not None and getattr(process, "_popen", None) is awaited:
            continue
        with contextlib.suppress(ValueError):  # its pool has closed it
            code, pid = process.exitcode, process.pid
            if pid is not None and code is not None:
                found.append((pid, code))
    return found


def _find_awaited(frame: FrameType | None) -> object | None:
    """Return the `Popen` object of multiprocessing whose `poll` is running in a frame or its callers; None if none is."""
    while frame is not None:
        if frame.f_code.co_name == "poll":
            return frame.f_locals.get("self")
        frame = frame.f_back
    return None


def find_lost_worker(receiver: ReadingReceiver, exited: list[tuple[int, int]]) -> Failure | None:
    """Return how the first lost worker ended; None if none is lost.

    A worker that was terminated comes last: it was ended because of another one.
    """
    codes = [code for pid, code in exited if code != 0 or receiver.is_in_kernel(pid)]
    codes.sort(key=lambda code: code == -signal.SIGTERM)
    if codes and codes[0] == -signal.SIGTERM and receiver.all_lived_at_termination:
        return CLOSED_PIPES
    return describe_exit(codes[0]) if codes else None


@contextlib.contextmanager
def watch_termination(receiver: ReadingReceiver, started: list[BaseProcess]) -> Iterator[None]:
    """Inside the block, note whether all workers lived when the first of them was terminated.

    `ProcessPoolExecutor` terminates its workers once the pipe of one of them is closed, which a worker's end does, but also a
    kernel that closes files that it did not open.
    """
    terminate = BaseProcess.terminate

    def note_and_terminate(process: BaseProcess) -> None:
        if receiver.all_lived_at_termination is None:
            pids = [each.pid for each in list(started) if each._popen is not None]  # type: ignore[attr-defined]
            receiver.all_lived_at_termination = all(map(_is_known_to_live, pids))
        terminate(process)

    BaseProcess.terminate = note_and_terminate  # type: ignore[assignment,method-assign]
    try:
        yield
    finally:
        BaseProcess.terminate = terminate  # type: ignore[method-assign]


def _is_known_to_live(pid: int | None) -> bool:
    """Return whether a process has not even begun to end; False where the system does not tell."""
    with contextlib.suppress(OSError, ValueError, IndexError), open(f"/proc/{pid}/stat", "rb") as file:
        state, *fields = file.read().rpartition(b")")[2].split()
        return state not in (b"Z", b"X") and not int(fields[5]) & _PF_EXITING
    return False
