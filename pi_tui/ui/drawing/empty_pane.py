"""What the kernels compute, as a picture: random points in a square, those inside the circle counted."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from random import Random

from pi_tui.ui.drawing.spans import Line, Piece

_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
_FILLED = 0.42
_SEED = 314159


@cache
def disc_lines(lines: int) -> tuple[Line, ...]:
    """A square of `2 * lines` by `lines` cells; cells inside the circle in the running ink, the others faint."""
    random = Random(_SEED)
    side = 4 * lines
    glyphs = [[0] * (2 * lines) for _ in range(lines)]
    for _ in range(int(_FILLED * side * side)):
        x, y = int(random.random() * side), int(random.random() * side)
        glyphs[y // 4][x // 2] |= _DOTS[y % 4][x % 2]
    return tuple(list(_runs(row, y, lines)) for y, row in enumerate(glyphs))


def _runs(row: list[int], y: int, lines: int) -> Iterator[Piece]:
    """The cells of a line, neighbours of one ink together."""
    text, inside = "", False
    for x, glyph in enumerate(row):
        across, down = (x + 0.5) / lines - 1, (2 * y + 1) / lines - 1
        here = across * across + down * down <= 1
        if here != inside and text:
            yield Piece(text, "running" if inside else "faint")
            text = ""
        text, inside = text + chr(0x2800 + glyph), here
    yield Piece(text, "running" if inside else "faint")
