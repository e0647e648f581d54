"""The app's runs go into the history, each event before it can be seen; what keeps them from it is told on the screen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pi_tui.engine.run.events import Event, RunFinished, RunStarted, TrialFinished
from pi_tui.engine.run.request import RunRequest
from pi_tui.storage.history import queries
from pi_tui.storage.history.database import open_history
from pi_tui.storage.history.recorder import Recorder
from tests.ui.pilot import opened, run_to_end, run_until, seen, until
from tests.ui.scripted import Bench


class Noted:
    """A recorder that notes what it is given, and how many rows the screen had by then."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self.requests: list[RunRequest] = []
        self.events: list[Event] = []
        self.rows: list[int] = []
        self.closed: list[str] = []

    def __call__(self, request: RunRequest, tell: Callable[[str], object]) -> Noted:
        self.requests.append(request)
        return self

    def record(self, event: Event) -> None:
        self.events.append(event)
        self.rows.append(sum(len(row.result.trials) for row in self._bench.app.session.rows if row.result))

    def close(self, reason: str = "") -> None:
        self.closed.append(reason)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(folder=tmp_path)


def give(bench: Bench, recorder: Callable[[RunRequest, Callable[[str], object]], object]) -> None:
    bench.give(recorder=recorder)  # type: ignore[arg-type]


async def test_every_event_is_recorded_before_it_can_be_seen(bench: Bench) -> None:
    noted = Noted(bench)
    give(bench, noted)
    async with opened(bench) as pilot:
        await run_to_end(pilot, bench)
    assert noted.requests == bench.laboratory.requests
    assert isinstance(noted.events[0], RunStarted)
    assert isinstance(noted.events[-1], RunFinished)
    assert noted.closed == [""]
    done = 0
    for event, rows in zip(noted.events, noted.rows, strict=True):
        done += isinstance(event, TrialFinished)
        assert rows <= max(0, done - isinstance(event, TrialFinished))


async def test_a_real_history_holds_the_run_while_it_is_on_the_screen(bench: Bench, tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    give(bench, lambda request, tell: Recorder(path, request, tell))
    async with opened(bench) as pilot:
        await run_until(pilot, bench, 12)
        with open_history(path, pytest.fail) as database:
            (line,) = queries.list_runs(database)
            assert line.state == "running"
            shown = sum(len(row.result.trials) for row in bench.app.session.rows if row.result)
            assert line.trials >= shown > 0
        bench.laboratory.permit()
        await until(pilot, lambda: not bench.app.session.running, "the end of the run")
        with open_history(path, pytest.fail) as database:
            assert queries.load_run(database, 1).results == bench.app.session.results()
            assert queries.list_runs(database)[0].state == "ok"


async def test_what_keeps_a_run_from_the_history_is_told_and_the_run_goes_on(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("in the way")
    give(bench, lambda request, tell: Recorder(tmp_path / "data" / "history.db", request, tell))
    async with opened(bench) as pilot:
        await run_to_end(pilot, bench)
        await seen(pilot, "cannot write the history")
        assert len(bench.app.session.results()) == 4


async def test_a_run_inside_the_app_is_no_measurement_and_not_recorded(bench: Bench) -> None:
    noted = Noted(bench)
    give(bench, noted)
    plan = bench.laboratory.plan(RunRequest(("python",), modes=("threads",), in_app=True))
    bench.laboratory.permit()
    async with opened(bench):
        bench.app.run_control.runner.begin()
        bench.app.run_control.runner.run(plan)
    assert noted.requests == []
