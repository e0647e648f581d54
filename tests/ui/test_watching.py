"""The workers' lanes, the microscope, the losses and A/B on the screen, driven by scripted events."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from pi_tui.engine.run.events import LanesMoved
from pi_tui.observe.meters.core_share import CoreUse
from pi_tui.ui.controllers.gil_comparison import DRAWN_S
from pi_tui.ui.dialogs.gil_comparison import GilComparisonDialog
from pi_tui.ui.dialogs.microscope import MicroscopeDialog, MicroscopePane
from tests.ui.pilot import gone, opened, run_to_end, run_until, screen_text, seen, until
from tests.ui.scripted import FREE_PYTHON
from tests.ui.watched import EVENTS_BEFORE_TRIALS, EVENTS_OF_A_TRIAL, TICKS, WatchedBench, run_until_shown, shown
from tests.ui.watched import seen as lanes_of


@pytest.fixture
def bench(tmp_path: Path) -> WatchedBench:
    return WatchedBench(folder=tmp_path)


async def test_an_empty_pane_says_what_will_appear(bench: WatchedBench) -> None:
    async with opened(bench) as pilot:
        await seen(pilot, "Workers: who runs, who waits", "One lane per worker, live", "Press r to run")
        await pilot.press("w", "enter")
        await seen(pilot, "There are no lanes yet")


async def test_lanes_move_while_a_trial_runs_and_freeze_at_its_end(bench: WatchedBench) -> None:
    async with opened(bench) as pilot:
        await run_until_shown(pilot, bench, trials=1, pieces=3)
        await seen(pilot, "python threads · warm-up", "w0 ", "w1 ", "▓▓▓██▓▓", "now▕", "0.99 kHz, system calls", "50%")
        bench.laboratory.permit(2)
        await shown(pilot, bench, TICKS, ended=True)
        await seen(pilot, "end▕")
        bench.laboratory.permit()


async def test_lanes_stay_after_the_run(bench: WatchedBench) -> None:
    async with opened(bench) as pilot:
        await run_to_end(pilot, bench)
        await seen(pilot, "numba threads · trial 5", "end▕", "▓▓▓██▓▓")


async def test_a_row_that_is_selected_shows_the_lanes_of_its_last_trial(bench: WatchedBench) -> None:
    async with opened(bench) as pilot:
        await run_to_end(pilot, bench)
        await pilot.press("1", "home", "down")
        await seen(pilot, "python threads · trial 5", "end▕")
        await pilot.press("down", "down")
        await seen(pilot, "numba threads · trial 5")
        await pilot.press("up")
        await seen(pilot, "numba sequential · trial 5")
        lanes, rows = bench.app.session.lanes, bench.app.session.rows
        assert lanes.find(rows[1].case, rows[1].run) is not None
        assert lanes.find(rows[1].case, rows[1].run + 1) is None, "another run's lanes are not its own"


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_threads_inside_the_app_are_said_to_have_no_lanes(bench: WatchedBench, size: tuple[int, int]) -> None:
    no_lanes = "Threads inside the app have no lanes"
    async with opened(bench, size) as pilot:
        await pilot.press("w")
        for told in (no_lanes, "Press r to run", no_lanes):
            bench.run_pane.action_change("host", 1)
            await seen(pilot, told)
        await run_until(pilot, bench, 5)
        assert "Press r to run" not in screen_text(pilot.app)
        await pilot.press("w", "enter")
        await until(pilot, lambda: screen_text(pilot.app).count(no_lanes) == 2, "the same in the hint")
        bench.laboratory.permit()
        await until(pilot, lambda: not bench.app.session.running, "the end")
        await seen(pilot, no_lanes)


async def test_lanes_give_way_to_threads_inside_the_app_and_come_back(bench: WatchedBench) -> None:
    async with opened(bench) as pilot:
        await run_to_end(pilot, bench)
        bench.run_pane.action_change("host", 1)
        await seen(pilot, "numba threads · trial 5")
        await run_to_end(pilot, bench)
        await seen(pilot, "Threads inside the app have no lanes")
        await pilot.press("1", "end")
        await seen(pilot, "numba threads · trial 5")
        await pilot.press("home")
        await seen(pilot, "Threads inside the app have no lanes")


async def test_space_holds_the_lanes_still(bench: WatchedBench) -> None:
    async with opened(bench) as pilot:
        await run_until_shown(pilot, bench, trials=1, pieces=3)
        await pilot.press("w")
        await until(pilot, lambda: bench.app.focused is bench.lanes, "the lanes")
        await seen(pilot, "space pause", "Enter microscope")
        await pilot.press("space")
        await seen(pilot, "paused▕", "paused · 0.99 kHz")
        bench.laboratory.permit()
        await until(pilot, lambda: not bench.app.session.running, "the end of the run")
        await seen(pilot, "python threads · warm-up", "paused▕")
        await pilot.press("space")
        await seen(pilot, "numba threads · trial 5", "end▕")


async def test_the_microscope_scrolls_through_the_trial(bench: WatchedBench) -> None:
    async with opened(bench) as pilot:
        await run_to_end(pilot, bench)
        await pilot.press("w")
        await until(pilot, lambda: bench.app.focused is bench.lanes, "the lanes")
        await pilot.press("enter")
        await seen(pilot, "Microscope · numba threads · trial 5", "0.200 to 0.400 s of 0.400 s", "hand-offs  40 here")
        assert screen_text(pilot.app).count("█████▓▓▓▓▓█████▓▓▓▓▓█████") >= 4
        await pilot.press("left")
        await seen(pilot, "0.150 to 0.350 s")
        await pilot.press("comma")
        await seen(pilot, "0.149 to 0.349 s")
        await pilot.press("home", "left")
        await seen(pilot, "0.000 to 0.200 s")
        await pilot.press("pagedown", "end")
        pane = pilot.app.screen.query_one(MicroscopePane)
        assert pane.sight.start == TICKS - 200
        await pilot.click(MicroscopePane, offset=(4, 2))
        await until(pilot, lambda: pane.sight.start == 0, "the begin")
        await pilot.press("escape")
        await gone(pilot, "Microscope")


async def test_a_double_click_magnifies(bench: WatchedBench) -> None:
    async with opened(bench) as pilot:
        await run_to_end(pilot, bench)
        await pilot.click("#lanes", times=2)
        await until(pilot, lambda: isinstance(pilot.app.screen, MicroscopeDialog), "the microscope")


async def test_more_workers_than_lines_are_scrolled(tmp_path: Path) -> None:
    bench = WatchedBench(cores=8, folder=tmp_path)
    async with opened(bench) as pilot:
        await run_to_end(pilot, bench)
        await seen(pilot, "1-2 of 8 workers")
        await pilot.press("w")
        await until(pilot, lambda: bench.app.focused is bench.lanes, "the lanes")
        await pilot.press("down", "down")
        await seen(pilot, "3-4 of 8 workers", "w2 ", "w3 ")
        await pilot.press("end", "down")
        await seen(pilot, "7-8 of 8 workers")


async def test_a_narrow_terminal_has_cores_and_lanes_as_tabs(bench: WatchedBench) -> None:
    async with opened(bench, (80, 24)) as pilot:
        await seen(pilot, "Cores  Workers: who runs, who waits")
        await run_to_end(pilot, bench)
        await pilot.press("w")
        await seen(pilot, "w0 ", "w1 ", "50% run")
        rows = bench.table.size.height - 1
        assert rows >= 4
        await pilot.press("shift+tab")
        await gone(pilot, "% run")
        await pilot.press("tab")
        await seen(pilot, "% run")


# ---- where the speed-up went


async def test_the_losses_follow_the_table(bench: WatchedBench) -> None:
    async with opened(bench) as pilot:
        await pilot.press("2")
        await seen(pilot, "One bar per row")
        await run_to_end(pilot, bench)
        await seen(pilot, "python threads × 2", "GIL wait", "= workers", "Each worker's time", "row ")
        chosen = bench.table.row
        assert chosen is not None
        await pilot.press("home")
        await seen(pilot, "▸ 1  python sequential × 1", "row 1 of 4")
        assert bench.table.row is not None
        assert bench.table.row.number == 1
        await pilot.press("down")
        await seen(pilot, "▸ 2  python threads × 2")
        await pilot.press("1")
        await pilot.press("down")
        await pilot.press("2")
        await seen(pilot, "▸ 3  numba sequential × 1")


async def test_a_click_on_a_bar_selects_its_row(bench: WatchedBench) -> None:
    async with opened(bench) as pilot:
        await run_to_end(pilot, bench)
        await pilot.press("2")
        await seen(pilot, "= workers")
        lines = screen_text(pilot.app).splitlines()
        y = next(y for y, line in enumerate(lines) if " 4  numba threads × 2" in line)
        await pilot.click(offset=(50, y))
        await seen(pilot, "▸ 4  numba threads × 2", "row 4 of 4")


# ---- both settings side by side


async def test_ab_runs_both_settings_and_says_what_came_of_it(bench: WatchedBench) -> None:
    async with opened(bench) as pilot:
        bench.laboratory.permit()
        await pilot.press("a")
        await until(pilot, lambda: isinstance(pilot.app.screen, GilComparisonDialog), "the comparison")
        await seen(
            pilot, "GIL held · numba", "GIL released · numba-nogil", "Without the GIL 2 threads took", "times as fast"
        )
        assert bench.laboratory.requests[-1].kernels == ("numba", "numba-nogil")
        assert bench.laboratory.requests[-1].modes == ("threads",)
        await pilot.press("escape")
        await gone(pilot, "GIL held · numba")
        await seen(pilot, "numba-nogil", "Run 1 is done")


async def test_ab_shows_both_sides_while_it_runs_and_x_stops_it(bench: WatchedBench) -> None:
    async with opened(bench) as pilot:
        bench.laboratory.permit(EVENTS_BEFORE_TRIALS + 2 * EVENTS_OF_A_TRIAL)
        await pilot.press("a")
        await until(pilot, lambda: isinstance(pilot.app.screen, GilComparisonDialog), "the comparison")
        await until(pilot, lambda: bench.laboratory.told >= EVENTS_BEFORE_TRIALS + 2 * EVENTS_OF_A_TRIAL, "events")
        bench.app.run_control.drain()
        await seen(pilot, "no trial yet", "x stops", "after the first measured trial")
        await pilot.press("x")
        await until(pilot, lambda: not bench.app.session.running, "the stop")
        await gone(pilot, "x stops")


async def test_ab_is_drawn_once_a_second_while_it_runs_and_at_its_end(
    bench: WatchedBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[bool] = []
    show = GilComparisonDialog.show
    async with opened(bench) as pilot:
        await pilot.press("a")
        await until(pilot, lambda: isinstance(pilot.app.screen, GilComparisonDialog), "the comparison")
        monkeypatch.setattr(
            GilComparisonDialog, "show", lambda self: (drawn.append(bench.app.session.running), show(self))[1]
        )
        for moved_s in (DRAWN_S, 0.0, 0.5 * DRAWN_S, 0.5 * DRAWN_S, 0.0):
            bench.clock.now_s += moved_s
            bench.app.gil_comparison.updated(())
        assert drawn == [True, True]
        bench.laboratory.permit()
        await until(pilot, lambda: not bench.app.session.running, "the end")
        assert drawn[2:]
        assert not any(drawn[2:])


@pytest.mark.parametrize("keys", [("a",), ("w", "enter")])
async def test_nothing_is_seen_through_what_fills_the_terminal(bench: WatchedBench, keys: tuple[str, ...]) -> None:
    """Else Textual draws all of the bench, and all that is above it, with every change of the meters below."""
    async with opened(bench) as pilot:
        await run_to_end(pilot, bench)
        await pilot.press(*keys)
        await until(pilot, lambda: isinstance(pilot.app.screen, GilComparisonDialog | MicroscopeDialog), "the screen")
        assert pilot.app.screen.styles.background.a == 1


async def test_ab_says_why_not(bench: WatchedBench) -> None:
    async with opened(bench) as pilot:
        bench.choose(kernels=("python",))
        await pilot.press("a")
        await seen(pilot, "always has its GIL", "3.14.0t")
        assert bench.laboratory.requests == []


async def test_ab_of_a_free_threaded_interpreter(tmp_path: Path) -> None:
    bench = WatchedBench(folder=tmp_path, python=FREE_PYTHON)
    async with opened(bench) as pilot:
        bench.choose(kernels=("python",))
        bench.laboratory.permit()
        await pilot.press("a")
        await seen(pilot, "GIL on", "GIL off")
        await until(pilot, lambda: bench.laboratory.requests, "the run's thread")
        assert bench.laboratory.requests[-1].gils == (True, False)


async def test_ab_is_in_the_palette_the_footer_and_the_help(bench: WatchedBench) -> None:
    async with opened(bench) as pilot:
        await seen(pilot, "a A/B")
        names = [command.title for command in bench.app.get_system_commands(bench.app.bench)]
        assert {"A/B", "Workers: microscope", "Losses", "Lanes"} <= set(names)
        assert "A/B: show the last one" not in names
        await pilot.press("f1")
        await seen(pilot, "Run both GIL settings of what is ticked")


async def compared_and_left(bench: WatchedBench, pilot: Pilot[Any]) -> None:
    """An A/B from its key to its end, and its screen closed."""
    bench.laboratory.permit()
    await pilot.press("a")
    await seen(pilot, "times as fast")
    await pilot.press("escape")
    await gone(pilot, "GIL held · numba")
    await until(pilot, lambda: not bench.app.session.running, "the end")


async def test_the_last_ab_can_be_seen_again(bench: WatchedBench) -> None:
    async with opened(bench) as pilot:
        await compared_and_left(bench, pilot)
        names = {command.title: command.callback for command in bench.app.get_system_commands(bench.app.bench)}
        names["A/B: show the last one"]()
        await seen(pilot, "GIL held · numba", "times as fast")


async def test_an_ab_keeps_its_lanes_when_its_cases_are_run_again(bench: WatchedBench) -> None:
    async with opened(bench) as pilot:
        await compared_and_left(bench, pilot)
        session, comparison = bench.app.session, bench.app.gil_comparison.comparison
        assert comparison is not None
        pair = comparison.pairs[0]
        before = [side.lanes for side in comparison.sides(session, 0)]
        assert all(lanes is not None and lanes.ticks == TICKS for lanes in before)
        session.begin(in_app=False)
        for case in pair:  # on another host, which counts its trials anew
            bench.app.run_control.runner.queue.put(LanesMoved(case, "warmup", 0, lanes_of(case, 1, 0, 50)))
        bench.app.run_control.drain()
        latest = session.lanes.find(pair.released)
        assert latest is not None
        assert (latest.run, latest.view().ticks) == (session.runs, 50)
        assert [side.lanes for side in comparison.sides(session, 0)] == before
        session.end()


# ---- whose work a core does


class ScriptedShare:
    """Always the same use of each core: on the first by workers and a thread of their own, on the second by pi-tui."""

    def __init__(self) -> None:
        self.restarts = 0
        self.threads: list[tuple[tuple[int, int], ...]] = []

    def read(self, threads: tuple[tuple[int, int], ...]) -> CoreUse:
        self.threads.append(threads)
        return CoreUse((0.5, 0.0), (0.2, 0.0), (0.0, 0.1))

    def restart(self) -> None:
        self.restarts += 1


async def test_the_cores_tell_whose_work_they_do_while_a_trial_runs(bench: WatchedBench) -> None:
    share = ScriptedShare()
    bench.give(core_share=lambda: share)
    async with opened(bench) as pilot:
        await run_until_shown(pilot, bench, trials=1, pieces=3)
        bench.app.bench.show_cores((0.87, 0.14))
        await seen(pilot, "━ workers  ┅ own  ┈ pi-tui  ╍ others", "━┅", "┅╍", "1 ┈")
        assert share.threads[-1] == ((100, 200), (100, 201))
        assert share.restarts == 1
        bench.laboratory.permit()
        await until(pilot, lambda: not bench.app.session.running, "the end of the run")
        bench.app.bench.show_cores((0.87, 0.14))
        await gone(pilot, "others")


# ---- terminals that can do less


@pytest.mark.parametrize("size", [(40, 12), (80, 24), (120, 40)])
async def test_ascii_alone(size: tuple[int, int], tmp_path: Path) -> None:
    bench = WatchedBench(folder=tmp_path, ascii_only=True)
    async with opened(bench, size) as pilot:
        await run_to_end(pilot, bench)
        for keys in (("w",), ("2",), ("w", "enter"), ("escape", "a")):
            await pilot.press(*keys)
            await pilot.pause()
            assert screen_text(pilot.app).isascii()
            assert "?" not in screen_text(pilot.app).replace("go?", "").replace("...?", "")
        bench.laboratory.permit()
        await until(pilot, lambda: not bench.app.session.running, "the end")


async def test_every_pane_works_at_the_smallest_size(bench: WatchedBench) -> None:
    async with opened(bench, (40, 12)) as pilot:
        await run_to_end(pilot, bench)
        await pilot.press("w")
        await seen(pilot, "w0 ", "w1 ")
        await pilot.press("2")
        await seen(pilot, "Where did the speed-up go?", "speed-up 0.95", "GIL wait 1.00")
