"""The host's look at its worker processes, a few times a second."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from typing import NoReturn

import pytest

from pi_tui.host.protocol import Failure
from pi_tui.host.watch import Inbox, watching

pytestmark = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs timer signals")


class BusyInbox(Inbox):
    """One that the next alarm finds in the middle of its reading, each time."""

    def __init__(self, descriptor: int) -> None:
        super().__init__(descriptor)
        self.begun: list[str] = []

    def take_in(self) -> None:
        self.begun.append("begun")
        if len(self.begun) < 5:
            signal.raise_signal(signal.SIGALRM)
        self.begun.append("done")
        super().take_in()


@pytest.fixture
def pipe() -> Iterator[int]:
    reading, writing = os.pipe()
    yield reading
    os.close(reading)
    os.close(writing)


def never(failure: Failure) -> NoReturn:
    raise AssertionError(failure)


def test_an_alarm_does_not_read_while_another_does(pipe: int) -> None:
    inbox = BusyInbox(pipe)
    with watching(inbox, [], 1, never):
        signal.raise_signal(signal.SIGALRM)
        signal.raise_signal(signal.SIGALRM)
    assert len(inbox.begun) >= 4
    assert inbox.begun == ["begun", "done"] * (len(inbox.begun) // 2)


def test_afterwards_alarms_are_whose_they_were(pipe: int) -> None:
    before = signal.getsignal(signal.SIGALRM)
    with watching(Inbox(pipe), [], 1, never):
        assert signal.getsignal(signal.SIGALRM) != before
    assert signal.getsignal(signal.SIGALRM) == before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
