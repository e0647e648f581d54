"""The host's look at its worker processes, a few times a second."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, NoReturn

import pytest

from pi_tui.host import worker_runtime
from pi_tui.host.protocol import Failure
from pi_tui.host.worker_watchdog import ReadingReceiver, watch_workers

pytestmark = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs timer signals")


class BusyReceiver(ReadingReceiver):
    """One that the next alarm finds in the middle of its reading, each time."""

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


def test_an_alarm_does_not_read_while_another_does(pipe: int) -> None:
    receiver = BusyReceiver(pipe)
    with watch_workers(receiver, [], 1, never):
        signal.raise_signal(signal.SIGALRM)
        signal.raise_signal(signal.SIGALRM)
    assert len(receiver.begun) >= 4
    assert receiver.begun == ["begun", "done"] * (len(receiver.begun) // 2)


# ---- a worker that goes while the host is just looking


PID = 77


class LateReceiver(ReadingReceiver):
    """After its first look nothing is done for so long that the worker comes to its end meanwhile."""

    def __init__(self, descriptor: int, worker: SimpleNamespace, last_words: bytes, code: int) -> None:
        super().__init__(descriptor)
        self.worker, self.last_words, self.code = worker, last_words, code

    def receive(self) -> None:
        super().receive()
        if self.worker.exitcode is None:
            os.write(self.worker.says, self.last_words)
            self.worker.exitcode = self.code


class GivenUpError(Exception):
    """The host was given up; the argument says why."""


def give_up(failure: Failure) -> NoReturn:
    raise GivenUpError(failure)


def look(times: int) -> None:
    for _ in range(times):
        signal.raise_signal(signal.SIGALRM)


def record(kind: int, text: bytes = b"") -> bytes:
    return worker_runtime.READING.pack(kind, 0, 0, PID, PID, 0, 0, 0, 0, 0, len(text)) + text


@pytest.fixture
def worker() -> Iterator[SimpleNamespace]:
    """A process that has begun its one task."""
    hears, says = os.pipe()
    os.write(says, record(worker_runtime.ENTERED))
    yield SimpleNamespace(pid=PID, exitcode=None, hears=hears, says=says)
    os.close(hears)
    os.close(says)


def test_a_worker_that_finishes_while_it_is_looked_at_is_not_lost(worker: Any) -> None:
    with watch_workers(LateReceiver(worker.hears, worker, record(worker_runtime.LEFT), 0), [worker], 1, give_up):
        look(3)
    assert worker.exitcode == 0


def test_a_worker_that_raises_while_it_is_looked_at_is_told_by_what_it_raised(worker: Any) -> None:
    last_words = record(worker_runtime.RAISED, b"ValueError\0no luck\0its traceback")
    with (
        pytest.raises(GivenUpError) as given_up,
        watch_workers(LateReceiver(worker.hears, worker, last_words, 1), [worker], 1, give_up),
    ):
        look(3)
    assert given_up.value.args[0].type == "ValueError"


def test_a_worker_that_leaves_in_the_middle_is_lost(worker: Any) -> None:
    with (
        pytest.raises(GivenUpError) as given_up,
        watch_workers(LateReceiver(worker.hears, worker, b"", 0), [worker], 1, give_up),
    ):
        look(2)
    assert given_up.value.args[0].type == "Exit"


def test_afterwards_alarms_are_whose_they_were(pipe: int) -> None:
    before = signal.getsignal(signal.SIGALRM)
    with watch_workers(ReadingReceiver(pipe), [], 1, never):
        assert signal.getsignal(signal.SIGALRM) != before
    assert signal.getsignal(signal.SIGALRM) == before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
