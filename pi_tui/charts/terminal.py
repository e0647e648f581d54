"""Draw a chart in terminal cells, each with a role that determines its colour."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby, pairwise
from typing import NamedTuple

from pi_tui.analysis.text.cell_width import by_cell
from pi_tui.charts.braille_canvas import DOTS_ACROSS, DOTS_DOWN, BrailleCanvas
from pi_tui.charts.chart import Chart, Series
from pi_tui.charts.glyphs import Glyphs
from pi_tui.charts.layout import Layout, lay_out_chart, series_role

_COLUMN_OFFSETS = (0, 1, -1, 2, -2)
"""Offsets to try, in columns, for a marker whose cell is taken."""


class Cell(NamedTuple):
    """One character with its role, "" after a wide one; `entry` is the index of the series that it names in the legend."""

    char: str
    role: str
    entry: int | None = None


class CellRun(NamedTuple):
    """Adjacent characters with the same role and entry."""

    text: str
    role: str
    entry: int | None = None


_BLANK = Cell(" ", "")
Grid = list[list[Cell]]


def draw_chart(chart: Chart, width: int, height: int, glyphs: Glyphs) -> list[list[Cell]]:
    """Draw the chart in exactly `height` rows of `width` cells; all blank if there is no room for it."""
    grid: Grid = [[_BLANK] * width for _ in range(height)]
    layout = lay_out_chart(chart, width, height, glyphs)
    if layout is None:
        return grid
    _draw_axes(grid, layout, glyphs)
    _draw_marks(grid, chart, layout, glyphs)
    _draw_lines(grid, chart, layout, glyphs)
    taken: dict[tuple[int, int], str] = {}
    for series in reversed(chart.drawn_series):  # the most important series chooses its cells first
        _draw_points(grid, series, layout, glyphs, taken)
    for label in layout.labels:
        for offset, char in enumerate(by_cell(label.text)):
            grid[label.row][label.column + offset] = Cell(char, label.role, label.entry)
    return grid


def group_cells(row: list[Cell]) -> Iterator[CellRun]:
    """Yield the cells of a row, grouped by role and entry."""
    for (role, entry), cells in groupby(row, key=lambda cell: (cell.role, cell.entry)):
        yield CellRun("".join(cell.char for cell in cells), role, entry)


def _draw_axes(grid: Grid, layout: Layout, glyphs: Glyphs) -> None:
    axis, bottom = layout.left - 1, layout.top + layout.rows
    for row in range(layout.rows):
        ticked = row in layout.y_ticks
        grid[layout.top + row][axis] = Cell(glyphs.y_tick if ticked else glyphs.upright, "axis")
        if ticked:
            grid[layout.top + row][layout.left :] = [Cell(glyphs.grid, "grid")] * layout.columns
    grid[bottom][axis] = Cell(glyphs.corner, "axis")
    for column in range(layout.columns):
        tick = column in layout.x_ticks
        char = glyphs.major_tick if tick else glyphs.minor_tick if column in layout.minor_x_ticks else glyphs.across
        grid[bottom][layout.left + column] = Cell(char, "axis")


def _draw_marks(grid: Grid, chart: Chart, layout: Layout, glyphs: Glyphs) -> None:
    for mark in chart.marks:
        if layout.x.contains(mark.x):
            for row in range(layout.rows):
                grid[layout.top + row][layout.left + layout.column(mark.x)] = Cell(glyphs.mark, "mark")


def _draw_lines(grid: Grid, chart: Chart, layout: Layout, glyphs: Glyphs) -> None:
    bands, dots = BrailleCanvas(layout.columns, layout.rows), BrailleCanvas(layout.columns, layout.rows)
    for series in chart.drawn_series:
        if series.band:
            _draw_band(bands, series, layout)
        places = [_dot_position(layout, point.x, point.y) for point in series.points]
        phase = 0
        for start, end in pairwise(places):
            phase = dots.draw_line(start, end, series_role(series), series.dash, phase)
    for canvas in (bands, dots):  # lines replace bands in the cells they share
        for column, row, char, role in canvas.cells(braille=glyphs.braille):
            grid[layout.top + row][layout.left + column] = Cell(char, role)


def _draw_band(dots: BrailleCanvas, series: Series, layout: Layout) -> None:
    """Draw the interval of a prediction as a dot in every second cell."""
    known = [point for point in series.points if point.low is not None and point.high is not None]
    role = "quiet" if series.dimmed else f"band-{series.tint}"
    for before, after in pairwise(known):
        (x0, low0), (x1, low1) = (_dot_position(layout, point.x, point.low or 0.0) for point in (before, after))
        (_, high0), (_, high1) = (_dot_position(layout, point.x, point.high or 0.0) for point in (before, after))
        for x in range(max(0, round(x0)), min(dots.width - 1, round(x1)) + 1):
            share = (x - x0) / (x1 - x0) if x1 > x0 else 0.0
            top, bottom = high0 + (high1 - high0) * share, low0 + (low1 - low0) * share
            for y in range(max(0, round(top)), min(dots.height - 1, round(bottom)) + 1):
                if y % DOTS_DOWN == DOTS_DOWN // 2 and x % (2 * DOTS_ACROSS) == DOTS_ACROSS * (y // DOTS_DOWN % 2):
                    dots.set_dot(x, y, role)


def _draw_points(grid: Grid, series: Series, layout: Layout, glyphs: Glyphs, taken: dict[tuple[int, int], str]) -> None:
    if series.marker is None:
        return
    role = series_role(series)
    for point in series.points:
        column, row = layout.column(point.x), layout.row(point.y)
        if not (0 <= column < layout.columns and 0 <= row < layout.rows):
            continue
        aside = next((step for step in _COLUMN_OFFSETS if _is_free(column + step, row, layout, taken)), None)
        if aside is None:
            continue  # too many markers meet here; only the legend names them all
        column += aside
        if not series.band and point.low is not None and point.high is not None:
            _draw_error_bar(
                grid, (column, row, layout.row(point.low), layout.row(point.high)), role, layout, glyphs, taken
            )
        taken[column, row] = "marker"
        grid[layout.top + row][layout.left + column] = Cell(glyphs.marker(series.marker), role)


def _is_free(column: int, row: int, layout: Layout, taken: dict[tuple[int, int], str]) -> bool:
    return 0 <= column < layout.columns and taken.get((column, row)) != "marker"


def _draw_error_bar(
    grid: Grid,
    place: tuple[int, int, int, int],
    role: str,
    layout: Layout,
    glyphs: Glyphs,
    taken: dict[tuple[int, int], str],
) -> None:
    """Draw a capped bar at a point, given column, row, and the rows of the interval's ends."""
    column, row, low, high = place
    top, length, bottom = glyphs.bar
    for each in range(max(0, high), min(layout.rows - 1, low) + 1):
        if each != row and (column, each) not in taken:
            taken[column, each] = "bar"
            char = top if each == high else bottom if each == low else length
            grid[layout.top + each][layout.left + column] = Cell(char, role)


def _dot_position(layout: Layout, x: float, y: float) -> tuple[float, float]:
    """Return a value's position in dots, at the centre of its marker's cell."""
    across = layout.x.position(x) * (layout.columns - 1)
    down = (1 - layout.y.position(y)) * (layout.rows - 1)
    return across * DOTS_ACROSS + (DOTS_ACROSS - 1) / 2, down * DOTS_DOWN + (DOTS_DOWN - 1) / 2
