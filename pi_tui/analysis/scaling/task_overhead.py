"""The cost per task: dividing one total into more tasks adds a fixed time for each task."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pi_tui.analysis.bootstrap import MIN_TRIALS, percentile_interval, resample_medians
from pi_tui.analysis.results import Interval
from pi_tui.analysis.scaling.series import GrainPoint, GrainSeries
from pi_tui.analysis.text.prose import format_seconds, percent

MIN_POINTS = 3
EVEN_TASKS_PER_WORKER = 8
"""From this many tasks per worker on, one task more or less hardly affects how evenly they are shared."""


@dataclass(frozen=True, slots=True)
class TaskCost:
    """The line wall = whole_s + task_s x tasks fitted to a series, by least squares of relative errors.

    Attributes:
        whole_s: the part that does not depend on the number of tasks: the work itself, and starting the workers.
        task_s: what each task adds to the wall. If workers bear it in parallel, it is less than the cost of a task.
        interval: of `task_s`; None for too few trials.
        worst: the largest relative distance of a measured wall from the line.
        points: how many numbers of tasks were fitted.
    """

    whole_s: float
    task_s: float
    interval: Interval | None
    worst: float
    points: int


def fit_task_cost(series: GrainSeries) -> TaskCost | None:
    """Fit the cost per task; None for fewer than `MIN_POINTS` numbers of tasks that keep every worker equally busy."""
    points = [point for point in series.points if _is_evenly_shared(point, series.key.workers or 1)]
    if len(points) < MIN_POINTS:
        return None
    tasks = [float(point.tasks) for point in points]
    whole_s, task_s = _fit_line(tasks, [point.wall_s for point in points])
    found = []
    if min(len(point.walls_s) for point in points) >= MIN_TRIALS:
        found = [_fit_line(tasks, walls)[1] for walls in resample_medians([point.walls_s for point in points])]
    worst = max(abs((whole_s + task_s * each) / point.wall_s - 1.0) for each, point in zip(tasks, points, strict=True))
    return TaskCost(whole_s, task_s, percentile_interval(found) if found else None, worst, len(points))


def describe_task_cost(series: GrainSeries) -> str:
    """Describe the cost per task in a sentence."""
    cost = fit_task_cost(series)
    if cost is None:
        return (
            f"{series.name}: the cost per task needs at least {MIN_POINTS} numbers of tasks that keep all "
            "workers equally busy (--split --tasks 1-4096x2)."
        )
    last = series.points[-1]
    if cost.task_s <= 0 or (cost.interval is not None and cost.interval.low <= 0):
        return f"{series.name}: up to {last.tasks} tasks, the cost per task is lost in the noise of the trials."
    between = ""
    if cost.interval is not None:
        between = f" ({format_seconds(cost.interval.low)} to {format_seconds(cost.interval.high)})"
    share = min(1.0, cost.task_s * last.tasks / last.wall_s)
    return (
        f"{series.name}: each task adds {format_seconds(cost.task_s)}{between} to the wall, so {last.tasks} tasks of "
        f"{last.task_samples} samples spend {percent(share)} of their time on overhead; the line is at worst "
        f"{percent(cost.worst)} off."
    )


def _is_evenly_shared(point: GrainPoint, workers: int) -> bool:
    return point.tasks >= workers and (point.tasks % workers == 0 or point.tasks >= EVEN_TASKS_PER_WORKER * workers)


def _fit_line(tasks: Sequence[float], walls: Sequence[float]) -> tuple[float, float]:
    """Return the intercept and slope of the line nearest to the walls, with distances as shares of the wall."""
    weights = [1.0 / wall**2 for wall in walls]
    whole = sum(weights)
    mean_tasks = sum(weight * each for weight, each in zip(weights, tasks, strict=True)) / whole
    mean_wall = sum(weight * wall for weight, wall in zip(weights, walls, strict=True)) / whole
    square = sum(weight * (each - mean_tasks) ** 2 for weight, each in zip(weights, tasks, strict=True))
    product = sum(
        weight * (each - mean_tasks) * (wall - mean_wall)
        for weight, each, wall in zip(weights, tasks, walls, strict=True)
    )
    slope = product / square
    return mean_wall - slope * mean_tasks, slope
