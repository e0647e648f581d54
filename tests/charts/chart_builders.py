"""Builders of charts, and of results as a machine of known behaviour would give them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from pi_tui.analysis.results import Case, Interval, Machine, Result, Spread, Trial
from pi_tui.charts.chart import Axis, Chart, Mark, Point, Series

MACHINE = Machine("Linux", "a processor", 8, 4, 4, None, 4, 2**33, 2**32)
SAMPLE_S = 1e-7
JITTER = (0.98, 0.99, 1.0, 1.01, 1.03)


def make_case(mode: str = "threads", workers: int = 2, samples: int = 1_000_000, **more: object) -> Case:
    start = "spawn" if mode not in ("sequential", "threads") else None
    made = Case("numba-nogil", mode, start, None, "3.11.9", None, workers, workers, samples)
    return replace(made, **more)  # type: ignore[arg-type]


def make_result(case: Case, wall_s: float, baseline_s: float | None = None, repeats: int = 5) -> Result:
    """Return a result whose trials take about `wall_s`; `baseline_s` is the time of all samples one after another."""
    walls = [wall_s * share for share in JITTER[:repeats]]
    trials = tuple(Trial("measured", number, wall, 1.7e9, (), ()) for number, wall in enumerate(walls, 1))
    speedup = None if baseline_s is None else baseline_s / wall_s
    interval = None if speedup is None or repeats < 5 else Interval(speedup * 0.97, speedup * 1.03)
    return Result(
        case, case.mode == "sequential", "ok", True, None, repeats, 1, True, False, trials,
        wall_s=Spread(wall_s, walls[0], walls[-1], 0.01 * wall_s), speedup=speedup, speedup_interval=interval,
    )  # fmt: skip


def make_baseline(samples: int, repeats: int = 5) -> Result:
    wall = samples * SAMPLE_S
    return make_result(make_case("sequential", 1, samples), wall, wall, repeats)


def scaling_results(
    counts: Iterable[int], speedup: Callable[[int], float], mode: str = "threads", *, repeats: int = 5
) -> list[Result]:
    """Return results with one task per worker, `speedup` times as fast as one after another."""
    samples = 1_000_000
    found = [make_baseline(samples, repeats)]
    for workers in counts:
        alone = workers * samples * SAMPLE_S
        found.append(make_result(make_case(mode, workers, samples), alone / speedup(workers), alone, repeats))
    return found


def size_results(sizes: Iterable[int], start_s: float = 0.05, workers: int = 4) -> list[Result]:
    """Return results of processes that take `start_s` to start and then share the work ideally."""
    found = []
    for samples in sizes:
        alone = workers * samples * SAMPLE_S
        found.append(make_baseline(samples))
        case = make_case("pool-map", workers, samples)
        found.append(make_result(case, start_s + alone / workers, alone))
    return found


def grain_results(cuts: Iterable[int], task_s: float = 1e-4, total: int = 10_000_000) -> list[Result]:
    """Return results of one total in more and more tasks, each of which costs `task_s`."""
    alone = total * SAMPLE_S
    return [
        make_result(
            make_case("pool-map", 4, total, tasks=tasks, split=True), alone / min(4, tasks) + tasks * task_s, alone
        )
        for tasks in cuts
    ]


def usl_speedup(workers: int) -> float:
    """Return the Universal Scalability Law with sigma 0.05 and kappa 0.002."""
    return workers / (1 + 0.05 * (workers - 1) + 0.002 * workers * (workers - 1))


def make_chart(*points: tuple[float, float], log: bool = False, **more: object) -> Chart:
    """Return a chart of one series."""
    made = tuple(Point(x, y, y * 0.9, y * 1.1) for x, y in points)
    axis = Axis("workers", "count", "log2" if log else "linear")
    series = (Series("threads", made, 1, 0), Series("ideal", made, dash="dotted"))
    across = replace(axis, title="speed-up", quantity="times")
    chart = Chart("A chart", axis, across, series, (Mark(points[0][0], "x"),))
    return replace(chart, **more)  # type: ignore[arg-type]
