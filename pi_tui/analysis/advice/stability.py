"""Verdicts on trials that differ: single ones far out, a drift over the run, a wide spread, too few of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from statistics import median

from pi_tui.analysis.advice.codes import Code
from pi_tui.analysis.bootstrap import FEWEST, median_interval
from pi_tui.analysis.results import Advice, Result
from pi_tui.analysis.spread import median_absolute_deviation, relative_range, spread
from pi_tui.analysis.text.prose import capital, count, percent, seconds, significant

SPREAD_LIMIT = 0.10
"""Trials may differ by so much of their median; a single one may lie so far off before it is told."""

OUTLIER_Z = 3.5
"""Iglewicz, B., and Hoaglin, D. (1993), How to Detect and Handle Outliers: the bound for a modified z-score."""

DRIFT_LIMIT = 0.05
"""A trend of so much of the median from the first trial to the last is worth a sentence,"""
DRIFT_CHANCE = 0.05
"""if chance would give one as clear in fewer runs than this."""
_MOST_TRIALS = 100
_EXACT = 10


@dataclass(frozen=True, slots=True)
class Trend:
    """A trend over values in their order.

    Attributes:
        change: from the first value to the last, by Theil's and Sen's slope, in the values' unit.
        chance: how likely values without any trend look as ordered as these, either way (Mann and Kendall).
    """

    change: float
    chance: float


def modified_z(values: Sequence[float]) -> tuple[float, ...]:
    """How far each value is from the median, in robust standard deviations.

    Where more than half of the values are equal, their mean deviation from the median stands in for the median one.
    """
    middle = median(values)
    scale = median_absolute_deviation(values) / 0.6745
    if scale == 0:
        scale = 1.253314 * sum(abs(value - middle) for value in values) / len(values)
    return tuple((value - middle) / scale if scale > 0 else 0.0 for value in values)


def trend(values: Sequence[float]) -> Trend:
    """The trend over values in the order they came. Of many values, the medians of equal stretches are looked at.

    Raises:
        ValueError: fewer than two values.
    """
    if len(values) < 2:
        raise ValueError("a trend is of two values or more")
    shown = _stretches(values)
    pairs = [(later - earlier, shown[later] - shown[earlier]) for earlier, later in combinations(range(len(shown)), 2)]
    slope = median(difference / apart for apart, difference in pairs)
    score = sum((difference > 0) - (difference < 0) for _, difference in pairs)
    return Trend(slope * (len(shown) - 1), _chance(score, len(shown)))


def _stretches(values: Sequence[float]) -> tuple[float, ...]:
    size = len(values)
    if size <= _MOST_TRIALS:
        return tuple(values)
    ends = [round(place * size / _MOST_TRIALS) for place in range(_MOST_TRIALS + 1)]
    return tuple(median(values[start:end]) for start, end in pairwise(ends))


def _chance(score: int, size: int) -> float:
    """Of a Kendall score at least as far from 0: counted for few values, by the normal distribution for many."""
    if size > _EXACT:
        deviation = math.sqrt(size * (size - 1) * (2 * size + 5) / 18.0)
        return math.erfc(max(0, abs(score) - 1) / deviation / math.sqrt(2.0))
    orders = [1]  # orders[k]: arrangements with k pairs the wrong way round
    for more in range(2, size + 1):
        grown = [0] * (len(orders) + more - 1)
        for wrong, ways in enumerate(orders):
            for place in range(more):
                grown[wrong + place] += ways
        orders = grown
    most = size * (size - 1) // 2
    wrong_at_most = (most - abs(score)) // 2
    return min(1.0, 2.0 * sum(orders[: wrong_at_most + 1]) / math.factorial(size))


def half_width(walls: Sequence[float]) -> float | None:
    """How sure the median is: half of its 95% interval, as a share of it; None where there are too few trials to tell."""
    interval, middle = median_interval(walls), median(walls) if walls else 0.0
    return interval.half_width / middle if interval is not None and middle > 0 else None


def not_stable(result: Result, wanted: float | None) -> Advice | None:
    """A finished result whose median is not as sure as was asked."""
    walls = [trial.wall_s for trial in result.measured]
    if wanted is None or not result.finished or (wide := half_width(walls)) is None or wide <= wanted:
        return None
    return Advice(
        Code.NOT_STABLE,
        f"After {count(len(walls), 'trial')} the median is sure to ±{significant(100 * wide, 3):g}%, not to the "
        f"±{significant(100 * wanted, 3):g}% that was asked: give it more time (--max-time), take more samples, or let the "
        "machine rest.",
        {"half_width": wide, "wanted": wanted, "trials": len(walls)},
    )


def unsteady(result: Result) -> list[Advice]:
    """What is unsteady about a result's trials: a drift, single trials far out, or a spread that neither explains."""
    walls = [trial.wall_s for trial in result.measured]
    if (drifting := _drift(walls)) is not None:
        return [drifting]
    inside, outside = _parted(walls)
    verdicts = [_outliers(walls, outside)] if outside else []
    if (wide := _unstable(inside)) is not None:
        verdicts.append(wide)
    return verdicts


