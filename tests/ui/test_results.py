"""The table of results: order, filter, cursor, and rows of earlier runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ui.pilot import gone, opened, run_to_end, run_until, screen_text, seen, until
from tests.ui.scripted import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(folder=tmp_path)


def numbers(bench: Bench) -> list[int]:
    return [row.number for row in bench.table.rows]


async def test_rows_of_earlier_runs_stay_below_the_newest(bench: Bench) -> None:
    async with opened(bench) as pilot:
        await run_to_end(pilot, bench)
        await pilot.press("g")
        await run_to_end(pilot, bench)
        assert numbers(bench) == [5, 6, 7, 8, 1, 2, 3, 4]
        assert [row.run for row in bench.table.rows] == [2] * 4 + [1] * 4


async def test_of_too_many_rows_the_oldest_runs_leave_and_that_is_said(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pi_tui.ui.state.session.KEPT_ROWS", 6)
    async with opened(bench) as pilot:
        for _ in range(2):
            await run_to_end(pilot, bench)
        assert "have left" not in screen_text(bench.app)
        await run_to_end(pilot, bench)
        assert numbers(bench) == [9, 10, 11, 12, 5, 6, 7, 8]
        await seen(pilot, "rows 1-4 have left: see h, the history")
        await pilot.press("4", "2", "1", "end")
        assert bench.table.row is bench.app.session.row(8)
        await run_to_end(pilot, bench)
        assert numbers(bench) == [13, 14, 15, 16, 9, 10, 11, 12]
        await pilot.press("end", "4")
        await seen(pilot, "run 3")


async def test_the_row_that_tells_most_is_selected_at_the_end(bench: Bench) -> None:
    async with opened(bench) as pilot:
        await run_to_end(pilot, bench)
        selected = bench.table.row
        assert selected is not None
        assert not selected.baseline
        await seen(pilot, "Two threads took turns: each waited 49% of the time for the GIL; use numba-nogil")


async def test_the_cursor_stays_on_its_row_wherever_sorting_puts_it(bench: Bench) -> None:
    async with opened(bench) as pilot:
        await run_to_end(pilot, bench)
        await pilot.press("1")
        await until(pilot, lambda: bench.app.focused is bench.table, "the table")
        await pilot.press("home")
        for _ in range(6):
            await pilot.press("o")
            assert bench.table.row is bench.app.session.rows[0]
        await pilot.press("O", "down")
        assert bench.table.row is not bench.app.session.rows[0]


async def test_o_goes_through_all_columns(bench: Bench) -> None:
    async with opened(bench) as pilot:
        await run_to_end(pilot, bench)
        await pilot.press("1")
        await until(pilot, lambda: bench.app.focused is bench.table, "the table")
        await pilot.press("o")
        assert [row.case.kernel for row in bench.table.rows] == ["numba", "numba", "python", "python"]
        await seen(pilot, "kernel▴")
        await pilot.press("O")
        await seen(pilot, "kernel▾")
        assert [row.case.kernel for row in bench.table.rows] == ["python", "python", "numba", "numba"]


async def test_the_filter_works_as_it_is_typed_and_stays_until_it_is_left(bench: Bench) -> None:
    async with opened(bench) as pilot:
        await run_to_end(pilot, bench)
        await pilot.press("slash")
        await seen(pilot, "Rows with")
        await pilot.press(*"numba thr")
        assert numbers(bench) == [4]
        assert "Enter take it  Esc leave" in screen_text(pilot.app)
        assert "/ filter" not in screen_text(pilot.app), "a letter as any other, while one types"
        await pilot.press("enter")
        await seen(pilot, "filter: numba thr (1 of 4)")
        await pilot.press("slash", "escape")
        await gone(pilot, "filter:")
        assert numbers(bench) == [1, 2, 3, 4]


async def test_a_filter_that_nothing_answers_to_says_so(bench: Bench) -> None:
    async with opened(bench) as pilot:
        await run_to_end(pilot, bench)
        await pilot.press("slash", *"[red]nothing", "enter")
        await seen(pilot, "No row has [red]nothing in it.", "filter: [red]nothing (0 of 4)")


async def test_a_narrow_table_leaves_out_what_matters_least_and_can_be_shifted(bench: Bench) -> None:
    async with opened(bench, (80, 24)) as pilot:
        await run_to_end(pilot, bench)
        text = screen_text(pilot.app)
        assert "estimate" not in text
        assert "|z|" in text
    bench = Bench(folder=bench.folder)
    async with opened(bench, (60, 24)) as pilot:
        await run_to_end(pilot, bench)
        await pilot.press("1")
        await until(pilot, lambda: bench.app.focused is bench.table, "the table")
        assert "|z|" not in screen_text(pilot.app)
        await pilot.press("right", "right", "right", "right")
        await seen(pilot, "|z|")
        await pilot.press("left", "left", "left", "left")
        await seen(pilot, "kernel")


async def test_unavailable_combinations_have_a_row_that_says_why(bench: Bench) -> None:
    async with opened(bench) as pilot:
        bench.app.bench.ask("python")
        await pilot.press(*"/python3.12", "enter")
        await until(pilot, lambda: bench.preview.interpreter is not None and bench.preview.plan, "")
        await seen(pilot, "CPython 3.12.1")
        await run_to_end(pilot, bench)
        await seen(pilot, "numba is not installed for Python 3.12.1")


async def test_only_what_changed_is_drawn_again(bench: Bench) -> None:
    async with opened(bench) as pilot:
        await run_until(pilot, bench, 6)
        drawn: list[int] = []
        table = bench.table
        draw = table.render_line
        table.render_line = lambda y: drawn.append(y) or draw(y)  # type: ignore[func-returns-value,method-assign]
        bench.app.bench.show_rows()
        bench.app.bench.show_progress()
        await pilot.pause()
        assert drawn == []
        bench.laboratory.permit()


async def test_a_filter_can_be_typed_before_there_are_rows(bench: Bench) -> None:
    """Were the key dead then, the letters that follow it would be taken for commands."""
    async with opened(bench) as pilot:
        await pilot.press("slash", *"numba thr", "enter")
        await seen(pilot, "No row has numba thr in it.")
        await run_to_end(pilot, bench)
        await seen(pilot, "filter: numba thr (1 of 4)")
        assert numbers(bench) == [4]
