"""The pane of the cores."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from textual.geometry import Size
from textual.strip import Strip

from pi_tui.ui.drawing.cores import COMPACT_LINES, Share, draw_cores, mean_share, wanted_lines
from pi_tui.ui.drawing.spans import Line
from pi_tui.ui.widgets.line_widget import LineWidget

KEPT_READINGS = 600


class CoresPane(LineWidget):
    """A meter and a short history for each core. Only changed lines are drawn again."""

    def __init__(self, cores: int) -> None:
        super().__init__(id="cores", classes="pane")
        self.border_title = "Cores"
        self.most_lines = COMPACT_LINES
        self._cores = cores
        self._history: deque[tuple[Share, ...]] = deque(maxlen=KEPT_READINGS)
        self._lines: list[Line] = []
        self._own: Sequence[float] | None = None

    def show_replay(self, cores: int) -> None:
        """Show that the load of a replay's cores was not recorded."""
        self.show((None,) * cores)
        self.border_subtitle = "not recorded"

    def show(self, shares: Sequence[Share], own: Sequence[float] | None = None) -> None:
        """Show the busy share of each core; `own` is the measured workers' part of it, where known."""
        self._history.append(tuple(shares))
        self._own = own
        before, self._lines = self._lines, self._drawing()
        self.refresh_changed(before, self._lines)
        busy = mean_share(shares)
        title = "" if busy is None or len(shares) < 2 else f"mean {busy * 100:.0f}%"
        if own is not None:
            title = f"[$running]━[/] measured  ╍ everything else · {title}" if title else ""
        if title != (self.border_subtitle or ""):
            self.border_subtitle = title

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        """Return how many lines the cores need."""
        return wanted_lines(self._cores, width, self.most_lines)

    def _drawing(self) -> list[Line]:
        now = self._history[-1] if self._history else ()
        return draw_cores(now, tuple(self._history), self.content_size.width, self.content_size.height, self._own)

    def on_resize(self) -> None:
        """Draw for the new size."""
        self._lines = self._drawing()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Return one line."""
        return self.make_strip(self._lines[y] if y < len(self._lines) else [], self.content_size.width)
