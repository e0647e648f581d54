"""Bars of one line, to half a cell: a heavy line on a light one, so that neither colour nor ground is needed to read them."""

from __future__ import annotations

from pi_tui.ui.drawing.spans import Piece

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
