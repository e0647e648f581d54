"""The bench by mouse: every pane, button, option, title and tab is a target."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.ui.pilot import opened, run_to_end, screen_text, seen, until
from tests.ui.scripted import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(folder=tmp_path)


async def click_on(pilot: Pilot[Any], text: str, nth: int = 0, *, within: str = "", after: str = "") -> None:
    """Click on the middle of a text on the screen.

    It is the n-th line that has it, among those that have `within` as well; in the line it is the first behind `after`.
    """
    lines = [
        (y, line.index(text, line.index(after)))
        for y, line in enumerate(screen_text(pilot.app).splitlines())
        if within in line and text in line[line.find(after) :] and after in line
    ]
    y, x = lines[nth]
    await pilot.click(offset=(x + len(text) // 2, y))


async def test_a_click_ticks_and_takes_the_focus(bench: Bench) -> None:
    async with opened(bench) as pilot:
        await click_on(pilot, "numba-nogil")
        assert "numba-nogil" in bench.ticked("kernel")
        await click_on(pilot, "thread-pool")
        assert bench.ticked("mode") == ("sequential", "threads", "thread-pool")
        assert bench.app.focused is bench.checklist("mode")
        await click_on(pilot, "10 000".replace(" ", "\u00a0"))
        assert bench.ticked("samples") == ("10000", "1000000")


async def test_a_click_on_an_option_changes_it_and_ticks_nothing(bench: Bench) -> None:
    async with opened(bench) as pilot:
        before = bench.ticked("mode")
        await click_on(pilot, "queue")
        assert bench.selection.transports == ("pipe",)
        await click_on(pilot, "spawn", after="pool-map")
        assert bench.selection.start_methods == ("fork",)
        assert bench.ticked("mode") == before


async def test_run_and_stop_are_buttons(bench: Bench) -> None:
    async with opened(bench) as pilot:
        bench.laboratory.permit(8)
        await click_on(pilot, "Run  r")
        await until(pilot, lambda: bench.app.session.running, "a run")
        await click_on(pilot, "Stop  x")
        await until(pilot, lambda: not bench.app.session.running, "the end")
        assert "stop" in bench.laboratory.calls


async def test_the_fields_of_the_run_pane_are_targets(bench: Bench) -> None:
    async with opened(bench) as pilot:
        await click_on(pilot, " + ", after="Repeats")
        assert bench.selection.repeat == 6
        await click_on(pilot, " - ", after="Repeats")
        assert bench.selection.repeat == 5
        await click_on(pilot, "held by numba")
        assert bench.ticked("kernel") == ("python", "numba-nogil")
        await click_on(pilot, "its own process")
        assert bench.selection.in_app


async def test_titles_sort_and_sort_back(bench: Bench) -> None:
    async with opened(bench) as pilot:
        await run_to_end(pilot, bench)
        table = bench.table
        await click_on(pilot, "wall", within="kernel")
        assert [row.number for row in table.rows] == [3, 4, 1, 2]
        await click_on(pilot, "wall", within="kernel")
        assert [row.number for row in table.rows] == [2, 1, 4, 3]
        await click_on(pilot, "#", within="kernel")
        assert [row.number for row in table.rows] == [1, 2, 3, 4]


async def test_a_row_is_selected_by_a_click_and_opened_by_two(bench: Bench) -> None:
    async with opened(bench) as pilot:
        await run_to_end(pilot, bench)
        await click_on(pilot, "sequential", within="baseline")
        assert bench.table.row is bench.app.session.rows[0]
        await seen(pilot, "The baseline: one task in one thread.")
        y = next(y for y, line in enumerate(screen_text(pilot.app).splitlines()) if "baseline" in line)
        await pilot.double_click(offset=(20, y))
        await seen(pilot, "Row 1", "Trials")


async def test_tabs_in_the_border_are_targets(bench: Bench) -> None:
    async with opened(bench) as pilot:
        await click_on(pilot, "3 Source")
        await seen(pilot, "def count_hits")
        await click_on(pilot, "1 Results")
        await seen(pilot, "Press r to run")


async def test_checklists_are_tabs_in_a_narrow_terminal(bench: Bench) -> None:
    async with opened(bench, (80, 24)) as pilot:
        await click_on(pilot, "Mode", within="Samples")
        await seen(pilot, "✓ threads")
        await click_on(pilot, "Workers", within="Samples")
        await seen(pilot, "✓ 2")
        assert "✓ threads" not in screen_text(pilot.app)


async def test_keys_in_the_last_line_are_targets(bench: Bench) -> None:
    async with opened(bench) as pilot:
        await click_on(pilot, "GIL", nth=-1)
        await until(pilot, lambda: "numba-nogil" in bench.ticked("kernel"), "the twin")
        await click_on(pilot, "F1 help", nth=-1)
        await seen(pilot, "Escape closes")


async def test_the_hint_after_a_run_can_be_clicked(bench: Bench) -> None:
    async with opened(bench) as pilot:
        await run_to_end(pilot, bench)
        await click_on(pilot, "export", after="Run 1 is done")
        await seen(pilot, "Export 4 results")
