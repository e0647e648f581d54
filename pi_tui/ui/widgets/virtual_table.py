"""A table of any number of rows under a fixed header; only the visible rows are drawn."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import ClassVar, Generic, TypeVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from pi_tui.ui.drawing.empty_pane import draw_empty_pane
from pi_tui.ui.drawing.spans import Line, slice_header, slice_line
from pi_tui.ui.widgets.line_widget import LineWidget

T = TypeVar("T")

SHIFT_CELLS = 8


class VirtualTable(ScrollView, LineWidget, Generic[T], can_focus=True):
    """A table whose cursor stays on its row when the rows are sorted; subclasses draw header and rows."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home", "move(-100000000)", "First", show=False),
        Binding("end", "move(100000000)", "Last", show=False),
        Binding("left", "shift(-1)", "Left", show=False),
        Binding("right", "shift(1)", "Right", show=False),
        Binding("o", "sort_next", "sort", tooltip="Sort by the next column"),
        Binding("O", "sort_reverse", "reverse", show=False, tooltip="Turn the order round"),
        Binding("enter", "open", "open", show=False),
    ]

    class Selected(Message):
        """Another row was selected."""

    class Opened(Message):
        """The selected row was opened, to be shown in full."""

    class SortRequested(Message):
        """Another order was asked for: by a column, by the next column (">"), or reversed ("~")."""

        def __init__(self, column: str) -> None:
            super().__init__()
            self.column = column

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self._rows: Sequence[T] = ()
        self._empty: tuple[Line, ...] = ()
        self._key: Hashable | None = None
        self._index = 0
        self._shift = 0
        self._sort: tuple[str, bool] = ("", False)

    # ---- what a subclass defines

    def row_key(self, row: T) -> Hashable:
        """Return what identifies a row when the rows change."""
        raise NotImplementedError

    def draw_header(self, cells: int) -> Line:
        """Draw the titles at their full length."""
        raise NotImplementedError

    def draw_row(self, row: T, cells: int) -> Line:
        """Draw a row at its full length."""
        raise NotImplementedError

    def line_cells(self, cells: int) -> int:
        """Return the full length of a line in a pane of `cells`."""
        return cells

    # ---- what is shown

    @property
    def row(self) -> T | None:
        """The selected row."""
        return self._rows[self._index] if self._rows else None

    @property
    def chosen_by_user(self) -> bool:
        """Whether a person moved the cursor to its row."""
        return self._key is not None

    @property
    def rows(self) -> Sequence[T]:
        """The rows in the order they are shown."""
        return self._rows

    def show_rows(
        self, rows: Sequence[T], sort: tuple[str, bool], empty: tuple[Line, ...] = (), *, whole: bool = False
    ) -> None:
        """Show these rows and redraw those that changed; `whole` redraws everything."""
        before, self._rows = self._rows, rows
        whole = whole or len(before) != len(rows) or (sort, empty) != (self._sort, self._empty)
        self._sort, self._empty = sort, empty
        if len(before) != len(rows):
            self.virtual_size = Size(0, len(rows) + 1)
        self._follow()
        if whole:
            self.refresh()
            return
        for index, (old, new) in enumerate(zip(before, rows, strict=True)):
            if old is not new:
                self._refresh_row(index)

    def select(self, key: Hashable | None) -> None:
        """Move the cursor to the row with a key; None moves it to the first row."""
        self._key = key
        if key is None:
            self._index = 0
        self._follow()
        self.refresh()

    def _follow(self) -> None:
        """Move the cursor to the selected row after the rows moved; where the row is hidden, keep the cursor's place."""
        found = None
        if self._key is not None:
            found = next((index for index, row in enumerate(self._rows) if self.row_key(row) == self._key), None)
        self._index = min(self._index, max(0, len(self._rows) - 1)) if found is None else found
        self._show_cursor()

    def render_line(self, y: int) -> Strip:
        """Draw the header, a row, or a line of the text of an empty table."""
        cells = self.scrollable_content_region.width
        if not self._rows and self._empty:
            lines = draw_empty_pane(self._empty, cells, self.scrollable_content_region.height)
            return self.make_strip(lines[y] if y < len(lines) else [], cells)
        if y == 0:
            return self.make_strip(slice_header(self.draw_header(cells), self._shift, cells), cells)
        index = y - 1 + self.scroll_offset.y
        if index >= len(self._rows):
            return self.make_strip([], cells)
        line = slice_line(self.draw_row(self._rows[index], cells), self._shift, cells)
        background = ("cursor" if self.has_focus else "cursor-away") if index == self._index else ""
        return self.make_strip(line, cells, background)

    def _refresh_row(self, index: int) -> None:
        self.refresh(Region(0, index + 1 - self.scroll_offset.y, self.size.width, 1))

    def _show_cursor(self) -> None:
        height = self.scrollable_content_region.height - 1
        top = self.scroll_offset.y
        if self._index < top:
            self.scroll_to(y=self._index, animate=False)
        elif height > 0 and self._index >= top + height:
            self.scroll_to(y=self._index - height + 1, animate=False)

    # ---- keys and mouse

    def on_resize(self) -> None:
        """Keep the shift within the new width."""
        self._shift = min(self._shift, self._most_shift())

    def on_click(self, event: events.Click) -> None:
        """Select the row that was clicked; open it on a double click."""
        index = event.y - 1 + self.scroll_offset.y
        if event.y == 0 or not 0 <= index < len(self._rows):
            return
        self._go_to(index)
        if event.chain == 2:
            self.action_open()

    def action_move(self, steps: int) -> None:
        """Move the cursor."""
        self._go_to(min(max(0, self._index + steps), len(self._rows) - 1))

    def action_page(self, pages: int) -> None:
        """Move the cursor by a page."""
        self.action_move(pages * max(1, self.scrollable_content_region.height - 2))

    def action_shift(self, steps: int) -> None:
        """Scroll to the left or right where the table is wider than its pane."""
        shift = min(max(0, self._shift + steps * SHIFT_CELLS), self._most_shift())
        if shift != self._shift:
            self._shift = shift
            self.refresh()

    def action_sort(self, column: str) -> None:
        """Ask for the rows sorted by a column."""
        self.post_message(self.SortRequested(column))

    def action_sort_next(self) -> None:
        """Ask for the rows sorted by the next column."""
        self.post_message(self.SortRequested(">"))

    def action_sort_reverse(self) -> None:
        """Ask for the reversed order."""
        self.post_message(self.SortRequested("~"))

    def action_open(self) -> None:
        """Open the selected row."""
        if self.row is not None:
            self.post_message(self.Opened())

    def _most_shift(self) -> int:
        room = self.scrollable_content_region.width
        return max(0, self.line_cells(room) - room)

    def _go_to(self, index: int) -> None:
        if not 0 <= index < len(self._rows):
            return
        self._refresh_row(self._index)
        self._index = index
        self._key = self.row_key(self._rows[index])
        self._refresh_row(index)
        self._show_cursor()
        self.post_message(self.Selected())


def next_sort(asked: str, sort: tuple[str, bool], columns: Sequence[str]) -> tuple[str, bool]:
    """Return the order after a `SortRequested`; the present column reverses its direction."""
    column, reverse = sort
    if asked in ("~", column):
        return column, not reverse
    if asked == ">":
        return columns[(columns.index(column) + 1) % len(columns)], False
    return asked, False
