"""The questions that are asked before an unreasonably large run, and before a run is ended by leaving."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Static

from pi_tui.ui.dialogs.base import Dialog


class ConfirmDialog(Dialog[bool]):
    """Gives the reason against an action, and asks yes or no; the focus is on no."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "yes", show=False),
        Binding("n", "answer(False)", "no", show=False),
        Binding("left,up", "app.focus_previous", show=False),
        Binding("right,down", "app.focus_next", show=False),
    ]

    def __init__(self, title: str, question: str, yes: str) -> None:
        super().__init__()
        self._title = title
        self._question = question
        self._yes = yes

    def compose(self) -> ComposeResult:
        """Yield the question and two buttons."""
        with Vertical(classes="dialog-box") as box:
            box.border_title = self._title
            yield Static(self._question, markup=False)
            with Horizontal(classes="dialog-buttons"):
                yield Button("No", id="no", compact=True)
                yield Button(self._yes, id="yes", compact=True, variant="warning")

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.action_answer(event.button.id == "yes")

    def action_answer(self, yes: bool) -> None:
        """Close with an answer."""
        self.dismiss(yes)


class QuitDialog(ConfirmDialog):
    """Asks whether a run is to be ended; q, the key that led here, says yes."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("q", "answer(True)", "yes", show=False)]

    def __init__(self) -> None:
        super().__init__("A run is under way", "Stop it and quit? q once more does so.", "Stop and quit")
