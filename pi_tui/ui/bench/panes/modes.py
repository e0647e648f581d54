"""The pane of modes: a chooser whose rows carry start method and transport."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from pi_tui.ui.widgets.checklist import Checklist


class ModeChooser(Checklist):
    """Modes, with their options changed by key or by a click on their words."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("m", "start_method", "start method", tooltip="The next start method: spawn, fork, forkserver, all"),
        Binding("t", "transport", "transport", tooltip="The next way home for results: queue, pipe, value, ..."),
    ]

    class OptionAsked(Message):
        """The next start method or transport is wanted."""

        def __init__(self, option: str) -> None:
            super().__init__()
            self.option = option

    def action_start_method(self) -> None:
        """Ask for the next start method."""
        self.post_message(self.OptionAsked("start_method"))

    def action_transport(self) -> None:
        """Ask for the next transport."""
        self.post_message(self.OptionAsked("transport"))
