"""Removal of escape sequences from text that other programs printed."""

from __future__ import annotations

import re

_SEQUENCE = r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)?|[@-Z\\^_])"
_CONTROLS = r"[^\n\t -~\u00a0-\u2029\u202f-\u2065\u206a-\U0010ffff]"
"""Control characters, and those that reverse the direction of writing."""
_ESCAPES = re.compile(f"{_SEQUENCE}|{_CONTROLS}")


def strip_escapes(text: str) -> str:
    """Return `text` without sequences that would colour it or move the cursor, and with tabs expanded."""
    return _ESCAPES.sub("", text.replace("\r\n", "\n").replace("\r", "\n").expandtabs(8))
