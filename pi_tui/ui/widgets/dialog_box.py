"""The box of a dialog, with its keys in the lower border."""

from __future__ import annotations

from textual import events, on
from textual.containers import Vertical
from textual.widget import Widget

from pi_tui.ui.drawing.status_bar import join_border_hints

BORDER_CELLS = 6
"""The cells of a border besides its text: on each side a corner, a line and a blank."""


class BorderKeys(Widget):
    """A widget whose border shows as many keys as fit."""

    _key_hints: tuple[str, ...] = ()

    def set_border_keys(self, *hints: str) -> None:
        """Set the hints about keys in their order; the last one, which closes the dialog, is always shown."""
        self._key_hints = hints
        self._write_keys()

    @on(events.Resize)
    def _write_keys(self) -> None:
        shown = join_border_hints(self._key_hints, self.outer_size.width - BORDER_CELLS)
        if shown != (self.border_subtitle or ""):
            self.border_subtitle = shown


class DialogBox(Vertical, BorderKeys):
    """A box whose content is stacked vertically."""
