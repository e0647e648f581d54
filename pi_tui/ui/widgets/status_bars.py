"""The lines without a border: header, hint, summary, keys."""

from __future__ import annotations

from collections.abc import Sequence

from textual.geometry import Size
from textual.strip import Strip

from pi_tui.ui.drawing.spans import Line, Span, wrap_sentences
from pi_tui.ui.drawing.status_bar import HeaderView, KeyHint, ProgressView, draw_header, draw_hint, draw_key_bar
from pi_tui.ui.widgets.line_widget import LineWidget


class HeaderBar(LineWidget):
    """The interpreter, its GIL, the cores, and the app's heartbeat."""

    def __init__(self, view: HeaderView) -> None:
        super().__init__(id="header")
        self.view = view

    def show(self, view: HeaderView) -> None:
        """Show a view; redraw only where it changed."""
        if view != self.view:
            self.view = view
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw the line."""
        cells = self.size.width
        return self.make_strip(draw_header(self.view, cells) if y == 0 else [], cells)


class HintBar(LineWidget):
    """One line about the item under the cursor."""

    def __init__(self) -> None:
        super().__init__(id="hint")
        self._line: Line = ()

    def show(self, line: Line) -> None:
        """Show a line."""
        if line != self._line:
            self._line = line
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw the line."""
        return self.make_strip(draw_hint(self._line, self.size.width) if y == 0 else [], self.size.width)


class SummaryLines(LineWidget):
    """What the selected row means: as many whole sentences as fit."""

    def __init__(self) -> None:
        super().__init__(id="sentence")
        self._sentences: tuple[str, ...] = ()
        self._style = "text"

    @property
    def text(self) -> str:
        """All sentences."""
        return " ".join(self._sentences)

    def show(self, sentences: tuple[str, ...], style: str = "text") -> None:
        """Show sentences, the most important first."""
        if (sentences, style) != (self._sentences, self._style):
            self._sentences, self._style = sentences, style
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw one line of the wrapped sentences."""
        cells, lines = self.size.width, self.size.height
        wrapped = wrap_sentences(self._sentences, cells - 2, lines)
        if y >= len(wrapped):
            return self.make_strip([], cells)
        mark = Span("▎ ", "running" if self._style == "text" else self._style)
        return self.make_strip([mark, Span(wrapped[y], self._style)], cells)


class KeyBar(LineWidget):
    """The keys that apply here, and the progress of a run."""

    def __init__(self) -> None:
        super().__init__(id="keys")
        self._hints: tuple[KeyHint, ...] = ()
        self._progress: ProgressView | None = None

    @property
    def hints(self) -> tuple[KeyHint, ...]:
        """The keys that are shown, the most important first."""
        return self._hints

    def show_keys(self, hints: tuple[KeyHint, ...]) -> None:
        """Show these keys."""
        if hints != self._hints:
            self._hints = hints
            self.refresh()

    def show_progress(self, progress: ProgressView | None) -> None:
        """Show the progress of a run; None between runs."""
        if progress != self._progress:
            self._progress = progress
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw the line."""
        cells = self.size.width
        return self.make_strip(draw_key_bar(self._hints, self._progress, cells) if y == 0 else [], cells)


class LinesBox(LineWidget):
    """Lines in a box as high as they need, up to `most_lines`; hidden where there are none."""

    def __init__(self, id: str) -> None:
        super().__init__(id=id, classes="history-lines")
        self.most_lines = 6
        self._lines: Sequence[Line] = ()
        self.display = False

    def show(self, lines: Sequence[Line]) -> None:
        """Show these lines."""
        if lines != self._lines or self.display is not bool(lines):
            self._lines = lines
            self.display = bool(lines)
            self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        """Return the number of lines, up to `most_lines`."""
        return min(self.most_lines, len(self._lines))

    def render_line(self, y: int) -> Strip:
        """One line."""
        line = self._lines[y] if y < len(self._lines) else ()
        return self.make_strip([Span("  "), *line], self.size.width)
