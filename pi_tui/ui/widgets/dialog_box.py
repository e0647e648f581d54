"""The box of a dialog: its lower border tells the keys."""

from __future__ import annotations

from textual import events, on
from textual.containers import Vertical
from textual.widget import Widget

from pi_tui.ui.drawing.status_bar import join_border_hints

BORDER_CELLS = 6
"""What a border needs of its width besides its words: two corners, a line and a blank at either side."""


class BorderKeys(Widget):
    """A widget with a border that tells as many keys as fit whole."""

    _key_hints: tuple[str, ...] = ()

    def set_border_keys(self, *hints: str) -> None:
        """What keys do, in the order in which they are shown; the last one is the way out."""
        self._key_hints = hints
        self._write_keys()

    @on(events.Resize)
    def _write_keys(self) -> None:
        shown = join_border_hints(self._key_hints, self.outer_size.width - BORDER_CELLS)
        if shown != (self.border_subtitle or ""):
            self.border_subtitle = shown


class DialogBox(Vertical, BorderKeys):
    """A box with things below each other."""
