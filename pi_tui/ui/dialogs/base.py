"""The base of all dialogs: a box above another screen, closed by Escape."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Generic, TypeVar

from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from pi_tui.ui.theme.closing_once import ClosingOnce

T = TypeVar("T")


class Dialog(ClosingOnce[T], ModalScreen[T], Generic[T]):
    """A dialog; Escape closes it without an answer."""

    CSS_PATH = Path(__file__).with_name("dialogs.tcss")

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "leave", show=False),
        Binding("f1", "app.help", "help", show=False),
        Binding("ctrl+q", "app.quit", "quit", show=False, priority=True),
    ]

    FILLS_TERMINAL: ClassVar[bool] = False
    """Whether the dialog hides the screen below it, which is then not drawn again behind it."""

    def __init__(self) -> None:
        super().__init__(classes="dialog -opaque" if self.FILLS_TERMINAL else "dialog")

    def action_leave(self) -> None:
        """Close without an answer."""
        self.dismiss(None)
