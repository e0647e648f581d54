"""Series whose speed-ups follow a law, with trials that scatter about it."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from statistics import median

from pi_tui.analysis.bootstrap import ratio_interval
from pi_tui.analysis.scaling.scaling_laws import Law, LawValues, karp_flatt, law_speedup
from pi_tui.analysis.scaling.series import ScalingPoint, ScalingSeries, SeriesKey


def make_key(strong: bool = True, **more: object) -> SeriesKey:
    fields: dict[str, object] = {
        "kernel": "python",
        "mode": "processes",
        "start_method": "spawn",
        "transport": "queue",
        "python": "3.11.9",
        "gil": None,
        "chunksize": None,
        "split": strong,
        "scaling": "strong" if strong else "weak",
        "samples": 1_000_000,
    }
    return SeriesKey(**(fields | more))  # type: ignore[arg-type]


def scatter_walls(about_s: float, noise: float, trials: int, random: Random) -> tuple[float, ...]:
    return tuple(about_s * random.lognormvariate(0.0, noise) for _ in range(trials))


def make_point(workers: int, by: float, baseline: tuple[float, ...], noise: float, random: Random) -> ScalingPoint:
    """`by` times as fast as a baseline of a second."""
    mine = scatter_walls(1.0 / by, noise, len(baseline), random)
    found = median(baseline) / median(mine)
    fraction = karp_flatt(found, workers)
    return ScalingPoint(workers, found, ratio_interval(baseline, mine), workers, mine, baseline, 1.0, fraction)


def make_series(
    law: Law,
    values: LawValues,
    counts: Sequence[int] = (1, 2, 4, 8, 16),
    *,
    noise: float = 0.0,
    trials: int = 7,
    seed: int = 1,
) -> ScalingSeries:
    random = Random(seed)
    baseline = scatter_walls(1.0, noise, trials, random)
    points = tuple(make_point(count, law_speedup(law, values, count), baseline, noise, random) for count in counts)
    return ScalingSeries(make_key(law != "gustafson"), "python · processes", points, max(counts))


def series_of_speedups(*pairs: tuple[int, float], strong: bool = True) -> ScalingSeries:
    """Points that are given, each with seven trials all alike."""
    points = tuple(ScalingPoint(workers, by, None, workers, (1.0,) * 7, (1.0,) * 7, by, None) for workers, by in pairs)
    return ScalingSeries(make_key(strong), "python · processes", points, 8)
