"""The thread of a run and its queue of events."""

from __future__ import annotations

from contextlib import suppress

import pytest

from pi_tui.engine.run.events import RunFinished
from pi_tui.ui.controllers.messages import RunEnded
from pi_tui.ui.controllers.run_thread import EventQueue, Runner
from pi_tui.ui.state.selection import Selection
from tests.ui.rows import case, events_of
from tests.ui.scripted import (
    ScriptedLaboratory,
    machine,
)


def test_superseded_events_are_dropped_and_the_rest_keep_their_order() -> None:
    first, second = case("python"), case("numba")
    a, b = events_of(first), events_of(second)
    inbox = EventQueue()
    assert inbox.put(a[0])
    assert not inbox.put(a[1])
    for event in (*a[2:6], b[1], b[2]):
        inbox.put(event)
    assert inbox.take() == [a[0], a[5], b[2]]
    assert not inbox.waiting
    assert inbox.take() == []


def test_an_error_of_a_run_becomes_a_message() -> None:
    class Broken(ScriptedLaboratory):
        def run(self, plan: object):  # type: ignore[no-untyped-def,override]
            raise ZeroDivisionError("by nought")
            yield

    posted: list[object] = []
    laboratory = Broken(machine())
    runner = Runner(laboratory, posted.append)
    runner.begin()
    runner.run(laboratory.plan(Selection().request()))
    assert [getattr(message, "error", None) for message in posted] == ["ZeroDivisionError: by nought"]


@pytest.mark.parametrize("when", ["made", "closed"])
def test_a_run_whose_recorder_fails_still_ends(when: str) -> None:
    class Breaking:
        def __init__(self, request: object, tell: object) -> None:
            if when == "made":
                raise ImportError("no SQLite in this Python")

        def take(self, event: object) -> None: ...

        def close(self, reason: str = "") -> None:
            raise ImportError("no SQLite in this Python")

    laboratory, posted = ScriptedLaboratory(machine()), list[object]()
    runner = Runner(laboratory, posted.append, Breaking)
    runner.begin()
    laboratory.permit(1000)
    with suppress(ImportError):
        runner.run(laboratory.plan(Selection().request()))
    assert isinstance(posted[-1], RunEnded)


def test_a_stop_before_the_run_still_stops_it() -> None:
    laboratory = ScriptedLaboratory(machine())
    posted: list[object] = []
    runner = Runner(laboratory, posted.append)
    plan = laboratory.plan(Selection().request())
    runner.begin()
    runner.stop()
    laboratory.permit(3)
    runner.run(plan)
    events = runner.queue.take()
    assert isinstance(events[-1], RunFinished)
    assert events[-1].stopped
