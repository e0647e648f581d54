"""The pane that shows where the speed-up went."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip

from pi_tui.ui.widgets.line_widget import LineWidget

if TYPE_CHECKING:
    from pi_tui.ui.drawing.spans import Line
    from pi_tui.ui.state.session import Row


class LossesPane(LineWidget, can_focus=True):
    """Shows the rows of the table as stacked bars, the selected one in detail. It shares the table's cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("pageup", "move(-8)", "Page up", show=False),
        Binding("pagedown", "move(8)", "Page down", show=False),
        Binding("home", "move(-1000000)", "First", show=False),
        Binding("end", "move(1000000)", "Last", show=False),
        Binding("enter", "app.open_row", "log", show=False),
    ]

    class Picked(Message):
        """The user selected a row, by its number."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def __init__(self) -> None:
        super().__init__(id="losses", classes="pane")
        self._rows: tuple[Row, ...] = ()
        self._number: int | None = None
        self._lines: list[Line] | None = None

    def show(self, rows: Sequence[Row], number: int | None) -> None:
        """Show these rows, with the selected one."""
        same = len(rows) == len(self._rows) and all(map(operator.is_, rows, self._rows))  # `==` would unpack trials
        if not same or number != self._number:
            self._rows, self._number = tuple(rows), number
            self._lines = None
            self.refresh()

    def on_resize(self) -> None:
        """Draw for the new size."""
        self._lines = None
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Return one line."""
        cells = self.content_size.width
        if self._lines is None:
            from pi_tui.ui.drawing.losses import draw_losses

            self._lines = draw_losses(self._rows, self._number, cells, self.content_size.height)
        return self.make_strip(self._lines[y] if y < len(self._lines) else [], cells)

    def action_move(self, steps: int) -> None:
        """Select a row further down."""
        numbers = [row.number for row in self._rows if not row.in_app]
        if numbers:
            place = numbers.index(self._number) if self._number in numbers else 0
            self.action_pick(numbers[min(max(0, place + steps), len(numbers) - 1)])

    def action_pick(self, number: int) -> None:
        """Select a row by its number; a click on its bar does so."""
        if number != self._number:
            self.post_message(self.Picked(number))
