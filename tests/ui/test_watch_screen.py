"""The screen of a watch, driven by scripted sightings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from pilot import screen_text, seen, until

from pi_tui.host.sightings import NotStarted, ProcessSeen, Sighting, ThreadSeen, WatchEnded, WatchMessage
from pi_tui.ui.watch.app import Wanted, WatchApp
from pi_tui.ui.watch.panes import readable

S = 1_000_000_000
MAIN = ThreadSeen(
    pid=70, tid=70, name="python", since_s=0.0, until_s=2.0, ended=False, calls=True, letters="L" * 100, running=0, gil=0,
    lock=100, sleep=0, io=0, blocked=0, missed=0, cpu_ns=0, queued_ns=0, slices=2, waits_at="futex",
)  # fmt: skip
ONE = replace(
    MAIN, tid=71, name="Thread-1", letters="RRGG" * 25, running=50, gil=50, lock=0, cpu_ns=S, slices=400, waits_at="GIL"
)
TWO = replace(ONE, tid=72, name="Thread-2", letters="GGRR" * 25)
PROCESS = ProcessSeen(70, 1, "python work.py", "3.14", "known")
SIGHTING = Sighting(2.0, 2_000_000, 100, 1000, 0, 0.02, 0, (PROCESS,), (MAIN, ONE, TWO))


class Script:
    """A watch that says what it is told to say."""

    def __init__(self, *messages: WatchMessage) -> None:
        self.waiting = list(messages)
        self.stops = 0

    def hear(self, timeout_s: float) -> list[WatchMessage]:
        told, self.waiting = self.waiting, []
        return told

    def stop(self) -> None:
        self.stops += 1


def app_of(
    script: Script, kept: Path | None = None, *, stay: bool = False, duration_s: float | None = None
) -> WatchApp:
    wanted = Wanted("python work.py", None, kept, duration_s, stay)
    return WatchApp(script, wanted, clock=lambda: 1.0)


@pytest.mark.parametrize("size", [(40, 12), (80, 24), (120, 40), (200, 60)])
async def test_lanes_shares_and_the_sentence_at_every_size(size: tuple[int, int]) -> None:
    app = app_of(Script(SIGHTING))
    async with app.run_test(size=size) as pilot:
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
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("2")
        await seen(pilot, "since the start", "Thread-1")
        await pilot.press("t")
        await seen(pilot, "the last second")
        await pilot.press("3")
        await seen(pilot, "hello world")


async def test_pause_holds_still_until_it_is_lifted() -> None:
    script = Script(SIGHTING)
    app = app_of(script)
    async with app.run_test(size=(80, 24)) as pilot:
        await seen(pilot, "Thread-2")
        await pilot.press("space")
        script.waiting.append(
            replace(SIGHTING, elapsed_s=2.2, threads=(*SIGHTING.threads, replace(ONE, tid=73, name="late")))
        )
        await until(pilot, lambda: app.record.elapsed_s == 2.2)
        assert "late" not in screen_text(app)
        await pilot.press("space")
        await seen(pilot, "late")


async def test_q_ends_the_program_and_the_screen_ends_with_it() -> None:
    script = Script(SIGHTING)
    app = app_of(script)
    async with app.run_test(size=(80, 24)) as pilot:
        await seen(pilot, "Thread-2")
        await pilot.press("q")
        assert script.stops == 1
        assert app.ended is None
        script.waiting.append(WatchEnded("stopped", -15))
        await until(pilot, lambda: app.ended is not None)
    assert app.ended == WatchEnded("stopped", -15)


async def test_stay_keeps_the_screen_when_the_program_has_ended() -> None:
    app = app_of(Script(SIGHTING, WatchEnded("ended", 0)), stay=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await seen(pilot, "ended ·")
        assert app.is_running


async def test_states_alone_are_told() -> None:
    blind = tuple(replace(each, calls=False, gil=0, lock=0, blocked=50, waits_at="") for each in SIGHTING.threads)
    app = app_of(Script(replace(SIGHTING, threads=blind)))
    async with app.run_test(size=(120, 40)) as pilot:
        await seen(pilot, "states alone", "cannot be seen here")
        assert "GIL" not in screen_text(app)


async def test_a_command_that_cannot_be_started_closes_the_screen() -> None:
    app = app_of(Script(NotStarted("There is no command 'x'.")))
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.refused != "")
    assert app.refused == "There is no command 'x'."


def test_what_would_move_the_cursor_is_taken_out() -> None:
    assert readable("a\x1b[2Jb\x1b]0;title\x07c\rd\x00\n") == "abc\nd\n"
