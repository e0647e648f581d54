"""A short history as an area of braille dots: two values per cell, four levels per line."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

_BLANK = 0x2800
_LEFT = (0x00, 0x40, 0x44, 0x46, 0x47)
_RIGHT = (0x00, 0x80, 0xA0, 0xB0, 0xB8)
_STEPS = 4


def draw_sparkline(values: Sequence[float | None], cells: int, lines: int = 1) -> list[str]:
    """Draw the latest `2 * cells` values (shares of 1) as lines from the top down, the newest value at the right edge.

    A value above 0 has at least one dot; None is blank.
    """
    wanted = 2 * cells
    recent = list(values[-wanted:]) if wanted else []
    levels = [0] * (wanted - len(recent)) + [_count_dots(value, lines) for value in recent]
    return [_draw_line(levels, lines - 1 - row) for row in range(lines)]


def _count_dots(value: float | None, lines: int) -> int:
    if value is None:
        return 0
    return ceil(min(1.0, max(0.0, value)) * lines * _STEPS - 1e-9)


def _draw_line(levels: list[int], floor: int) -> str:
    below = floor * _STEPS
    heights = [min(_STEPS, max(0, level - below)) for level in levels]
    pairs = zip(heights[::2], heights[1::2], strict=True)
    return "".join(chr(_BLANK + _LEFT[left] + _RIGHT[right]) for left, right in pairs)
