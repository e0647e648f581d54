"""A canvas of braille dots, two by four per cell, that keeps each cell's role.

It is written here because no library fits: textual-hires-canvas is a Textual widget over NumPy arrays, which the command
line must not import; drawille supports neither roles nor dashes.
"""

from __future__ import annotations

from collections.abc import Iterator

DOTS_ACROSS, DOTS_DOWN = 2, 4
"""Dots per cell."""

_BITS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
_UPPER, _LOWER = 0x01 | 0x08 | 0x02 | 0x10, 0x04 | 0x20 | 0x40 | 0x80
_DASHES: dict[str, tuple[int, int]] = {"solid": (1, 0), "dashed": (7, 5), "dotted": (1, 2)}
"""Dots drawn and dots skipped, alternating."""


class BrailleCanvas:
    """Dots over `columns` by `rows` cells; positions are in dots, with (0, 0) at the top left."""

    def __init__(self, columns: int, rows: int) -> None:
        self.width, self.height = columns * DOTS_ACROSS, rows * DOTS_DOWN
        self._cells: dict[tuple[int, int], tuple[int, str]] = {}

    def set_dot(self, x: int, y: int, role: str) -> None:
        """Set one dot; positions outside the canvas are ignored. A cell takes the role of its latest dot."""
        if 0 <= x < self.width and 0 <= y < self.height:
            cell = (x // DOTS_ACROSS, y // DOTS_DOWN)
            bits, _ = self._cells.get(cell, (0, ""))
            self._cells[cell] = (bits | _BITS[y % DOTS_DOWN][x % DOTS_ACROSS], role)

    def draw_line(
        self, start: tuple[float, float], end: tuple[float, float], role: str, dash: str, phase: int = 0
    ) -> int:
        """Draw a line between two positions; return the phase of its dashes, from which the next line can continue."""
        on, off = _DASHES[dash]
        clipped = _clip_line(start, end, self.width - 1, self.height - 1)
        if clipped is None:
            return phase
        (x0, y0), (x1, y1) = clipped
        steps = max(1, round(max(abs(x1 - x0), abs(y1 - y0))))
        for step in range(steps + 1):
            if (phase + step) % (on + off) < on:
                self.set_dot(round(x0 + (x1 - x0) * step / steps), round(y0 + (y1 - y0) * step / steps), role)
        return phase + steps

    def cells(self, *, braille: bool) -> Iterator[tuple[int, int, str, str]]:
        """Yield column, row, character and role of every cell that has dots."""
        for (column, row), (bits, role) in self._cells.items():
            yield column, row, chr(0x2800 + bits) if braille else _to_ascii(bits), role


def _to_ascii(bits: int) -> str:
    return ":" if bits & _UPPER and bits & _LOWER else "'" if bits & _UPPER else "."


def _clip_line(
    start: tuple[float, float], end: tuple[float, float], right: float, bottom: float
) -> tuple[tuple[float, float], tuple[float, float]] | None:
    """Return the part of a line within the canvas (Liang and Barsky, 1984); None if it lies outside."""
    (x0, y0), (dx, dy) = start, (end[0] - start[0], end[1] - start[1])
    first, last = 0.0, 1.0
    for step, room in ((-dx, x0), (dx, right - x0), (-dy, y0), (dy, bottom - y0)):
        if step == 0:
            if room < 0:
                return None
            continue
        share = room / step
        if step < 0:
            first = max(first, share)
        else:
            last = min(last, share)
        if first > last:
            return None
    return (x0 + first * dx, y0 + first * dy), (x0 + last * dx, y0 + last * dy)
