"""The whole screen in ASCII, for terminals whose font has nothing else: one character for one, so that nothing moves."""

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
    """`text` in ASCII, character by character; braille by how many dots it has, what has no likeness a question mark."""
    if text.isascii():
        return text
    return "".join(char if char.isascii() else _TABLE.get(ord(char)) or _replace_other(char) for char in text)


def _replace_other(char: str) -> str:
    dots = (ord(char) - 0x2800).bit_count() if 0x2800 <= ord(char) <= 0x28FF else None
    return "?" * cell_len(char) if dots is None else " ..:-=+*#"[dots]


class AsciiFilter(LineFilter):
    """Turns what has been drawn into ASCII just before it is shown."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        """The same segments, in ASCII."""
        return [Segment(to_ascii(text), style, control) for text, style, control in segments]
