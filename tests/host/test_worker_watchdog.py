"""The host's checks of its worker processes, a few times per second."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, NoReturn

import pytest

from pi_tui.host import worker_runtime, worker_watchdog
from pi_tui.host.protocol import Failure
from pi_tui.host.worker_watchdog import ReadingReceiver, watch_workers

pytestmark = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs timer signals")


class BusyReceiver(ReadingReceiver):
    """A receiver that is always interrupted by the next alarm."""

    def __init__(self, descriptor: int) -> None:
        super().__init__(descriptor)
        self.begun: list[str] = []

    def receive(self) -> None:
        self.begun.append("begun")
        if len(self.begun) < 5:
            signal.raise_signal(signal.SIGALRM)
        self.begun.append("done")
        super().receive()


@pytest.fixture
def pipe() -> Iterator[int]:
    reading, writing = os.pipe()
    yield reading
    os.close(reading)
    os.close(writing)


def never(failure: Failure) -> NoReturn:
    raise AssertionError(failure)


def test_an_alarm_does_not_interrupt_another_one(pipe: int) -> None:
    receiver = BusyReceiver(pipe)
    with watch_workers(receiver, [], 1, never):
        signal.raise_signal(signal.SIGALRM)
        signal.raise_signal(signal.SIGALRM)
    assert len(receiver.begun) >= 4
    assert receiver.begun == ["begun", "done"] * (len(receiver.begun) // 2)


# ---- a worker that ends during a check


PID = 77


class LateReceiver(ReadingReceiver):
    """A receiver after whose first call the worker ends, before anything else happens."""

    def __init__(self, descriptor: int, worker: SimpleNamespace, last_reading: bytes, code: int) -> None:
        super().__init__(descriptor)
        self.worker, self.last_reading, self.code = worker, last_reading, code

    def receive(self) -> None:
        super().receive()
        if self.worker.exitcode is None:
            os.write(self.worker.says, self.last_reading)
            self.worker.exitcode = self.code


class GivenUpError(Exception):
    """The host gave up; the argument is the failure."""


def give_up(failure: Failure) -> NoReturn:
    raise GivenUpError(failure)


def raise_alarms(times: int) -> None:
    for _ in range(times):
        signal.raise_signal(signal.SIGALRM)


def record(kind: int, text: bytes = b"") -> bytes:
    return worker_runtime.READING.pack(kind, 0, 0, PID, PID, 0, *[0] * 8, len(text)) + text


@pytest.fixture
def worker() -> Iterator[SimpleNamespace]:
    """A process that has begun its only task."""
    hears, says = os.pipe()
    os.write(says, record(worker_runtime.ENTERED))
    yield SimpleNamespace(pid=PID, exitcode=None, hears=hears, says=says)
    os.close(hears)
    os.close(says)


def test_a_worker_that_finishes_during_a_check_is_not_lost(worker: Any) -> None:
    with watch_workers(LateReceiver(worker.hears, worker, record(worker_runtime.LEFT), 0), [worker], 1, give_up):
        raise_alarms(3)
    assert worker.exitcode == 0


def test_a_worker_that_raises_during_a_check_is_reported_with_its_exception(worker: Any) -> None:
    last_reading = record(worker_runtime.RAISED, b"ValueError\0no luck\0its traceback")
    with (
        pytest.raises(GivenUpError) as given_up,
        watch_workers(LateReceiver(worker.hears, worker, last_reading, 1), [worker], 1, give_up),
    ):
        raise_alarms(3)
    assert given_up.value.args[0].type == "ValueError"


def test_a_worker_that_ends_inside_a_task_is_lost(worker: Any) -> None:
    with (
        pytest.raises(GivenUpError) as given_up,
        watch_workers(LateReceiver(worker.hears, worker, b"", 0), [worker], 1, give_up),
    ):
        raise_alarms(2)
    assert given_up.value.args[0].type == "Exit"


def test_the_alarm_handler_is_restored(pipe: int) -> None:
    before = signal.getsignal(signal.SIGALRM)
    with watch_workers(ReadingReceiver(pipe), [], 1, never):
        assert signal.getsignal(signal.SIGALRM) != before
    assert signal.getsignal(signal.SIGALRM) == before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


class OnceReadable:
    """The `Popen` object of a fork server's child: its exit code can be read once, and an alarm comes just before that."""

    def __init__(self) -> None:
        self.returncode: int | None = None
        self.unread = [0]

    def poll(self) -> int | None:
        if self.returncode is None:
            signal.raise_signal(signal.SIGALRM)
            self.returncode = self.unread.pop() if self.unread else 255
        return self.returncode


class ForkServerChild:
    pid = PID

    def __init__(self) -> None:
        self._popen = OnceReadable()

    @property
    def exitcode(self) -> int | None:
        return self._popen.poll()


def test_an_alarm_does_not_take_an_exit_code_from_the_code_it_interrupts(pipe: int) -> None:
    child: Any = ForkServerChild()
    with watch_workers(ReadingReceiver(pipe), [child], 1, never):
        assert child.exitcode == 0


# ---- results that are still on their way


@pytest.mark.parametrize("arriving", [True, False])
def test_results_on_their_way_are_no_worker_left_behind(
    worker: Any, monkeypatch: pytest.MonkeyPatch, arriving: bool
) -> None:
    now_s, read_bytes = 0.0, 0

    def read_bytes_count() -> int:
        return read_bytes

    monkeypatch.setattr(worker_watchdog, "read_bytes_count", read_bytes_count)
    monkeypatch.setattr(worker_watchdog.time, "monotonic", lambda: now_s)
    os.write(worker.says, record(worker_runtime.LEFT))
    given_up = False
    with watch_workers(ReadingReceiver(worker.hears), [worker], 1, give_up):
        try:
            for _ in range(20):
                raise_alarms(1)
                now_s += worker_watchdog.LINGER_S / 5
                read_bytes += 10 * worker_watchdog.ARRIVING_BYTES if arriving else 0
        except GivenUpError as error:
            given_up = error.args[0].type == "LeftBehind"
    assert given_up is not arriving
