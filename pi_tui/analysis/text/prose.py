"""Numbers formatted for sentences."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pi_tui.analysis.text.strip_escapes import strip_escapes

if TYPE_CHECKING:
    from pi_tui.host.protocol import Failure

_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def count(number: int, noun: str, plural: str = "") -> str:
    """Format a count with its noun, small numbers as words: "two threads", "one thread", "64 threads"."""
    word = _WORDS[number] if 0 <= number < len(_WORDS) else f"{number}"
    return f"{word} {noun if number == 1 else plural or noun + 's'}"


def capital(sentence: str) -> str:
    """Return the sentence with its first letter in upper case."""
    return sentence[:1].upper() + sentence[1:]


def percent(share: float) -> str:
    """Format a share as "48%"; below one per cent as "under 1%"."""
    if 0 < share < 0.01:
        return "under 1%"
    return f"{share * 100:.0f}%"


def significant(value: float, digits: int) -> float:
    """Round `value` to `digits` significant digits."""
    if value == 0 or not math.isfinite(value):
        return value
    return round(value, digits - 1 - math.floor(math.log10(abs(value))))


def format_seconds(value: float) -> str:
    """Format a duration in a suitable unit with three significant digits: "1.41 s", "12 ms", "340 µs"."""
    for scale, unit in ((1.0, "s"), (1e-3, "ms")):
        if abs(value) >= scale * 0.9995:
            return f"{significant(value / scale, 3):g} {unit}"
    return f"{significant(value / 1e-6, 3):g} µs"


def grouped(value: float, digits: int = 2) -> str:
    """Format a large number, rounded, with its thousands apart: "680 000"."""
    return f"{significant(value, digits):,.0f}".replace(",", " ")


def times(ratio: float) -> str:
    """Format a ratio as "1.95 times"."""
    return f"{ratio:.2f} times"


def describe_failure(status: str, failure: Failure) -> str:
    """Return a failure's message, after its type where neither the status nor the message says it."""
    redundant = (
        status == "unavailable" or failure.type.lower() == status or f": {failure.type}" in f": {failure.message}"
    )
    return strip_escapes(failure.message if redundant else f"{failure.type}: {failure.message}")


def size(number: float) -> str:
    """Format a number of bytes in a suitable unit with three significant digits: "900 MB", "1.2 GB", "34 bytes"."""
    for scale, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if number >= scale * 0.9995:
            return f"{significant(number / scale, 3):g} {unit}"
    return f"{number:.0f} bytes"
