"""Series, break-even sizes and the cost of a task, of results whose curves are known."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import pytest
from analysis_builders import case, conditions, ledger, summary, trial
from hypothesis import given, settings
from hypothesis import strategies as st

from pi_tui.analysis.conclusions import conclusions
from pi_tui.analysis.grain import task_cost, told
from pi_tui.analysis.results import Case, Result
from pi_tui.analysis.scaling import break_evens, grain_series, scaling_series, size_series


def timed(a_case: Case, wall_s: float, against: Result | None = None) -> Result:
    """Five trials that take as long as each other."""
    workers = tuple(ledger(index, running_s=wall_s) for index in range(a_case.workers))
    trials = [trial(wall_s, workers, number=number, results=(None,) * a_case.tasks) for number in range(5)]
    is_baseline = against is None
    return summary(a_case, trials, conditions(mode=a_case.mode), baseline=against, is_baseline=is_baseline)


def sequential(samples: int) -> Result:
    return timed(case("sequential", 1, samples), samples * 1e-6)


def sweep(mode: str, wall_s: Callable[[int], float], sizes: list[int]) -> list[Result]:
    found = []
    for samples in sizes:
        baseline = sequential(samples)
        found += [baseline, timed(case(mode, 2, samples), wall_s(samples), baseline)]
    return found


SIZES = [10**power for power in range(3, 8)]


def test_series_tell_strong_from_weak() -> None:
    baseline = sequential(1_000_000)
    weak = [timed(case("threads", workers), 1.1, baseline) for workers in (1, 2, 4)]
    strong = [timed(case("threads", workers, split=True), 1.1 / workers, baseline) for workers in (1, 2, 4)]
    found = scaling_series([baseline, *weak, *strong], 2)
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
    known = timed(case("threads", 2), 1.1, baseline)
    newer = replace(known, case=replace(known.case, mode="fibres"))
    assert [series.mode for series in scaling_series([baseline, newer, known], 2)] == ["threads"]
    assert [series.key.mode for series in size_series([baseline, newer, known])] == ["sequential", "threads"]


def test_another_kernels_series_say_nothing_of_this_ones() -> None:
    """Four tasks by one, two and four workers; that numba has a task a worker makes no series of the one point at four."""
    baseline = sequential(1_000_000)
    fixed = [timed(case("pool-map", workers, tasks=4), 4 / workers, baseline) for workers in (1, 2, 4)]
    other = [replace(each, case=replace(each.case, kernel="numba", tasks=each.case.workers)) for each in fixed]
    alone = replace(baseline, case=replace(baseline.case, kernel="numba"))
    found = scaling_series([baseline, alone, *fixed, *other], 4)
    assert [(series.kernel, len(series.points)) for series in found] == [("python", 3), ("numba", 3)]


def test_as_many_tasks_whatever_the_workers_are_strong_scaling() -> None:
    baseline = sequential(1_000_000)
    results = [timed(case("pool-map", workers, tasks=4, chunksize=1), 4 / workers, baseline) for workers in (1, 2, 4)]
    (found,) = scaling_series([baseline, *results], 4)
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
    assert "faster than sequential at every size" in ahead.sentence
    (behind,) = break_evens(sweep("threads", lambda samples: 3 * samples * 1e-6, SIZES))
    assert not behind.always
    assert behind.samples is None
    assert "is not faster than sequential" in behind.sentence
    assert break_evens(sweep("threads", lambda samples: samples * 1e-6, [1000])) == ()


def test_size_series_are_in_order_and_on_the_same_scale() -> None:
    found = size_series(sweep("threads", lambda samples: samples * 1e-6, [1000, 100, 10_000]))
    assert [[point.total_samples for point in series.points] for series in found] == [
        [100, 1000, 10_000],
        [200, 2000, 20_000],
    ]


def cut(whole_s: float, task_s: float, counts: list[int]) -> list[Result]:
    baseline = sequential(1_000_000)
    cases = [case("pool-map", 2, split=True, tasks=tasks, chunksize=1) for tasks in counts]
    return [baseline, *(timed(each, whole_s + task_s * each.tasks, baseline) for each in cases)]


@settings(max_examples=20, deadline=None)
@given(st.floats(0.1, 2.0), st.floats(1e-5, 1e-2))
def test_the_cost_of_a_task_is_found(whole_s: float, task_s: float) -> None:
    (series,) = grain_series(cut(whole_s, task_s, [2**power for power in range(13)]))
    cost = task_cost(series)
    assert cost is not None
    assert cost.points == 12  # one task keeps one of two workers idle
    assert cost.task_s == pytest.approx(task_s, rel=1e-6)
    assert cost.whole_s == pytest.approx(whole_s, rel=1e-6)
    assert cost.interval is not None
    assert "each task adds" in told(series)


def test_no_cost_is_told_from_too_few_points_or_of_nothing() -> None:
    (few,) = grain_series(cut(1.0, 1e-3, [1, 2, 4]))
    assert task_cost(few) is None
    assert "not told" in told(few)
    (flat,) = grain_series(cut(1.0, 0.0, [2, 4, 8]))
    assert "lost in the noise" in told(flat)


def test_conclusions_say_what_was_varied_and_nothing_else() -> None:
    baseline = sequential(1_000_000)
    assert conclusions([baseline, timed(case(), 1.0, baseline)], 2) == ()
    weak = [timed(case("threads", workers), 1.1, baseline) for workers in (1, 2, 4)]
    found = conclusions([baseline, *weak], 4)
    assert "weak scaling" in found[0]
    assert any(text.startswith("Gustafson's law") and "predictions, not measured" in text for text in found)
    two = conclusions([baseline, *weak[:2]], 4)
    assert any("three or more are needed" in text for text in two)
