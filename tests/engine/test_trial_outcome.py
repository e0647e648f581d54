"""How long the observer's last lanes are waited for; the test sets the time."""

from __future__ import annotations

import pytest

from pi_tui.engine.hosts.host_failures import HostTimeout
from pi_tui.engine.run.trial_outcome import LANES_PATIENCE_S, TrialOutcome
from pi_tui.host.protocol import LanesSeen, Message, TrialDone, WorkerLedger, WorkerTicks

LEDGER = WorkerLedger(0, 40, 41, 1, 1000, 0.0, 0.5, 0.0, 0.5, 0.0, 0.0)
DONE = TrialDone(7, 1.0, 1.7e9, (LEDGER,), (785,), ())


def last_word(trial: int) -> LanesSeen:
    ticks = WorkerTicks(0, 40, 41, running=500, gil=500)
    return LanesSeen(trial, 0, 1_000_000, 0, 1000, 0, "system call", (), (ticks,), ended=True)


class Script:
    """Messages, each with the time when it arrives."""

    def __init__(self, *messages: tuple[float, Message]) -> None:
        self.now_s = 0.0
        self._messages = list(messages)

    def clock(self) -> float:
        return self.now_s

    def receive(self, timeout_s: float | None) -> Message:
        if not self._messages or (timeout_s is not None and self._messages[0][0] > self.now_s + timeout_s):
            assert timeout_s is not None, "nothing would ever come"
            self.now_s += max(0.0, timeout_s)
            raise HostTimeout("nothing came")
        at_s, message = self._messages.pop(0)
        self.now_s = max(self.now_s, at_s)
        return message


def test_last_lanes_that_come_two_seconds_late_are_used() -> None:
    script = Script((1.0, DONE), (2.9, last_word(6)), (3.0, last_word(7)))
    outcome = TrialOutcome(7)
    assert [seen.trial for seen in outcome.listen(script.receive, None, script.clock)] == [7]
    (worker,) = outcome.build_trial("measured", 1, DONE).workers
    assert worker.gil_wait_s == pytest.approx(0.5)


def test_without_last_lanes_the_kinds_of_waiting_are_unknown() -> None:
    script = Script((1.0, DONE))
    outcome = TrialOutcome(7)
    assert list(outcome.listen(script.receive, None, script.clock)) == []
    assert script.now_s == pytest.approx(1.0 + LANES_PATIENCE_S)
    assert outcome.lanes_missing, "even if no lanes of the trial were seen: a stopped observer is resumed"
    (worker,) = outcome.build_trial("measured", 1, DONE).workers
    assert worker.gil_wait_s is None
