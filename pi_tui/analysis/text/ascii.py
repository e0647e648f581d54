"""Text in ASCII, for terminals and fonts that have nothing else."""

from __future__ import annotations

from pi_tui.analysis.text.cell_width import cells

_SPELLED = {
    "×": "x", "±": "+-", "µ": "u", "π": "pi", "σ": "sigma", "κ": "kappa", "²": "2", "·": ".", "…": "...", "≥": ">=", "≤": "<=",
}  # fmt: skip
"""What running text writes for a character, where it may get longer."""

_CELLS = {
    "─╌−–—‐‑": "-", "╍": "~", "┅": "+", "┈": ":", "━╾═": "=", "│┃║": "|", "╭╮╰╯┌┐└┘├┤┬┴┼": "+",
    "█": "#", "▓": "%", "▚": "&", "▒": "=", "░": ":",
    "▉▊▋▌": "=", "▍▎▏": "-", "▁▂": "_", "▃▄": "-", "▅▆": "=", "▇▀": "#", "▐▕": "|", "▔": "-",
    "·∙•◦": ".", "×": "x", "±": "+", "≈": "~", "…": "~", "µ": "u", "π": "p", "σ": "s", "κ": "k", "²": "2",
    "✓": "x", "✗": "!", "◌": "o", "▸▶›→": ">", "◂‹←": "<", "▾▼↓": "v", "▴▲↑": "^", "■": "#", "≤": "<", "≥": ">",
    "\u2009\u202f\u00a0": " ",
}  # fmt: skip
"""What is drawn for a character that must keep its one cell. Glyphs of different categories stay different."""

_CELL_OF = {glyph: char for glyphs, char in _CELLS.items() for glyph in glyphs}
_BRAILLE = range(0x2800, 0x2900)
_DENSITIES = " ..:-=+*#"
"""What is drawn for a braille cell, by its number of dots."""


def draw_ascii(text: str) -> str:
    """Return drawn text in ASCII, cell for cell; an unknown character becomes one question mark per cell."""
    return text if text.isascii() else "".join(map(_draw, text))


def spell_ascii(text: str, encoding: str = "ascii") -> str:
    """Return running text without the characters that `encoding` lacks: they are spelled out, or replaced cell for cell."""
    if _has(encoding, text):
        return text
    return "".join(char if _has(encoding, char) else _SPELLED.get(char) or _draw(char) for char in text)


def _draw(char: str) -> str:
    if char.isascii():
        return char
    if ord(char) in _BRAILLE:
        return _DENSITIES[(ord(char) - _BRAILLE.start).bit_count()]
    return _CELL_OF.get(char) or "?" * cells(char)


def _has(encoding: str, text: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
