"""What a benchmark comes to: figures with what is wanted of them, as a table and as JSON."""

from __future__ import annotations

import math
import os
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from pi_tui.analysis.bootstrap import median_interval

QUIET = 0.5
"""The load beside us, by usable core, from which figures are those of a busy machine."""


Interval = tuple[float, float]


@dataclass(frozen=True)
class Figure:
    """One line of the table.

    Attributes:
        about: what was measured.
        value: a ratio, a share of a core or of something due, or milliseconds.
        form: how the value is written.
        wanted: in words; "" where nothing is promised.
        low, high: what the value is to lie between; None for no end.
        interval: where the value lies with 95% confidence; None where it was measured once, or too seldom to tell.
        details: whatever else is worth keeping.
    """

    about: str
    value: float
    form: str
    wanted: str = ""
    low: float | None = None
    high: float | None = None
    interval: Interval | None = None
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def verdict(self) -> str:
        """Missed, not sure (the interval holds values that keep the promise and some that miss it), or nothing to say."""
        low = -math.inf if self.low is None else self.low
        high = math.inf if self.high is None else self.high
        least, most = self.interval or (self.value, self.value)
        if low <= least and most <= high:
            return ""
        return "missed" if most < low or least > high else "not sure"

    @property
    def text(self) -> str:
        """The value, with its interval."""
        value = self.form.format(self.value)
        if self.interval is None:
            return value
        bare = self.form.split("}")[0] + "}"
        return f"{value} ({bare.format(self.interval[0])}-{bare.format(self.interval[1])})"


def within(about: str, value: float, share: float, *, interval: Interval | None = None, **details: Any) -> Figure:
    """A ratio that is to differ from 1 by less than a share."""
    wanted, low, high = f"1 ± {share:g}", 1.0 - share, 1.0 + share
    return Figure(about, value, "{:.3f} x", wanted, low, high, interval, details)


def at_most(
    about: str, value: float, limit: float, form: str, *, interval: Interval | None = None, **details: Any
) -> Figure:
    """Something that is to stay below a limit."""
    wanted = f"<= {form.format(limit)}"
    return Figure(about, value, form, wanted, None, limit, interval, details)


def at_least(
    about: str, value: float, limit: float, form: str, *, interval: Interval | None = None, **details: Any
) -> Figure:
    """Something that is to reach a limit."""
    wanted = f">= {form.format(limit)}"
    return Figure(about, value, form, wanted, limit, None, interval, details)


def told(about: str, value: float, form: str, *, interval: Interval | None = None, **details: Any) -> Figure:
    """Something of which nothing is promised."""
    return Figure(about, value, form, interval=interval, details=details)


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
    """The median ratio of neighbours in time with its interval, both medians, and everything that was measured."""
    ratios = [x / y for x, y in zip(ours, theirs, strict=True)]
    found = median_interval(ratios)
    return {
        "ratio": statistics.median(ratios),
        "interval": None if found is None else (found.low, found.high),
        "ours": statistics.median(ours),
        "theirs": statistics.median(theirs),
        "all": [list(ours), list(theirs)],
    }


def compared_anew(rounds: Iterable[tuple[list[float], list[float]]]) -> dict[str, Any]:
    """As `compared`, from rounds for each of which both programs were started anew; of each, the ratio of the medians.

    Where its memory happens to lie makes an interpreter some percent faster or slower for as long as it lives: no number of
    trials in the same two processes tells that from a difference between the programs.
    """
    found = list(rounds)
    ours, theirs = ([statistics.median(round_[side]) for round_ in found] for side in (0, 1))
    return {**compared(ours, theirs), "trials": found}


def quantile(values: Sequence[float], share: float) -> float:
    """The nearest-rank quantile."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def table(figures: Sequence[Figure]) -> str:
    """The figures in columns, with a mark at those that are not what is wanted, or may not be."""
    rows = [(each.about, each.text, each.wanted, each.verdict) for each in figures]
    sizes = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = [f"{a:<{sizes[0]}}  {b:>{sizes[1]}}  {c:<{sizes[2]}}  {d}".rstrip() for a, b, c, d in rows]
    return "\n".join(lines)


def load() -> float:
    """Processes that wanted a core during the last minute, on average; by usable core."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return os.getloadavg()[0] / cores
