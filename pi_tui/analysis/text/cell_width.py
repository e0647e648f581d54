"""Widths of text in terminal cells: ideographs take two cells, combining accents none.

It uses the standard library's tables, so that commands without a screen do not import Rich. The screen uses Rich's widths.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_UNSEEN = ("Mn", "Me", "Mc", "Cf")
_JOINING = (range(0x1160, 0x1200), range(0xD7B0, 0xD800), range(0x1F3FB, 0x1F400))
"""Vowels and final consonants of Hangul, drawn into the preceding letter's syllable, and skin tones of emoji."""
_SOFT_HYPHEN = "\u00ad"
_ZERO_WIDTH_JOINER = "\u200d"


def cells(text: str) -> int:
    """Return how many cells a text takes."""
    return len(by_cell(text))


def by_cell(text: str) -> list[str]:
    """Split a text into cells: "" follows a wide character, and a character of no width joins the one before it."""
    if text.isascii():
        return list(text)
    found: list[str] = []
    joined = False
    for char in text:
        taken = 0 if joined else _cells(char)
        joined = char == _ZERO_WIDTH_JOINER
        if taken:
            found += [char, ""][:taken]
        elif found:
            found[-1 if found[-1] else -2] += char
    return found


def cut(text: str, most: int) -> str:
    """Return as much of a text as fits in `most` cells, in whole characters."""
    if cells(text) <= most:
        return text
    kept = by_cell(text)
    return "".join(kept[: most - 1 if most and not kept[most] else most])


def padded(text: str, room: int, *, right: bool = False) -> str:
    """Pad a text with blanks to `room` cells: at its end, or at its start if it is aligned `right`."""
    blanks = " " * (room - cells(text))
    return blanks + text if right else text + blanks


@lru_cache(maxsize=4096)
def _cells(char: str) -> int:
    if unicodedata.category(char) in _UNSEEN and char != _SOFT_HYPHEN:
        return 0
    if any(ord(char) in each for each in _JOINING):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
