"""Series whose speed-ups follow a law, and results whose walls follow a curve, with trials that scatter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from statistics import median

from pi_tui.analysis.bootstrap import ratio_interval
from pi_tui.analysis.results import Case, Result
from pi_tui.analysis.scaling.scaling_laws import Law, LawValues, karp_flatt, law_speedup
from pi_tui.analysis.scaling.series import ScalingPoint, ScalingSeries, SeriesKey
from tests.analysis.analysis_builders import make_case, make_conditions, make_ledger, make_trial, summarise_trials


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
    """Return a point that is `by` times as fast as a baseline of a second."""
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
    """Return a series of given speed-ups, each with seven equal trials."""
    points = tuple(ScalingPoint(workers, by, None, workers, (1.0,) * 7, (1.0,) * 7, by, None) for workers, by in pairs)
    return ScalingSeries(make_key(strong), "python · processes", points, 8)


def make_timed_result(
    a_case: Case,
    wall_s: float,
    against: Result | None = None,
    *,
    noise: float = 0.0,
    trials: int = 5,
    random: Random | None = None,
) -> Result:
    """Return a result whose trials all take `wall_s`, or scatter about it."""
    walls = [wall_s * random.lognormvariate(0.0, noise) if random else wall_s for _ in range(trials)]
    workers = tuple(make_ledger(index, running_s=wall_s) for index in range(a_case.workers))
    made = [make_trial(wall, workers, number=at, results=(None,) * a_case.tasks) for at, wall in enumerate(walls)]
    is_baseline = against is None
    return summarise_trials(a_case, made, make_conditions(mode=a_case.mode), baseline=against, is_baseline=is_baseline)


def make_sequential(samples: int) -> Result:
    return make_timed_result(make_case("sequential", 1, samples), samples * 1e-6)


def sweep_sizes(mode: str, wall_s: Callable[[int], float], sizes: list[int]) -> list[Result]:
    found = []
    for samples in sizes:
        baseline = make_sequential(samples)
        found += [baseline, make_timed_result(make_case(mode, 2, samples), wall_s(samples), baseline)]
    return found


SIZES = [10**power for power in range(3, 8)]
