"""Verdicts on trials that differ: outliers, drift over the run, a wide spread, or too few trials."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from statistics import median

from pi_tui.analysis.advice.codes import AdviceCode
from pi_tui.analysis.bootstrap import MIN_TRIALS, median_interval
from pi_tui.analysis.results import Advice, Result
from pi_tui.analysis.spread import measure_spread, median_absolute_deviation, relative_range
from pi_tui.analysis.text.prose import capital, count, format_seconds, percent, significant

SPREAD_LIMIT = 0.10
"""The range of trials, and the distance of a single one from the median, that are accepted, as shares of the median."""

OUTLIER_Z = 3.5
"""Iglewicz, B., and Hoaglin, D. (1993), How to Detect and Handle Outliers: the bound for a modified z-score."""

DRIFT_LIMIT = 0.05
"""A trend over all trials is reported from this share of the median on,"""
MAX_DRIFT_P_VALUE = 0.05
"""if trials without a trend would look as ordered in fewer runs than this."""
_MAX_PAIRED_VALUES = 100
_MAX_EXACT_SIZE = 10


@dataclass(frozen=True, slots=True)
class Trend:
    """A trend over values in their order.

    Attributes:
        change: from the first value to the last, by the Theil-Sen slope, in the values' unit.
        p_value: how likely values without a trend look as ordered as these, in either direction (Mann and Kendall).
    """

    change: float
    p_value: float


def modified_z_scores(values: Sequence[float]) -> tuple[float, ...]:
    """Return how far each value is from the median, in robust standard deviations.

    If more than half of the values are equal, the mean deviation from the median replaces the median deviation.
    """
    middle = median(values)
    scale = median_absolute_deviation(values) / 0.6745
    if scale == 0:
        scale = 1.253314 * sum(abs(value - middle) for value in values) / len(values)
    return tuple((value - middle) / scale if scale > 0 else 0.0 for value in values)


def find_trend(values: Sequence[float]) -> Trend:
    """Return the trend over values in their order. Many values are reduced to medians of equal stretches first.

    Raises:
        ValueError: fewer than two values.
    """
    if len(values) < 2:
        raise ValueError("a trend needs two or more values")
    shown = _reduce_values(values)
    pairs = [(later - earlier, shown[later] - shown[earlier]) for earlier, later in combinations(range(len(shown)), 2)]
    slope = median(difference / apart for apart, difference in pairs)
    score = sum((difference > 0) - (difference < 0) for _, difference in pairs)
    return Trend(slope * (len(shown) - 1), _kendall_p_value(score, len(shown)))


def _reduce_values(values: Sequence[float]) -> tuple[float, ...]:
    size = len(values)
    if size <= _MAX_PAIRED_VALUES:
        return tuple(values)
    ends = [round(place * size / _MAX_PAIRED_VALUES) for place in range(_MAX_PAIRED_VALUES + 1)]
    return tuple(median(values[start:end]) for start, end in pairwise(ends))


def _kendall_p_value(score: int, size: int) -> float:
    """Return the probability of a Kendall score at least as far from 0: exact for few values, else approximately normal."""
    if size > _MAX_EXACT_SIZE:
        deviation = math.sqrt(size * (size - 1) * (2 * size + 5) / 18.0)
        return math.erfc(max(0, abs(score) - 1) / deviation / math.sqrt(2.0))
    orders = [1]  # orders[k]: the number of arrangements with k inversions
    for more in range(2, size + 1):
        grown = [0] * (len(orders) + more - 1)
        for wrong, ways in enumerate(orders):
            for place in range(more):
                grown[wrong + place] += ways
        orders = grown
    most = size * (size - 1) // 2
    wrong_at_most = (most - abs(score)) // 2
    return min(1.0, 2.0 * sum(orders[: wrong_at_most + 1]) / math.factorial(size))


def relative_half_width(walls: Sequence[float]) -> float | None:
    """Return half of the median's 95% interval as a share of the median; None for too few trials."""
    interval, middle = median_interval(walls), median(walls) if walls else 0.0
    return interval.half_width / middle if interval is not None and middle > 0 else None


