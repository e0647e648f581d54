"""A stored run played again: the same screen, nothing measured, nothing recorded."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from pi_tui.engine.run.events import Event, HostReady
from pi_tui.storage.history.replay import TimedEvent
from pi_tui.storage.history.service import HistoryService
from pi_tui.ui.app import LaboratoryApp
from pi_tui.ui.state.replay_player import ReplayPlayer
from tests.ui.kept import REQUESTS, STARTED_S, give, record
from tests.ui.pilot import opened, run_to_end, screen_text, seen, until
from tests.ui.scripted import Bench, HandClock


def moments(*times_s: float) -> Iterator[TimedEvent]:
    return (TimedEvent(at_s, HostReady("3.11.7", number, 0, True)) for number, at_s in enumerate(times_s))


class Waiting:
    """Waits by moving the clock; notes for how long."""

    def __init__(self, clock: HandClock) -> None:
        self.clock, self.asked = clock, list[float | None]()

    def __call__(self, seconds: float | None) -> None:
        self.asked.append(seconds)
        assert seconds is not None, "it would wait for ever"
        self.clock.now_s += seconds


def played(player: ReplayPlayer, clock: HandClock) -> list[tuple[float, Event]]:
    return [(clock.now_s, event) for event in player.events()]


@pytest.mark.parametrize("speed", [0.5, 1.0, 4.0])
def test_each_event_comes_at_its_moment_so_many_times_as_fast(speed: float) -> None:
    clock = HandClock()
    player = ReplayPlayer(lambda: moments(0.0, 1.0, 1.0, 3.5), clock, speed, Waiting(clock))
    told = played(player, clock)
    assert [at - 1000.0 for at, _ in told] == pytest.approx([0.0, 1.0 / speed, 1.0 / speed, 3.5 / speed])
    assert player.position_s() == pytest.approx(3.5)


def test_a_replay_that_is_held_stands_still_and_goes_on_where_it_was() -> None:
    clock = HandClock()
    player = ReplayPlayer(lambda: moments(0.0, 10.0), clock, 1.0)
    events = player.events()
    next(events)
    clock.now_s += 4.0
    assert player.toggle_pause()
    clock.now_s += 100.0
    assert player.position_s() == pytest.approx(4.0)
    assert not player.toggle_pause()
    clock.now_s += 1.0
    assert player.position_s() == pytest.approx(5.0)
    assert player.change_speed(2.0) == 2.0
    clock.now_s += 2.5
    assert player.position_s() == pytest.approx(10.0)
    assert len(list(events)) == 1


def test_a_replay_ends_where_it_is_stopped() -> None:
    clock = HandClock()
    player = ReplayPlayer(lambda: moments(0.0, 10.0), clock, 1.0)
    events = player.events()
    next(events)
    player.stop()
    assert list(events) == []


def test_the_speed_has_limits() -> None:
    player = ReplayPlayer(lambda: moments(), HandClock())
    for _ in range(40):
        player.change_speed(2.0)
    assert player.speed == 1024.0
    for _ in range(40):
        player.change_speed(0.5)
    assert player.speed == 1 / 16


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "data" / "history.db"
    record(found, REQUESTS[0], STARTED_S)
    return found


@pytest.fixture
def bench(tmp_path: Path, path: Path) -> Bench:
    made = Bench(folder=tmp_path)
    give(made, path)
    return made


async def begin(pilot: Pilot[Any], bench: Bench) -> ReplayPlayer:
    await pilot.press("h")
    await seen(pilot, "1 run,")
    await pilot.press("p")
    await until(
        pilot, lambda: bench.app.session.replay is not None and bench.app.run_control.player is not None, "a replay"
    )
    player = bench.app.run_control.player
    assert player is not None
    await until(pilot, lambda: player._since_s is not None, "the replay's thread, which begins to count the time")
    return player


async def pass_s(pilot: Pilot[Any], bench: Bench, player: ReplayPlayer, seconds: float) -> None:
    bench.clock.now_s += seconds
    player.recheck()
    await pilot.pause()


async def test_a_replay_moves_as_the_run_did_and_says_that_it_is_one(bench: Bench, path: Path) -> None:
    before = HistoryService(path).list_runs()
    async with opened(bench, (120, 40)) as pilot:
        player = await begin(pilot, bench)
        await seen(pilot, "Replay of run 1 of 2026-01-01 12:00", "nothing is measured", "space holds it")
        await pass_s(pilot, bench, player, 10.0)
        await until(pilot, lambda: bench.app.session.progress is not None, "progress")
        rows = len(bench.app.session.rows)
        assert 0 < rows < 6
        bench.app.bench.show_cores((0.5, 0.5))
        await seen(pilot, "not recorded", "replay 1")
        await pass_s(pilot, bench, player, 1000.0)
        await until(pilot, lambda: not bench.app.session.running, "the end of the replay")
        stored = HistoryService(path).load_run(1).record.results
        shown = {row.case: row.result for row in bench.app.session.rows}
        assert shown == {result.case: result for result in stored}
        assert bench.app.session.results() == (), "a replay is no new measurement"
        await seen(pilot, "Replay of run 1 of 2026-01-01 12:00 is over.")
        assert "nothing is measured" not in screen_text(pilot.app)
    assert HistoryService(path).list_runs() == before, "a replay is never recorded"
    assert "run" not in bench.laboratory.calls


async def test_a_damaged_run_is_told_in_a_sentence_by_its_replay_and_when_it_is_opened(
    bench: Bench, path: Path
) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE events SET body = '[]' WHERE kind IN ('RunFinished', 'TrialStarted')")
    async with opened(bench, (120, 40)) as pilot:
        await pilot.press("h")
        await seen(pilot, "1 run,")
        await pilot.press("enter")
        await seen(pilot, "A stored value cannot be")
        await pilot.press("escape")
        player = await begin(pilot, bench)
        await pass_s(pilot, bench, player, 1000.0)
        await until(pilot, lambda: bench.app.run_control.player is None, "the end of the replay")
        await seen(pilot, "The replay broke off", "a stored value cannot be")
        assert "Error" not in screen_text(pilot.app)


async def test_space_holds_a_replay_and_x_ends_it(bench: Bench) -> None:
    async with opened(bench, (120, 40)) as pilot:
        player = await begin(pilot, bench)
        await pilot.press("space")
        await seen(pilot, "held", "space goes on")
        assert player.paused
        kernels = bench.ticked("kernel")
        await pilot.press("space")
        await seen(pilot, "space holds it")
        assert bench.ticked("kernel") == kernels, "the key ticks nothing meanwhile"
        await pilot.press("greater_than_sign", "greater_than_sign", "less_than_sign")
        assert player.speed == 2.0
        await seen(pilot, "× 2 ")
        await pilot.press("x")
        await until(pilot, lambda: not bench.app.session.running, "the end")
        await seen(pilot, "was ended.")
        assert bench.app.run_control.player is None
        await run_to_end(pilot, bench)
        assert len(bench.app.session.results()) == 4, "a real run follows as ever"


async def test_foreign_threads_are_not_looked_at_during_a_replay(bench: Bench) -> None:
    def never() -> Any:
        raise AssertionError("nothing is to be read of threads that are long gone")

    bench.give(core_share=never, queued_share=never)
    async with opened(bench, (120, 40)) as pilot:
        player = await begin(pilot, bench)
        await pass_s(pilot, bench, player, 1000.0)
        await until(pilot, lambda: not bench.app.session.running, "the end of the replay")
        bench.app.bench.show_lanes()


async def test_the_app_opens_with_a_replay_and_leaves_in_the_midst_of_it(bench: Bench) -> None:
    bench.app = LaboratoryApp(bench.ports, replay=(1, 8.0))
    async with opened(bench, (80, 24)) as pilot:
        await seen(pilot, "Replay of run 1")
        player = bench.app.run_control.player
        assert player is not None
        assert player.speed == 8.0
        await pilot.press("q")
        await until(pilot, lambda: bench.app.return_code is not None or not bench.app.is_running, "the end")
    assert player.stopped


async def test_a_replay_that_cannot_be_read_is_told(bench: Bench) -> None:
    bench.app = LaboratoryApp(bench.ports, replay=(99, 1.0))
    async with opened(bench, (120, 40)) as pilot:
        await seen(pilot, "there is no run 99 in the history")
        assert not bench.app.session.running
