"""Bars and sparklines."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pi_tui.ui.drawing.bars import (
    _OTHERS_GLYPH,
    _OTHERS_STYLE,
    HEAT_STEPS,
    count_halves,
    draw_bar,
    draw_heat_bar,
    draw_shared_bar,
    draw_stacked_bar,
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


def test_a_shared_bar_is_bright_for_workers_and_dashed_for_others() -> None:
    bar = draw_shared_bar(0.5, 0.75, 40)
    assert line_text(bar) == "━" * 20 + _OTHERS_GLYPH * 10 + "─" * 10
    assert {span.style for span in bar if _OTHERS_GLYPH in span.text} == {_OTHERS_STYLE}
    assert _OTHERS_GLYPH not in line_text(draw_shared_bar(None, 0.75, 40))
    assert _OTHERS_GLYPH not in line_text(draw_shared_bar(0.9, 0.5, 40))
    assert line_text(draw_shared_bar(0.0, 0.5, 40)).startswith(_OTHERS_GLYPH * 20)


@given(st.floats(0, 1), st.floats(0, 1), st.integers(0, 60))
def test_a_shared_bar_has_the_given_width(own: float, share: float, cells: int) -> None:
    assert line_width(draw_shared_bar(own, share, cells)) == cells


parts = st.lists(st.tuples(st.sampled_from(list(TERM_CATEGORIES.values())), st.floats(-1, 4)), max_size=12)


@given(parts, st.floats(0.1, 50), st.integers(0, 100))
def test_a_stacked_bar_fits_and_leaves_out_negative_parts(
    shown: list[tuple[object, float]], scale: float, room: int
) -> None:
    bar = draw_stacked_bar(shown, scale, room)  # type: ignore[arg-type]
    positive = sum(max(0.0, value) for _, value in shown)
    assert line_width(bar) == min(room, round(positive * scale)) or abs(line_width(bar) - positive * scale) <= 0.5
    assert line_width(bar) <= room
