"""The results table. Its columns only ever grow, so that nothing moves while rows come in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from pi_tui.analysis.text.short_names import shorten_kernel_name
from pi_tui.ui.drawing import result_cells
from pi_tui.ui.drawing.spans import Line, Span, fit, line_width
from pi_tui.ui.drawing.table_columns import Column
from pi_tui.ui.state import row_fields
from pi_tui.ui.state.session import Row

if TYPE_CHECKING:
    from pi_tui.analysis.results import Case


class Density(NamedTuple):
    """How densely the table is drawn.

    Attributes:
        gap: blanks between columns.
        bar_cells: the length of the speed-up's bar; 0 for none.
        spread: the wall's spread is drawn, and when a stored run was made.
        estimate: the column with the estimate is drawn.
    """

    gap: int = 2
    bar_cells: int = 6
    spread: bool = True
    estimate: bool = True


DENSITIES = (Density(2, 12), Density(2, 6), Density(1, 6), Density(1, 0), Density(1, 0, spread=False, estimate=False))
"""From wide to narrow; the first that fits is used."""


class CellContext(NamedTuple):
    """What a cell's drawing depends on besides its row."""

    style: str
    usable_cores: int
    density: Density


def _draw_mode(row: Row, context: CellContext) -> Line:
    return result_cells.draw_mode(row.case, context.style, in_app=row.in_app)


def _draw_wall(row: Row, context: CellContext) -> Line:
    return result_cells.draw_wall(row, context.style, spread=context.density.spread)


def _draw_speedup(row: Row, context: CellContext) -> Line:
    usable = row.origin.usable_cores if row.origin is not None else context.usable_cores
    return result_cells.draw_speedup(row, context.style, usable, bar_cells=context.density.bar_cells)


COLUMNS: tuple[Column[Row, CellContext], ...] = (
    Column("state", " ", False, lambda row, _: result_cells.draw_state(row)),
    Column("number", "#", True, lambda row, _: [Span(f"{row.number}", "faint")], 2),
    Column(
        "kernel", "kernel", False, lambda row, context: [Span(shorten_kernel_name(row.case.kernel), context.style)], 11
    ),
    Column("mode", "mode", False, _draw_mode, 10),
    Column("python", "python", False, lambda row, _: [Span(row_fields.format_python(row), "muted")]),
    Column("workers", "workers", True, lambda row, context: [Span(row_fields.format_workers(row.case), context.style)]),
    Column(
        "samples",
        "samples",
        True,
        lambda row, context: [
            Span(
                row_fields.format_samples(row.case, short=context.density.gap == 1), context.style
            )  # "1 1 000" reads as one
        ],
        9,
    ),
    Column(
        "wall",
        "wall",
        False,
        lambda row, context: result_cells.draw_wall(row, context.style, spread=context.density.spread),
    ),
    Column("speedup", "speed-up", False, _draw_speedup),
    Column("waiting", "waiting", True, lambda row, _: result_cells.draw_waiting(row)),
    Column("estimate", "estimate", True, lambda row, _: result_cells.draw_estimate(row), 8),
    Column("z", "|z|", True, lambda row, _: result_cells.draw_z(row), 4),
    Column("from", "from", False, lambda row, context: result_cells.draw_origin(row, when=context.density.spread)),
)
SORTABLE_COLUMNS = tuple(column.name for column in COLUMNS if column.name != "state")

_MEASURED = ("number", "kernel", "mode", "python", "from", "workers", "samples")
"""Columns whose width follows their content; the others have a fixed width."""

_WHEN_CELLS = 17
_WALL_CELLS, _WALL_ALONE_CELLS, _SPEEDUP_CELLS = 15, 7, 6


