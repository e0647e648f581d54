"""The tables of the history: runs, and the trials of one run."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from textual.binding import Binding, BindingType

from pi_tui.analysis.text.formatting import duration
from pi_tui.analysis.text.short_names import shorten_kernel_name
from pi_tui.ui.drawing import result_cells
from pi_tui.ui.drawing.spans import Line, Span, align_right, fit
from pi_tui.ui.history.cells import LocalTime
from pi_tui.ui.history.run_list import ColumnLayout
from pi_tui.ui.state import row_fields
from pi_tui.ui.widgets.virtual_table import VirtualTable

if TYPE_CHECKING:
    from pi_tui.analysis.results import Case
    from pi_tui.storage.history.queries import RunEntry, TrialEntry


class RunTable(VirtualTable["RunEntry"]):
    """One line per run."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter",
            "screen.open_run",
            "open",
            key_display="Enter",
            tooltip="Bring the run into the tabs: results, losses, scaling",
        )
    ]

    def __init__(self, local: LocalTime) -> None:
        super().__init__(id="runs")
        self._columns = ColumnLayout(local)

    def show(self, rows: Sequence[RunEntry], sort: tuple[str, bool], empty: tuple[Line, ...]) -> None:
        """Show these runs."""
        self.show_rows(rows, sort, empty, whole=self._columns.measure(rows))

    def row_key(self, row: RunEntry) -> Hashable:
        """Return the run's number."""
        return row.id

    def draw_header(self, cells: int) -> Line:
        """Return the titles."""
        return self._columns.draw_header(self._sort, cells)

    def draw_row(self, row: RunEntry, cells: int) -> Line:
        """Return the cells of a run."""
        return self._columns.draw_row(row, cells)

    def line_cells(self, cells: int) -> int:
        """Return the width of all columns."""
        return self._columns.line_cells(cells)


class TrialRow(NamedTuple):
    """A trial of a run. `number` counts all of them in the order they ran, from 1; `at_s` is the time since the run's start."""

    number: int
    case: Case
    trial: TrialEntry
    at_s: float


class _Column(NamedTuple):
    name: str
    title: str
    right: bool
    cells: int
    cell: Callable[[TrialRow], Line]
    key: Callable[[TrialRow], Any]


_TRIAL_COLUMNS = (
    _Column("number", "#", True, 7, lambda row: [Span(f"{row.number}", "faint")], lambda row: row.number),
    _Column(
        "trial", "trial", False, 7,
        lambda row: [Span("warm-up" if row.trial.kind == "warmup" else f"{row.trial.number}", "muted")],
        lambda row: (row.trial.kind == "measured", row.trial.number),
    ),
    _Column("wall", "wall", False, 7, lambda row: [Span(duration(row.trial.wall_s))], lambda row: row.trial.wall_s),
    _Column(
        "kernel",
        "kernel",
        False,
        11,
        lambda row: [Span(shorten_kernel_name(row.case.kernel))],
        lambda row: row.case.kernel,
    ),
    _Column("mode", "mode", False, 21, lambda row: result_cells.draw_mode(row.case, "text"), lambda row: row.case.mode),
    _Column(
        "workers", "workers", True, 7, lambda row: [Span(row_fields.format_workers(row.case))],
        lambda row: (row.case.workers, row.case.tasks),
    ),
    _Column(
        "samples", "samples", True, 13, lambda row: [Span(row_fields.format_samples(row.case))],
        lambda row: row.case.total_samples,
    ),
    _Column("at", "after", True, 9, lambda row: [Span(f"{row.at_s:.1f} s", "muted")], lambda row: row.at_s),
)  # fmt: skip
SORTABLE_TRIAL_COLUMNS = tuple(column.name for column in _TRIAL_COLUMNS)
DEFAULT_TRIAL_SORT = ("number", False)


def sort_trials(rows: Sequence[TrialRow], sort: tuple[str, bool]) -> list[TrialRow]:
    """Return the trials sorted by a column."""
    key = next(column.key for column in _TRIAL_COLUMNS if column.name == sort[0])
    return sorted(rows, key=key, reverse=sort[1])


class TrialTable(VirtualTable[TrialRow]):
    """One line per trial; there may be a hundred thousand."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "screen.leave", "close", show=False)]

    def __init__(self) -> None:
        super().__init__(id="trials")

    def row_key(self, row: TrialRow) -> Hashable:
        """Return the trial's number."""
        return row.number

    def draw_header(self, cells: int) -> Line:  # noqa: ARG002
        """Return the titles, each of them clickable."""
        line: list[Span] = []
        for column in _TRIAL_COLUMNS:
            chosen = column.name == self._sort[0]
            title = Span(column.title, "key" if chosen else "muted", f"sort('{column.name}')")
            line += [Span("  "), *(align_right([title], column.cells) if column.right else fit([title], column.cells))]
        return line

    def draw_row(self, row: TrialRow, cells: int) -> Line:  # noqa: ARG002
        """Return the cells of a trial."""
        line: list[Span] = []
        for column in _TRIAL_COLUMNS:
            cell = column.cell(row)
            line += [Span("  "), *(align_right(cell, column.cells) if column.right else fit(cell, column.cells))]
        return line

    def line_cells(self, cells: int) -> int:  # noqa: ARG002
        """Return the width of all columns."""
        return sum(column.cells + 2 for column in _TRIAL_COLUMNS)
