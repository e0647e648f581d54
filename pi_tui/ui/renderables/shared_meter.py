"""A core's meter where it is known whose work it is: the measured workers' bright, everything else quiet and dashed."""

from __future__ import annotations

from pi_tui.ui.renderables.meter import TRACK, halves, heat_bar
from pi_tui.ui.renderables.pieces import Piece, fit

OTHERS = "╍"
OTHERS_INK = "muted"


def shared_bar(own: float | None, share: float, cells: int) -> list[Piece]:
    """A bar of `share`, of which `own` is the measured workers'; one bar where that is not known."""
    if own is None:
        return heat_bar(share, cells)
    own = min(own, share)
    filled = halves(share, cells) // 2
    bright = [piece for piece in heat_bar(own, cells) if piece.ink != "track"]
    used = sum(len(piece.text) for piece in bright)
    others = max(0, filled - used)
    pieces = [*bright, *([Piece(OTHERS * others, OTHERS_INK)] if others else [])]
    rest = cells - used - others
    return fit([*pieces, *([Piece(TRACK * rest, "track")] if rest > 0 else [])], cells)
