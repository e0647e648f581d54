"""A text that can be scrolled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from pi_tui.ui.drawing.paragraphs import Block, lay_out
from pi_tui.ui.drawing.spans import Line, line_width, slice_line
from pi_tui.ui.widgets.dialog_box import BorderKeys
from pi_tui.ui.widgets.line_widget import LineWidget

SHIFT_CELLS = 8


class TextView(ScrollView, LineWidget, BorderKeys, can_focus=True):
    """Blocks of text, laid out anew for each width; long verbatim lines can be shifted sideways."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("k", "scroll_up", "Up", show=False),
        Binding("j", "scroll_down", "Down", show=False),
        Binding("left", "shift(-1)", "Left", show=False),
        Binding("right", "shift(1)", "Right", show=False),
    ]

    def __init__(self, text: Sequence[Block] | Callable[[int], list[Line]], *, id: str) -> None:
        """The text is blocks, or what makes lines for a width of so many cells."""
        super().__init__(id=id, classes="dialog-box")
        self._lay_out = text if callable(text) else partial(lay_out, text)
        self._lines: list[Line] = []
        self._cells = 0
        self._shift = 0

    @property
    def cells(self) -> int:
        """How wide the text is laid out."""
        return self._cells

    def on_resize(self) -> None:
        """Lay out the text for the new width."""
        cells = self.scrollable_content_region.width - 1
        if cells != self._cells:
            self._cells = cells
            self.show(self._lay_out)

    def show(self, lay_out: Callable[[int], list[Line]]) -> None:
        """Show another text."""
        self._lay_out = lay_out
        self._lines = lay_out(self._cells)
        self.virtual_size = Size(0, len(self._lines))
        self.action_shift(0)  # no further than there still is something

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        """Return the number of lines of the text."""
        return len(self._lay_out(max(1, width)))

    def render_line(self, y: int) -> Strip:
        """Draw one line of the text."""
        cells = self.scrollable_content_region.width
        index = y + self.scroll_offset.y
        line = self._lines[index] if index < len(self._lines) else []
        return self.make_strip(slice_line(line, self._shift, cells), cells)

    def action_shift(self, steps: int) -> None:
        """Scroll to the left or right."""
        longest = max(map(line_width, self._lines), default=0)
        most = max(0, longest - self.scrollable_content_region.width)
        self._shift = min(max(0, self._shift + steps * SHIFT_CELLS), most)
        self.refresh()
