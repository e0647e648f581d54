"""The marks of series in a picture, one shape a number, in the order of the terminal's glyphs."""

from __future__ import annotations

import math
from collections.abc import Callable

from pi_tui.charts.svg_elements import element

RADIUS = 8.0

_Corners = tuple[tuple[float, float], ...]


def _polygon(corners: int, turn: float) -> _Corners:
    angles = (turn + 2 * math.pi * corner / corners for corner in range(corners))
    return tuple((math.cos(angle), math.sin(angle)) for angle in angles)


_UP, _DOWN = _polygon(3, -math.pi / 2), _polygon(3, math.pi / 2)
_SQUARE, _DIAMOND = _polygon(4, math.pi / 4), _polygon(4, 0.0)


def _drawn(corners: _Corners, size: float, hollow: bool) -> Callable[[float, float, str, str], str]:
    def shape(x: float, y: float, colour: str, ground: str) -> str:
        points = " ".join(f"{x + size * RADIUS * dx:.1f},{y + size * RADIUS * dy:.1f}" for dx, dy in corners)
        return element("polygon", None, points=points, **_paint(colour, ground, hollow))

    return shape


def _circle(hollow: bool) -> Callable[[float, float, str, str], str]:
    def shape(x: float, y: float, colour: str, ground: str) -> str:
        return element("circle", None, cx=x, cy=y, r=0.9 * RADIUS, **_paint(colour, ground, hollow))

    return shape


def _cross(turn: float) -> Callable[[float, float, str, str], str]:
    def shape(x: float, y: float, colour: str, _ground: str) -> str:
        ends = [(x + RADIUS * math.cos(turn + quarter), y + RADIUS * math.sin(turn + quarter))
                for quarter in (0, math.pi, math.pi / 2, 3 * math.pi / 2)]  # fmt: skip
        (x0, y0), (x1, y1), (x2, y2), (x3, y3) = ends
        path = f"M{x0:.1f} {y0:.1f}L{x1:.1f} {y1:.1f}M{x2:.1f} {y2:.1f}L{x3:.1f} {y3:.1f}"
        return element("path", d=path, stroke=colour, stroke_width=4, fill="none")

    return shape


def _paint(colour: str, ground: str, hollow: bool) -> dict[str, str | float]:
    """A hollow mark hides the line beneath it; a full one has a rim in the colour of the ground."""
    if hollow:
        return {"fill": ground, "stroke": colour, "stroke_width": 3}
    return {"fill": colour, "stroke": ground, "stroke_width": 1.5}


SHAPES = (
    _circle(hollow=False),
    _drawn(_SQUARE, 1.15, hollow=False),
    _drawn(_UP, 1.2, hollow=False),
    _drawn(_DIAMOND, 1.2, hollow=False),
    _circle(hollow=True),
    _drawn(_SQUARE, 1.05, hollow=True),
    _drawn(_UP, 1.1, hollow=True),
    _drawn(_DIAMOND, 1.1, hollow=True),
    _drawn(_DOWN, 1.2, hollow=False),
    _drawn(_DOWN, 1.1, hollow=True),
    _cross(0.0),
    _cross(math.pi / 4),
)


def mark(number: int, x: float, y: float, colour: str, ground: str) -> str:
    """The mark of a series' number, about a point."""
    return SHAPES[number % len(SHAPES)](x, y, colour, ground)
