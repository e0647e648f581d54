"""Charts in cells: nothing overlaps, every point is visible, and colour is not needed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pi_tui.analysis.text.cell_width import cells
from pi_tui.charts.chart import Axis, Chart, Mark, Point, Series
from pi_tui.charts.glyphs import ASCII, UNICODE, Glyphs, choose_glyphs
from pi_tui.charts.layout import lay_out_chart
from pi_tui.charts.scaling_charts import ChartOptions, build_chart
from pi_tui.charts.scaling_study import CHART_KINDS, ChartKind, build_study
from pi_tui.charts.terminal import Cell, draw_chart, group_cells
from pi_tui.charts.viewport import Viewport, apply_viewport
from tests.charts.chart_builders import grain_results, make_chart, scaling_results, size_results, usl_speedup

SIZES = [(40, 8), (76, 7), (78, 19), (118, 24), (198, 50)]
points = st.lists(st.tuples(st.floats(1e-3, 1e6), st.floats(1e-6, 1e6)), min_size=1, max_size=12)
sizes = st.tuples(st.integers(30, 200), st.integers(9, 60))


def text_of(grid: list[list[Cell]]) -> str:
    return "\n".join("".join(cell.char for cell in row) for row in grid)


@given(points, sizes, st.booleans(), st.sampled_from([UNICODE, ASCII]))
def test_no_label_lies_on_another_and_none_in_the_data(
    found: list[tuple[float, float]], size: tuple[int, int], log: bool, glyphs: Glyphs
) -> None:
    chart = make_chart(*found, log=log)
    layout = lay_out_chart(chart, *size, glyphs)
    assert layout is not None
    taken: set[tuple[int, int]] = set()
    for label in layout.labels:
        cells = {(label.column + offset, label.row) for offset in range(len(label.text))}
        assert not cells & taken, label
        taken |= cells
        assert all(0 <= column < size[0] and 0 <= row < size[1] for column, row in cells), label
    inside = {(column, row) for column, row in taken
              if layout.left <= column < size[0] and layout.top <= row < layout.top + layout.rows}  # fmt: skip
    assert not inside


@given(points, sizes, st.booleans())
def test_every_point_lies_in_the_plot_area(found: list[tuple[float, float]], size: tuple[int, int], log: bool) -> None:
    chart = make_chart(*found, log=log)
    layout = lay_out_chart(chart, *size, UNICODE)
    assert layout is not None
    for point in chart.series[0].points:
        assert 0 <= layout.column(point.x) < layout.columns
        for value in (point.y, point.low or 0.0, point.high or 0.0):
            assert 0 <= layout.row(value) < layout.rows
    assert UNICODE.marker(0) in text_of([row[layout.left :] for row in draw_chart(chart, *size, UNICODE)[layout.top :]])


@given(points, st.integers(0, 250), st.integers(0, 70), st.floats(0.01, 1), st.floats(-3, 3), st.floats(-3, 3))
def test_a_drawing_keeps_its_size_for_any_viewport(
    found: list[tuple[float, float]], width: int, height: int, factor: float, right: float, up: float
) -> None:
    window = Viewport().zoom(factor).move(right, up)
    grid = draw_chart(apply_viewport(make_chart(*found), window), width, height, UNICODE)
    assert len(grid) == height
    assert all(len(row) == width for row in grid)


@pytest.mark.parametrize("height", [6, 9, 12, 14])
@pytest.mark.parametrize("kind", CHART_KINDS)
def test_labels_stay_within_a_chart_of_any_width(kind: ChartKind, height: int) -> None:
    results = [*scaling_results((1, 2, 4), usl_speedup), *size_results((1000, 1_000_000)), *grain_results((4, 16, 64))]
    chart = build_chart(build_study(results, 4), kind)
    for width in range(50):
        layout = lay_out_chart(chart, width, height, UNICODE)
        for label in layout.labels if layout is not None else ():
            assert 0 <= label.column <= label.column + len(label.text) <= width, (width, label)
        assert all(len(row) == width for row in draw_chart(chart, width, height, UNICODE))


@pytest.mark.parametrize("size", SIZES)
def test_series_that_meet_in_a_point_are_all_visible(size: tuple[int, int]) -> None:
    series = tuple(Series(f"s{number}", (Point(1, 1), Point(2, 2)), number + 1, number) for number in range(3))
    chart = Chart("", Axis("x", "count"), Axis("y", "times"), series)
    drawn = text_of(draw_chart(chart, *size, UNICODE)[1:])
    for number in range(3):
        assert drawn.count(UNICODE.marker(number)) >= 2


def test_an_error_bar_has_caps_at_both_ends() -> None:
    chart = Chart("", Axis("x", "count", included=(0, 10)), Axis("y", "times", included=(0, 10)),
                  (Series("s", (Point(5, 5, 2, 8),), 1, 0),))  # fmt: skip
    layout = lay_out_chart(chart, 60, 24, UNICODE)
    assert layout is not None
    column = layout.left + layout.column(5)
    column_text = "".join(row[column].char for row in draw_chart(chart, 60, 24, UNICODE)[layout.top :])
    bar = column_text[layout.row(8) : layout.row(2) + 1]
    assert bar[0] == "┬"
    assert bar[-1] == "┴"
    assert bar.strip("┬│┴") == "●"


def test_ideal_and_prediction_differ_from_measurements_without_colour() -> None:
    study = build_study(scaling_results((1, 2, 4, 8), usl_speedup), 4)
    drawn = text_of(draw_chart(build_chart(study, "speedup", ChartOptions(predict_to=64)), 118, 24, UNICODE))
    assert "╌╌ numba-nogil · threads, prediction" in drawn
    assert "·· ideal, 4 usable cores" in drawn
    assert "● numba-nogil · threads" in drawn
    assert "peak" in drawn


def test_markers_are_distinct_in_both_sets() -> None:
    for glyphs in (UNICODE, ASCII):
        assert len(set(glyphs.markers)) == len(glyphs.markers) >= 12


def test_ascii_is_chosen_for_encodings_without_the_glyphs() -> None:
    study = build_study(scaling_results((1, 2, 4), usl_speedup), 2)
    assert text_of(draw_chart(build_chart(study, "speedup"), 78, 19, ASCII)).isascii()
    assert choose_glyphs("utf-8") is UNICODE
    assert choose_glyphs("latin-1") is choose_glyphs("ascii") is choose_glyphs(None) is ASCII


def test_a_hidden_series_keeps_its_name_and_its_place_on_the_axes() -> None:
    chart = make_chart((1, 1), (8, 6))
    hidden = replace(chart, series=tuple(replace(series, hidden=True) for series in chart.series))
    assert lay_out_chart(hidden, 78, 19, UNICODE).y == lay_out_chart(chart, 78, 19, UNICODE).y  # type: ignore[union-attr]
    drawn = text_of(draw_chart(hidden, 78, 19, UNICODE))
    assert "- threads" in drawn
    assert "●" not in drawn


def test_legend_entries_refer_to_their_series() -> None:
    grid = draw_chart(make_chart((1, 1), (8, 6)), 78, 19, UNICODE)
    named = {run.text: run.entry for run in group_cells(grid[0]) if run.role == "legend"}
    assert named == {"threads": 0, "ideal": 1}


@pytest.mark.parametrize("width", range(40, 121))
def test_a_legend_names_or_counts_every_series(width: int) -> None:
    made = make_chart((1, 1), (8, 6))
    many = replace(made, series=tuple(replace(made.series[0], name=f"kernel-{number:02} · m") for number in range(20)))
    layout = lay_out_chart(many, width, 18, UNICODE)
    assert layout is not None
    named = [label for label in layout.labels if label.role == "legend"]
    (omitted,) = [int(label.text.split()[1]) for label in layout.labels if label.text.startswith("and ")] or [0]
    assert len(named) + omitted == 20


def test_a_small_terminal_shows_no_chart() -> None:
    assert text_of(draw_chart(make_chart((1, 1)), 10, 3, UNICODE)).strip() == ""
    assert lay_out_chart(make_chart((1, 1)), 19, 20, UNICODE) is None


def test_a_viewport_stays_within_the_chart() -> None:
    window = Viewport().zoom(0.5)
    assert window.x == (0.25, 0.75)
    assert window.move(10, -10) == Viewport((0.5, 1.0), (0.0, 0.5))
    assert window.zoom(100).shows_all
    close = Viewport()
    for _ in range(30):
        close = close.zoom(0.5)
    assert close.x[1] - close.x[0] == pytest.approx(1 / 64)


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
@pytest.mark.parametrize("size", [(30, 9), *SIZES])
def test_wide_characters_keep_every_row_at_its_width(size: tuple[int, int], glyphs: Glyphs) -> None:
    made = make_chart((1, 1), (8, 5))
    named = tuple(replace(series, name="測試核心 " * number) for number, series in enumerate(made.series, 1))
    wide = replace(made, series=named, marks=(Mark(8, "峰值的標記"),), y=replace(made.y, title="速度"))
    for row in draw_chart(wide, *size, glyphs):
        assert sum(cells(cell.char) for cell in row) == size[0]


def test_legend_entries_are_spaced_by_cell_width() -> None:
    made = make_chart((1, 1), (8, 5))
    first, second = made.series
    drawn = draw_chart(
        replace(made, series=(replace(first, name="測試"), replace(second, name="ideal"))), 78, 19, UNICODE
    )
    assert "● 測試  ·· ideal" in text_of(drawn)
