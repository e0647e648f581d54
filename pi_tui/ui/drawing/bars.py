"""Bars of one line, to half a cell: a heavy line on a light one, so that neither colour nor ground is needed to read them."""

from __future__ import annotations

from collections.abc import Iterable

from pi_tui.ui.drawing.spans import Piece, fit
from pi_tui.ui.state.time_categories import Meaning

HEATS = 12
"""Steps of brightness along a core's meter: inks `heat-0` (quiet) to the last (the running accent)."""

FULL, HALF, TRACK = "━", "╾", "─"


def halves(share: float, cells: int) -> int:
    """How many halves of a bar of `cells` are filled; a share above 0 shows at least one."""
    share = min(1.0, max(0.0, share))
    filled = round(share * cells * 2)
    return 1 if share > 0 and filled == 0 and cells > 0 else filled


def bar(share: float, cells: int, ink: str) -> list[Piece]:
    """A bar in one ink on its track."""
    filled = halves(share, cells)
    text = FULL * (filled // 2) + HALF * (filled % 2)
    return _on_track([Piece(text, ink)] if text else [], cells - len(text))


def heat_bar(share: float, cells: int) -> list[Piece]:
    """A bar that gains brightness along its length, so that a high one is a bright one."""
    filled = halves(share, cells)
    text = FULL * (filled // 2) + HALF * (filled % 2)
    pieces = []
    for step in range(HEATS):
        start, end = step * cells // HEATS, (step + 1) * cells // HEATS
        if part := text[start:end]:
            pieces.append(Piece(part, f"heat-{step}"))
    return _on_track(pieces, cells - len(text))


def heat(share: float) -> int:
    """The step of brightness of a share."""
    return min(HEATS - 1, int(share * HEATS))


def _on_track(pieces: list[Piece], rest: int) -> list[Piece]:
    return [*pieces, Piece(TRACK * rest, "track")] if rest > 0 else pieces


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
