"""Read counts as people write them: `1e6`, `1_000_000`, `1 000 000`, `10M`, `10k`; lists and ranges: `1-8,16`, `1-4096x2`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from pi_tui.analysis.text.formatting import THIN_SPACE, human_count
from pi_tui.engine.errors import UsageError

MAX_COUNT = 10**15
"""A larger count is a typing error: at a thousand million samples per second it would take eleven days."""

MAX_LIST_LENGTH = 4096
MAX_SHOWN_CHARS = 40

_SCALES = {"k": 10**3, "m": 10**6, "g": 10**9}
_SPACES = re.compile(rf"(?<=\d)[_ \u00a0\u202f{THIN_SPACE}](?=\d)")
_NUMBER = re.compile(r"(?P<digits>\d+(?:\.\d*)?(?:e[+-]?\d{1,4})?)(?P<scale>[kmg]?)", re.IGNORECASE)
_RANGE = re.compile(r"(?P<first>.+?)\s*(?<!\de)(?<!\.e)-\s*(?P<last>.+)", re.IGNORECASE)
"""Two numbers with a minus sign between them; the sign of an exponent does not count."""
_GROWTH = re.compile(r"(?P<last>.+?)\s*[x×*]\s*(?P<factor>.+)", re.IGNORECASE)


def parse_count(text: str, least: int = 1) -> int:
    """Read a whole number from `least` to `MAX_COUNT`.

    Raises:
        UsageError: `text` is not a number, not a whole number, below `least`, or above `MAX_COUNT`.
    """
    plain = _SPACES.sub("", text.strip())
    if re.fullmatch(r"[-−].*\d.*", plain):
        raise UsageError(f"{_quote(text)} is below {least}")
    match = _NUMBER.fullmatch(plain)
    if match is None:
        raise UsageError(f"{_quote(text)} is not a number: write 1e6, 1_000_000, 10M or 10k")
    try:
        value = Decimal(match["digits"]) * _SCALES.get(match["scale"].lower(), 1)
    except InvalidOperation as error:
        raise UsageError(f"{_quote(text)} is not a number") from error
    if value > MAX_COUNT:
        raise UsageError(f"{_quote(text)} is too large: at most {human_count(MAX_COUNT)}")
    if value < least:
        raise UsageError(f"{_quote(text)} is below {least}")
    if value != value.to_integral_value():
        raise UsageError(f"{_quote(text)} is not a whole number")
    return int(value)


def parse_counts(text: str) -> tuple[int, ...]:
    """Read counts separated by commas; each is returned once, in the order given.

    `first-last` stands for every number from first to last. `first-lastxfactor` stands for first, first times factor, and so on
    up to last.

    Raises:
        UsageError: the text is empty, a part is not a count, a range runs backwards or does not grow, or there are more than
            `MAX_LIST_LENGTH` counts.
    """
    found: dict[int, None] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        found.update(dict.fromkeys(_parse_part(part)))
    if not found:
        raise UsageError("a number is missing")
    return tuple(found)


def parse_percent(text: str) -> float:
    """Read "5" or "5%" as a share of 1; it must be above 0% and below 100%.

    Raises:
        UsageError: the text is not such a percentage.
    """
    plain = text.strip().removesuffix("%").strip()
    try:
        share = float(plain) / 100.0
    except ValueError as error:
        raise UsageError(f"{_quote(text)} is not a percentage: write 5 or 5%") from error
    if not 0 < share < 1:
        raise UsageError(f"{_quote(text)} must be above 0% and below 100%")
    return share


def _parse_part(part: str) -> Sequence[int]:
    match = _RANGE.fullmatch(part)
    if match is None:
        only = parse_count(part)
        return range(only, only + 1)
    growing = _GROWTH.fullmatch(match["last"])
    first, last = parse_count(match["first"]), parse_count(growing["last"] if growing else match["last"])
    if last < first:
        raise UsageError(f"{_quote(part)} runs backwards")
    if growing:
        return _expand_growing_range(first, last, growing["factor"], part)
    if last - first >= MAX_LIST_LENGTH:
        raise UsageError(
            f"{_quote(part)} is {human_count(last - first + 1)} numbers: at most {human_count(MAX_LIST_LENGTH)}"
        )
    return range(first, last + 1)


def _expand_growing_range(first: int, last: int, times: str, part: str) -> list[int]:
    factor = parse_count(times)
    if factor < 2:
        raise UsageError(f"{_quote(part)} does not grow: the factor must be at least 2")
    found = [first]
    while found[-1] * factor <= last:
        found.append(found[-1] * factor)
    return found


def _quote(text: str) -> str:
    """Quote what the user typed, shortened if it is long."""
    text = text.strip()
    return repr(text if len(text) <= MAX_SHOWN_CHARS else text[:MAX_SHOWN_CHARS] + "…")