def too_few(result: Result) -> Advice | None:
    """A finished result with a speed-up that no interval can be told of."""
    trials = len(result.measured)
    if not result.finished or result.speedup is None or result.baseline or trials >= FEWEST:
        return None
    return Advice(
        Code.FEW_REPEATS,
        f"{capital(count(trials, 'trial'))} cannot tell how sure this speed-up is: with at least {FEWEST} repeats "
        "(--repeat) it gets an interval.",
        {"trials": trials, "needed": FEWEST},
    )


def _parted(walls: Sequence[float]) -> tuple[list[float], list[float]]:
    """The trials that belong together, and those far out, in their order."""
    if len(walls) < FEWEST:
        return list(walls), []
    middle = median(walls)
    far = [
        abs(z) > OUTLIER_Z and abs(wall - middle) > SPREAD_LIMIT * middle
        for wall, z in zip(walls, modified_z(walls), strict=True)
    ]
    inside = [wall for wall, out in zip(walls, far, strict=True) if not out]
    return inside, [wall for wall, out in zip(walls, far, strict=True) if out]


def _outliers(walls: Sequence[float], outside: Sequence[float]) -> Advice:
    middle = median(walls)
    furthest = max(outside, key=lambda wall: abs(wall - middle))
    number, (place, wall) = len(outside), next(pair for pair in enumerate(walls, 1) if pair[1] == furthest)
    one = f"Trial {place} of {len(walls)} is far out" if number == 1 else f"{number} of {len(walls)} trials are far out"
    which = "it took" if number == 1 else "the furthest took"
    return Advice(
        Code.OUTLIERS,
        f"{one}: {which} {seconds(wall)} against a median of {seconds(middle)}. The median hardly minds, but something "
        "else was at work then: close other programs, or repeat more often.",
        {"outliers": number, "trials": len(walls), "furthest_s": wall, "median_s": middle, "trial": place},
    )


def _drift(walls: Sequence[float]) -> Advice | None:
    if len(walls) < FEWEST:
        return None
    middle = median(walls)
    found = trend(walls)
    if middle <= 0 or abs(found.change) < DRIFT_LIMIT * middle or found.chance >= DRIFT_CHANCE:
        return None
    slower = found.change > 0
    why = (
        "a processor that heats up or another program does that"
        if slower
        else "caches and clocks were still warming up"
    )
    then = "let the machine rest and run again" if slower else "add warm-ups (--warmup)"
    return Advice(
        Code.DRIFT,
        f"The trials became {'slower' if slower else 'faster'} from first to last, by {percent(abs(found.change) / middle)} "
        f"of their median: {why}; {then} before trusting small differences.",
        {"change_s": found.change, "median_s": middle, "chance": found.chance, "trials": len(walls)},
    )


def _unstable(walls: Sequence[float]) -> Advice | None:
    """Trials that differ too much for their median to be worth three digits."""
    found = spread(walls)
    if found is None or len(walls) < 2 or relative_range(found) <= SPREAD_LIMIT:
        return None
    return Advice(
        Code.UNSTABLE,
        f"The trials differ by {percent(relative_range(found))} ({seconds(found.min)} to {seconds(found.max)}): let "
        "the machine rest, take more samples or more repeats before comparing this row.",
        {"min_s": found.min, "max_s": found.max, "range": relative_range(found)},
    )
