"""The results as a table: columns that only ever grow, figures in line, nothing that jumps."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from pi_tui.analysis.text.short_names import shorten_kernel_name
from pi_tui.ui.drawing import result_cells
from pi_tui.ui.drawing.spans import Line, Piece, align_right, fit, width
from pi_tui.ui.state import row_fields
from pi_tui.ui.state.session import Row

if TYPE_CHECKING:
    from pi_tui.analysis.results import Case


class Style(NamedTuple):
    """How the table is drawn at its present width: blanks between columns, a speed-up's bar, and what is left out."""

    gap: int = 2
    bar_cells: int = 6
    spread: bool = True
    estimate: bool = True


STYLES = (Style(2, 12), Style(2, 6), Style(1, 6), Style(1, 0), Style(1, 0, spread=False, estimate=False))
"""From roomy to tight; the first that fits is taken."""


class Look(NamedTuple):
    """What the drawing of a cell depends on besides its row."""

    ink: str
    usable_cores: int
    style: Style


class Column(NamedTuple):
    """One column: its name (for sorting), its title, the side its cells keep to, and what stands in them."""

    name: str
    title: str
    right: bool
    cell: Callable[[Row, Look], Line]
    least: int = 0


def _mode(row: Row, look: Look) -> Line:
    return result_cells.mode_cell(row.case, look.ink, in_app=row.in_app)


def _speedup(row: Row, look: Look) -> Line:
    usable = row.origin.usable_cores if row.origin is not None else look.usable_cores
    return result_cells.speedup_cell(row, look.ink, usable, bar_cells=look.style.bar_cells)


COLUMNS = (
    Column("state", " ", False, lambda row, _: result_cells.state_cell(row)),
    Column("number", "#", True, lambda row, _: [Piece(f"{row.number}", "faint")], 2),
    Column("kernel", "kernel", False, lambda row, look: [Piece(shorten_kernel_name(row.case.kernel), look.ink)], 11),
    Column("mode", "mode", False, _mode, 10),
    Column("python", "python", False, lambda row, _: [Piece(row_fields.python_text(row), "muted")]),
    Column("workers", "workers", True, lambda row, look: [Piece(row_fields.workers_text(row.case), look.ink)]),
    Column("samples", "samples", True, lambda row, look: [Piece(row_fields.samples_text(row.case), look.ink)], 9),
    Column("wall", "wall", False, lambda row, look: result_cells.wall_cell(row, look.ink, spread=look.style.spread)),
    Column("speedup", "speed-up", False, _speedup),
    Column("waiting", "waiting", True, lambda row, _: result_cells.waiting_cell(row)),
    Column("estimate", "estimate", True, lambda row, _: result_cells.estimate_cell(row), 8),
    Column("z", "|z|", True, lambda row, _: result_cells.z_cell(row), 4),
    Column("from", "from", False, lambda row, look: result_cells.origin_cell(row, when=look.style.spread)),
)
SORTABLE = tuple(column.name for column in COLUMNS if column.name != "state")

_MEASURED = ("number", "kernel", "mode", "python", "from", "workers", "samples")
"""Columns whose width follows what stands in them; the others have a width of their own."""

_WHEN_CELLS = 17
_WALL_CELLS, _WALL_ALONE_CELLS, _SPEEDUP_CELLS = 15, 7, 6


@dataclass(slots=True)
class Table:
    """The widths of the columns so far, and the lines of rows.

    Attributes:
        usable_cores: what the bars' ideal is limited by.
    """

    usable_cores: int
    _widths: dict[str, int] = field(default_factory=dict)
    _pythons: set[str] = field(default_factory=set)
    _with_origin: bool = False

    @property
    def with_python(self) -> bool:
        """Whether more than one interpreter or GIL setting is among the rows: the column is then shown."""
        return len(self._pythons) > 1

    def widen(self, rows: Iterable[Row]) -> bool:
        """Make room for rows; whether a column grew."""
        before = (dict(self._widths), self.with_python, self._with_origin)
        for row in rows:
            self._with_origin = self._with_origin or row.origin is not None
            if row.result is not None:
                self._pythons.add(row_fields.python_text(row))
            for column in COLUMNS:
                if column.name in _MEASURED:
                    cell = column.cell(row, Look("text", self.usable_cores, STYLES[0]))
                    self._widths[column.name] = max(self._widths.get(column.name, 0), width(cell))
        return before != (self._widths, self.with_python, self._with_origin)

    def reserve(self, cases: Iterable[Case]) -> bool:
        """Make room for cases that will have rows, so that nothing moves when they do."""
        return self.widen(Row(0, 0, case, "running", False, None) for case in cases)

    def style(self, room: int) -> Style:
        """The roomiest style that fits."""
        return next((style for style in STYLES if self.total(style) <= room), STYLES[-1])

    def total(self, style: Style) -> int:
        """Cells that a line takes."""
        widths = [self.width(column, style) for column in self.columns(style)]
        return sum(widths) + style.gap * (len(widths) - 1)

    def columns(self, style: Style) -> list[Column]:
        """The columns that are shown."""
        shown = {"python": self.with_python, "from": self._with_origin, "estimate": style.estimate}
        return [column for column in COLUMNS if shown.get(column.name, True)]

    def width(self, column: Column, style: Style) -> int:
        """Cells of a column."""
        own = {
            "wall": _WALL_CELLS if style.spread else _WALL_ALONE_CELLS,
            "speedup": _SPEEDUP_CELLS + style.bar_cells,
            "from": self._widths.get("from", 0) - (0 if style.spread else _WHEN_CELLS),
        }
        return max(len(column.title), column.least, own.get(column.name, self._widths.get(column.name, 0)))

    def header(self, style: Style, sort: str, *, reverse: bool) -> Line:
        """The titles, each a place to click on, the sorted one with the direction beside it."""
        line: list[Piece] = []
        for column in self.columns(style):
            if line:
                line.append(Piece(" " * style.gap))
            mark = _mark(sort, reverse=reverse) if column.name == sort else ""
            line += _title(column, self.width(column, style), mark, chosen=column.name == sort)
        return line

    def line(self, row: Row, style: Style, *, current: bool) -> Line:
        """A row at its full length. A row of an earlier run is quieter; one that went wrong says how."""
        look = Look("text" if current else "muted", self.usable_cores, style)
        trouble = row_fields.trouble(row)
        line: list[Piece] = []
        for column in self.columns(style):
            if line:
                line.append(Piece(" " * style.gap))
            if trouble and column.name == "wall":
                room = max(0, self.total(style) - width(line))
                return [*line, *fit([Piece(trouble, "bad" if row.state == "failed" else "muted")], room)]
            room = self.width(column, style)
            cell = column.cell(row, look)
            line += align_right(cell, room) if column.right else fit(cell, room)
        return line


def _mark(sort: str, *, reverse: bool) -> str:
    """Which way the order goes. By number the newest run comes first, its rows in their order: that goes neither way."""
    if sort == "number":
        return "▴" if reverse else ""
    return "▾" if reverse else "▴"


def _title(column: Column, room: int, mark: str, *, chosen: bool) -> Line:
    """A title; the mark of the order takes a blank, so that nothing moves."""
    action = f"sort('{column.name}')" if column.name in SORTABLE else ""
    title = Piece(column.title, "strong" if chosen else "muted", action)
    marked = [title]
    if mark and len(column.title) < room:
        sign = Piece(mark, "key", action)
        marked = [sign, title] if column.right else [title, sign]
    elif chosen:
        marked = [title._replace(ink="key")]
    return align_right(marked, room) if column.right else fit(marked, room)
