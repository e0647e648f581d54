"""The tables of the history: runs, and the trials of one run."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from textual.binding import Binding, BindingType

from pi_tui.analysis.text.formatting import duration
from pi_tui.analysis.text.short_names import shorten_kernel_name
from pi_tui.ui.drawing import result_cells
from pi_tui.ui.drawing.spans import Line, Span
from pi_tui.ui.drawing.table_columns import Column
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


TRIAL_COLUMNS: tuple[Column[TrialRow, None], ...] = (
    Column("number", "#", True, lambda row, _: [Span(f"{row.number}", "faint")], 7),
    Column(
        "trial", "trial", False,
        lambda row, _: [Span("warm-up" if row.trial.kind == "warmup" else f"{row.trial.number}", "muted")], 7,
    ),
    Column("wall", "wall", False, lambda row, _: [Span(duration(row.trial.wall_s))], 7),
    Column("kernel", "kernel", False, lambda row, _: [Span(shorten_kernel_name(row.case.kernel))], 11),
    Column("mode", "mode", False, lambda row, _: result_cells.draw_mode(row.case, "text"), 21),
    Column("workers", "workers", True, lambda row, _: [Span(row_fields.format_workers(row.case))], 7),
    Column("samples", "samples", True, lambda row, _: [Span(row_fields.format_samples(row.case))], 13),
    Column("at", "after", True, lambda row, _: [Span(f"{row.at_s:.1f} s", "muted")], 9),
)  # fmt: skip
_TRIAL_KEYS: dict[str, Callable[[TrialRow], Any]] = {
    "number": lambda row: row.number,
    "trial": lambda row: (row.trial.kind == "measured", row.trial.number),
    "wall": lambda row: row.trial.wall_s,
    "kernel": lambda row: row.case.kernel,
    "mode": lambda row: row.case.mode,
    "workers": lambda row: (row.case.workers, row.case.tasks),
    "samples": lambda row: row.case.total_samples,
    "at": lambda row: row.at_s,
}
SORTABLE_TRIAL_COLUMNS = tuple(_TRIAL_KEYS)
DEFAULT_TRIAL_SORT = ("number", False)
_GAP = Span("  ")


def sort_trials(rows: Sequence[TrialRow], sort: tuple[str, bool]) -> list[TrialRow]:
    """Return the trials sorted by a column."""
    return sorted(rows, key=_TRIAL_KEYS[sort[0]], reverse=sort[1])


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
        name, reverse = self._sort
        line: list[Span] = []
        for column in TRIAL_COLUMNS:
            chosen = column.name == name
            mark = "▾" if reverse else "▴"
            line += [_GAP, *column.draw_title(column.least, sortable=True, chosen=chosen, mark=mark)]
        return line

    def draw_row(self, row: TrialRow, cells: int) -> Line:  # noqa: ARG002
        """Return the cells of a trial."""
        line: list[Span] = []
        for column in TRIAL_COLUMNS:
            line += [_GAP, *column.place(column.draw(row, None), column.least)]
        return line

    def line_cells(self, cells: int) -> int:  # noqa: ARG002
        """Return the width of all columns."""
        return sum(column.least + 2 for column in TRIAL_COLUMNS)
