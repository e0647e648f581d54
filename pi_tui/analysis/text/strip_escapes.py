"""The one gate for text from elsewhere: names, messages, notes, files, and what other programs print.

Whatever such a text holds, it must not reach a terminal as a command: it could colour, move, rename or answer. Text for people
loses its escape sequences; formats for programs, shown on a terminal, spell them out.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

_SEQUENCE = r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)?|[@-Z\\^_])"
_CONTROLS = r"[^\n\t -~\u00a0-\u2029\u202f-\u2065\u206a-\U0010ffff]"
"""Control characters, and those that reverse the direction of writing."""


@cache
def _compile(pattern: str) -> re.Pattern[str]:
    """Compile a pattern when it is first needed: the ranges above take 10 ms, and the first frame has no foreign text."""
    return re.compile(pattern)


def _remove_escapes(text: str) -> str:
    return text if text.isprintable() else _compile(f"{_SEQUENCE}|{_CONTROLS}").sub("", text)


def strip_deep(value: Any) -> Any:
    """Return a value of plain JSON with every text in it, keys included, as `strip_escapes` leaves it; tabs are kept."""
    if isinstance(value, str):
        return _remove_escapes(value)
    if isinstance(value, dict):
        return {strip_deep(key): strip_deep(each) for key, each in value.items()}
    if isinstance(value, list):
        return [strip_deep(each) for each in value]
    return value


def spell_escapes(text: str) -> str:
    """Return `text` with each control character, and each that reverses the direction of writing, spelt as `\\u001b`.

    In JSON, where such a character can stand in strings alone, that is the same value.
    """
    if text.isprintable():
        return text
    return _compile(_CONTROLS).sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def strip_escapes(text: str) -> str:
    """Return `text` without sequences that would colour it or move the cursor, and with tabs expanded."""
    return _remove_escapes(text.replace("\r\n", "\n").replace("\r", "\n").expandtabs(8))
