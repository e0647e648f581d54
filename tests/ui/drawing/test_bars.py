"""Bars and sparklines."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pi_tui.ui.drawing.bars import (
    HEAT_STEPS,
    count_halves,
    draw_bar,
    draw_heat_bar,
    draw_stacked_bar,
    draw_use_bar,
    heat_step,
)
from pi_tui.ui.drawing.spans import (
    line_text,
    line_width,
)
from pi_tui.ui.drawing.sparkline import draw_sparkline
from pi_tui.ui.state.time_categories import (
    TERM_CATEGORIES,
)

shares = st.floats(min_value=-0.5, max_value=1.5)


@given(shares, st.integers(min_value=0, max_value=40))
def test_bars_fill_their_cells_and_grow_with_the_share(share: float, cells: int) -> None:
    assert line_width(draw_bar(share, cells, "running")) == cells
    assert line_text(draw_heat_bar(share, cells)) == line_text(draw_bar(share, cells, "running"))
    assert 0 <= count_halves(share, cells) <= 2 * cells
    assert count_halves(share, cells) <= count_halves(share + 0.1, cells)


def test_a_small_share_fills_at_least_half_a_cell() -> None:
    assert line_text(draw_bar(0.001, 10, "running")) == "╾─────────"
    assert line_text(draw_bar(0.0, 4, "running")) == "────"
    assert line_text(draw_bar(1.0, 4, "running")) == "━━━━"
    assert draw_sparkline([0.001], 1)[0] != draw_sparkline([0.0], 1)[0]


def test_heat_goes_up_with_the_share() -> None:
    steps = [heat_step(share / 100) for share in range(101)]
    assert steps == sorted(steps)
    assert (steps[0], steps[-1]) == (0, HEAT_STEPS - 1)
    styles = [span.style for span in draw_heat_bar(1.0, 2 * HEAT_STEPS)]
    assert styles == [f"heat-{step}" for step in range(HEAT_STEPS)]


def test_a_history_shows_the_newest_at_the_right() -> None:
    assert draw_sparkline([1.0, 1.0], 2) == ["⠀⣿"]
    assert draw_sparkline([None, 0.5], 1) == ["⢠"]
    assert draw_sparkline([1.0, 0.5], 1, 2) == ["⡇", "⣿"]
    assert draw_sparkline([], 3) == ["⠀⠀⠀"]
    assert draw_sparkline([1.0], 0) == [""]


def test_a_cores_bar_tells_who_used_it() -> None:
    assert line_text(draw_use_bar((0.5, 0.0, 0.0), 0.75, 40)) == "━" * 20 + "╍" * 10 + "─" * 10
    assert line_text(draw_use_bar((0.25, 0.25, 0.1), 0.75, 40)) == "━" * 10 + "┅" * 10 + "┈" * 4 + "╍" * 6 + "─" * 10
    assert line_text(draw_use_bar((0.0, 0.0, 0.0), 0.5, 40)) == "╍" * 20 + "─" * 20


def test_a_cores_bar_is_never_longer_than_its_share() -> None:
    assert line_text(draw_use_bar((0.9, 0.5, 0.5), 0.5, 40)) == "━" * 20 + "─" * 20
    assert "╍" not in line_text(draw_use_bar(None, 0.75, 40))


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.integers(0, 60))
def test_a_cores_bar_has_the_given_width(workers: float, own: float, pi_tui: float, share: float, cells: int) -> None:
    assert line_width(draw_use_bar((workers, own, pi_tui), share, cells)) == cells


parts = st.lists(st.tuples(st.sampled_from(list(TERM_CATEGORIES.values())), st.floats(-1, 4)), max_size=12)


@given(parts, st.floats(0.1, 50), st.integers(0, 100))
def test_a_stacked_bar_fits_and_leaves_out_negative_parts(
    shown: list[tuple[object, float]], scale: float, room: int
) -> None:
    bar = draw_stacked_bar(shown, scale, room)  # type: ignore[arg-type]
    positive = sum(max(0.0, value) for _, value in shown)
    assert line_width(bar) == min(room, round(positive * scale)) or abs(line_width(bar) - positive * scale) <= 0.5
    assert line_width(bar) <= room
