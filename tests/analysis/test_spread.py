from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pi_tui.analysis.results import Spread
from pi_tui.analysis.spread import measure_spread, median_absolute_deviation, relative_range

seconds = st.floats(min_value=1e-9, max_value=1e4)


def test_spread_of_known_values() -> None:
    assert measure_spread([1.0, 2.0, 4.0, 8.0, 100.0]) == Spread(median=4.0, min=1.0, max=100.0, mad=3.0)


def test_no_values_have_no_spread() -> None:
    assert measure_spread([]) is None


def test_range_is_a_share_of_the_median() -> None:
    assert relative_range(Spread(median=2.0, min=1.0, max=4.0, mad=0.5)) == 1.5
    assert relative_range(Spread(median=0.0, min=0.0, max=0.0, mad=0.0)) == 0.0


@given(st.lists(seconds, min_size=1, max_size=20))
def test_spread_is_ordered(walls: list[float]) -> None:
    found = measure_spread(walls)
    assert found is not None
    assert found.min <= found.median <= found.max
    assert 0 <= found.mad <= found.max - found.min


@given(st.lists(seconds, min_size=1, max_size=20), st.floats(min_value=0.5, max_value=2.0))
def test_deviation_scales_with_the_values(walls: list[float], scale: float) -> None:
    scaled = median_absolute_deviation([wall * scale for wall in walls])
    assert scaled == pytest.approx(median_absolute_deviation(walls) * scale, rel=1e-6, abs=1e-9)