@dataclass(slots=True)
class TableLayout:
    """The widths of the columns so far, and the drawing of header and rows.

    Attributes:
        usable_cores: the upper bound of the bars' ideal speed-up.
    """

    usable_cores: int
    _widths: dict[str, int] = field(default_factory=dict)
    _pythons: set[str] = field(default_factory=set)
    _shows_origin: bool = False

    @property
    def shows_python(self) -> bool:
        """Whether the rows have several interpreters or GIL settings, so that their column is shown."""
        return len(self._pythons) > 1

    def widen(self, rows: Iterable[Row]) -> bool:
        """Make room for rows; return whether a column grew or appeared."""
        before = (dict(self._widths), self.shows_python, self._shows_origin)
        for row in rows:
            self._shows_origin = self._shows_origin or row.origin is not None
            if row.result is not None:
                self._pythons.add(row_fields.format_python(row))
            for column in COLUMNS:
                if column.name in _MEASURED:
                    cell = column.draw(row, CellContext("text", self.usable_cores, DENSITIES[0]))
                    self._widths[column.name] = max(self._widths.get(column.name, 0), line_width(cell))
        return before != (self._widths, self.shows_python, self._shows_origin)

    def reserve(self, cases: Iterable[Case]) -> bool:
        """Make room for cases before they have rows, so that nothing moves when the rows come."""
        return self.widen(Row(0, 0, case, "running", False, None) for case in cases)

    def choose_density(self, room: int) -> Density:
        """Choose the widest density that fits."""
        return next((density for density in DENSITIES if self.line_cells(density) <= room), DENSITIES[-1])

    def line_cells(self, density: Density) -> int:
        """Return the width of a line in cells."""
        widths = [self.width(column, density) for column in self.columns(density)]
        return sum(widths) + density.gap * (len(widths) - 1)

    def columns(self, density: Density) -> list[Column[Row, CellContext]]:
        """List the columns that are shown."""
        shown = {"python": self.shows_python, "from": self._shows_origin, "estimate": density.estimate}
        return [column for column in COLUMNS if shown.get(column.name, True)]

    def width(self, column: Column[Row, CellContext], density: Density) -> int:
        """Return the width of a column in cells."""
        fixed = {
            "wall": _WALL_CELLS if density.spread else _WALL_ALONE_CELLS,
            "speedup": _SPEEDUP_CELLS + density.bar_cells,
            "from": self._widths.get("from", 0) - (0 if density.spread else _WHEN_CELLS),
        }
        return max(len(column.title), column.least, fixed.get(column.name, self._widths.get(column.name, 0)))

    def draw_header(self, density: Density, sort: str, *, reverse: bool) -> Line:
        """Draw the titles, each of which sorts when clicked; the sorted one has its direction beside it."""
        line: list[Span] = []
        for column in self.columns(density):
            if line:
                line.append(Span(" " * density.gap))
            line += column.draw_title(
                self.width(column, density),
                sortable=column.name in SORTABLE_COLUMNS,
                chosen=column.name == sort,
                mark=_choose_mark(sort, reverse=reverse),
            )
        return line

    def draw_row(self, row: Row, density: Density, *, current: bool) -> Line:
        """Draw a row at its full length; a row of an earlier run is muted, and one without figures says why."""
        context = CellContext("text" if current else "muted", self.usable_cores, density)
        trouble = row_fields.describe_failure(row)
        line: list[Span] = []
        for column in self.columns(density):
            if line:
                line.append(Span(" " * density.gap))
            if trouble and column.name == "wall":
                room = max(0, self.line_cells(density) - line_width(line))
                return [*line, *fit([Span(trouble, "bad" if row.state == "failed" else "muted")], room)]
            room = self.width(column, density)
            cell = column.draw(row, context)
            line += column.place(cell, room)
        return line


def _choose_mark(sort: str, *, reverse: bool) -> str:
    """Choose the glyph of the order's direction.

    There is none for the order by number: the newest run comes first and its rows ascend, which is neither direction.
    """
    if sort == "number":
        return "▴" if reverse else ""
    return "▾" if reverse else "▴"
