"""A few lines without a border, as many as there are to be shown."""

from __future__ import annotations

from collections.abc import Sequence

from textual.geometry import Size
from textual.strip import Strip

from pi_tui.ui.drawing.spans import Line, Piece
from pi_tui.ui.widgets.line_widget import Drawn


class Lines(Drawn):
    """Lines that take the height they need, up to `most_lines`; nothing where there are none."""

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
        """As many as there are, up to the most."""
        return min(self.most_lines, len(self._lines))

    def render_line(self, y: int) -> Strip:
        """One line."""
        line = self._lines[y] if y < len(self._lines) else ()
        return self.drawn([Piece("  "), *line], self.size.width)
