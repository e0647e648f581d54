"""The content of an empty pane: text below a picture of what the kernels compute, random points in and around a circle."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from random import Random

from pi_tui.ui.drawing.spans import Line, Span, fit, line_width

_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
_FILLED = 0.42
_SEED = 314159


@cache
def draw_disc(lines: int) -> tuple[Line, ...]:
    """Draw the points in a square of `2 * lines` by `lines` cells, those in the circle in the colour of running."""
    random = Random(_SEED)
    side = 4 * lines
    glyphs = [[0] * (2 * lines) for _ in range(lines)]
    for _ in range(int(_FILLED * side * side)):
        x, y = int(random.random() * side), int(random.random() * side)
        glyphs[y // 4][x // 2] |= _DOTS[y % 4][x % 2]
    return tuple(list(_draw_disc_line(row, y, lines)) for y, row in enumerate(glyphs))


def _draw_disc_line(row: list[int], y: int, lines: int) -> Iterator[Span]:
    """Yield the spans of one line of the picture, `y` from the top."""
    text, inside = "", False
    for x, glyph in enumerate(row):
        across, down = (x + 0.5) / lines - 1, (2 * y + 1) / lines - 1
        here = across * across + down * down <= 1
        if here != inside and text:
            yield Span(text, "running" if inside else "faint")
            text = ""
        text, inside = text + chr(0x2800 + glyph), here
    yield Span(text, "running" if inside else "faint")


LEAST_DISC_LINES, MOST_DISC_LINES = 8, 14


def draw_empty_pane(texts: Sequence[Line], room: int, lines: int) -> list[Line]:
    """Centre lines of text in an empty pane, below the picture where there is room for it."""
    spare = lines - len(texts) - 3
    if len(texts) > 1 and spare >= LEAST_DISC_LINES:
        texts = [*draw_disc(min(MOST_DISC_LINES, spare)), [], *texts]
    above = max(0, (lines - len(texts)) // 2)
    blank: list[Line] = [fit([], room)]
    centred: list[Line] = [fit([Span(" " * max(0, (room - line_width(text)) // 2)), *text], room) for text in texts]
    return [*blank * above, *centred, *blank * lines][:lines]
