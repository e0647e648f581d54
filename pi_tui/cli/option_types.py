"""Names and numbers as a person types them: several at once, with commas or by repeating an option.

What cannot be read is a `UsageError` of one sentence. Whether a name is names is the plan's to say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

import click

from pi_tui.engine.errors import UsageError
from pi_tui.engine.number_parsing import parse_count, parse_counts, parse_percent
from pi_tui.engine.user_kernels.user_kernels import is_user_kernel

T = TypeVar("T")

_PARENTHESES = re.compile(r"\(.*?\)")


def parse_names(text: str, comma: str = "") -> tuple[str, ...]:
    """Words apart by commas; `comma` stands for one that is part of a word.

    Raises:
        UsageError: there are none.
    """
    found = tuple(word for part in text.split(",") if (word := part.strip()))
    if comma:
        found = tuple(word.replace(comma, ",") for word in found)
    if not found:
        raise UsageError("a name is missing")
    return found


def parse_kernels(text: str) -> tuple[str, ...]:
    """Kernels apart by commas; a comma in parentheses, or in the name of a file that is there, belongs to its kernel.

    Raises:
        UsageError: there are none.
    """
    if is_user_kernel(text) and any(
        Path(text[:at]).expanduser().exists() for at in range(len(text)) if text[at] == ":"
    ):
        return (text,)
    return parse_names(_PARENTHESES.sub(lambda found: found[0].replace(",", "\0"), text), "\0")


def count_list(option: str) -> Callable[[str], tuple[int, ...]]:
    """A reader of whole positive numbers: 1e6, 10k, 1_000, ranges, apart by commas."""
    return lambda text: _prefix_errors(option, parse_counts, text)


def count(option: str, *, zero: bool = False) -> Callable[[str], int]:
    """A reader of one whole positive number, or of zero where `zero` allows it."""
    return lambda text: _prefix_errors(option, partial(parse_count, least=0 if zero else 1), str(text))


def percentage(option: str) -> Callable[[str], float]:
    """A reader of a percentage, as a share of 1."""
    return lambda text: _prefix_errors(option, parse_percent, str(text))


def seconds(option: str) -> Callable[[str], float]:
    """A reader of a length of time; whether it is a sensible one is for whoever uses it to say."""

    def read(text: str) -> float:
        try:
            return float(text)
        except ValueError:
            raise UsageError(f"{option}: {str(text)!r} is no number of seconds") from None

    return read


def complete_names(names: Iterable[str]) -> Callable[[click.Context, click.Parameter, str], list[str]]:
    """For the shell: the names that go on from the last comma."""
    names = tuple(names)

    def complete(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
        before, comma, last = incomplete.rpartition(",")
        return [f"{before}{comma}{name}" for name in names if name.startswith(last)]

    return complete


def deduplicate(values: Sequence[tuple[T, ...]]) -> tuple[T, ...]:
    """What was given in all of an option's repetitions, in order, each once."""
    return tuple(dict.fromkeys(item for items in values for item in items))


def _prefix_errors(option: str, parse: Callable[[str], T], text: str) -> T:
    try:
        return parse(text)
    except UsageError as error:
        raise UsageError(f"{option}: {error}") from error
