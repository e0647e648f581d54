"""The screen in ASCII for terminals that have nothing else: one character for each cell, so that nothing moves."""

from __future__ import annotations

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_PAIRS = {
    "─╌": "-",
    "╍": "~",
    "━╾═": "=",
    "│┃║": "|",
    "╭╮╰╯┌┐└┘├┤┬┴┼": "+",
    "█": "#",
    "▓": "%",
    "▚": "&",
    "▒": "=",
    "░": ":",
    "▉▊▋▌": "=",
    "▍▎▏": "-",
    "▁▂": "_",
    "▃▄": "-",
    "▅▆": "=",
    "▇▀": "#",
    "▐▕": "|",
    "▔": "-",
    "·∙•◦": ".",
    "×": "x",
    "±": "+",
    "≈": "~",
    "−–—": "-",
    "…": "~",
    "µ": "u",
    "π": "p",
    "✓": "x",
    "✗": "!",
    "◌": "o",
    "▸▶": ">",
    "▾▼": "v",
    "▴▲": "^",
    "◂": "<",
    "‹": "<",
    "›": ">",
    "■": "#",
    "≤": "<",
    "²": "2",
    "→": ">",
    "←": "<",
    "↑": "^",
    "↓": "v",
    "\u2009\u202f\u00a0": " ",
}
_TABLE = {ord(glyph): plain for glyphs, plain in _PAIRS.items() for glyph in glyphs}


def to_ascii(text: str) -> str:
    """Return the text in ASCII, cell by cell; braille by its number of dots, unknown characters as question marks."""
    if text.isascii():
        return text
    return "".join(char if char.isascii() else _TABLE.get(ord(char)) or _replace_other(char) for char in text)


def _replace_other(char: str) -> str:
    dots = (ord(char) - 0x2800).bit_count() if 0x2800 <= ord(char) <= 0x28FF else None
    return "?" * cell_len(char) if dots is None else " ..:-=+*#"[dots]


class AsciiFilter(LineFilter):
    """A filter that turns drawn lines into ASCII just before they are shown."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        """Return the segments in ASCII."""
        return [Segment(to_ascii(text), style, control) for text, style, control in segments]
