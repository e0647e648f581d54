"""Stacked bars: parts one after the other, each with its own glyph and ink."""

from __future__ import annotations

from collections.abc import Iterable

from pi_tui.ui.meanings import Meaning
from pi_tui.ui.renderables.pieces import Piece

Part = tuple[Meaning, float]


def stacked_bar(parts: Iterable[Part], scale: float, room: int) -> list[Piece]:
    """Parts one after the other, `scale` cells a unit; a negative part takes no room."""
    pieces: list[Piece] = []
    end = 0.0
    used = 0
    for meaning, value in parts:
        end += max(0.0, value)
        upto = min(room, round(end * scale))
        if upto > used:
            pieces.append(Piece(meaning.glyph * (upto - used), meaning.ink))
            used = upto
    return pieces
