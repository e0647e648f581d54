"""A list whose rows can be ticked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from pi_tui.ui.drawing.checklist_row import Choice, draw_choice
from pi_tui.ui.widgets.line_widget import LineWidget


class Checklist(ScrollView, LineWidget, can_focus=True):
    """A list in which any number of choices can be ticked; one of them is highlighted by the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("home", "move(-999)", "First", show=False),
        Binding("end", "move(999)", "Last", show=False),
        Binding("pageup", "move(-5)", "Page up", show=False),
        Binding("pagedown", "move(5)", "Page down", show=False),
        Binding("space", "tick", "tick", tooltip="Tick or untick what the cursor is on"),
        Binding("enter", "tick", "tick", show=False),
        Binding("left", "screen.pane(-1)", "Pane to the left", show=False),
        Binding("right", "screen.pane(1)", "Pane to the right", show=False),
    ]

    class Toggled(Message):
        """A choice was ticked or unticked."""

        def __init__(self, checklist: Checklist, choice: Choice) -> None:
            super().__init__()
            self.checklist = checklist
            self.choice = choice

        @property
        def control(self) -> Checklist:
            """The checklist of the choice."""
            return self.checklist

    class Highlighted(Message):
        """The cursor moved to another choice, or this checklist got the focus."""

        def __init__(self, checklist: Checklist, choice: Choice) -> None:
            super().__init__()
            self.checklist = checklist
            self.choice = choice

        @property
        def control(self) -> Checklist:
            """The checklist of the choice."""
            return self.checklist

    def __init__(self, name: str, *, right: bool = False) -> None:
        super().__init__(id=name.lower(), classes="pane setup-pane")
        self.border_title = name
        self._right = right
        self._choices: tuple[Choice, ...] = ()
        self._cursor = 0

    @property
    def choices(self) -> tuple[Choice, ...]:
        """The choices that are shown."""
        return self._choices

    @property
    def highlighted(self) -> Choice | None:
        """The choice under the cursor; None where there are no choices."""
        return self._choices[self._cursor] if self._choices else None

    def show(self, choices: Sequence[Choice]) -> None:
        """Show these choices; redraw only where they changed."""
        if tuple(choices) == self._choices:
            return
        if len(choices) != len(self._choices):
            self.virtual_size = Size(0, len(choices))
        was_empty = not self._choices
        self._choices = tuple(choices)
        self._cursor = min(self._cursor, max(0, len(choices) - 1))
        self.refresh()
        if was_empty and self.has_focus:
            self._tell()

    def point_at(self, key: str) -> None:
        """Put the cursor on a choice by its key."""
        for index, choice in enumerate(self._choices):
            if choice.key == key:
                self._move_to(index)

    def render_line(self, y: int) -> Strip:
        """Draw one choice."""
        index = y + self.scroll_offset.y
        cells = self.scrollable_content_region.width
        if index >= len(self._choices):
            return self.make_strip([], cells)
        label_cells = max(cell_len(choice.label) for choice in self._choices if not choice.adds)
        line = draw_choice(self._choices[index], cells, label_cells, right=self._right, index=index)
        return self.make_strip(line, cells, "cursor" if self.has_focus and index == self._cursor else "")

    def on_focus(self) -> None:
        """Post the highlighted choice."""
        self._tell()

    def action_move(self, steps: int) -> None:
        """Move the cursor."""
        self._move_to(min(max(0, self._cursor + steps), len(self._choices) - 1))

    def action_tick(self) -> None:
        """Tick or untick the choice under the cursor."""
        if (choice := self.highlighted) is not None:
            self.post_message(self.Toggled(self, choice))

    def action_point(self, index: int) -> None:
        """Move the cursor to a choice and tick it: what a click does."""
        self._move_to(index)
        self.action_tick()

    def _move_to(self, index: int) -> None:
        if index == self._cursor or not 0 <= index < len(self._choices):
            return
        self.refresh_line(self._cursor)
        self._cursor = index
        self.refresh_line(index)
        top, height = self.scroll_offset.y, self.scrollable_content_region.height
        if index < top:
            self.scroll_to(y=index, animate=False)
        elif height and index >= top + height:
            self.scroll_to(y=index - height + 1, animate=False)
        self._tell()

    def _tell(self) -> None:
        if (choice := self.highlighted) is not None:
            self.post_message(self.Highlighted(self, choice))
