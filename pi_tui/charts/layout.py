"""The layout of a chart in a terminal: positions of its texts, and the plot area."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from pi_tui.analysis.text.cell_width import cells, cut
from pi_tui.charts.chart import Chart, Mark, Series
from pi_tui.charts.glyphs import Glyphs
from pi_tui.charts.scales import Scale, make_scale
from pi_tui.charts.tick_labels import format_ticks

MIN_COLUMNS, MIN_ROWS = 20, 6
_ROWS_PER_TICK, _COLUMNS_PER_TICK = 3, 9
_LEGEND_GAP = 2
_TITLE_BELOW_FROM = 13
"""From this height on, the title of the x axis has a line of its own."""


@dataclass(frozen=True, slots=True)
class Label:
    """A text at a cell. `entry` is the index of the series that it names."""

    column: int
    row: int
    text: str
    role: str
    entry: int | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """The parts of a chart in cells, with (0, 0) at the top left.

    Attributes:
        left, top, columns, rows: the plot area; axes are left of it and below.
        x_ticks, y_ticks: columns and rows of ticks, relative to the plot area.
        minor_x_ticks: columns of the small ticks of the x axis.
    """

    left: int
    top: int
    columns: int
    rows: int
    x: Scale
    y: Scale
    labels: tuple[Label, ...]
    x_ticks: tuple[int, ...]
    y_ticks: tuple[int, ...]
    minor_x_ticks: tuple[int, ...]

    def column(self, value: float) -> int:
        """Return the column of an x value, relative to the plot area; it may lie outside."""
        return round(self.x.position(value) * (self.columns - 1))

    def row(self, value: float) -> int:
        """Return the row of a y value, from the top of the plot area; it may lie outside."""
        return round((1 - self.y.position(value)) * (self.rows - 1))


def lay_out_chart(chart: Chart, width: int, height: int, glyphs: Glyphs) -> Layout | None:
    """Return the layout in `width` by `height` cells; None if there is no room for a chart."""
    if width < MIN_COLUMNS or height < MIN_ROWS:
        return None
    x, y = make_scale(chart.x, chart.values("x")), make_scale(chart.y, chart.values("y"))
    legend = _place_legend(chart, width, max(1, height // 5), glyphs)
    top = 1 + max(label.row for label in legend)
    marked = [mark for mark in chart.marks if x.contains(mark.x)]
    top += bool(marked)
    title_below = height >= _TITLE_BELOW_FROM
    rows = height - top - (3 if title_below else 2)
    if rows < 2:
        return None
    ticks = y.ticks(max(2, rows // _ROWS_PER_TICK))
    written = [glyphs.transliterate(text) for text in format_ticks(ticks, chart.y.quantity)]
    left = max(map(cells, written), default=0) + 2
    columns = width - left
    if columns < MIN_COLUMNS // 2:
        return None
    bare = Layout(left, top, columns, rows, x, y, (), (), (), ())
    y_rows = tuple(bare.row(tick) for tick in ticks)
    labels = [*legend, *_place_y_labels(bare, y_rows, written)]
    title = glyphs.transliterate(chart.x.title)
    if title_below:
        title, room = cut(title, columns), columns
    elif columns - cells(title) - 2 < MIN_COLUMNS // 2:  # without room for both, tick labels matter more than the title
        title, room = "", columns
    else:
        room = columns - cells(title) - 2
    x_ticks, x_labels = _place_x_labels(bare, chart, room, glyphs)
    labels += x_labels
    across = left + (columns - cells(title)) // 2 if title_below else width - cells(title)
    if title:
        labels.append(Label(across, top + rows + (2 if title_below else 1), title, "axis-title"))
    if marked:
        labels += _place_mark_labels(bare, marked, glyphs)
    small = tuple(bare.column(tick) for tick in x.minor_ticks(x.ticks(max(2, columns // _COLUMNS_PER_TICK))))
    return Layout(left, top, columns, rows, x, y, tuple(labels), x_ticks, y_rows, small)


def series_role(series: Series) -> str:
    """Return the role that a series is drawn in: its tint, or "quiet" if it is dimmed."""
    return "quiet" if series.dimmed else f"tint-{series.tint}"


def _place_legend(chart: Chart, width: int, lines: int, glyphs: Glyphs) -> list[Label]:
    """Return the y axis' title and, to its right, every series in at most `lines` lines, those in colour first."""
    labels = [Label(0, 0, cut(glyphs.transliterate(chart.y.title), width), "axis-title")]
    column, row = cells(labels[0].text) + 2 * _LEGEND_GAP, 0
    placed: set[int] = set()
    for index, series in sorted(enumerate(chart.series), key=lambda each: each[1].dimmed):
        sample = _line_sample(series, glyphs)
        name = cut(glyphs.transliterate(series.name), max(1, width - len(sample) - 1))
        size = len(sample) + 1 + cells(name)
        if column + size > width:
            if row + 1 == lines:
                labels = _note_omitted(labels, len(chart.series) - len(placed), row, width)
                break
            column, row = 0, row + 1
        role = "quiet" if series.hidden else series_role(series)
        labels.append(Label(column, row, sample, role, index))
        labels.append(Label(column + len(sample) + 1, row, name, "quiet" if series.hidden else "legend", index))
        placed.add(index)
        column += size + _LEGEND_GAP
    return labels


