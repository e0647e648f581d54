"""The A/B dialog: both GIL settings side by side, while they run and afterwards."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.strip import Strip

from pi_tui.ui.dialogs.base import Dialog
from pi_tui.ui.drawing.gil_comparison import draw_comparison
from pi_tui.ui.drawing.spans import Line
from pi_tui.ui.state.gil_comparison import GilComparison
from pi_tui.ui.state.session import Session
from pi_tui.ui.widgets.dialog_box import BorderKeys
from pi_tui.ui.widgets.line_widget import LineWidget


class GilComparisonPane(LineWidget, BorderKeys, can_focus=True):
    """Shows one pair of cases; keys lead to the others."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "go(-1)", "Pair before", show=False),
        Binding("right,l", "go(1)", "Next pair", show=False),
    ]

    def __init__(self, comparison: GilComparison, session: Session, usable_cores: int) -> None:
        super().__init__(id="comparison", classes="dialog-box")
        self._comparison = comparison
        self._session = session
        self._usable_cores = usable_cores
        self._place = 0
        self._lines: list[Line] = []
        self._tell()

    def _tell(self) -> None:
        case = self._comparison.pairs[self._place].held
        self.border_title = f"A/B · {case.mode} × {case.workers}"
        many = len(self._comparison.pairs)
        stop = ("x stops",) if self._session.running else ()
        turn = (f"pair {self._place + 1} of {many}: ← →",) if many > 1 else ()
        self.set_border_keys(*stop, *turn, "Escape closes")

    def show(self) -> None:
        """Draw both sides, where they changed."""
        cells, height = self.content_size.width, self.content_size.height
        if not cells or not height:
            return
        held, released = self._comparison.sides(self._session, self._place)
        lines = draw_comparison(held, released, self._usable_cores, cells, height)
        self._tell()
        if lines != self._lines:
            self._lines = lines
            self.refresh()

    def on_resize(self) -> None:
        """Draw for the new size."""
        self._lines = []
        self.show()

    def render_line(self, y: int) -> Strip:
        """Return one line."""
        return self.make_strip(self._lines[y] if y < len(self._lines) else [], self.content_size.width)

    def action_go(self, step: int) -> None:
        """Show another pair."""
        self._place = (self._place + step) % len(self._comparison.pairs)
        self._tell()
        self.show()


class GilComparisonDialog(Dialog[None]):
    """An A/B, during its run and afterwards."""

    FILLS_TERMINAL: ClassVar[bool] = True

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,q,a", "leave", "close", show=False),
        Binding("x", "app.stop_run", "stop", show=False),
    ]

    def __init__(self, comparison: GilComparison, session: Session, usable_cores: int) -> None:
        super().__init__()
        self._pane = GilComparisonPane(comparison, session, usable_cores)

    def compose(self) -> ComposeResult:
        """Yield a pane nearly as large as the terminal."""
        yield self._pane

    def show(self) -> None:
        """Draw both sides, where they changed."""
        if self._pane.is_mounted:
            self._pane.show()
