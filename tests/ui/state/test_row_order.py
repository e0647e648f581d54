"""The order of rows, the filter, and the row that is selected first."""

from __future__ import annotations

import pytest

from pi_tui.ui.state.row_order import find_notable_row, matches_filter, sort_rows
from pi_tui.ui.state.session import Row
from tests.ui.rows import case, result, row
from tests.ui.scripted import (
    CRASH,
    ended,
)


def test_rows_without_a_value_are_last_in_either_direction() -> None:
    rows = [
        row(ended(case("numba"), "failed", CRASH), 1),
        row(result(case("python")), 2),
        row(result(case("numpy")), 3),
    ]
    assert [each.number for each in sort_rows(rows, "wall", reverse=False, wanted="")] == [3, 2, 1]
    assert [each.number for each in sort_rows(rows, "wall", reverse=True, wanted="")] == [2, 3, 1]


@pytest.mark.parametrize(
    "column", ["number", "kernel", "mode", "python", "workers", "samples", "speedup", "waiting", "z"]
)
def test_every_column_sorts_rows_of_every_state(column: str) -> None:
    rows = [
        row(result(), 1),
        row(ended(case("numba"), "unavailable", CRASH), 2),
        Row(3, 2, case("numpy"), "running", True, None),
    ]
    for reverse in (True, False):
        assert sorted(each.number for each in sort_rows(rows, column, reverse=reverse, wanted="")) == [1, 2, 3]


def test_a_filter_finds_everything_that_a_row_shows() -> None:
    failed = row(ended(case("numba", "processes"), "failed", CRASH), 4, run=2)
    for wanted in ("numba", "spawn queue", "workers=2", "run=2", "failed", "sigsegv", "3.11", "NUMBA proc"):
        assert matches_filter(failed, wanted), wanted
    assert not matches_filter(failed, "numpy")
    assert matches_filter(failed, "  ")


def test_the_first_selected_row_failed_or_is_the_least_efficient() -> None:
    rows = [
        row(result(case("python", "sequential", 1)), 1),
        row(result(case("python")), 2),
        row(result(case("numba-nogil")), 3),
    ]
    assert find_notable_row(rows, 1) is rows[1]
    failed = row(ended(case("numba"), "failed", CRASH), 4)
    assert find_notable_row([*rows, failed], 1) is failed
    assert find_notable_row(rows, 2) is None
