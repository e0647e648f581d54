"""The pane of the cores."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from textual.geometry import Size
from textual.strip import Strip

from pi_tui.ui.drawing.bars import USE_GLYPHS
from pi_tui.ui.drawing.cores import COMPACT_LINES, Share, Uses, draw_cores, list_notable_uses, mean_share, wanted_lines
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
        self._uses: Sequence[Uses] | None = None

    def show_replay(self, cores: int) -> None:
        """Show that the load of a replay's cores was not recorded."""
        self.show((None,) * cores)
        self.border_subtitle = "not recorded"

    def show(self, shares: Sequence[Share], uses: Sequence[Uses] | None = None) -> None:
        """Show the busy share of each core; `uses` are the parts of workers, their own threads, and pi-tui, where known."""
        self._history.append(tuple(shares))
        self._uses = uses
        before, self._lines = self._lines, self._drawing()
        self.refresh_changed(before, self._lines)
        title = self._describe(shares)
        if title != (self.border_subtitle or ""):
            self.border_subtitle = title

    def _describe(self, shares: Sequence[Share]) -> str:
        """Return the legend and the mean, as much of it as there is room for."""
        busy = mean_share(shares)
        mean = "" if busy is None or len(shares) < 2 else f"mean {busy * 100:.0f}%"
        if self._uses is None or not mean:
            return mean
        names = list_notable_uses(self._uses, shares)
        room = self.content_size.width - 2
        if sum(len(name) + 4 for name in names) + len(mean) > room:
            mean = ""
        while names and sum(len(name) + 4 for name in names) + len(mean) > room:
            names.pop()
        legend = "  ".join(f"[${style}]{glyph}[/] {name}" for name in names for glyph, style in [USE_GLYPHS[name]])
        return " · ".join(filter(None, (legend, mean)))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        """Return how many lines the cores need."""
        return wanted_lines(self._cores, width, self.most_lines)

    def _drawing(self) -> list[Line]:
        now = self._history[-1] if self._history else ()
        return draw_cores(now, tuple(self._history), self.content_size.width, self.content_size.height, self._uses)

    def on_resize(self) -> None:
        """Draw for the new size."""
        self._lines = self._drawing()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Return one line."""
        return self.make_strip(self._lines[y] if y < len(self._lines) else [], self.content_size.width)
