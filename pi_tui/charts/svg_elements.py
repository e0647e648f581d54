"""Elements of an SVG picture: tags, text with its width, and the markers of series."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from xml.sax.saxutils import escape, quoteattr

FONTS = "Inter, 'Segoe UI', 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif"

_NARROW, _WIDE = frozenset("iljtfrI.,:;'|!()[] "), frozenset("mwMW@%")


def make_element(name: str, content: str | None = None, **attributes: str | float) -> str:
    """Return one element; `stroke_width` becomes `stroke-width`. `content` is markup: text must be escaped before."""
    named = " ".join(f"{key.replace('_', '-')}={quoteattr(_format_value(value))}" for key, value in attributes.items())
    head = f"{name} {named}" if named else name
    return f"<{head}/>" if content is None else f"<{head}>{content}</{name}>"


_BETWEEN_WORDS = re.compile(r"(?<!\d)\s+|\s+(?!\d{3}\b)")
"""Blanks, except those between the thousands of a number."""


def escape_text(text: str) -> str:
    """Escape a text for use as content; characters that are not printable, which SVG may forbid, become blanks."""
    return escape("".join(char if char.isprintable() else " " for char in text))


def make_text(
    text: str, x: float, y: float, size: float, colour: str, anchor: str = "start", **more: str | float
) -> str:
    """Return a text element whose baseline has its start, middle or end at a point."""
    return make_element("text", escape_text(text), x=x, y=y, font_size=size, fill=colour, text_anchor=anchor, **more)


def text_width(text: str, size: float) -> float:
    """Return the greatest width of a text in any of the fonts, in the unit of `size`."""
    return size * sum(
        0.42 if char in _NARROW else 1.0 if char in _WIDE or ord(char) > 0x2E80 else 0.66 for char in text
    )


def wrap_text(text: str, size: float, room: float) -> list[str]:
    """Break a text between words into lines of at most `room`; numbers such as "2 800 000" stay whole."""
    lines: list[str] = []
    for word in _BETWEEN_WORDS.split(text.strip()):
        if lines and text_width(f"{lines[-1]} {word}", size) <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def format_points(points: Sequence[tuple[float, float]]) -> str:
    """Format points for the attribute `points`."""
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _format_value(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.1f}".rstrip("0").rstrip(".")


# ---- markers of series, in the order of the glyphs for terminals

MARKER_RADIUS = 8.0

_Corners = tuple[tuple[float, float], ...]


def _polygon(corners: int, turn: float) -> _Corners:
    angles = (turn + 2 * math.pi * corner / corners for corner in range(corners))
    return tuple((math.cos(angle), math.sin(angle)) for angle in angles)


_UP, _DOWN = _polygon(3, -math.pi / 2), _polygon(3, math.pi / 2)
_SQUARE, _DIAMOND = _polygon(4, math.pi / 4), _polygon(4, 0.0)


def _polygon_marker(corners: _Corners, size: float, hollow: bool) -> Callable[[float, float, str, str], str]:
    def shape(x: float, y: float, colour: str, ground: str) -> str:
        points = " ".join(
            f"{x + size * MARKER_RADIUS * dx:.1f},{y + size * MARKER_RADIUS * dy:.1f}" for dx, dy in corners
        )
        return make_element("polygon", None, points=points, **_paint(colour, ground, hollow))

    return shape


def _circle_marker(hollow: bool) -> Callable[[float, float, str, str], str]:
    def shape(x: float, y: float, colour: str, ground: str) -> str:
        return make_element("circle", None, cx=x, cy=y, r=0.9 * MARKER_RADIUS, **_paint(colour, ground, hollow))

    return shape


def _cross_marker(turn: float) -> Callable[[float, float, str, str], str]:
    def shape(x: float, y: float, colour: str, _ground: str) -> str:
        ends = [(x + MARKER_RADIUS * math.cos(turn + quarter), y + MARKER_RADIUS * math.sin(turn + quarter))
                for quarter in (0, math.pi, math.pi / 2, 3 * math.pi / 2)]  # fmt: skip
        (x0, y0), (x1, y1), (x2, y2), (x3, y3) = ends
        path = f"M{x0:.1f} {y0:.1f}L{x1:.1f} {y1:.1f}M{x2:.1f} {y2:.1f}L{x3:.1f} {y3:.1f}"
        return make_element("path", d=path, stroke=colour, stroke_width=4, fill="none")

    return shape


def _paint(colour: str, ground: str, hollow: bool) -> dict[str, str | float]:
    """Return paint attributes: a hollow marker hides the line under it; a full one has a rim in the background colour."""
    if hollow:
        return {"fill": ground, "stroke": colour, "stroke_width": 3}
    return {"fill": colour, "stroke": ground, "stroke_width": 1.5}


MARKERS = (
    _circle_marker(hollow=False),
    _polygon_marker(_SQUARE, 1.15, hollow=False),
    _polygon_marker(_UP, 1.2, hollow=False),
    _polygon_marker(_DIAMOND, 1.2, hollow=False),
    _circle_marker(hollow=True),
    _polygon_marker(_SQUARE, 1.05, hollow=True),
    _polygon_marker(_UP, 1.1, hollow=True),
    _polygon_marker(_DIAMOND, 1.1, hollow=True),
    _polygon_marker(_DOWN, 1.2, hollow=False),
    _polygon_marker(_DOWN, 1.1, hollow=True),
    _cross_marker(0.0),
    _cross_marker(math.pi / 4),
)


def draw_marker(number: int, x: float, y: float, colour: str, ground: str) -> str:
    """Return the marker of a series' number, centred on a point."""
    return MARKERS[number % len(MARKERS)](x, y, colour, ground)
