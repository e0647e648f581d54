"""Medians and spreads of repeated measurements."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from pi_tui.analysis.results import Spread


def median_absolute_deviation(values: Sequence[float]) -> float:
    """Return the median distance from the median, in the unit of `values`, unscaled.

    Raises:
        statistics.StatisticsError: no values.
    """
    middle = median(values)
    return median(abs(value - middle) for value in values)


def measure_spread(values: Sequence[float]) -> Spread | None:
    """Return median, minimum, maximum and median absolute deviation; None without values."""
    if not values:
        return None
    return Spread(median(values), min(values), max(values), median_absolute_deviation(values))


def relative_range(walls: Spread) -> float:
    """Return the difference between the slowest and the fastest trial as a share of the median."""
    return (walls.max - walls.min) / walls.median if walls.median > 0 else 0.0
