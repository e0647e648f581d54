"""The bench by keys: what each does to the selection, the run and the rows."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.app import App
from textual.events import DescendantFocus, Key

from pi_tui.analysis.text.formatting import human_count
from pi_tui.engine.errors import HostError
from pi_tui.engine.number_parsing import MAX_COUNT
from pi_tui.ui.bench.panes.source import SourceView
from tests.ui.pilot import gone, opened, palette, run_to_end, run_until, screen_text, seen, until
from tests.ui.scripted import BARE_PYTHON, CRASH, FREE_PYTHON, Bench


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(folder=tmp_path)


async def test_first_start_has_a_sensible_selection_and_says_what_to_press(bench: Bench) -> None:
    async with opened(bench) as pilot:
        assert bench.ticked("kernel") == ("python", "numba")
        assert bench.ticked("mode") == ("sequential", "threads")
        assert bench.ticked("samples") == ("1000000",)
        assert bench.ticked("workers") == ("2",)
        await seen(pilot, "Press r to run 4 cases", "4 cases × 5 repeats")


async def test_a_host_is_made_ready_on_opening(bench: Bench) -> None:
    async with opened(bench) as pilot:
        await until(pilot, lambda: "warm" in bench.laboratory.calls, "a warm host")


async def test_r_runs_what_is_ticked_and_rows_appear_with_the_first_trial(bench: Bench) -> None:
    async with opened(bench) as pilot:
        await run_until(pilot, bench, 5)
        row = bench.app.session.rows[0]
        assert row.active
        assert row.result is None
        await seen(pilot, "▸   1  python", "Stop")
        bench.laboratory.permit()
        await until(pilot, lambda: not bench.app.session.running, "the end")
        assert bench.laboratory.requests[0].kernels == ("python", "numba")
        assert [row.state for row in bench.app.session.rows] == ["ok"] * 4


async def test_the_first_trial_is_marked_provisional(bench: Bench) -> None:
    async with opened(bench) as pilot:
        await run_until(pilot, bench, 6)
        await seen(pilot, "warm-up  1.00×")
        assert bench.app.session.rows[0].provisional
        bench.laboratory.permit()


async def test_r_does_nothing_during_a_run(bench: Bench) -> None:
    async with opened(bench) as pilot:
        await run_until(pilot, bench, 6)
        await pilot.press("r", "r")
        assert bench.app.session.runs == 1
        bench.laboratory.permit()


async def test_x_stops_the_run_and_what_was_left_says_so(bench: Bench) -> None:
    async with opened(bench) as pilot:
        await run_until(pilot, bench, 12)
        await pilot.press("x")
        await until(pilot, lambda: not bench.app.session.running, "the end")
        assert "stop" in bench.laboratory.calls
        assert {row.state for row in bench.app.session.rows} == {"stopped"}
        await seen(pilot, "Run 1 was stopped")


async def test_a_failed_row_says_what_happened_and_its_log_opens(bench: Bench) -> None:
    bench.laboratory.failing["numba"] = CRASH
    async with opened(bench) as pilot:
        await run_to_end(pilot, bench)
        assert [row.state for row in bench.app.session.rows] == ["ok", "ok", "failed", "failed"]
        await seen(pilot, "SIGSEGV: the host was ended by SIGSEGV", "Press l for the log")
        await pilot.press("l")
        await seen(pilot, "Row 3 · Log", "Fatal Python error", "kernels/numba_loop.py")
        await pilot.press("escape")
        await gone(pilot, "Fatal Python error")


async def test_a_run_that_breaks_off_says_why_and_the_next_one_runs(bench: Bench) -> None:
    bench.laboratory.broken = HostError("the host broke the protocol")
    async with opened(bench) as pilot:
        await run_to_end(pilot, bench)
        await seen(pilot, "The run broke off", "the host broke the protocol")
        assert bench.app.session.rows[0].state == "stopped"
        await run_to_end(pilot, bench)
        assert bench.app.session.rows[-1].state == "ok"


async def test_g_swaps_numba_and_its_twin_and_back(bench: Bench) -> None:
    async with opened(bench) as pilot:
        await pilot.press("g")
        assert bench.ticked("kernel") == ("python", "numba-nogil")
        await seen(pilot, "numba became numba-nogil", "GIL      released")
        await pilot.press("g")
        assert bench.ticked("kernel") == ("python", "numba")


async def test_g_says_so_when_both_twins_are_ticked(bench: Bench) -> None:
    async with opened(bench) as pilot:
        bench.checklist("kernel").point_at("numba-nogil")
        await pilot.press("space", "g")
        assert bench.ticked("kernel") == ("python", "numba", "numba-nogil")
        await seen(pilot, "Both settings are ticked")


async def test_g_names_what_could_where_nothing_can_be_changed(bench: Bench) -> None:
    async with opened(bench) as pilot:
        bench.checklist("kernel").point_at("numba")
        await pilot.press("space", "g")
        await seen(pilot, "always has its GIL", FREE_PYTHON.id)
        assert bench.ticked("kernel") == ("python",)


async def test_g_asks_a_free_threaded_build_for_its_gil(tmp_path: Path) -> None:
    bench = Bench(folder=tmp_path, python=FREE_PYTHON)
    async with opened(bench) as pilot:
        await seen(pilot, "GIL off")
        await pilot.press("g")
        assert bench.selection.gils == (True,)
        await seen(pilot, "GIL on, free-threaded build")
        await pilot.press("g")
        assert bench.selection.gils == (False,)


async def test_space_ticks_and_the_forecast_follows(bench: Bench) -> None:
    async with opened(bench) as pilot:
        bench.checklist("kernel").point_at("numpy")
        await pilot.press("space")
        assert bench.ticked("kernel") == ("python", "numpy", "numba")
        await seen(pilot, "6 cases × 5 repeats", "numpy  whole arrays")
        await pilot.press("space")
        for name, key in (("python", "enter"), ("numba", "space")):
            bench.checklist("kernel").point_at(name)
            await pilot.press(key)
        assert bench.ticked("kernel") == ()
        await seen(pilot, "Tick a kernel to run.")
        await pilot.press("r")
        assert bench.app.session.runs == 0


async def test_tab_and_arrows_go_from_pane_to_pane(bench: Bench) -> None:
    async with opened(bench) as pilot:
        order = []
        for _ in range(7):
            order.append(bench.app.focused.id if bench.app.focused else None)
            await pilot.press("tab")
            await pilot.pause()
        assert order == ["kernel", "mode", "samples", "workers", "run", "table", "lanes"]
        assert bench.app.focused is bench.checklist("kernel")
        await pilot.press("right")
        await until(pilot, lambda: bench.app.focused is bench.checklist("mode"), "the modes")
        await pilot.press("shift+tab")
        await until(pilot, lambda: bench.app.focused is bench.checklist("kernel"), "the kernels")


async def test_a_pane_that_had_the_focus_for_a_moment_does_not_come_back(bench: Bench) -> None:
    """Where the focused pane is hidden, Textual lets its neighbour have the focus before the next pane takes it."""
    async with opened(bench) as pilot:
        await pilot.press("3")
        await until(pilot, lambda: isinstance(bench.app.focused, SourceView), "the source")
        late = DescendantFocus(bench.app.bench.query(SourceView).last())
        await pilot.press("1")
        await until(pilot, lambda: bench.app.focused is bench.table, "the table")
        bench.app.bench.post_message(late)
        await pilot.pause()
        assert "Press r to run" in screen_text(pilot.app)
        await pilot.press("down")
        assert bench.app.focused is bench.table


async def test_keys_that_come_at_once_go_where_the_ones_before_them_lead(tmp_path: Path) -> None:
    """A screen that stood still for a while, or a fast typist: nothing is waited for between the keys."""
    bench = Bench(folder=tmp_path)
    async with opened(bench, (80, 24)) as pilot:
        for key in ("tab", "tab", "tab", "end", "enter"):
            pilot.app.post_message(Key(key, None))
        await until(pilot, lambda: bench.app.bench.hints.typing, "the question")
        await seen(pilot, "Workers 3, 1-8 or 1,2,16")


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_what_is_wrong_with_a_value_stands_whole_below_it(bench: Bench, size: tuple[int, int]) -> None:
    async with opened(bench, size) as pilot:
        await pilot.press("tab", "tab", "tab", "end", "enter")
        await until(pilot, lambda: bench.app.bench.hints.typing, "the question")
        await pilot.press(*"1e30", "enter")
        await seen(pilot, f"'1e30' is too large: at most {human_count(MAX_COUNT)}")
        await pilot.press("backspace")
        assert "too large" not in screen_text(pilot.app)
        await pilot.press("escape")
        await seen(pilot, "Counts of your own")


async def test_ctrl_c_says_what_ends_the_program(bench: Bench) -> None:
    async with opened(bench) as pilot:
        await pilot.press("ctrl+c")
        await seen(pilot, "Ctrl+C does not quit", "Press q to quit, x to stop a run.")


async def test_options_of_modes_go_round_by_key(bench: Bench) -> None:
    async with opened(bench) as pilot:
        await pilot.press("tab")
        await until(pilot, lambda: bench.app.focused is bench.checklist("mode"), "the modes")
        await pilot.press("m")
        await seen(pilot, "fork·queue")
        await pilot.press("m", "m", "t")
        assert bench.selection.start_methods == ("spawn", "fork", "forkserver")
        await seen(pilot, "all·pipe")
        await pilot.press("m")
        assert bench.selection.start_methods == ("spawn",)


async def test_samples_of_ones_own_are_typed_and_checked(bench: Bench) -> None:
    async with opened(bench) as pilot:
        await pilot.press("tab", "tab")
        await until(pilot, lambda: bench.app.focused is bench.checklist("samples"), "the samples")
        await pilot.press("end", "enter")
        await seen(pilot, "Samples per task")
        await pilot.press(*"2x", "enter")
        await seen(pilot, "'2x' is not a number")
        await pilot.press("backspace", *"M,3e3", "enter")
        await gone(pilot, "Samples per task")
        assert bench.ticked("samples") == ("3000", "1000000", "2000000")
        await seen(pilot, "2 000 000".replace(" ", "\u00a0"))
        assert bench.app.focused is bench.checklist("samples")


async def test_more_workers_than_is_reasonable_are_asked_about(bench: Bench) -> None:
    bench.laboratory.permit()
    async with opened(bench) as pilot:
        bench.app.bench.ask("workers")
        await seen(pilot, "Workers ")
        await pilot.press(*"9e9", "enter")
        await seen(pilot, "workers must be at most 1 000 000")
        await pilot.press("ctrl+u", *"64", "enter")
        await seen(pilot, "64 workers are more than 4", "times the 2 usable cores", "r asks")
        await pilot.press("r")
        await seen(pilot, "More than is reasonable")
        await pilot.press("n")
        await gone(pilot, "More than is reasonable")
        assert bench.app.session.runs == 0
        await pilot.press("r")
        await seen(pilot, "More than is reasonable")
        await pilot.press("y")
        await until(pilot, lambda: bench.laboratory.requests, "a run")
        assert bench.laboratory.requests[0].force


async def test_leaving_the_prompt_changes_nothing(bench: Bench) -> None:
    async with opened(bench) as pilot:
        before = bench.selection
        bench.app.bench.ask("repeats")
        await seen(pilot, "Measured trials")
        await pilot.press(*"9", "escape")
        await gone(pilot, "Measured trials")
        assert bench.selection == before


async def test_the_run_pane_changes_repeats_host_and_python(bench: Bench) -> None:
    async with opened(bench) as pilot:
        bench.app.bench.action_show_pane("run")
        await until(pilot, lambda: bench.app.focused is bench.run_pane, "the run pane")
        await pilot.press("up", "up", "right", "right")
        assert bench.selection.repeat == 7
        await pilot.press("up", "up", "right")
        await until(pilot, lambda: bench.preview.interpreter == BARE_PYTHON, "another Python")
        await seen(pilot, "CPython 3.12.1")
        await pilot.press("left", "down", "down", "down", "space")
        assert bench.selection.in_app


async def test_an_interpreter_that_is_none_is_said_to_be_none(bench: Bench) -> None:
    async with opened(bench) as pilot:
        bench.app.bench.ask("python")
        await seen(pilot, "a path or a version")
        await pilot.press(*"nowhere", "enter")
        await seen(pilot, "There is no interpreter 'nowhere'")
        await pilot.press("r")
        assert bench.app.session.runs == 0


async def test_what_a_python_lacks_is_barred_with_the_reason(bench: Bench) -> None:
    async with opened(bench) as pilot:
        bench.app.bench.ask("python")
        await pilot.press(*BARE_PYTHON.path, "enter")
        await seen(pilot, "- numba")
        bench.checklist("kernel").point_at("numpy")
        await seen(pilot, "numpy cannot run: numpy is not installed for Python 3.12.1")
        await pilot.press("space")
        assert "numpy" not in bench.ticked("kernel")


async def test_inside_the_app_only_threads_of_pure_python_run_and_are_not_compared(bench: Bench) -> None:
    async with opened(bench) as pilot:
        bench.run_pane.action_change("host", 1)
        await seen(pilot, "inside this app", "- numba", "- sequential")
        await run_to_end(pilot, bench)
        assert [request.in_app for request in bench.laboratory.requests] == [True]
        assert bench.laboratory.requests[0].kernels == ("python",)
        assert bench.laboratory.requests[0].modes == ("threads",)
        await seen(pilot, "threads in-app", "not compared")
        assert bench.app.session.results() == ()


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
@pytest.mark.parametrize("in_app", [True, False])
async def test_what_is_refused_for_its_size_is_told_once_with_the_key_that_asks(
    bench: Bench, size: tuple[int, int], in_app: bool
) -> None:
    async with opened(bench, size) as pilot:
        bench.choose(samples=(10**12,), in_app=in_app)
        cases = "1 case" if in_app else "4 cases"
        await seen(pilot, "Run  r asks", f"Press r to be asked whether to run {cases} all the same.")
        told = " ".join(screen_text(pilot.app).replace("│", " ").split())
        assert told.count("This would take about") == 1
        assert "this would" not in told
        await pilot.press("r")
        await seen(pilot, "More than is reasonable", "This would take about", "days.", "Run it all the same")
        await pilot.press("y")
        await until(pilot, lambda: bench.app.session.running, "a run")
        bench.laboratory.permit()


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_where_a_run_inside_the_app_ends_it_says_that_it_is_not_kept(bench: Bench, size: tuple[int, int]) -> None:
    async with opened(bench, size) as pilot:
        bench.run_pane.action_change("host", 1)
        await run_to_end(pilot, bench)
        await seen(pilot, "Run 1 is done: 1 case in", "It is not kept and not exported.  r again")
        assert "the other GIL setting" not in screen_text(pilot.app)
        await pilot.press("2")
        await seen(pilot, "A run inside the app has no bars")
        await pilot.press("4")
        await seen(pilot, "A run inside the app has no charts")
        await pilot.press("e")
        await seen(pilot, "What ran inside the app is no", "export.")


async def test_q_leaves_at_once_when_nothing_runs(bench: Bench) -> None:
    async with opened(bench) as pilot:
        await pilot.press("q")
        await until(pilot, lambda: not bench.app.is_running, "the app gone")
    assert without_warming(bench)[-1] == "close"


async def test_q_asks_before_it_ends_a_run_and_a_second_q_does(bench: Bench) -> None:
    async with opened(bench) as pilot:
        await run_until(pilot, bench, 8)
        await pilot.press("q")
        await seen(pilot, "A run is under way", "Stop it and quit?")
        await pilot.press("escape")
        await gone(pilot, "Stop it and quit?")
        assert bench.app.session.running
        await pilot.press("q", "q")
        await until(pilot, lambda: not bench.app.is_running, "the app gone")
    assert without_warming(bench)[-2:] == ["stop", "close"]


def without_warming(bench: Bench) -> list[str]:
    """What the laboratory was asked, but for what a thread of its own asks whenever it comes to it."""
    return [call for call in bench.laboratory.calls if call != "warm"]


async def test_a_picture_is_saved_under_a_name_that_is_said(bench: Bench, tmp_path: Path) -> None:
    async with opened(bench) as pilot:
        await pilot.press("s")
        await seen(pilot, "Picture saved")
    assert (tmp_path / "pi-tui-20260102-030405.svg").read_text().startswith("<svg")


async def test_a_picture_that_cannot_be_saved_is_an_error_not_a_crash(tmp_path: Path) -> None:
    bench = Bench(folder=tmp_path / "missing")
    async with opened(bench) as pilot:
        await pilot.press("s")
        await seen(pilot, "No picture")


async def test_help_opens_and_closes(bench: Bench) -> None:
    async with opened(bench) as pilot:
        await pilot.press("f1")
        await seen(pilot, "Run everything that is ticked", "Escape closes")
        await pilot.press("escape")
        await seen(pilot, "╭─ Kernel")
        await pilot.press("?")
        await seen(pilot, "Run everything that is ticked")


async def test_every_action_is_in_the_command_palette(bench: Bench) -> None:
    async with opened(bench) as pilot:
        titles = [command.title for command in bench.app.get_system_commands(bench.app.screen)]
        for wanted in ("Run", "Filter", "Help", "Picture", "Quit", "Theme", "Source", "Sort by speed-up"):
            assert wanted in titles
        assert "Tick kernel numpy" in titles
        assert "Untick mode threads" in titles
        await palette(pilot, "tick kernel numpy-sort")
        await seen(pilot, "Tick kernel numpy-sort")
        await pilot.press("enter")
        await until(pilot, lambda: "numpy-sort" in bench.ticked("kernel"), "a tick")
        assert "Export" not in titles
        await run_to_end(pilot, bench)
        assert "Export" in [command.title for command in bench.app.get_system_commands(bench.app.screen)]


async def test_the_source_of_what_is_pointed_at_is_shown(bench: Bench) -> None:
    async with opened(bench) as pilot:
        await pilot.press("3")
        await seen(pilot, "pi_tui/host/kernels/python_loop.py", "def count_hits", "pi_tui/host/modes/sequential.py")
        await pilot.press("1")
        await gone(pilot, "def count_hits")
        await run_to_end(pilot, bench)
        await pilot.press("3")
        await seen(pilot, "pi_tui/host/modes/threads.py")


async def test_keys_that_apply_are_offered(bench: Bench) -> None:
    async with opened(bench) as pilot:
        assert "r run" in screen_text(pilot.app).splitlines()[-1]
        assert "stop" not in screen_text(pilot.app).splitlines()[-1]
        await run_until(pilot, bench, 6)
        await until(pilot, lambda: "x stop" in screen_text(pilot.app).splitlines()[-1], "stop offered")
        assert "r run" not in screen_text(pilot.app).splitlines()[-1]
        bench.laboratory.permit()


async def test_ctrl_z_goes_back_to_the_shell_but_not_in_a_run(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    suspended: list[App[None]] = []
    monkeypatch.setattr(App, "action_suspend_process", lambda app: suspended.append(app))
    async with opened(bench) as pilot:
        await pilot.press("ctrl+z")
        assert suspended == [bench.app]
        await run_until(pilot, bench, 6)
        await pilot.press("ctrl+z")
        await seen(pilot, "Not while something runs")
        assert suspended == [bench.app]
        bench.laboratory.permit()
