"""Build series from results: speed-up against workers, time against samples, time per task against the number of tasks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from pi_tui.analysis.bootstrap import median_interval
from pi_tui.analysis.results import Case, Result
from pi_tui.analysis.scaling.series import (
    GrainPoint,
    GrainSeries,
    Scaling,
    ScalingPoint,
    ScalingSeries,
    SeriesKey,
    SizePoint,
    SizeSeries,
    name_series,
)
from pi_tui.host.kernels.catalog import KERNELS
from pi_tui.host.modes.catalog import MODES

PointT = TypeVar("PointT")


def build_scaling_series(results: Iterable[Result], usable_cores: int) -> tuple[ScalingSeries, ...]:
    """Return a series for each kernel, mode and other setting that differs, in the order of `results`.

    A single point is a series too.
    """
    results = tuple(results)
    by_case = {result.case: result for result in results}
    counts = _collect_worker_counts([result.case for result in results])
    found: dict[SeriesKey, dict[int, ScalingPoint]] = {}
    for result in _filter_usable(results):
        point = _make_scaling_point(result, by_case, usable_cores)
        if point is None or MODES[result.case.mode].made_of == "calling thread":
            continue
        for key in _scaling_keys(result.case, counts):
            found.setdefault(key, {})[point.workers] = point
    keys = tuple(found)
    return tuple(
        ScalingSeries(key, name, _sort_points(found[key]), usable_cores)
        for key, name in zip(keys, name_series(keys), strict=True)
    )


def build_size_series(results: Iterable[Result]) -> tuple[SizeSeries, ...]:
    """Return a series for each kernel, mode, number of workers and number of tasks, in the order of `results`."""
    results = tuple(results)
    by_case = {result.case: result for result in results}
    found: dict[SeriesKey, dict[int, SizePoint]] = {}
    for result in _filter_usable(results):
        case, walls = result.case, _measured_walls(result)
        baseline = find_baseline(result, by_case)
        key = _make_key(case, workers=case.workers, tasks=case.tasks)
        middle = result.wall_s.median if result.wall_s else 0.0
        point = SizePoint(
            total_samples=case.total_samples,
            samples=case.samples,
            wall_s=middle,
            interval=median_interval(walls),
            speedup=result.speedup,
            walls_s=walls,
            baseline_walls_s=_measured_walls(baseline) if baseline else (),
            baselines=baseline_multiple(case, baseline.case) if baseline else 1.0,
        )
        found.setdefault(key, {})[case.total_samples] = point
    keys = tuple(found)
    return tuple(
        SizeSeries(key, name, _sort_points(found[key])) for key, name in zip(keys, name_series(keys), strict=True)
    )


def build_grain_series(results: Iterable[Result]) -> tuple[GrainSeries, ...]:
    """Return a series for each total that was divided into different numbers of tasks, in the order of `results`."""
    found: dict[SeriesKey, dict[int, GrainPoint]] = {}
    for result in _filter_usable(results):
        case = result.case
        if case.split:
            key = _make_key(case, workers=case.workers, samples=case.samples)
            found.setdefault(key, {})[case.tasks] = _make_grain_point(result)
    keys = tuple(key for key, points in found.items() if len(points) > 1)
    return tuple(
        GrainSeries(key, name, _sort_points(found[key])) for key, name in zip(keys, name_series(keys), strict=True)
    )


def _make_key(case: Case, *, scaling: Scaling | None = None, **fixed: int | None) -> SeriesKey:
    return SeriesKey(
        kernel=case.kernel,
        mode=case.mode,
        start_method=case.start_method,
        transport=case.transport,
        python=case.python,
        gil=case.gil,
        chunksize=case.chunksize,
        split=case.split,
        scaling=scaling,
        **fixed,
    )


def _task_per_worker_key(case: Case) -> SeriesKey:
    """Return the series of cases with one task per worker."""
    return _make_key(case, scaling="strong" if case.split else "weak", samples=case.samples)


def _fixed_tasks_key(case: Case) -> SeriesKey:
    """Return the series of cases with the same number of tasks for any number of workers."""
    return _make_key(case, scaling="strong", tasks=case.tasks, samples=case.samples)


def _collect_worker_counts(cases: Sequence[Case]) -> dict[SeriesKey, set[int]]:
    """Return the numbers of workers at which each series may have points."""
    found: dict[SeriesKey, set[int]] = {}
    for case in cases:
        found.setdefault(_fixed_tasks_key(case), set()).add(case.workers)
        if case.tasks == case.workers:
            found.setdefault(_task_per_worker_key(case), set()).add(case.workers)
    return found


def _scaling_keys(case: Case, counts: dict[SeriesKey, set[int]]) -> tuple[SeriesKey, ...]:
    """Return the series that a case is a point of: one task per worker, a fixed number of tasks, or both."""
    fixed, one_each = _fixed_tasks_key(case), _task_per_worker_key(case)
    if case.tasks != case.workers:
        return (fixed,)
    if len(counts[fixed]) == 1:
        return (one_each,)
    return (one_each, fixed) if len(counts[one_each]) > 1 else (fixed,)


def _filter_usable(results: Iterable[Result]) -> Iterable[Result]:
    """Return results with measured trials, comparable with others, in known modes (a file may hold unknown ones)."""
    return (
        each
        for each in results
        if each.measured_trials
        and not each.in_app
        and each.wall_s
        and each.wall_s.median > 0
        and each.case.mode in MODES
    )


def _measured_walls(result: Result) -> tuple[float, ...]:
    return tuple(trial.wall_s for trial in result.measured_trials)


def baseline_multiple(case: Case, baseline: Case) -> float:
    """Return how many times the baseline's work a case does."""
    kernel = KERNELS.get(case.kernel)
    if kernel is not None and not kernel.proportional:
        return float(case.tasks)
    return case.total_samples / baseline.total_samples


def find_baseline(result: Result, by_case: dict[Case, Result]) -> Result | None:
    """Return the result that `result` is compared with, if it is among the others and was measured."""
    kernel = KERNELS.get(result.case.kernel)
    found = by_case.get(result.case.baseline(proportional=kernel is None or kernel.proportional))
    return found if found is not None and found.measured_trials else None


def _make_scaling_point(result: Result, by_case: dict[Case, Result], usable_cores: int) -> ScalingPoint | None:
    baseline = find_baseline(result, by_case)
    if baseline is None or result.speedup is None:
        return None
    return ScalingPoint(
        workers=result.case.workers,
        speedup=result.speedup,
        interval=result.speedup_interval,
        ideal=min(result.case.workers, usable_cores),
        walls_s=_measured_walls(result),
        baseline_walls_s=_measured_walls(baseline),
        baselines=baseline_multiple(result.case, baseline.case),
        serial_fraction=result.serial_fraction,
    )


def _make_grain_point(result: Result) -> GrainPoint:
    walls, tasks = _measured_walls(result), result.case.tasks
    middle = result.wall_s.median if result.wall_s else 0.0
    interval = median_interval([wall / tasks for wall in walls])
    return GrainPoint(tasks, result.case.task_samples[0], middle, middle / tasks, interval, walls)


def _sort_points(points: dict[int, PointT]) -> tuple[PointT, ...]:
    return tuple(points[place] for place in sorted(points))
