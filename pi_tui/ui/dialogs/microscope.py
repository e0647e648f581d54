"""The microscope: a trial's lanes, one cell per tick."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.strip import Strip

from pi_tui.analysis.lanes import count_handoffs
from pi_tui.ui.dialogs.base import Dialog
from pi_tui.ui.drawing.microscope import (
    MicroscopePosition,
    count_visible_workers,
    draw_microscope,
    last_start,
    window_ticks,
)
from pi_tui.ui.drawing.spans import Line, escape_markup
from pi_tui.ui.state.lane_history import LanesView
from pi_tui.ui.widgets.dialog_box import BorderKeys
from pi_tui.ui.widgets.line_widget import LineWidget


class MicroscopePane(LineWidget, BorderKeys, can_focus=True):
    """Shows 200 ms of a trial; keys and mouse scroll through it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "go(-0.25)", "Left", show=False),
        Binding("right,l", "go(0.25)", "Right", show=False),
        Binding("comma", "go_ticks(-1)", "A tick to the left", show=False),
        Binding("full_stop", "go_ticks(1)", "A tick to the right", show=False),
        Binding("pageup", "go(-1)", "Page left", show=False),
        Binding("pagedown,space", "go(1)", "Page right", show=False),
        Binding("home", "go(-1000000)", "Begin", show=False),
        Binding("end", "go(1000000)", "End", show=False),
        Binding("up,k", "scroll(-1)", "Up", show=False),
        Binding("down,j", "scroll(1)", "Down", show=False),
    ]

    def __init__(self, view: LanesView) -> None:
        super().__init__(id="microscope", classes="dialog-box")
        self._view = view
        self._sight = MicroscopePosition(last_start(view))
        self._in_all = count_handoffs([lane.letters for lane in view.lanes])
        self._lines: list[Line] | None = None

    @property
    def sight(self) -> MicroscopePosition:
        """The visible part."""
        return self._sight

    def on_resize(self) -> None:
        """Draw for the new size."""
        self._look(self._sight)

    def render_line(self, y: int) -> Strip:
        """Return one line."""
        cells, height = self.content_size.width, self.content_size.height
        if self._lines is None:
            self._lines = draw_microscope(self._view, self._sight, self._in_all, cells, height)
        return self.make_strip(self._lines[y] if y < len(self._lines) else [], cells)

    def _look(self, sight: MicroscopePosition) -> None:
        most = max(
            0,
            len(self._view.lanes)
            - count_visible_workers(self._view, self.content_size.width, self.content_size.height),
        )
        start = min(max(0, sight.start), last_start(self._view))
        self._sight = MicroscopePosition(start, min(max(0, sight.first), most))
        self._lines = None
        self.refresh()

    def action_go(self, windows: float) -> None:
        """Scroll to the right by a number of windows."""
        self.action_go_ticks(round(windows * window_ticks(self._view)))

    def action_go_ticks(self, ticks: int) -> None:
        """Scroll to the right by a number of ticks."""
        self._look(self._sight._replace(start=self._sight.start + ticks))

    def action_scroll(self, workers: int) -> None:
        """Show other workers."""
        self._look(self._sight._replace(first=self._sight.first + workers))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll to the right."""
        event.stop()
        self.action_go(0.25)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll to the left."""
        event.stop()
        self.action_go(-0.25)

    def on_click(self, event: events.Click) -> None:
        """Go to the clicked place of the overview, the line that shows the whole trial."""
        offset = event.get_content_offset(self)
        if offset is not None and offset.y == 1 and self.content_size.width:
            middle = offset.x * self._view.ticks // self.content_size.width
            self._look(self._sight._replace(start=middle - window_ticks(self._view) // 2))


class MicroscopeDialog(Dialog[None]):
    """One trial tick by tick, as it stood when the dialog was opened."""

    FILLS_TERMINAL: ClassVar[bool] = True

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter,q", "leave", "close", show=False)]

    def __init__(self, view: LanesView) -> None:
        super().__init__()
        self._view = view

    def compose(self) -> ComposeResult:
        """Yield a pane nearly as large as the terminal."""
        pane = MicroscopePane(self._view)
        pane.border_title = escape_markup(f"Microscope · {self._view.title}")
        pane.set_border_keys("← → scroll", "PgUp PgDn 200 ms", "Home End", "Escape closes")
        yield pane
