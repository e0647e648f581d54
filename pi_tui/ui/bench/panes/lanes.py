"""The pane of the workers' lanes."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from pi_tui.ui.widgets.line_widget import LineWidget

if TYPE_CHECKING:
    from pi_tui.ui.drawing.spans import Line
    from pi_tui.ui.state.lane_history import LanesView


class LanesPane(LineWidget, can_focus=True):
    """Shows who runs and who waits, one lane per worker. Only changed lines are drawn again."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "pause", "pause", tooltip="Pause the lanes, or continue"),
        Binding("enter", "magnify", "microscope", key_display="Enter", tooltip="Show the trial tick by tick"),
        Binding("up,k", "scroll(-1)", "Up", show=False),
        Binding("down,j", "scroll(1)", "Down", show=False),
        Binding("pageup", "scroll(-8)", "Page up", show=False),
        Binding("pagedown", "scroll(8)", "Page down", show=False),
        Binding("home", "scroll(-1000000)", "First", show=False),
        Binding("end", "scroll(1000000)", "Last", show=False),
        Binding("left", "screen.pane(-1)", "Pane to the left", show=False),
        Binding("right", "screen.pane(1)", "Pane to the right", show=False),
    ]

    class MicroscopeRequested(Message):
        """The user wants to see the trial tick by tick."""

    def __init__(self) -> None:
        super().__init__(id="lanes", classes="pane")
        self.most_lines = 4
        self.paused = False
        self._latest: tuple[LanesView | None, bool] = (None, False)
        self._view: LanesView | None = None
        self._inside = False
        self._first = 0
        self._lines: list[Line] = []

    @property
    def view(self) -> LanesView | None:
        """The lanes that are shown."""
        return self._view

    @property
    def inside(self) -> bool:
        """Whether the pane says that threads inside the app have no lanes."""
        return self._inside

    def show(self, view: LanesView | None, *, inside: bool = False) -> None:
        """Show a trial's lanes unless the pane is paused; `inside` says why threads inside the app have none."""
        self._latest = (view, inside)
        if not self.paused and self._latest != (self._view, self._inside):
            self._view, self._inside = self._latest
            self._redraw()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        """Return the same height for any number of workers, so that nothing moves."""
        return self.most_lines

    def _redraw(self) -> None:
        from pi_tui.ui.drawing.lanes import LanesPosition, describe_certainty, draw_lanes

        cells, height = self.content_size.width, self.content_size.height
        if not cells or not height:
            return
        self._first = min(self._first, self._most_first())
        before = self._lines
        self._lines = draw_lanes(self._view, LanesPosition(self._first, self.paused, self._inside), cells, height)
        self.refresh_changed(before, self._lines)
        words = describe_certainty(self._view) if self._view is not None else ""
        if self.paused:
            words = f"paused · {words}"
        if words != (self.border_subtitle or ""):
            self.border_subtitle = words

    def _most_first(self) -> int:
        from pi_tui.ui.drawing.lanes import count_visible_lanes

        workers = len(self._view.lanes) if self._view is not None else 0
        return max(0, workers - count_visible_lanes(self.content_size.height, self.content_size.width))

    def on_resize(self) -> None:
        """Draw for the new size."""
        self._lines = []
        self._redraw()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Return one line."""
        return self.make_strip(self._lines[y] if y < len(self._lines) else [], self.content_size.width)

    def action_pause(self) -> None:
        """Pause, or continue with the present lanes."""
        self.paused = not self.paused and self._view is not None
        if not self.paused:
            self._view, self._inside = self._latest
        self._redraw()

    def action_magnify(self) -> None:
        """Ask for the trial tick by tick."""
        self.post_message(self.MicroscopeRequested())

    def action_scroll(self, workers: int) -> None:
        """Show other workers."""
        first = min(max(0, self._first + workers), self._most_first())
        if first != self._first:
            self._first = first
            self._redraw()

    def on_click(self, event: events.Click) -> None:
        """Ask for the trial tick by tick at a double click."""
        if event.chain == 2:
            self.action_magnify()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Show the workers below."""
        event.stop()
        self.action_scroll(1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Show the workers above."""
        event.stop()
        self.action_scroll(-1)
