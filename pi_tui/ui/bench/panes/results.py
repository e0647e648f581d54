"""The pane of results: a table, and what the selected row means."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult, SystemCommand
from textual.containers import Vertical

from pi_tui.ui.drawing.results_table import COLUMNS, SORTABLE_COLUMNS, TableLayout
from pi_tui.ui.drawing.spans import Line, escape_markup
from pi_tui.ui.state.row_order import DEFAULT_SORT, find_notable_row, sort_rows
from pi_tui.ui.state.row_summary import list_sentences
from pi_tui.ui.state.session import Row, Session
from pi_tui.ui.widgets.status_bars import SummaryLines
from pi_tui.ui.widgets.virtual_table import VirtualTable, next_sort

if TYPE_CHECKING:
    from pi_tui.analysis.results import Case


class ResultsTable(VirtualTable[Row]):
    """One row per case; those of the latest run stand out."""

    def __init__(self, usable_cores: int) -> None:
        super().__init__(id="table")
        self._layout = TableLayout(usable_cores)
        self._run = 0

    def reserve(self, cases: Iterable[Case]) -> None:
        """Widen the columns for the cases of a run that begins."""
        if self._layout.reserve(cases):
            self.refresh()

    def show(self, rows: list[Row], *, run: int, sort: tuple[str, bool], empty: tuple[Line, ...] = ()) -> None:
        """Show these rows in this order; unchanged lines are not drawn again."""
        grew = self._layout.widen(row for row in rows if row.run == run or not self.rows)
        whole = grew or run != self._run
        self._run = run
        self.show_rows(rows, sort, empty, whole=whole)

    def row_key(self, row: Row) -> Hashable:
        """Return the row's number."""
        return row.number

    def draw_header(self, cells: int) -> Line:
        """Return the titles, each of them clickable."""
        return self._layout.draw_header(self._layout.choose_density(cells), self._sort[0], reverse=self._sort[1])

    def draw_row(self, row: Row, cells: int) -> Line:
        """Return the cells of a case."""
        return self._layout.draw_row(row, self._layout.choose_density(cells), current=row.run == self._run)

    def line_cells(self, cells: int) -> int:
        """Return the width of all columns."""
        return self._layout.line_cells(self._layout.choose_density(cells))


class ResultsPane(Vertical):
    """The rows of the session that match the filter, in the chosen order.

    The table's messages bubble to the screen, after this pane has handled them.
    """

    def __init__(self, session: Session, usable_cores: int) -> None:
        super().__init__(id="results", classes="pane")
        self.table = ResultsTable(usable_cores)
        self.wanted = ""
        self._sentence = SummaryLines()
        self._session = session
        self._sort = (DEFAULT_SORT, False)

    def compose(self) -> ComposeResult:
        """Yield the table, and the sentence below it."""
        yield self.table
        yield self._sentence

    @property
    def row(self) -> Row | None:
        """The selected row."""
        return self.table.row

    def list_rows(self) -> list[Row]:
        """Return the rows that match the filter, in their order."""
        column, reverse = self._sort
        return sort_rows(self._session.rows, column, reverse=reverse, wanted=self.wanted)

    def show(self, empty: tuple[Line, ...]) -> None:
        """Show the rows as they are; without rows, show the lines of `empty`."""
        self.table.show(self.list_rows(), run=self._session.runs, sort=self._sort, empty=empty)
        self.show_sentence()

    @on(ResultsTable.Selected)
    def show_sentence(self) -> None:
        """Say what the selected row means; the border names its stored run and the rows that were dropped."""
        row, left = self.row, self._session.rows_dropped
        parts = [f"filter: {self.wanted} ({len(self.table.rows)} of {len(self._session.rows)})"] if self.wanted else []
        parts += [row.origin.label] if row is not None and row.origin is not None else []
        parts += [f"rows 1-{left} have left: see h, the history"] if left else []
        shown = escape_markup(" · ".join(parts))
        if shown != (self.border_subtitle or ""):
            self.border_subtitle = shown
        self._sentence.show(
            tuple(list_sentences(row)) if row else (), "bad" if row and row.state == "failed" else "text"
        )

    def select_notable_row(self) -> Row | None:
        """Select and return the most notable row of the latest run; None where the user has selected one."""
        row = None if self.table.chosen_by_user else find_notable_row(self.table.rows, self._session.runs)
        if row is not None:
            self.table.select(row.number)
            self.show_sentence()
        return row

    @on(ResultsTable.SortRequested)
    def _change_sort(self, event: ResultsTable.SortRequested) -> None:
        self._sort = next_sort(event.column, self._sort, SORTABLE_COLUMNS)

    def commands(self) -> Iterator[SystemCommand]:
        """Yield a command for each column that rows can be sorted by."""
        for column in COLUMNS:
            if column.name in SORTABLE_COLUMNS:
                title = "number" if column.title == "#" else column.title
                again = "A second time turns the order round"
                yield SystemCommand(f"Sort by {title}", again, partial(self.table.action_sort, column.name))
