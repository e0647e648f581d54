"""Opening a function of one's own in the app."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ui.pilot import opened, screen_text, seen, until
from tests.ui.scripted import Bench

WORK = Path(__file__).parents[1] / "kernels" / "user_work.py"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "work.py").write_text('def func(n, depth=1):\n    """Digs."""\n    return n\n')
    monkeypatch.chdir(tmp_path)
    return tmp_path


async def test_f_asks_for_a_function_which_is_then_ticked(folder: Path) -> None:
    bench = Bench()
    async with opened(bench) as pilot:
        await pilot.press("f")
        await seen(pilot, "File and function")
        await pilot.press(*"./work.py:func(depth=2)", "enter")
        await until(pilot, lambda: "work.py:func(depth=2)" in bench.ticked("kernel"), "the kernel ticked")
        kernels = bench.checklist("kernel")
        assert kernels.highlighted is not None
        assert kernels.highlighted.key == "work.py:func(depth=2)"
        await seen(pilot, "Digs.")
        plan = bench.preview.plan
        assert plan is not None
        assert "work.py:func(depth=2)" in {case.kernel for case in plan.cases}
        await pilot.press("3")
        await seen(pilot, "def func(n, depth=1):")


@pytest.mark.parametrize(
    ("typed", "what"),
    [
        ("./wrk.py:func", "did you mean work.py?"),
        ("./work.py", "name a function in it"),
        ("./work.py:fun", "did you mean func?"),
        ("./work.py:func(width=2)", "takes no argument width"),
    ],
)
async def test_what_cannot_be_opened_is_said_beside_the_prompt(folder: Path, typed: str, what: str) -> None:
    bench = Bench()
    async with opened(bench, (160, 40)) as pilot:
        before = bench.selection
        await pilot.press("f")
        await seen(pilot, "File and function")
        await pilot.press(*typed, "enter")
        await seen(pilot, what)
        await pilot.press("escape")
        assert bench.selection == before


async def test_a_click_opens_the_prompt_and_space_unticks(folder: Path) -> None:
    bench = Bench()
    async with opened(bench) as pilot:
        await pilot.press("end")  # the pane may be too low for all its lines
        await seen(pilot, "open a file")
        lines = screen_text(pilot.app).splitlines()
        row = next(number for number, line in enumerate(lines) if "open a file" in line)
        await pilot.click(offset=(lines[row].index("open a file"), row))
        await seen(pilot, "File and function")
        await pilot.press(*"./work.py:func", "enter")
        await until(pilot, lambda: "work.py:func" in bench.ticked("kernel"), "the kernel ticked")
        await pilot.press("space")
        await until(pilot, lambda: "work.py:func" not in bench.ticked("kernel"), "the kernel unticked")
        assert "work.py:func" in bench.selection.kernels_by_name


async def test_a_file_that_goes_away_is_told_before_a_run(folder: Path) -> None:
    bench = Bench()
    async with opened(bench) as pilot:
        await pilot.press("f")
        await seen(pilot, "File and function")
        await pilot.press(*"./work.py:func", "enter")
        await until(pilot, lambda: "work.py:func" in bench.ticked("kernel"), "the kernel ticked")
        (folder / "work.py").unlink()
        await pilot.press("r")
        await seen(pilot, "There is no file work.py.")
        assert not bench.app.session.running


async def test_it_does_not_run_inside_the_app(folder: Path) -> None:
    bench = Bench()
    async with opened(bench) as pilot:
        await pilot.press("f")
        await seen(pilot, "File and function")
        await pilot.press(*"./work.py:func", "enter")
        await until(pilot, lambda: "work.py:func" in bench.ticked("kernel"), "the kernel ticked")
        bench.run_pane.action_change("host", 1)
        await until(pilot, lambda: bench.selection.in_app, "the in-app host")
        assert "work.py:func" not in bench.selection.request().kernels
        assert "where it can do no harm" in bench.preview.kernel_refusal("work.py:func")
