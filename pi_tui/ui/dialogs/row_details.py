"""Everything about one row: its case, its trials and its error."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from pi_tui.ui.dialogs.base import Dialog
from pi_tui.ui.drawing.row_details import describe_row
from pi_tui.ui.state.session import Row
from pi_tui.ui.widgets.text_view import TextView


class RowDetailsDialog(Dialog[None]):
    """A text about a row, to scroll in."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter,q", "leave", "close", show=False)]

    def __init__(self, row: Row) -> None:
        super().__init__()
        self._row = row

    def compose(self) -> ComposeResult:
        """Yield the text, in a box that scrolls."""
        pane = TextView(describe_row(self._row), id="row-text")
        pane.border_title = f"Row {self._row.number}" + (" · Log" if self._row.state == "failed" else "")
        pane.set_border_keys("arrows scroll", "Escape closes")
        yield pane
