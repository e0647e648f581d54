"""The base of all widgets that draw lines of spans."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, cast

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from pi_tui.ui.drawing.spans import Line, fit, make_line_printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pi_tui.ui.theme.base_app import ThemedApp


class LineWidget(Widget):
    """A widget that draws its lines itself."""

    @property
    def themed_app(self) -> ThemedApp:
        """The app that lends styles to this widget."""
        return cast("ThemedApp", self.app)

    def refresh_changed(self, before: Sequence[object], now: Sequence[object]) -> None:
        """Redraw the lines that differ from before."""
        for y, (old, new) in enumerate(zip_longest(before, now)):
            if old != new:
                self.refresh(Region(0, y, self.content_size.width, 1))

    def make_strip(self, line: Line, cells: int, background: str = "") -> Strip:
        """Make a strip of exactly `cells` from a line; `background` is a named background, or empty for the screen's."""
        styles = self.themed_app.line_styles
        segments = []
        for span in fit(make_line_printable(line), cells):
            style = styles.complete(span.style, background)
            if span.action:
                style += Style.from_meta({"@click": span.action})
            segments.append(Segment(span.text, style))
        return Strip(segments, cells)