def _note_omitted(labels: list[Label], count: int, row: int, width: int) -> list[Label]:
    """Return the legend with "and N more" at the end of its last row, in place of entries that leave no room for it."""
    while True:
        text, last = f"and {count} more", labels[-1]
        column = last.column + cells(last.text) + _LEGEND_GAP if last.row == row else 0
        if column + len(text) <= width:
            return [*labels, Label(column, row, text, "quiet")]
        if last.entry is None:  # only the axis title is left
            return labels
        labels, count = labels[:-2], count + 1


def _line_sample(series: Series, glyphs: Glyphs) -> str:
    if series.hidden:
        return glyphs.hidden
    if series.marker is not None:
        return glyphs.marker(series.marker)
    return glyphs.samples[("solid", "dashed", "dotted").index(series.dash)]


def _place_y_labels(layout: Layout, rows: Sequence[int], written: Sequence[str]) -> list[Label]:
    labels, taken = [], set[int]()
    for row, text in zip(rows, written, strict=True):
        if row not in taken:
            taken.add(row)
            labels.append(Label(layout.left - 2 - len(text), layout.top + row, text, "label"))
    return labels


def _place_x_labels(layout: Layout, chart: Chart, room: int, glyphs: Glyphs) -> tuple[tuple[int, ...], list[Label]]:
    """Return the ticks and as many labels as fit side by side, two blanks apart, by trying fewer ticks."""
    for most in range(max(2, layout.columns // _COLUMNS_PER_TICK), 1, -1):
        ticks = layout.x.ticks(most)
        columns = tuple(layout.column(tick) for tick in ticks)
        written = [glyphs.transliterate(text) for text in format_ticks(ticks, chart.x.quantity)]
        labels = []
        for column, text in zip(columns, written, strict=True):
            start = layout.left + min(max(column - (len(text) - 1) // 2, 1 - layout.left), room - len(text))
            labels.append(Label(start, layout.top + layout.rows + 1, text, "label"))
        if _are_apart(labels):
            return columns, labels
    kept = labels[:1]
    for label in labels[1:]:
        if _are_apart([kept[-1], label]):
            kept.append(label)
    return columns, kept


def _are_apart(labels: Sequence[Label]) -> bool:
    return all(before.column + cells(before.text) + 1 < label.column for before, label in pairwise(labels))


def _place_mark_labels(layout: Layout, marks: Sequence[Mark], glyphs: Glyphs) -> list[Label]:
    """Return the labels of marks above the plot area, each over its line; overlapping ones are left out."""
    labels: list[Label] = []
    end = layout.left
    for mark in sorted(marks, key=lambda mark: mark.x):
        text = cut(glyphs.transliterate(mark.label), layout.columns)
        start = min(layout.left + layout.column(mark.x) - cells(text) // 2, layout.left + layout.columns - cells(text))
        start = max(layout.left, start)
        if start >= end + bool(labels):
            labels.append(Label(start, layout.top - 1, text, "mark"))
            end = start + cells(text)
    return labels
