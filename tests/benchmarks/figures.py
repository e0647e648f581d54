"""What a benchmark comes to: figures with what is wanted of them, as a table and as JSON."""

from __future__ import annotations

import os
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

QUIET = 0.5
"""The load beside us, by usable core, from which figures are those of a busy machine."""


@dataclass(frozen=True)
class Figure:
    """One line of the table.

    Attributes:
        about: what was measured.
        value: a ratio, a share of a core or of something due, or milliseconds.
        form: how the value is written.
        wanted: in words; "" where nothing is promised.
        met: whether it is what is wanted.
        details: whatever else is worth keeping.
    """

    about: str
    value: float
    form: str
    wanted: str = ""
    met: bool = True
    details: dict[str, Any] = field(default_factory=dict)


def within(about: str, value: float, share: float, **details: Any) -> Figure:
    """A ratio that is to differ from 1 by less than a share."""
    return Figure(about, value, "{:.3f} x", f"1 ± {share:g}", abs(value - 1.0) < share, details)


def at_most(about: str, value: float, limit: float, form: str, **details: Any) -> Figure:
    """Something that is to stay below a limit."""
    return Figure(about, value, form, f"< {form.format(limit)}", value < limit, details)


def at_least(about: str, value: float, limit: float, form: str, **details: Any) -> Figure:
    """Something that is to reach a limit."""
    return Figure(about, value, form, f">= {form.format(limit)}", value >= limit, details)


def told(about: str, value: float, form: str, **details: Any) -> Figure:
    """Something of which nothing is promised."""
    return Figure(about, value, form, details=details)


def in_turn(
    count: int, first: Callable[[int], float], second: Callable[[int], float]
) -> tuple[list[float], list[float]]:
    """Ask both, in turn, the order alternating, after one warm-up of each: a drift of the machine hits both alike."""
    found: tuple[list[float], list[float]] = ([], [])
    for pair in range(count + 1):
        for side in (0, 1) if pair % 2 else (1, 0):
            found[side].append((first, second)[side](pair))
    return found[0][1:], found[1][1:]


def compared(ours: Sequence[float], theirs: Sequence[float]) -> dict[str, Any]:
    """Medians of both sides, their ratio, the median ratio of neighbours in time, and everything that was measured."""
    a, b = statistics.median(ours), statistics.median(theirs)
    paired = statistics.median(x / y for x, y in zip(ours, theirs, strict=True))
    return {"ours": a, "theirs": b, "ratio": a / b, "paired": paired, "all": [list(ours), list(theirs)]}


def quantile(values: Sequence[float], share: float) -> float:
    """The nearest-rank quantile."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def table(figures: Sequence[Figure]) -> str:
    """The figures in columns, with a mark at those that are not what is wanted."""
    rows = [(each.about, each.form.format(each.value), each.wanted, "" if each.met else "missed") for each in figures]
    sizes = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = [f"{a:<{sizes[0]}}  {b:>{sizes[1]}}  {c:<{sizes[2]}}  {d}".rstrip() for a, b, c, d in rows]
    return "\n".join(lines)


def load() -> float:
    """Processes that wanted a core during the last minute, on average; by usable core."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return os.getloadavg()[0] / cores
