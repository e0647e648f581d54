"""The source of a kernel and of a mode, side by side or one above the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from pi_tui.ui.drawing.spans import Line, Span
from pi_tui.ui.widgets.line_widget import LineWidget

if TYPE_CHECKING:
    from pi_tui.ui.state.source_files import Source


class SourceView(ScrollView, LineWidget, can_focus=True):
    """One file, highlighted and scrolled to the function that runs; its name stays in the first line.

    Lines that are too long are wrapped, so that all of the code is visible.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "scroll_by(-1)", "Up", show=False),
        Binding("down,j", "scroll_by(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home", "scroll_by(-9999)", "First", show=False),
        Binding("end", "scroll_by(9999)", "Last", show=False),
    ]

    def __init__(self, id: str, source: Source) -> None:
        super().__init__(id=id)
        self._source: Source | None = None
        self._lines: list[list[Span]] = []
        self._folded: list[Line] = []
        self._starts = [0]
        self._folded_for = 0
        self._first = source

    def on_mount(self) -> None:
        """Show the first file."""
        self.show(self._first)

    def show(self, source: Source) -> None:
        """Show a file."""
        if source == self._source:
            return
        from pi_tui.ui.drawing.source_code import highlight

        self._source = source
        self._lines = highlight(source.text)
        self._fold()
        self._to_function()

    def on_resize(self) -> None:
        """Wrap the lines for the new size, and keep the function visible."""
        if self._cells != self._folded_for:
            self._fold()
        self._to_function()

    @property
    def _cells(self) -> int:
        return max(0, self.scrollable_content_region.width - 1)

    def _fold(self) -> None:
        from pi_tui.ui.drawing.source_code import fold_line

        self._folded_for = self._cells
        self._folded = []
        self._starts = [0]
        for number, line in enumerate(self._lines, 1):
            self._folded += fold_line(number, line, self._cells)
            self._starts.append(len(self._folded))
        self.virtual_size = Size(0, len(self._folded) + 1)
        self.refresh()

    def _to_function(self) -> None:
        if self._source is not None:
            line = self._starts[min(self._source.line, len(self._starts) - 1)]
            self.scroll_to(y=line, animate=False, force=True)

    def render_line(self, y: int) -> Strip:
        """Return the file's name, or one of its lines."""
        cells = self._cells
        if self._source is None:
            return self.make_strip([], cells)
        if y == 0:
            return self.make_strip([Span(self._source.title, "key" if self.has_focus else "muted")], cells)
        index = y - 1 + self.scroll_offset.y
        return self.make_strip(self._folded[index] if index < len(self._folded) else [], cells)

    def action_scroll_by(self, lines: int) -> None:
        """Scroll down by a number of lines."""
        self.scroll_to(y=self.scroll_offset.y + lines, animate=False)

    def action_page(self, pages: int) -> None:
        """Scroll by a page, less the file's name and one line."""
        self.action_scroll_by(pages * max(1, self.scrollable_content_region.height - 2))


class SourcePane(Container):
    """The source files of the kernel and the mode that ran."""

    def __init__(self) -> None:
        super().__init__(id="source", classes="pane")
        self.border_title = "Source"
        self._sources: tuple[Source, Source] | None = None

    def compose(self) -> ComposeResult:
        """Yield the two files; nothing before the pane is first shown."""
        if self._sources is not None:
            yield SourceView("kernel-source", self._sources[0])
            yield SourceView("mode-source", self._sources[1])

    def show(self, kernel: str, mode: str) -> None:
        """Show the files of a kernel and a mode."""
        from pi_tui.ui.state.source_files import read_kernel_source, read_mode_source

        was_empty = self._sources is None
        self._sources = read_kernel_source(kernel), read_mode_source(mode)
        if was_empty:
            self.refresh(recompose=True)
            return
        for view, source in zip(self.query(SourceView), self._sources, strict=False):
            view.show(source)
