"""What changed from one run to another."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from pi_tui.ui.dialogs.base import Dialog
from pi_tui.ui.history.cells import Local
from pi_tui.ui.history.comparison_lines import comparison_lines
from pi_tui.ui.widgets.text_view import TextView

if TYPE_CHECKING:
    from pi_tui.analysis.run_comparison import Comparison
    from pi_tui.storage.history.queries import RunEntry


class RunComparisonScreen(Dialog[None]):
    """One text to scroll in: a line a case, with its change drawn beside it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("q,c,enter", "leave", "close", show=False)]

    def __init__(self, before: RunEntry, after: RunEntry, found: Comparison, local: Local) -> None:
        super().__init__()
        self._before, self._after, self._found, self._local = before, after, found, local

    def compose(self) -> ComposeResult:
        """The text, in a box that scrolls."""
        pane = TextView(
            lambda cells: comparison_lines(self._before, self._after, self._found, self._local, cells),
            id="run-comparison",
        )
        pane.border_title = f"Run {self._before.id} and run {self._after.id}: what changed"
        pane.set_border_keys("arrows scroll", "Escape closes")
        yield pane
