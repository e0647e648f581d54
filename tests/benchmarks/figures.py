"""The figures of a benchmark with their targets, as a table and as JSON."""

from __future__ import annotations

import math
import os
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from pi_tui.analysis.bootstrap import median_interval

QUIET = 0.5
"""Above this load per usable core, the figures are those of a busy machine."""


Interval = tuple[float, float]


@dataclass(frozen=True)
class Figure:
    """One line of the table.

    Attributes:
        about: what was measured.
        value: a ratio, a share of a core or of something due, or milliseconds.
        form: the format of the value.
        wanted: the target in words; "" without a target.
        low, high: the limits of the target; None for no limit.
        interval: the 95% confidence interval; None if it was measured once, or too seldom to tell.
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
        """ "missed", "not sure" (the interval contains values on both sides of the target), or ""."""
        low = -math.inf if self.low is None else self.low
        high = math.inf if self.high is None else self.high
        least, most = self.interval or (self.value, self.value)
        if low <= least and most <= high:
            return ""
        return "missed" if most < low or least > high else "not sure"

    @property
    def text(self) -> str:
        """The value with its interval."""
        value = self.form.format(self.value)
        if self.interval is None:
            return value
        bare = self.form.split("}")[0] + "}"
        return f"{value} ({bare.format(self.interval[0])}-{bare.format(self.interval[1])})"


def within(about: str, value: float, share: float, *, interval: Interval | None = None, **details: Any) -> Figure:
    """Make a figure for a ratio that must differ from 1 by less than `share`."""
    wanted, low, high = f"1 ± {share:g}", 1.0 - share, 1.0 + share
    return Figure(about, value, "{:.3f} x", wanted, low, high, interval, details)


def at_most(
    about: str, value: float, limit: float, form: str, *, interval: Interval | None = None, **details: Any
) -> Figure:
    """Make a figure that must stay below a limit."""
    wanted = f"<= {form.format(limit)}"
    return Figure(about, value, form, wanted, None, limit, interval, details)


def at_least(
    about: str, value: float, limit: float, form: str, *, interval: Interval | None = None, **details: Any
) -> Figure:
    """Make a figure that must reach a limit."""
    wanted = f">= {form.format(limit)}"
    return Figure(about, value, form, wanted, limit, None, interval, details)


def report(about: str, value: float, form: str, *, interval: Interval | None = None, **details: Any) -> Figure:
    """Make a figure without a target."""
    return Figure(about, value, form, interval=interval, details=details)


def measure_alternately(
    count: int, first: Callable[[int], float], second: Callable[[int], float]
) -> tuple[list[float], list[float]]:
    """Measure both alternately, in alternating order, after one warm-up of each: a drift of the machine affects both alike."""
    found: tuple[list[float], list[float]] = ([], [])
    for pair in range(count + 1):
        for side in (0, 1) if pair % 2 else (1, 0):
            found[side].append((first, second)[side](pair))
    return found[0][1:], found[1][1:]


def compare_pairs(ours: Sequence[float], theirs: Sequence[float]) -> dict[str, Any]:
    """Return the median ratio of neighbours in time with its interval, both medians, and all measurements."""
    ratios = [x / y for x, y in zip(ours, theirs, strict=True)]
    found = median_interval(ratios)
    return {
        "ratio": statistics.median(ratios),
        "interval": None if found is None else (found.low, found.high),
        "ours": statistics.median(ours),
        "theirs": statistics.median(theirs),
        "all": [list(ours), list(theirs)],
    }


def compare_rounds(rounds: Iterable[tuple[list[float], list[float]]]) -> dict[str, Any]:
    """Return the same as `compare_pairs` from the medians of rounds; in each round both programs were started again.

    The memory layout makes an interpreter some percent faster or slower for as long as it lives. No number of trials in the
    same two processes distinguishes that from a difference between the programs.
    """
    found = list(rounds)
    ours, theirs = ([statistics.median(round_[side]) for round_ in found] for side in (0, 1))
    return {**compare_pairs(ours, theirs), "trials": found}


def quantile(values: Sequence[float], share: float) -> float:
    """Return the nearest-rank quantile."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def table(figures: Sequence[Figure]) -> str:
    """Write the figures in columns, and mark those that miss their targets or may miss them."""
    rows = [(each.about, each.text, each.wanted, each.verdict) for each in figures]
    sizes = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = [f"{a:<{sizes[0]}}  {b:>{sizes[1]}}  {c:<{sizes[2]}}  {d}".rstrip() for a, b, c, d in rows]
    return "\n".join(lines)


def load() -> float:
    """Return the average number of processes per usable core that wanted to run during the last minute."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return os.getloadavg()[0] / cores
