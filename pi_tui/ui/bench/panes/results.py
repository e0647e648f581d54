"""The table of results: thousands of rows, of which only the visible ones are drawn."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import TYPE_CHECKING

from pi_tui.ui.drawing.results_table import TableLayout
from pi_tui.ui.drawing.spans import Line
from pi_tui.ui.state.session import Row
from pi_tui.ui.widgets.virtual_table import VirtualTable

if TYPE_CHECKING:
    from pi_tui.analysis.results import Case


class ResultsTable(VirtualTable[Row]):
    """One row a case; those of the latest run stand out."""

    def __init__(self, usable_cores: int) -> None:
        super().__init__(id="table")
        self._layout = TableLayout(usable_cores)
        self._run = 0

    def reserve(self, cases: Iterable[Case]) -> None:
        """Make room for the cases of a run that begins."""
        if self._layout.reserve(cases):
            self.refresh()

    def show(self, rows: list[Row], *, run: int, sort: tuple[str, bool], empty: tuple[Line, ...] = ()) -> None:
        """Show these rows in this order; lines that did not change are not drawn again."""
        grew = self._layout.widen(row for row in rows if row.run == run or not self.rows)
        whole = grew or run != self._run
        self._run = run
        self.show_rows(rows, sort, empty, whole=whole)

    def row_key(self, row: Row) -> Hashable:
        """Its number."""
        return row.number

    def draw_header(self, cells: int) -> Line:
        """The titles, each a place to click on."""
        return self._layout.draw_header(self._layout.choose_density(cells), self._sort[0], reverse=self._sort[1])

    def draw_row(self, row: Row, cells: int) -> Line:
        """What is known of a case."""
        return self._layout.draw_row(row, self._layout.choose_density(cells), current=row.run == self._run)

    def line_cells(self, cells: int) -> int:
        """The widths of all columns."""
        return self._layout.line_cells(self._layout.choose_density(cells))
