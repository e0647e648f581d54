"""Ticks are multiples of 1, 2 or 5 or powers, visible, and have different labels."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pi_tui.charts.chart import Axis, Quantity
from pi_tui.charts.scales import Scale, make_scale, nice_step
from pi_tui.charts.tick_labels import format_ticks

values = st.floats(1e-9, 1e12)
spacings = st.sampled_from(["linear", "log2", "log10"])
most = st.integers(2, 20)


def scale(low: float, high: float, spacing: str = "linear", *, whole: bool = False) -> Scale:
    assume(high > low * 1.0001)
    return Scale(spacing, low, high, whole)  # type: ignore[arg-type]


@given(st.floats(1e-12, 1e15))
def test_a_step_is_1_2_or_5_times_a_power_of_ten(least: float) -> None:
    step = nice_step(least)
    assert least * (1 - 1e-6) <= step <= least * 2.5 * (1 + 1e-6)
    figure = step / 10 ** math.floor(math.log10(step) + 1e-9)
    assert any(math.isclose(figure, nice, rel_tol=1e-6) for nice in (1, 2, 5, 10))


@given(values, values, spacings, most, st.booleans())
def test_ticks_are_visible_ordered_and_few(low: float, high: float, spacing: str, most: int, whole: bool) -> None:
    shown = scale(low, high, spacing, whole=whole)
    ticks = shown.ticks(most)
    assert 2 <= len(ticks) <= max(most, 6)
    assert all(shown.contains(tick) for tick in ticks)
    assert all(before < after for before, after in pairwise(ticks))
    assert all(shown.contains(tick) and tick not in ticks for tick in shown.minor_ticks(ticks))


@given(values, values, most)
def test_even_ticks_are_1_2_5(low: float, high: float, most: int) -> None:
    ticks = scale(low, high).ticks(most)
    step = ticks[1] - ticks[0]
    assume(step > 1e-9 * high)  # floats are too coarse for anything finer
    figure = step / 10 ** math.floor(math.log10(step) + 1e-6)
    assert any(math.isclose(figure, nice, rel_tol=1e-3) for nice in (1, 2, 5, 10))


@given(values, st.floats(4, 1e9), st.sampled_from(["log2", "log10"]), most)
def test_logarithmic_ticks_are_powers(low: float, ratio: float, spacing: str, most: int) -> None:
    base = {"log2": 2.0, "log10": 10.0}[spacing]
    assume(ratio > base**2)
    for tick in scale(low, low * ratio, spacing).ticks(most):
        power = math.log(tick, base)
        assert math.isclose(power, round(power), abs_tol=1e-6)


@given(values, values, spacings, st.floats(0, 1))
def test_position_and_value_are_inverse(low: float, high: float, spacing: str, place: float) -> None:
    shown = scale(low, high, spacing)
    assert shown.position(shown.value(place)) == pytest.approx(place, abs=1e-6)


@given(st.lists(st.floats(1e-6, 1e9), min_size=1), spacings)
def test_every_value_is_visible(found: list[float], spacing: str) -> None:
    shown = make_scale(Axis("x", "count", spacing), found)  # type: ignore[arg-type]
    assert shown.low < shown.high
    assert all(shown.contains(value) for value in found)


@given(values, values, spacings, most, st.sampled_from(["count", "times", "seconds"]))
def test_different_ticks_have_different_labels(
    low: float, high: float, spacing: str, most: int, quantity: Quantity
) -> None:
    assume(high > low * 1.01)
    ticks = scale(low, high, spacing).ticks(most)
    labels = format_ticks(ticks, quantity)
    assert len(set(labels)) == len(labels)


def test_ticks_of_workers_are_whole_numbers() -> None:
    assert Scale("linear", 0.0, 2.1, whole=True).ticks(10) == (0.0, 1.0, 2.0)
    assert len(Scale("linear", 2.2, 2.8, whole=True).ticks(4)) >= 2


def test_values_without_a_logarithm_are_not_visible() -> None:
    shown = make_scale(Axis("x", "seconds", "log10"), [0.0, -1.0, 1.0, 100.0])
    assert shown.low > 0
    assert not shown.contains(0.0)


def test_an_axis_without_data_still_has_a_range() -> None:
    for spacing in ("linear", "log2", "log10"):
        assert len(make_scale(Axis("x", "count", spacing), []).ticks(5)) >= 2  # type: ignore[arg-type]
