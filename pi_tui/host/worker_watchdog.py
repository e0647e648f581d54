"""Noticing that a worker process died, while the main thread waits for a result that will never come.

`Pool.map` and `Queue.get` wait for ever for a task whose process was killed, and so may `Pool.terminate`: a process that
dies while it waits for a task takes the queue's lock with it. A timer signal interrupts that wait a few times a second; its
handler takes in the readings (so that their pipe never fills) and looks at the processes. Once one is lost, this host is
given up. No thread is needed, so that a fork stays safe.
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
from typing import Any, NoReturn

from pi_tui.host import ledger, worker_runtime
from pi_tui.host.protocol import Failure

PERIOD_S = 0.2

LINGER_S = 10.0
"""How long a worker process may stay after the last task: results go home in less, and a thread left behind stays for ever."""


class ReadingReceiver:
    """The host's end of the pipe that the workers' readings come through."""

    def __init__(self, descriptor: int) -> None:
        os.set_blocking(descriptor, False)
        self._descriptor = descriptor
        self._rest = b""
        self.readings: list[ledger.Reading] = []

    def receive(self) -> None:
        """Read whatever has arrived."""
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
        """Tasks that came to their end."""
        return sum(reading.kind == worker_runtime.LEFT for reading in self.readings)

    def find_failure(self) -> Failure | None:
        """What the first kernel that raised said."""
        return ledger.find_failure(self.readings)

    def is_in_kernel(self, pid: int) -> bool:
        """Whether the last that was heard of a process is that it entered a kernel."""
        kinds = [reading.kind for reading in self.readings if reading.pid == pid]
        return bool(kinds) and kinds[-1] == worker_runtime.ENTERED


def record_processes(context: BaseContext, started: list[BaseProcess]) -> Any:
    """The same start method, but every process it makes is also put into `started` (a pool forgets its dead)."""
    watched: Any = copy.copy(context)
    make = watched.Process

    def process(*args: Any, **kwargs: Any) -> BaseProcess:
        made: BaseProcess = make(*args, **kwargs)
        started.append(made)
        return made

    watched.Process = process
    return watched


def describe_exit(code: int) -> Failure:
    """An exit code of a worker process in words."""
    if code < 0:
        name = signal.Signals(-code).name if -code in signal.Signals.__members__.values() else f"signal {-code}"
        return Failure(name, f"a worker process was ended by {name}")
    return Failure("Exit", f"a worker process left with exit code {code} in the middle of its work")


@contextlib.contextmanager
def watch_workers(
    receiver: ReadingReceiver, started: list[BaseProcess], tasks: int, give_up: Callable[[Failure], NoReturn]
) -> Iterator[None]:
    """While inside, kill all workers and call `give_up` once one of them is lost, or does not end.

    An exception of a kernel is the mode's to pass on; `give_up` is called for it only if that takes too long.
    """
    if not hasattr(signal, "setitimer"):  # Windows: a lost worker is found by the time-out alone
        yield
        return
    raised_before = False
    done_at: float | None = None
    looking = False

    def alarm(_signal: int, _frame: object) -> None:
        nonlocal looking
        if (
            not looking
        ):  # on a busy machine the next alarm may come before one is dealt with: it must not read in between
            looking = True
            look()
            looking = False

    def look() -> None:
        nonlocal raised_before, done_at
        exited = list_exited(started)
        receiver.receive()
        raised = receiver.find_failure()
        if raised_before:
            failure = raised
        elif raised or receiver.finished_tasks < tasks:
            failure = None if raised else find_lost_worker(receiver, exited)
        else:
            done_at = done_at or time.monotonic()
            failure = describe_lingering_worker() if time.monotonic() - done_at > LINGER_S else None
        raised_before = raised is not None
        if failure is not None:
            for process in started:
                with contextlib.suppress(ValueError, AttributeError, OSError):
                    process.kill()
            give_up(failure)

    before = signal.signal(signal.SIGALRM, alarm)
    signal.setitimer(signal.ITIMER_REAL, PERIOD_S, PERIOD_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def describe_lingering_worker() -> Failure:
    """All tasks are done, and yet the trial does not end."""
    return Failure(
        "LeftBehind",
        f"the tasks are done, but a worker process did not end within {LINGER_S:g} s: a thread or process that the "
        "kernel started and left behind may keep it",
    )


def list_exited(started: list[BaseProcess]) -> list[tuple[int, int]]:
    """Process id and exit code of each worker that has ended.

    To be asked before the readings are taken in: only of who was gone by then is it sure that its last word is among them.
    Asked afterwards, a worker that finished in between would seem to have left in the middle of its work.
    """
    found = []
    for process in started:
        with contextlib.suppress(ValueError):  # closed by its pool
            code, pid = process.exitcode, process.pid
            if pid is not None and code is not None:
                found.append((pid, code))
    return found


def find_lost_worker(receiver: ReadingReceiver, exited: list[tuple[int, int]]) -> Failure | None:
    """How the first worker ended that should not have; one that was terminated died of what befell another."""
    codes = [code for pid, code in exited if code != 0 or receiver.is_in_kernel(pid)]
    codes.sort(key=lambda code: code == -signal.SIGTERM)
    return describe_exit(codes[0]) if codes else None
