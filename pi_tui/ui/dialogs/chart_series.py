"""The dialog in which the series of a chart are ticked."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from pi_tui.ui.dialogs.base import Dialog
from pi_tui.ui.drawing.checklist_row import Choice
from pi_tui.ui.widgets.checklist import Checklist
from pi_tui.ui.widgets.dialog_box import DialogBox


class ChartSeriesDialog(Dialog[None]):
    """Lists the series of a chart; the chart follows each tick at once.

    Args:
        names: the series in the chart's order.
        hidden: those that are not drawn.
        toggle: draws a series, or hides it.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "show_all", "all", show=False),
        Binding("enter,t", "leave", "close", show=False),
    ]

    def __init__(self, names: Sequence[str], hidden: Collection[str], toggle: Callable[[str], None]) -> None:
        super().__init__()
        self._names = tuple(names)
        self._hidden = set(hidden)
        self._toggle_series = toggle

    def compose(self) -> ComposeResult:
        """Yield the list."""
        with DialogBox(classes="dialog-box") as box:
            box.border_title = "Series"
            box.set_border_keys("Space ticks", "a ticks all", "Escape closes")
            yield SeriesChecklist()

    def on_mount(self) -> None:
        """Show the list."""
        self._show()
        self.query_one(SeriesChecklist).focus()

    def _show(self) -> None:
        choices = [Choice(name, name, ticked=name not in self._hidden) for name in self._names]
        self.query_one(SeriesChecklist).show(choices)

    @on(Checklist.Toggled)
    def _toggled(self, event: Checklist.Toggled) -> None:
        self._toggle(event.choice.key)

    def action_show_all(self) -> None:
        """Draw every series."""
        for name in tuple(self._hidden):
            self._toggle(name)

    def _toggle(self, name: str) -> None:
        self._hidden ^= {name}
        self._toggle_series(name)
        self._show()


class SeriesChecklist(Checklist):
    """A checklist in which Enter closes the dialog."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "screen.leave", "close", show=False)]

    def __init__(self) -> None:
        super().__init__("Series")
        self.set_classes("python-list")
