"""The cost per task, found in walls that were made with one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pi_tui.analysis.results import Result
from pi_tui.analysis.scaling.build_series import build_grain_series
from pi_tui.analysis.scaling.task_overhead import describe_task_cost, fit_task_cost
from tests.analysis.analysis_builders import make_case
from tests.analysis.scaling.series_builders import make_sequential, make_timed_result


def divide_total(whole_s: float, task_s: float, counts: list[int]) -> list[Result]:
    baseline = make_sequential(1_000_000)
    cases = [make_case("pool-map", 2, split=True, tasks=tasks, chunksize=1) for tasks in counts]
    return [baseline, *(make_timed_result(each, whole_s + task_s * each.tasks, baseline) for each in cases)]


@settings(max_examples=20, deadline=None)
@given(st.floats(0.1, 2.0), st.floats(1e-5, 1e-2))
def test_the_cost_of_a_task_is_found(whole_s: float, task_s: float) -> None:
    (series,) = build_grain_series(divide_total(whole_s, task_s, [2**power for power in range(13)]))
    cost = fit_task_cost(series)
    assert cost is not None
    assert cost.points == 12  # one task keeps one of two workers idle
    assert cost.task_s == pytest.approx(task_s, rel=1e-6)
    assert cost.whole_s == pytest.approx(whole_s, rel=1e-6)
    assert cost.interval is not None
    assert "each task adds" in describe_task_cost(series)


def test_no_cost_is_claimed_from_too_few_points_or_within_noise() -> None:
    (few,) = build_grain_series(divide_total(1.0, 1e-3, [1, 2, 4]))
    assert fit_task_cost(few) is None
    assert "needs at least 3 numbers of tasks" in describe_task_cost(few)
    (flat,) = build_grain_series(divide_total(1.0, 0.0, [2, 4, 8]))
    assert "lost in the noise" in describe_task_cost(flat)
