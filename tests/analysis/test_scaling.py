"""Series, break-even sizes and the cost of a task, of results whose curves are known."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pi_tui.analysis.results import Case, Result
from pi_tui.analysis.scaling.breakeven import find_break_evens
from pi_tui.analysis.scaling.build_series import (
    build_grain_series,
    build_scaling_series,
    build_size_series,
)
from pi_tui.analysis.scaling.conclusions import draw_conclusions
from pi_tui.analysis.scaling.series import BreakEven
from pi_tui.analysis.scaling.task_overhead import describe_task_cost, fit_task_cost
from tests.analysis.analysis_builders import make_case, make_conditions, make_ledger, make_trial, summarise_trials


def timed(
    a_case: Case,
    wall_s: float,
    against: Result | None = None,
    *,
    noise: float = 0.0,
    trials: int = 5,
    random: Random | None = None,
) -> Result:
    """Trials that take as long as each other, or scatter about it."""
    walls = [wall_s * random.lognormvariate(0.0, noise) if random else wall_s for _ in range(trials)]
    workers = tuple(make_ledger(index, running_s=wall_s) for index in range(a_case.workers))
    made = [make_trial(wall, workers, number=at, results=(None,) * a_case.tasks) for at, wall in enumerate(walls)]
    is_baseline = against is None
    return summarise_trials(a_case, made, make_conditions(mode=a_case.mode), baseline=against, is_baseline=is_baseline)


def sequential(samples: int) -> Result:
    return timed(make_case("sequential", 1, samples), samples * 1e-6)


def sweep(mode: str, wall_s: Callable[[int], float], sizes: list[int]) -> list[Result]:
    found = []
    for samples in sizes:
        baseline = sequential(samples)
        found += [baseline, timed(make_case(mode, 2, samples), wall_s(samples), baseline)]
    return found


def break_evens(results: list[Result]) -> tuple[BreakEven, ...]:
    return find_break_evens(build_size_series(results))


SIZES = [10**power for power in range(3, 8)]


def test_series_tell_strong_from_weak() -> None:
    baseline = sequential(1_000_000)
    weak = [timed(make_case("threads", workers), 1.1, baseline) for workers in (1, 2, 4)]
    strong = [timed(make_case("threads", workers, split=True), 1.1 / workers, baseline) for workers in (1, 2, 4)]
    found = build_scaling_series([baseline, *weak, *strong], 2)
    assert [(series.strong, [point.workers for point in series.points]) for series in found] == [
        (False, [1, 2, 4]),
        (True, [1, 2, 4]),
    ]
    assert [point.ideal for point in found[0].points] == [1, 2, 2]
    assert found[0].points[1].speedup == pytest.approx(2 / 1.1)
    assert found[0].points[1].interval is not None
    assert found[0].name != found[1].name


def test_a_file_may_hold_modes_that_are_not_known_here() -> None:
    baseline = sequential(1_000_000)
    known = timed(make_case("threads", 2), 1.1, baseline)
    newer = replace(known, case=replace(known.case, mode="fibres"))
    assert [series.mode for series in build_scaling_series([baseline, newer, known], 2)] == ["threads"]
    assert [series.key.mode for series in build_size_series([baseline, newer, known])] == ["sequential", "threads"]


def test_another_kernels_series_say_nothing_of_this_ones() -> None:
    """Four tasks by one, two and four workers; that numba has a task a worker makes no series of the one point at four."""
    baseline = sequential(1_000_000)
    fixed = [timed(make_case("pool-map", workers, tasks=4), 4 / workers, baseline) for workers in (1, 2, 4)]
    other = [replace(each, case=replace(each.case, kernel="numba", tasks=each.case.workers)) for each in fixed]
    alone = replace(baseline, case=replace(baseline.case, kernel="numba"))
    found = build_scaling_series([baseline, alone, *fixed, *other], 4)
    assert [(series.kernel, len(series.points)) for series in found] == [("python", 3), ("numba", 3)]


def test_as_many_tasks_whatever_the_workers_are_strong_scaling() -> None:
    baseline = sequential(1_000_000)
    results = [
        timed(make_case("pool-map", workers, tasks=4, chunksize=1), 4 / workers, baseline) for workers in (1, 2, 4)
    ]
    (found,) = build_scaling_series([baseline, *results], 4)
    assert found.strong
    assert [point.workers for point in found.points] == [1, 2, 4]


@settings(max_examples=20, deadline=None)
@given(st.floats(0.01, 0.5))
def test_the_break_even_size_of_a_fixed_cost(start_s: float) -> None:
    """2 n samples in turn take 2 n us; side by side n us and the start: equal where n us are the start."""
    results = sweep("processes", lambda samples: start_s + samples * 1e-6, SIZES)
    (found,) = [each for each in break_evens(results) if each.over == "sequential"]
    assert found.samples is not None
    assert found.total_samples == pytest.approx(2 * found.samples)
    # the straight line between logarithms lies off the true curve, within the decade it crosses in
    assert abs(math.log10(found.samples / (start_s * 1e6))) < 0.4
    assert "overtakes sequential from about" in found.sentence


@settings(max_examples=20, deadline=None)
@given(st.floats(-0.9, -0.1), st.floats(3.2, 6.8))
def test_power_laws_cross_exactly_where_they_do(slope: float, crossing: float) -> None:
    """On log-log axes power laws are straight, so that nothing is lost between the sizes."""
    at = 10.0**crossing
    results = sweep("threads", lambda samples: 2 * samples * 1e-6 * (samples / at) ** slope, SIZES)
    (found,) = break_evens(results)
    assert found.samples == pytest.approx(at, rel=1e-6)
    assert found.wall_s == pytest.approx(2 * at * 1e-6, rel=1e-6)


def test_processes_overtake_threads() -> None:
    results = sweep("processes", lambda samples: 0.1 + samples * 1e-6, SIZES)
    results += [each for each in sweep("threads", lambda samples: 2.0 * samples * 1e-6, SIZES) if not each.baseline]
    found = {each.over: each for each in break_evens(results) if each.faster.mode == "processes"}
    assert found["threads"].samples == pytest.approx(found["sequential"].samples)


def test_curves_that_do_not_cross_say_so() -> None:
    (ahead,) = break_evens(sweep("threads", lambda samples: samples * 1e-6, SIZES))
    assert ahead.always
    assert ahead.samples is None
    assert "faster than sequential at every measured size" in ahead.sentence
    (behind,) = break_evens(sweep("threads", lambda samples: 3 * samples * 1e-6, SIZES))
    assert not behind.always
    assert behind.samples is None
    assert "is not faster than sequential" in behind.sentence
    assert break_evens(sweep("threads", lambda samples: samples * 1e-6, [1000])) == ()


# ---- how sure a break-even is


def scattered(mode: str, start_s: float, noise: float, trials: int = 7, seed: int = 1) -> list[Result]:
    """A fixed cost and a half of the work, with trials that scatter by so much."""
    random = Random(seed)
    found = []
    for samples in SIZES:
        baseline = timed(make_case("sequential", 1, samples), samples * 1e-6, noise=noise, trials=trials, random=random)
        wall_s = start_s + samples * 1e-6
        found += [
            baseline,
            timed(make_case(mode, 2, samples), wall_s, baseline, noise=noise, trials=trials, random=random),
        ]
    return found


def test_trials_that_agree_leave_no_doubt_of_a_break_even() -> None:
    (found,) = break_evens(sweep("processes", lambda samples: 0.1 + samples * 1e-6, SIZES))
    assert found.interval is not None
    assert found.interval.low == pytest.approx(found.samples)
    assert found.interval.high == pytest.approx(found.samples)


@pytest.mark.parametrize("seed", range(5))
def test_a_break_even_has_an_interval_that_is_the_wider_the_more_the_trials_scatter(seed: int) -> None:
    (calm,) = break_evens(scattered("processes", 0.1, 0.02, seed=seed))
    (rough,) = break_evens(scattered("processes", 0.1, 0.2, seed=seed))
    assert calm.interval is not None
    assert rough.interval is not None
    assert calm.samples is not None
    assert calm.interval.low <= calm.samples <= calm.interval.high
    assert calm.interval.high / calm.interval.low < rough.interval.high / max(rough.interval.low, 1.0)
    assert "95% interval" in calm.sentence


def test_break_even_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    """The crossing of the same curves without scatter, so that what the straight lines leave out does not count."""
    (true,) = break_evens(scattered("processes", 0.1, 0.0))
    assert true.samples is not None
    held = 0
    for seed in range(60):
        (found,) = break_evens(scattered("processes", 0.1, 0.1, seed=seed))
        assert found.interval is not None
        held += found.interval.low <= true.samples <= found.interval.high
    assert held >= 52


def test_too_few_trials_have_no_interval_of_a_break_even() -> None:
    (found,) = break_evens(scattered("processes", 0.1, 0.02, trials=4))
    assert found.samples is not None
    assert found.interval is None
    assert "too few trials for an interval" in found.sentence


def test_curves_that_do_not_cross_say_whether_the_trials_leave_room_for_it() -> None:
    def told_of(ratio: float, noise: float) -> str:
        random, found = Random(3), []
        for samples in SIZES:
            baseline = timed(make_case("sequential", 1, samples), samples * 1e-6, noise=noise, trials=5, random=random)
            wall_s = 2e-6 * samples / ratio
            found += [
                baseline,
                timed(make_case("threads", 2, samples), wall_s, baseline, noise=noise, trials=5, random=random),
            ]
        (only,) = break_evens(found)
        return only.sentence

    assert "rule" not in told_of(1.9, 0.01)
    assert "rule" not in told_of(0.5, 0.01)
    assert "do not rule one out" in told_of(0.6, 0.5)


def test_size_series_are_in_order_and_on_the_same_scale() -> None:
    found = build_size_series(sweep("threads", lambda samples: samples * 1e-6, [1000, 100, 10_000]))
    assert [[point.total_samples for point in series.points] for series in found] == [
        [100, 1000, 10_000],
        [200, 2000, 20_000],
    ]


def cut(whole_s: float, task_s: float, counts: list[int]) -> list[Result]:
    baseline = sequential(1_000_000)
    cases = [make_case("pool-map", 2, split=True, tasks=tasks, chunksize=1) for tasks in counts]
    return [baseline, *(timed(each, whole_s + task_s * each.tasks, baseline) for each in cases)]


@settings(max_examples=20, deadline=None)
@given(st.floats(0.1, 2.0), st.floats(1e-5, 1e-2))
def test_the_cost_of_a_task_is_found(whole_s: float, task_s: float) -> None:
    (series,) = build_grain_series(cut(whole_s, task_s, [2**power for power in range(13)]))
    cost = fit_task_cost(series)
    assert cost is not None
    assert cost.points == 12  # one task keeps one of two workers idle
    assert cost.task_s == pytest.approx(task_s, rel=1e-6)
    assert cost.whole_s == pytest.approx(whole_s, rel=1e-6)
    assert cost.interval is not None
    assert "each task adds" in describe_task_cost(series)


def test_no_cost_is_told_from_too_few_points_or_of_nothing() -> None:
    (few,) = build_grain_series(cut(1.0, 1e-3, [1, 2, 4]))
    assert fit_task_cost(few) is None
    assert "needs at least 3 numbers of tasks" in describe_task_cost(few)
    (flat,) = build_grain_series(cut(1.0, 0.0, [2, 4, 8]))
    assert "lost in the noise" in describe_task_cost(flat)


def test_conclusions_say_what_was_varied_and_nothing_else() -> None:
    baseline = sequential(1_000_000)
    assert draw_conclusions([baseline, timed(make_case(), 1.0, baseline)], 2) == ()
    weak = [timed(make_case("threads", workers), 1.1, baseline) for workers in (1, 2, 4)]
    found = draw_conclusions([baseline, *weak], 4)
    assert "weak scaling" in found[0]
    assert any(text.startswith("Gustafson's law") and "predictions, not measured" in text for text in found)
    two = draw_conclusions([baseline, *weak[:2]], 4)
    assert any("three or more are needed" in text for text in two)