def judge_precision(result: Result, wanted: float | None) -> Advice | None:
    """Judge a finished result whose median is less precise than requested."""
    walls = [trial.wall_s for trial in result.measured_trials]
    if wanted is None or not result.finished or (wide := relative_half_width(walls)) is None or wide <= wanted:
        return None
    return Advice(
        AdviceCode.NOT_STABLE,
        f"After {count(len(walls), 'trial')}, the median is known to ±{significant(100 * wide, 3):g}%, not to the "
        f"requested ±{significant(100 * wanted, 3):g}%: allow more time (--max-time), use more samples, or let the machine "
        "rest.",
        {"half_width": wide, "wanted": wanted, "trials": len(walls)},
    )


def judge_stability(result: Result) -> list[Advice]:
    """Judge a result's trials: a drift, outliers, or a spread that neither explains."""
    walls = [trial.wall_s for trial in result.measured_trials]
    if (drifting := _judge_drift(walls)) is not None:
        return [drifting]
    inside, outside = _split_outliers(walls)
    verdicts = [_judge_outliers(walls, outside)] if outside else []
    if (wide := _judge_spread(inside)) is not None:
        verdicts.append(wide)
    return verdicts


def judge_repeats(result: Result) -> Advice | None:
    """Judge a finished result whose speed-up has too few trials for an interval."""
    trials = len(result.measured_trials)
    if not result.finished or result.speedup is None or result.baseline or trials >= MIN_TRIALS:
        return None
    return Advice(
        AdviceCode.FEW_REPEATS,
        f"{capital(count(trials, 'trial'))} cannot show how certain this speed-up is: use at least {MIN_TRIALS} repeats "
        "(--repeat) to get an interval.",
        {"trials": trials, "needed": MIN_TRIALS},
    )


def _split_outliers(walls: Sequence[float]) -> tuple[list[float], list[float]]:
    """Return the trials that belong together and the outliers, each in their order."""
    if len(walls) < MIN_TRIALS:
        return list(walls), []
    middle = median(walls)
    far = [
        abs(z) > OUTLIER_Z and abs(wall - middle) > SPREAD_LIMIT * middle
        for wall, z in zip(walls, modified_z_scores(walls), strict=True)
    ]
    inside = [wall for wall, out in zip(walls, far, strict=True) if not out]
    return inside, [wall for wall, out in zip(walls, far, strict=True) if out]


def _judge_outliers(walls: Sequence[float], outside: Sequence[float]) -> Advice:
    middle = median(walls)
    furthest = max(outside, key=lambda wall: abs(wall - middle))
    number, (place, wall) = len(outside), next(pair for pair in enumerate(walls, 1) if pair[1] == furthest)
    one = (
        f"Trial {place} of {len(walls)} is an outlier"
        if number == 1
        else f"{number} of {len(walls)} trials are outliers"
    )
    which = "it took" if number == 1 else "the furthest took"
    return Advice(
        AdviceCode.OUTLIERS,
        f"{one}: {which} {format_seconds(wall)} against a median of {format_seconds(middle)}. The median is hardly affected, "
        "but something else was running then: close other programs, or use more repeats.",
        {"outliers": number, "trials": len(walls), "furthest_s": wall, "median_s": middle, "trial": place},
    )


def _judge_drift(walls: Sequence[float]) -> Advice | None:
    if len(walls) < MIN_TRIALS:
        return None
    middle = median(walls)
    found = find_trend(walls)
    if middle <= 0 or abs(found.change) < DRIFT_LIMIT * middle or found.p_value >= MAX_DRIFT_P_VALUE:
        return None
    slower = found.change > 0
    why = (
        "a processor that heats up or another program can cause this"
        if slower
        else "caches and clocks were still warming up"
    )
    then = "let the machine rest and run again" if slower else "add warm-ups (--warmup)"
    return Advice(
        AdviceCode.DRIFT,
        f"The trials became {'slower' if slower else 'faster'} from first to last, by {percent(abs(found.change) / middle)} "
        f"of their median: {why}; {then} before trusting small differences.",
        {"change_s": found.change, "median_s": middle, "chance": found.p_value, "trials": len(walls)},
    )


def _judge_spread(walls: Sequence[float]) -> Advice | None:
    """Judge trials that differ too much for three digits of their median to mean anything."""
    found = measure_spread(walls)
    if found is None or len(walls) < 2 or relative_range(found) <= SPREAD_LIMIT:
        return None
    return Advice(
        AdviceCode.UNSTABLE,
        f"The trials differ by {percent(relative_range(found))} ({format_seconds(found.min)} to {format_seconds(found.max)}): "
        "let the machine rest, or use more samples or repeats, before comparing this row.",
        {"min_s": found.min, "max_s": found.max, "range": relative_range(found)},
    )
