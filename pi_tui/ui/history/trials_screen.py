"""The dialog with every trial of one run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult

from pi_tui.analysis.text.formatting import human_count
from pi_tui.ui.dialogs.base import Dialog
from pi_tui.ui.history.tables import DEFAULT_TRIAL_SORT, SORTABLE_TRIAL_COLUMNS, TrialRow, TrialTable, sort_trials
from pi_tui.ui.widgets.dialog_box import DialogBox
from pi_tui.ui.widgets.virtual_table import VirtualTable, next_sort

if TYPE_CHECKING:
    from pi_tui.analysis.results import Case
    from pi_tui.storage.history.queries import RunEntry, TrialEntry


def list_trial_rows(line: RunEntry, cases: dict[int, Case], trials: Sequence[TrialEntry]) -> list[TrialRow]:
    """Return the rows of the table, in the order the trials ran."""
    return [
        TrialRow(number, cases[trial.position], trial, max(0.0, trial.started_at - line.started_at))
        for number, trial in enumerate(trials, 1)
    ]


class TrialsDialog(Dialog[None]):
    """A table of trials, to sort and scroll through."""

    FILLS_TERMINAL: ClassVar[bool] = True

    def __init__(self, line: RunEntry, rows: Sequence[TrialRow]) -> None:
        super().__init__()
        self._line, self._rows = line, rows
        self._sort = DEFAULT_TRIAL_SORT

    def compose(self) -> ComposeResult:
        """Yield the table in a box."""
        self.table = TrialTable()
        box = DialogBox(self.table, id="trials-box", classes="dialog-box")
        count = human_count(len(self._rows), " ")
        box.border_title = f"Run {self._line.id} · {count} trial{'' if len(self._rows) == 1 else 's'}"
        box.set_border_keys("o sorts", "← → look sideways", "Escape closes")
        yield box

    def on_mount(self) -> None:
        """Fill the table."""
        self._show()
        self.table.focus()

    def _show(self) -> None:
        self.table.show_rows(sort_trials(self._rows, self._sort), self._sort, whole=True)

    @on(VirtualTable.SortRequested)
    def _sort_requested(self, event: VirtualTable.SortRequested) -> None:
        self._sort = next_sort(event.column, self._sort, SORTABLE_TRIAL_COLUMNS)
        self._show()
