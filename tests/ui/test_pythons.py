"""Choosing interpreters: the dialog by keys and by mouse, several at once, and what the GIL's keys make of them."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from pi_tui.engine.run.estimate import Rates
from pi_tui.engine.run.plan import Plan, make_plan
from pi_tui.engine.run.request import RunRequest
from pi_tui.ui.bench.presenter import make_header_view
from pi_tui.ui.dialogs.interpreters import InterpretersDialog
from pi_tui.ui.state.gil_comparison import select_both_gil_settings
from pi_tui.ui.state.run_preview import RunPreview
from pi_tui.ui.state.selection import Selection, toggle_gil
from tests.ui.pilot import PATIENCE_S, gone, opened, run_to_end, screen_text, seen, until
from tests.ui.scripted import BARE_PYTHON, BROKEN_PYTHON, FREE_PYTHON, PYTHON, Bench, machine

SIZES = [(80, 24), (120, 40), (200, 60), (40, 12)]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(folder=tmp_path)


async def test_pythons_are_looked_for_when_the_dialog_is_first_opened(bench: Bench) -> None:
    async with opened(bench) as pilot:
        assert "pythons" not in bench.laboratory.calls
        await pilot.press("p")
        await seen(pilot, "Pythons", PYTHON.id, BARE_PYTHON.id, FREE_PYTHON.id, "free-threaded, GIL off")
        await pilot.press("escape")
        await gone(pilot, "Another")
        await pilot.press("p")
        await seen(pilot, FREE_PYTHON.id)
        assert bench.laboratory.calls.count("pythons") == 1


async def test_several_at_once_are_one_more_dimension(bench: Bench) -> None:
    async with opened(bench) as pilot:
        await pilot.press("p")
        await seen(pilot, FREE_PYTHON.id)
        await pilot.press("down", "space", "down", "space", "enter")
        await gone(pilot, "Another")
        assert bench.selection.pythons == ("", BARE_PYTHON.path, FREE_PYTHON.path)
        await seen(pilot, "3 of them", "3.11.7, 3.12.1, 3.14.0t", "8 cases")
        await run_to_end(pilot, bench)
        rows = {(row.case.kernel, row.case.python) for row in bench.app.session.rows}
        assert {python for kernel, python in rows if kernel == "python"} == {"3.11.7", "3.12.1", "3.14.0t"}
        await seen(pilot, "python   ", "3.14.0t", "numba is not installed for Python 3.12.1")


async def test_what_is_unusable_is_told_and_cannot_be_ticked(bench: Bench) -> None:
    async with opened(bench) as pilot:
        await pilot.press("p")
        await seen(pilot, "- 3.9.2")
        await pilot.press("end")
        await seen(pilot, f"{BROKEN_PYTHON.path} {BROKEN_PYTHON.reason}.")
        await pilot.press("space", "enter")
        await gone(pilot, "Another")
        assert bench.selection.pythons == ("",)


async def test_a_version_of_ones_own_is_typed(bench: Bench) -> None:
    async with opened(bench) as pilot:
        await pilot.press("p")
        await seen(pilot, FREE_PYTHON.id)
        await pilot.press("space", "tab", *BARE_PYTHON.path, "enter")
        await seen(pilot, f"✓ {BARE_PYTHON.path}")
        await pilot.press("enter")
        await gone(pilot, "Another")
        assert bench.selection.pythons == (BARE_PYTHON.path,)
        await seen(pilot, "CPython 3.12.1")
        await pilot.press("p")
        await seen(pilot, "✓ 3.12.1")


async def test_a_version_that_is_not_there_is_refused_and_can_be_taken_back(bench: Bench) -> None:
    async with opened(bench) as pilot:
        await pilot.press("p")
        await seen(pilot, FREE_PYTHON.id)
        await pilot.press("tab", *"3.99", "enter", "tab", "enter")
        await seen(pilot, "There is no interpreter '3.99'")
        await pilot.press("p")
        await seen(pilot, "✓ 3.99", "◦ 3.11.7")
        await pilot.press("end", "up", "space", "enter")
        await gone(pilot, "There is no interpreter")
        assert bench.selection.pythons == ("",)


async def test_the_mouse_opens_ticks_and_takes(bench: Bench) -> None:
    async with opened(bench) as pilot:
        run_pane = bench.run_pane
        line = next(y for y in range(12) if "Python" in run_pane.render_line(y).text)
        await pilot.click("#run", offset=(14, line + 1))
        await seen(pilot, FREE_PYTHON.id)
        assert isinstance(bench.app.screen, InterpretersDialog)
        await pilot.click(".python-list", offset=(0, 2))
        await seen(pilot, f"✓ {FREE_PYTHON.id}")
        await pilot.click("#apply")
        await until(pilot, lambda: bench.selection.pythons == ("", FREE_PYTHON.path), "both of them")


async def test_the_palette_has_it_and_a_dialog_opens_no_other(bench: Bench) -> None:
    async with opened(bench) as pilot:
        assert "Python" in [command.title for command in bench.app.get_system_commands(bench.app.screen)]
        await pilot.press("p", "p")
        await gone(pilot, "Another")
        assert bench.app.screen is bench.app.bench


@pytest.mark.parametrize("size", SIZES)
async def test_the_dialog_fits(bench: Bench, size: tuple[int, int]) -> None:
    async with opened(bench, size) as pilot:
        await pilot.press("p")
        await seen(pilot, PYTHON.id, "Pythons")
        lines = screen_text(pilot.app).splitlines()
        assert max(map(len, lines)) <= size[0]
        await pilot.press("down", "space", "enter")
        await until(pilot, lambda: bench.selection.pythons == ("", BARE_PYTHON.path), "two of them")


async def test_modes_that_a_python_lacks_say_what_they_need(bench: Bench) -> None:
    async with opened(bench) as pilot:
        await seen(pilot, "- interpreters")
        assert bench.preview.mode_refusal("interpreters") == (
            "interpreters needs Python 3.14: pi-tui pythons lists the interpreters here"
        )


def test_a_free_threaded_build_beside_another_keeps_the_other_able() -> None:
    """Off is its own setting: asked for as such, it would bar the other, which has no choice."""
    both = Selection(pythons=("", FREE_PYTHON.path))
    on, _ = toggle_gil(both, FREE_PYTHON)
    assert on.gils == (True,)
    off, words = toggle_gil(on, FREE_PYTHON)
    assert off.gils == (None,)
    assert words == "The GIL of 3.14.0t is now off."
    alone, _ = toggle_gil(replace(on, pythons=(FREE_PYTHON.path,)), FREE_PYTHON)
    assert alone.gils == (False,)


def test_an_ab_of_several_is_of_those_that_have_both_settings() -> None:
    both = Selection(kernels=("python",), pythons=("", FREE_PYTHON.path))
    wanted, _ = select_both_gil_settings(both, FREE_PYTHON, chosen=(PYTHON, FREE_PYTHON))
    assert wanted is not None
    assert wanted.pythons == (FREE_PYTHON.path,)
    assert wanted.gils == (True, False)


def test_the_header_names_them_as_far_as_there_is_room() -> None:
    def header(*pythons: object) -> str:
        selection = Selection(kernels=("python",))
        plan = make_plan(selection.request(), machine(), pythons, Rates(), seed=1)  # type: ignore[arg-type]
        return make_header_view(selection, RunPreview(selection, plan), 2, None, ()).python

    assert header(PYTHON) == "CPython 3.11.7"
    assert header(PYTHON, FREE_PYTHON) == "Python 3.11.7, 3.14.0t"
    many = [replace(PYTHON, id=f"3.11.{number}@environment", path=f"/{number}") for number in range(4)]
    assert header(*many) == "4 Pythons"


async def test_a_run_is_of_what_is_ticked_even_while_another_python_is_still_asked(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer, plan = threading.Event(), bench.laboratory.plan

    def slow(request: RunRequest) -> Plan:
        assert not any(request.pythons) or answer.wait(PATIENCE_S)
        return plan(request)

    monkeypatch.setattr(bench.laboratory, "plan", slow)
    async with opened(bench) as pilot:
        bench.choose(pythons=(BARE_PYTHON.path,))
        threading.Timer(0.3, answer.set).start()
        await run_to_end(pilot, bench)
    assert [request.pythons for request in bench.laboratory.requests] == [(BARE_PYTHON.path,)]
