"""The columns and titles of the results table."""

from __future__ import annotations

from dataclasses import replace

from pi_tui.ui.drawing.results_table import DENSITIES, TableLayout
from pi_tui.ui.drawing.spans import line_text, slice_line
from pi_tui.ui.state.row_order import sort_rows
from pi_tui.ui.state.session import Row
from tests.ui.rows import case, result, row
from tests.ui.scripted import (
    CRASH,
    ended,
)


def test_the_table_only_ever_grows_and_lines_have_its_width() -> None:
    table = TableLayout(2)
    table.widen([row(result())])
    narrow = table.line_cells(DENSITIES[0])
    assert table.widen([row(result(case("numba", "processes", 64, 10**8)), 1234)])
    assert table.line_cells(DENSITIES[0]) > narrow
    assert not table.widen([row(result())])
    for density in DENSITIES:
        for each in (row(result()), row(ended(case(), "failed", CRASH)), Row(3, 1, case(), "running", True, None)):
            assert len(line_text(table.draw_row(each, density, current=True))) == table.line_cells(density)
        assert len(line_text(table.draw_header(density, "wall", reverse=True))) == table.line_cells(density)


def test_a_second_interpreter_opens_a_column() -> None:
    table = TableLayout(2)
    first = result()
    table.widen([row(first)])
    assert not table.shows_python
    other = replace(first, case=replace(first.case, python="3.14.0t"), free_threaded_build=True, gil_enabled=False)
    table.widen([row(other)])
    assert table.shows_python
    assert "3.14.0t GIL off" in line_text(table.draw_row(row(other), DENSITIES[0], current=True))


def test_a_part_of_a_line_can_be_drawn() -> None:
    table = TableLayout(2)
    line = table.draw_row(row(result()), DENSITIES[0], current=True)
    assert line_text(slice_line(line, 7, 6)) == line_text(line)[7:13]
    assert line_text(slice_line(line, 10_000, 4)) == "    "


def test_the_order_by_number_is_marked_only_when_reversed() -> None:
    """The newest run comes first, its rows in their order: that is neither up nor down."""
    table = TableLayout(2)
    rows = [row(result(), number, run) for number, run in ((1, 1), (2, 1), (3, 2), (4, 2))]
    table.widen(rows)
    shown = {
        (sort, reverse): line_text(table.draw_header(DENSITIES[0], sort, reverse=reverse))
        for sort in ("number", "wall")
        for reverse in (False, True)
    }
    assert [each.number for each in sort_rows(rows, "number", reverse=False, wanted="")] == [3, 4, 1, 2]
    assert not {"▴", "▾"} & set(shown["number", False])
    assert [each.number for each in sort_rows(rows, "number", reverse=True, wanted="")] == [1, 2, 3, 4]
    assert "▴#" in shown["number", True]
    assert "wall▴" in shown["wall", False]
    assert "wall▾" in shown["wall", True]
