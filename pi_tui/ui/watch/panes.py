"""The panes of a watch: lanes, ledgers, and the output of the program."""

from __future__ import annotations

import os
from pathlib import Path
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.strip import Strip

from pi_tui.analysis.text.strip_escapes import strip_escapes
from pi_tui.ui.drawing.spans import Line, Span
from pi_tui.ui.drawing.watched_threads import (
    ThreadsPosition,
    WatchView,
    count_visible_rows,
    draw_output,
    draw_thread_lanes,
    draw_thread_ledgers,
    draw_watch_header,
)
from pi_tui.ui.widgets.line_widget import LineWidget

SHOWN_OUTPUT_BYTES = 64 * 1024
"""The pane shows this much of the end of the output."""

_SCROLLING: list[BindingType] = [
    Binding("up,k", "scroll(-1)", "Up", show=False),
    Binding("down,j", "scroll(1)", "Down", show=False),
    Binding("pageup", "scroll(-8)", "Page up", show=False),
    Binding("pagedown", "scroll(8)", "Page down", show=False),
    Binding("home", "scroll(-1000000)", "First", show=False),
    Binding("end", "scroll(1000000)", "Last", show=False),
]


class WatchHeader(LineWidget):
    """Names the program, and how certain the lanes are."""

    def __init__(self, view: WatchView) -> None:
        super().__init__(id="header")
        self._view = view

    def show(self, view: WatchView) -> None:
        """Show a view."""
        self._view = view
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Return the line."""
        cells = self.size.width
        return self.make_strip(draw_watch_header(self._view, cells) if y == 0 else [], cells)


class ScrollingPane(LineWidget, can_focus=True):
    """A pane of lines, drawn as a whole, to scroll in."""

    BINDINGS: ClassVar[list[BindingType]] = _SCROLLING

    def __init__(self, id: str) -> None:
        super().__init__(id=id, classes="pane")
        self._lines: list[Line] | None = None

    def lines(self, cells: int, lines: int) -> list[Line]:
        """Return the lines to draw."""
        raise NotImplementedError

    def action_scroll(self, rows: int) -> None:
        """Scroll down by a number of rows."""
        raise NotImplementedError

    def redraw(self) -> None:
        """Draw again."""
        self._lines = None
        self.refresh()

    def on_resize(self) -> None:
        """Draw for the new size."""
        self.redraw()

    def render_line(self, y: int) -> Strip:
        """Return one line."""
        cells, height = self.content_size.width, self.content_size.height
        if self._lines is None:
            self._lines = self.lines(cells, height) if cells > 0 and height > 0 else []
        return self.make_strip(self._lines[y] if y < len(self._lines) else [Span("")], cells)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll down."""
        event.stop()
        self.action_scroll(1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll up."""
        event.stop()
        self.action_scroll(-1)


class ThreadsPane(ScrollingPane):
    """One line per thread; subclasses draw it."""

    def __init__(self, id: str, view: WatchView, sight: ThreadsPosition) -> None:
        super().__init__(id)
        self.view = view
        self.sight = sight

    def show(self, view: WatchView) -> None:
        """Show a view."""
        self.view = view
        self.look(self.sight)

    def look(self, sight: ThreadsPosition) -> None:
        """Show another part, or the same in another way."""
        most = max(0, len(self.view.rows) - count_visible_rows(self.content_size.height))
        self.sight = sight._replace(first=min(max(0, sight.first), most))
        self.redraw()

    def action_scroll(self, rows: int) -> None:
        """Show other threads."""
        self.look(self.sight._replace(first=self.sight.first + rows))


class WatchLanes(ThreadsPane):
    """Shows who runs and who waits, one lane per thread."""

    def lines(self, cells: int, lines: int) -> list[Line]:
        """Return lanes, with the shares of the last second."""
        return draw_thread_lanes(self.view, self.sight, cells, lines)


class WatchLedgers(ThreadsPane):
    """Shows how each thread spends its time."""

    def lines(self, cells: int, lines: int) -> list[Line]:
        """Return stacked bars."""
        return draw_thread_ledgers(self.view, self.sight, cells, lines)


class WatchOutput(ScrollingPane):
    """The end of the program's output; `file` holds it, None for a program that was already running."""

    def __init__(self, file: Path | None) -> None:
        super().__init__("output")
        self._file = file
        self._bytes = -1
        self._text = "" if file is not None else "What a process that ran already prints cannot be seen."
        self._back = 0

    def look_again(self) -> None:
        """Read what was printed since the last time."""
        if self._file is None:
            return
        try:
            size = os.stat(self._file).st_size
            if size == self._bytes:
                return
            with self._file.open("rb") as stream:
                stream.seek(max(0, size - SHOWN_OUTPUT_BYTES))
                self._text = strip_escapes(stream.read().decode(errors="replace"))
        except OSError:
            return
        self._bytes = size
        self.redraw()

    def lines(self, cells: int, lines: int) -> list[Line]:
        """Return the last lines."""
        return draw_output(self._text, self._back, cells, lines)

    def action_scroll(self, rows: int) -> None:
        """Show later lines, or earlier ones with a negative number."""
        most = max(0, len(self._text.splitlines()) - self.content_size.height)
        self._back = min(max(0, self._back - rows), most)
        self.redraw()
