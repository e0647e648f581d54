"""What the kernels compute, as a picture: random points in a square, those inside the circle counted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from random import Random

from pi_tui.ui.drawing.spans import Line, Piece, fit, width

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


LEAST_PICTURE, MOST_PICTURE = 8, 14


def empty_lines(texts: Sequence[Line], room: int, lines: int) -> list[Line]:
    """Lines in the middle of an empty pane, below a picture where there is room for one."""
    spare = lines - len(texts) - 3
    if len(texts) > 1 and spare >= LEAST_PICTURE:
        texts = [*disc_lines(min(MOST_PICTURE, spare)), [], *texts]
    above = max(0, (lines - len(texts)) // 2)
    blank: list[Line] = [fit([], room)]
    centred: list[Line] = [fit([Piece(" " * max(0, (room - width(text)) // 2)), *text], room) for text in texts]
    return [*blank * above, *centred, *blank * lines][:lines]
