"""Parsers of names and numbers typed on the command line: several values with commas, or by repeating an option.

A text that cannot be parsed raises `UsageError` with one sentence. Whether a name is known is checked by the plan.
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
    """Split names at commas; the character `comma`, if given, stands for a comma inside a name.

    Raises:
        UsageError: there is no name.
    """
    found = tuple(word for part in text.split(",") if (word := part.strip()))
    if comma:
        found = tuple(word.replace(comma, ",") for word in found)
    if not found:
        raise UsageError("a name is missing")
    return found


def parse_kernels(text: str) -> tuple[str, ...]:
    """Split kernels at commas; a comma in parentheses, or in the name of an existing file, is part of a kernel's name.

    Raises:
        UsageError: there is no name.
    """
    if is_user_kernel(text) and any(
        Path(text[:at]).expanduser().exists() for at in range(len(text)) if text[at] == ":"
    ):
        return (text,)
    return parse_names(_PARENTHESES.sub(lambda found: found[0].replace(",", "\0"), text), "\0")


def make_count_list_parser(option: str) -> Callable[[str], tuple[int, ...]]:
    """Return a parser of whole positive numbers separated by commas: 1e6, 10k, 1_000, and ranges."""
    return lambda text: _prefix_errors(option, parse_counts, text)


def make_count_parser(option: str, *, zero: bool = False) -> Callable[[str], int]:
    """Return a parser of one whole positive number; `zero` allows 0."""
    return lambda text: _prefix_errors(option, partial(parse_count, least=0 if zero else 1), str(text))


def make_percentage_parser(option: str) -> Callable[[str], float]:
    """Return a parser of a percentage; its result is a share of 1."""
    return lambda text: _prefix_errors(option, parse_percent, str(text))


def make_seconds_parser(option: str) -> Callable[[str], float]:
    """Return a parser of a duration in seconds; any number is accepted, the caller checks the range."""

    def read(text: str) -> float:
        try:
            return float(text)
        except ValueError:
            raise UsageError(f"{option}: {str(text)!r} is not a number of seconds") from None

    return read


def make_name_completer(names: Iterable[str]) -> Callable[[click.Context, click.Parameter, str], list[str]]:
    """Return a shell completion of names that completes the one behind the last comma."""
    names = tuple(names)

    def complete(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
        before, comma, last = incomplete.rpartition(",")
        return [f"{before}{comma}{name}" for name in names if name.startswith(last)]

    return complete


def deduplicate(values: Sequence[tuple[T, ...]]) -> tuple[T, ...]:
    """Return the values of all repetitions of an option, in order, without duplicates."""
    return tuple(dict.fromkeys(item for items in values for item in items))


def _prefix_errors(option: str, parse: Callable[[str], T], text: str) -> T:
    try:
        return parse(text)
    except UsageError as error:
        raise UsageError(f"{option}: {error}") from error
