"""The meters and the grid of the cores."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from pi_tui.ui.drawing.cores import abbreviate_cores, draw_cores, list_notable_uses, mean_share, wanted_lines
from pi_tui.ui.drawing.spans import (
    line_text,
    line_width,
)


@given(
    st.integers(min_value=1, max_value=300),
    st.integers(min_value=20, max_value=200),
    st.integers(min_value=1, max_value=14),
)
def test_cores_of_any_number_fit_any_room(cores: int, cells: int, count: int) -> None:
    now = [abs(math.sin(core)) for core in range(cores)]
    drawn = draw_cores(now, [now, now], cells, count)
    assert 1 <= len(drawn) <= count
    assert all(line_width(line) <= cells for line in drawn)
    assert wanted_lines(cores, cells, count) <= max(1, count)


def test_few_cores_have_a_meter_each_and_many_a_grid() -> None:
    few = [line_text(line) for line in draw_cores([0.87, None], [[0.87, None]], 60, 2)]
    assert few[0].startswith("0 ━")
    assert " 87%" in few[0]
    assert few[1].startswith("1 ───")
    many = [line_text(line) for line in draw_cores([0.5] * 64, [[0.5] * 64], 100, 4)]
    assert [line.split()[0] for line in many] == ["0", "16", "32", "48"]
    assert many[0].count("▅") == 16
    assert line_text(draw_cores([], [], 40, 2)[0]).startswith("No reading")
    assert mean_share([0.5, None, 1.0]) == 0.75
    assert mean_share([None]) is None


def test_cores_are_told_in_a_few_cells() -> None:
    assert abbreviate_cores([1.0, 0.0]) == "█▁ 50%"
    assert abbreviate_cores([0.5] * 64) == "▅" * 16 + " 50%"
    assert abbreviate_cores([None, None]) == abbreviate_cores([]) == ""


def test_only_notable_uses_are_named() -> None:
    assert list_notable_uses([(0.5, 0.0, 0.0), (0.4, 0.0, 0.01)], [0.5, 0.41]) == ["workers"]
    assert list_notable_uses([(0.5, 0.2, 0.1)], [0.9]) == ["workers", "own", "pi-tui", "others"]
    assert list_notable_uses([(0.0, 0.0, 0.0)], [None]) == []
