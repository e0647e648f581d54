"""Elements of an SVG picture, and how much room a text takes in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

FONTS = "Inter, 'Segoe UI', 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif"

_NARROW, _WIDE = frozenset("iljtfrI.,:;'|!()[] "), frozenset("mwMW@%")


def element(name: str, content: str | None = None, **attributes: str | float) -> str:
    """One element; `stroke_width` becomes `stroke-width`. `content` is markup: a text is escaped before."""
    named = " ".join(f"{key.replace('_', '-')}={quoteattr(_value(value))}" for key, value in attributes.items())
    head = f"{name} {named}" if named else name
    return f"<{head}/>" if content is None else f"<{head}>{content}</{name}>"


_BETWEEN_WORDS = re.compile(r"(?<!\d)\s+|\s+(?!\d{3}\b)")
"""Blanks, but for those that part the thousands of a number."""


def markup(text: str) -> str:
    """A text as content of an element; what cannot be seen, and so may not be in one, becomes a blank."""
    return escape("".join(char if char.isprintable() else " " for char in text))


def written(text: str, x: float, y: float, size: float, colour: str, anchor: str = "start", **more: str | float) -> str:
    """A text whose baseline begins at a point, or has it in its middle or at its end."""
    return element("text", markup(text), x=x, y=y, font_size=size, fill=colour, text_anchor=anchor, **more)


def text_width(text: str, size: float) -> float:
    """How wide a text is at most in any of the fonts, in the unit of `size`."""
    return size * sum(
        0.42 if char in _NARROW else 1.0 if char in _WIDE or ord(char) > 0x2E80 else 0.66 for char in text
    )


def broken(text: str, size: float, room: float) -> list[str]:
    """A text in lines of at most `room`, broken between words; a number stays whole: "2 800 000"."""
    lines: list[str] = []
    for word in _BETWEEN_WORDS.split(text.strip()):
        if lines and text_width(f"{lines[-1]} {word}", size) <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def polyline(points: Sequence[tuple[float, float]]) -> str:
    """Points as the attribute `points`."""
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _value(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.1f}".rstrip("0").rstrip(".")
