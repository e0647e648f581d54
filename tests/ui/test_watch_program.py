"""Watching a program from the laboratory."""

from __future__ import annotations

import os

import pytest

from pi_tui.engine.errors import HostError
from pi_tui.engine.watch_client import WatchTarget
from pi_tui.host.watch_protocol import NotStarted, WatchEnded
from pi_tui.ui.state.watch_session import WatchSession
from pi_tui.ui.watch.screen import WatchScreen
from tests.ui.pilot import gone, opened, run_until, screen_text, seen, until
from tests.ui.scripted import Bench
from tests.ui.watch_script import SIGHTING, Script, course_of


class Watching:
    """A bench above which scripted watches are shown."""

    def __init__(self, *scripts: Script) -> None:
        self.bench = Bench()
        self.scripts = list(scripts)
        self.targets: list[WatchTarget] = []
        self.bench.give(watch=self.begin)

    def begin(self, target: WatchTarget) -> WatchSession:
        self.targets.append(target)
        if not self.scripts:
            raise HostError("the watcher cannot be started")
        return course_of(self.scripts.pop(0), stay=True)


async def test_a_command_is_watched_above_the_bench_and_q_leads_back() -> None:
    script = Script(SIGHTING)
    watching = Watching(script)
    async with opened(watching.bench) as pilot:
        await pilot.press("v")
        await seen(pilot, "a process id: 4711")
        await pilot.press(*"python 'my work.py'", "enter")
        await seen(pilot, "took turns", "██▓▓")
        assert watching.targets == [WatchTarget(None, ("python", "my work.py"), "python my work.py")]
        await pilot.press("r", "x", "g", "p")  # the keys of the bench mean nothing here
        assert "run" not in watching.bench.laboratory.calls
        await pilot.press("q")
        assert script.stops == 1
        script.waiting.append(WatchEnded("stopped", -15))
        await until(pilot, lambda: watching.bench.app.screen is watching.bench.app.bench, "the bench")
        assert script.closed


async def test_a_program_that_ended_stays_to_be_looked_at() -> None:
    watching = Watching(Script(SIGHTING, WatchEnded("ended", 0)))
    async with opened(watching.bench) as pilot:
        await pilot.press("v", *"true", "enter")
        await seen(pilot, "ended ·", "took turns")
        await pilot.press("escape")
        await seen(pilot, "Kernel")


async def test_a_process_is_named_by_its_number() -> None:
    watching = Watching(Script(SIGHTING))
    async with opened(watching.bench) as pilot:
        await pilot.press("v", *str(os.getppid()), "enter")
        await seen(pilot, "took turns")
        (target,) = watching.targets
        assert (target.pid, target.command) == (os.getppid(), ())


@pytest.mark.parametrize(
    ("typed", "what"),
    [
        ("0", "is not a process id"),
        ("4194305", "no process 4194305"),
        ("'x", "no closing quotation"),
        (" ", "No command"),
    ],
)
async def test_what_means_nothing_is_said_beside_the_prompt(typed: str, what: str) -> None:
    watching = Watching()
    async with opened(watching.bench, (160, 40)) as pilot:
        await pilot.press("v", *typed, "enter")
        await seen(pilot, what)
        await pilot.press("escape")
        await gone(pilot, what)
        assert watching.targets == []


async def test_what_cannot_be_started_is_told_on_the_bench() -> None:
    watching = Watching(Script(NotStarted("There is no command 'x'.")))
    async with opened(watching.bench) as pilot:
        await pilot.press("v", "x", "enter")
        await seen(pilot, "There is no command 'x'.", "Kernel")
        await pilot.press("v", "x", "enter")  # and now there is no watcher either
        await seen(pilot, "the watcher cannot be started", "Kernel")


async def test_not_while_a_run_is_under_way() -> None:
    watching = Watching(Script(SIGHTING))
    async with opened(watching.bench) as pilot:
        await run_until(pilot, watching.bench, 5)
        await pilot.press("v")
        watching.bench.app.programs.ask()
        await seen(pilot, "A run is under way")
        assert "a process id: 4711" not in screen_text(pilot.app)
        watching.bench.laboratory.permit()


async def test_both_screens_have_their_commands_by_name() -> None:
    watching = Watching(Script(SIGHTING))
    app = watching.bench.app
    async with opened(watching.bench) as pilot:
        command = next(each for each in app.get_system_commands(app.bench) if each.title == "View program")
        await command.callback()
        await pilot.press(*"work", "enter")
        await seen(pilot, "took turns")
        screen = app.screen
        assert isinstance(screen, WatchScreen)
        titles = {each.title for each in app.get_system_commands(screen)}
        assert {"Quit", "Pause", "Order", "Ledger", "Help", "Picture"} <= titles
        assert "Run" not in titles
        await next(each for each in app.get_system_commands(screen) if each.title == "Ledger").callback()
        await until(pilot, lambda: screen.pane == "ledgers", "the ledgers")
        await pilot.press("f1")
        await seen(pilot, "Watching a program")


async def test_leaving_the_laboratory_closes_the_watch() -> None:
    script = Script(SIGHTING)
    watching = Watching(script)
    async with opened(watching.bench) as pilot:
        await pilot.press("v", *"work", "enter")
        await seen(pilot, "took turns")
    assert script.closed
