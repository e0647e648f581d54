"""How many cells of a terminal a text takes: ideographs take two, accents that stand on the letter before none.

By the standard library's tables: what prints without a screen imports no Rich, whose own count the screen goes by.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_UNSEEN = ("Mn", "Me", "Mc", "Cf")
_JOINING = (range(0x1160, 0x1200), range(0xD7B0, 0xD800))
"""Vowels and final consonants of Hangul, drawn into the syllable that a letter before them begins."""
_SOFT_HYPHEN = "\u00ad"


def cells(text: str) -> int:
    """How many cells a text takes."""
    return len(text) if text.isascii() else sum(map(_cells, text))


def by_cell(text: str) -> list[str]:
    """A text cell by cell: behind a wide character stands "", one that takes no cell is with the one before it."""
    if text.isascii():
        return list(text)
    found: list[str] = []
    for char in text:
        taken = _cells(char)
        if taken:
            found += [char, ""][:taken]
        elif found:
            found[-1 if found[-1] else -2] += char
    return found


def cut(text: str, most: int) -> str:
    """As much of a text as fits in so many cells, in whole characters."""
    if cells(text) <= most:
        return text
    kept = by_cell(text)
    return "".join(kept[: most - 1 if most and not kept[most] else most])


def padded(text: str, room: int, *, right: bool = False) -> str:
    """A text with blanks to so many cells: behind it, or before it where it keeps to the `right`."""
    blanks = " " * (room - cells(text))
    return blanks + text if right else text + blanks


@lru_cache(maxsize=4096)
def _cells(char: str) -> int:
    if unicodedata.category(char) in _UNSEEN and char != _SOFT_HYPHEN:
        return 0
    if any(ord(char) in each for each in _JOINING):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
