"""The help: keys, panes, words, and what the colours mean."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from pi_tui.ui.dialogs.base import Dialog
from pi_tui.ui.help_text import help_blocks
from pi_tui.ui.widgets.text_view import TextPane


class HelpScreen(Dialog[None]):
    """One text to scroll in."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("f1,question_mark,q,enter", "leave", "close", show=False)]

    def compose(self) -> ComposeResult:
        """The text, in a box that scrolls."""
        pane = TextPane(help_blocks(), id="help-text")
        pane.border_title = "Help"
        pane.tell_keys("arrows scroll", "Escape closes")
        yield pane
