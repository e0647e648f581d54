"""A line of words of which one is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip

from pi_tui.ui.drawing.spans import Span
from pi_tui.ui.widgets.line_widget import LineWidget


class OptionBar(LineWidget, can_focus=True):
    """A line of words; the arrow keys or a click choose one."""

    DEFAULT_CSS = "OptionBar { height: 1; width: 1fr; }"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,up", "step(-1)", "before", show=False),
        Binding("right,down,space", "step(1)", "next", show=False),
        Binding("enter", "submit", "submit", show=False),
    ]

    class Chosen(Message):
        """Another word is chosen."""

        def __init__(self, choice: str) -> None:
            super().__init__()
            self.choice = choice

    class Submitted(Message):
        """Enter was pressed: the choice stands."""

    def __init__(self, choices: Sequence[str], chosen: str) -> None:
        super().__init__()
        self._choices = tuple(choices)
        self._chosen = chosen

    def render_line(self, y: int) -> Strip:
        """Draw the words, the chosen one with a background."""
        if y:
            return self.make_strip([], self.size.width)
        background = "/cursor" if self.has_focus else "/cursor-away"
        line = []
        for choice in self._choices:
            style = f"strong{background}" if choice == self._chosen else "muted"
            line.append(Span(f" {choice} ", style, f"choose('{choice}')"))
            line.append(Span(" "))
        return self.make_strip(line, self.size.width)

    def on_focus(self) -> None:
        """Highlight the chosen word."""
        self.refresh()

    def on_blur(self) -> None:
        """Dim the chosen word."""
        self.refresh()

    def action_step(self, step: int) -> None:
        """Choose the next word, or for -1 the previous one."""
        index = (self._choices.index(self._chosen) + step) % len(self._choices)
        self.action_choose(self._choices[index])

    def action_submit(self) -> None:
        """Say that the choice stands."""
        self.post_message(self.Submitted())

    def action_choose(self, choice: str) -> None:
        """Choose a word."""
        if choice != self._chosen:
            self._chosen = choice
            self.refresh()
            self.post_message(self.Chosen(choice))
