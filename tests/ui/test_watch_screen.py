"""The screen of a watch, driven by scripted sightings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pi_tui.engine.errors import HostError
from pi_tui.host.watch_protocol import NotStarted, WatchEnded
from tests.ui.pilot import running, screen_text, seen, until
from tests.ui.watch_script import ONE, SIGHTING, Script, app_of, course_of


@pytest.mark.parametrize("size", [(40, 12), (80, 24), (120, 40), (200, 60)])
async def test_lanes_shares_and_the_sentence_at_every_size(size: tuple[int, int]) -> None:
    app = app_of(Script(SIGHTING))
    async with running(app, size) as pilot:
        await seen(pilot, "██▓▓██▓▓", "took turns", "50%")
        text = screen_text(app)
        assert max(map(len, text.splitlines())) <= size[0]
        for key in ("2", "3", "1", "tab", "t", "o", "plus", "minus", "space", "space", "down", "end", "home"):
            await pilot.press(key)
        await pilot.resize_terminal(60, 15)
        await seen(pilot, "took turns")


async def test_the_ledger_and_the_output_have_their_panes(tmp_path: Path) -> None:
    kept = tmp_path / "out"
    kept.write_text("hello \x1b[31mworld\x1b[0m\n")
    app = app_of(Script(SIGHTING), kept)
    async with running(app) as pilot:
        await pilot.press("2")
        await seen(pilot, "since the start", "Thread-1")
        await pilot.press("t")
        await seen(pilot, "the last second")
        await pilot.press("3")
        await seen(pilot, "hello world")


async def test_pause_holds_still_until_it_is_lifted() -> None:
    script = Script(SIGHTING)
    app = app_of(script)
    async with running(app) as pilot:
        await seen(pilot, "Thread-2")
        await pilot.press("space")
        script.waiting.append(
            replace(SIGHTING, elapsed_s=2.2, threads=(*SIGHTING.threads, replace(ONE, tid=73, name="late")))
        )
        await until(pilot, lambda: app.watching.watch_session.record.elapsed_s == 2.2)
        assert "late" not in screen_text(app)
        await pilot.press("space")
        await seen(pilot, "late")


async def test_q_ends_the_program_and_the_screen_ends_with_it() -> None:
    script = Script(SIGHTING)
    app = app_of(script)
    async with running(app) as pilot:
        await seen(pilot, "Thread-2")
        await pilot.press("q")
        assert script.stops == 1
        assert app.watching.watch_session.ended is None
        script.waiting.append(WatchEnded("stopped", -15))
        await until(pilot, lambda: app.watching.watch_session.ended is not None)
    assert app.watching.watch_session.ended == WatchEnded("stopped", -15)


async def test_stay_keeps_the_screen_when_the_program_has_ended() -> None:
    app = app_of(Script(SIGHTING, WatchEnded("ended", 0)), stay=True)
    async with running(app) as pilot:
        await seen(pilot, "ended ·")
        assert app.is_running


async def test_states_alone_are_told() -> None:
    blind = tuple(replace(each, calls=False, gil=0, lock=0, blocked=50, waits_at="") for each in SIGHTING.threads)
    app = app_of(Script(replace(SIGHTING, threads=blind)))
    async with running(app, (120, 40)) as pilot:
        await seen(pilot, "states alone", "cannot be seen here")
        assert "GIL" not in screen_text(app)


async def test_a_command_that_cannot_be_started_closes_the_screen() -> None:
    app = app_of(Script(NotStarted("There is no command 'x'.")))
    async with running(app) as pilot:
        await until(pilot, lambda: app.watching.watch_session.refused != "")
    assert app.watching.watch_session.refused == "There is no command 'x'."


async def test_however_the_screen_is_left_the_watch_is_closed() -> None:
    script = Script(SIGHTING)
    async with running(app_of(script)) as pilot:
        await seen(pilot, "Thread-2")
        assert not script.closed
    assert script.closed


async def test_help_is_read_to_its_end_when_the_program_ends_meanwhile() -> None:
    script = Script(SIGHTING)
    app = app_of(script)
    async with running(app) as pilot:
        await seen(pilot, "Thread-2")
        await pilot.press("f1")
        await seen(pilot, "Watching a program")
        script.waiting.append(WatchEnded("ended", 0))
        await until(pilot, lambda: app.watching.watch_session.over)
        assert "Watching a program" in screen_text(app)
        await pilot.press("escape")
        await until(pilot, lambda: not app.is_running or app.watching.over)


def test_a_course_ends_when_its_time_is_up() -> None:
    script = Script(SIGHTING)
    watch_session = course_of(script, duration_s=0.0)
    assert watch_session.listen()
    assert (watch_session.expired, script.stops, watch_session.over) == (True, 1, False)
    assert not watch_session.listen()
    assert script.stops == 1


def test_a_watcher_that_is_gone_ends_the_course() -> None:
    class Gone(Script):
        def hear(self, timeout_s: float) -> list:  # type: ignore[type-arg]
            raise HostError("gone")

    watch_session = course_of(Gone())
    assert not watch_session.listen()
    assert watch_session.over
    assert str(watch_session.failed) == "gone"


def test_what_is_kept_for_the_screen_alone_goes_with_it() -> None:
    forgotten: list[bool] = []
    watch_session = course_of(Script())
    watch_session.request = replace(watch_session.request, forget=lambda: forgotten.append(True))
    assert not forgotten
    watch_session.close()
    assert forgotten
