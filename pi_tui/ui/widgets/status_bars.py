"""The lines without a border: header, hint, sentence, keys."""

from __future__ import annotations

from collections.abc import Sequence

from textual.geometry import Size
from textual.strip import Strip

from pi_tui.ui.drawing.spans import Line, Piece, whole_sentences
from pi_tui.ui.drawing.status_bar import HeaderView, KeyHint, ProgressView, header_line, hint_line, key_line
from pi_tui.ui.widgets.line_widget import Drawn


class HeaderLine(Drawn):
    """Interpreter, GIL, cores, and the app's own beat."""

    def __init__(self, view: HeaderView) -> None:
        super().__init__(id="header")
        self.view = view

    def show(self, view: HeaderView) -> None:
        """Show a view; nothing is drawn again unless it changed."""
        if view != self.view:
            self.view = view
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """The one line."""
        cells = self.size.width
        return self.drawn(header_line(self.view, cells) if y == 0 else [], cells)


class HintLine(Drawn):
    """One line about what the cursor is on."""

    def __init__(self) -> None:
        super().__init__(id="hint")
        self._line: Line = ()

    def show(self, line: Line) -> None:
        """Show a line."""
        if line != self._line:
            self._line = line
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """The one line."""
        return self.drawn(hint_line(self._line, self.size.width) if y == 0 else [], self.size.width)


class SentenceLines(Drawn):
    """What the selected row means, in words: as many whole sentences as there is room for."""

    def __init__(self) -> None:
        super().__init__(id="sentence")
        self._sentences: tuple[str, ...] = ()
        self._ink = "text"

    @property
    def text(self) -> str:
        """All sentences."""
        return " ".join(self._sentences)

    def show(self, sentences: tuple[str, ...], ink: str = "text") -> None:
        """Show sentences, the most important first."""
        if (sentences, ink) != (self._sentences, self._ink):
            self._sentences, self._ink = sentences, ink
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """One line of the wrapped sentences."""
        cells, lines = self.size.width, self.size.height
        wrapped = whole_sentences(self._sentences, cells - 2, lines)
        if y >= len(wrapped):
            return self.drawn([], cells)
        mark = Piece("▎ ", "running" if self._ink == "text" else self._ink)
        return self.drawn([mark, Piece(wrapped[y], self._ink)], cells)


class KeyLine(Drawn):
    """The keys that apply here, and how far a run is."""

    def __init__(self) -> None:
        super().__init__(id="keys")
        self._hints: tuple[KeyHint, ...] = ()
        self._progress: ProgressView | None = None

    @property
    def hints(self) -> tuple[KeyHint, ...]:
        """The keys that are offered, the most important first."""
        return self._hints

    def show_keys(self, hints: tuple[KeyHint, ...]) -> None:
        """Offer these keys."""
        if hints != self._hints:
            self._hints = hints
            self.refresh()

    def show_progress(self, progress: ProgressView | None) -> None:
        """Show how far a run is; None between runs."""
        if progress != self._progress:
            self._progress = progress
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """The one line."""
        cells = self.size.width
        return self.drawn(key_line(self._hints, self._progress, cells) if y == 0 else [], cells)


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
