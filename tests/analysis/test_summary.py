from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pi_tui.analysis.losses import sum_losses
from pi_tui.host.protocol import Failure
from tests.analysis.analysis_builders import (
    make_baseline,
    make_case,
    make_conditions,
    make_ledger,
    make_result,
    make_trial,
    summarise_trials,
)


def test_speedup_and_efficiency_by_their_definition() -> None:
    result = make_result(tuple(make_ledger(i, running_s=1.0, idle_s=0.25) for i in range(2)), 1.25)
    assert result.speedup == pytest.approx(2 * 1.0 / 1.25)
    assert result.efficiency == pytest.approx(0.8)
    assert result.samples_per_s == pytest.approx(2_000_000 / 1.25)
    assert result.losses is not None
    assert sum_losses(result.losses) == pytest.approx(2)


def test_a_smaller_baseline_is_scaled_where_cost_is_proportional() -> None:
    workers = tuple(make_ledger(i, running_s=1.0) for i in range(2))
    result = make_result(workers, 1.0, against=make_baseline(samples=250_000))
    assert result.speedup == pytest.approx(2.0)


def test_the_cost_of_sorting_is_compared_task_by_task() -> None:
    workers = tuple(make_ledger(i, running_s=1.5) for i in range(2))
    result = make_result(workers, 1.5, kernel="numpy-sort", case_fields={"kernel": "numpy-sort"})
    assert result.speedup == pytest.approx(2 * 1.0 / 1.5)
    assert result.estimate is None
    assert result.z is None


def test_a_baseline_is_compared_with_itself() -> None:
    result = make_baseline()
    assert result.baseline
    assert result.speedup == pytest.approx(1.0)
    assert result.efficiency == pytest.approx(1.0)
    assert result.losses is not None
    assert result.losses.extra == pytest.approx(0.0, abs=1e-12)


def test_without_a_baseline_there_is_no_comparison() -> None:
    result = summarise_trials(make_case(), [make_trial(1.0, (make_ledger(0), make_ledger(1)))], baseline=None)
    assert result.speedup is None
    assert result.efficiency is None
    assert result.losses is None
    assert result.samples_per_s == pytest.approx(2_000_000)


def test_in_app_figures_are_compared_with_nothing() -> None:
    workers = tuple(make_ledger(i, running_s=1.0) for i in range(2))
    result = make_result(workers, 1.0, in_app=True)
    assert result.in_app
    assert result.speedup is None
    assert result.losses is None
    assert result.wall_s is not None


def test_the_warm_up_stands_in_until_the_first_measured_trial() -> None:
    workers = (make_ledger(0, running_s=1.0), make_ledger(1, running_s=1.0))
    warm = make_trial(3.0, workers, kind="warmup")
    running = summarise_trials(make_case(), [warm], finished=False, baseline=make_baseline())
    assert running.wall_s is not None
    assert running.wall_s.median == 3.0
    assert running.advice == ()
    ended = summarise_trials(make_case(), [warm], finished=True, status="stopped", baseline=make_baseline())
    assert ended.wall_s is None
    assert ended.speedup is None
    later = summarise_trials(make_case(), [warm, make_trial(1.0, workers)], finished=False, baseline=make_baseline())
    assert later.wall_s is not None
    assert later.wall_s.median == 1.0


def test_a_case_without_trials_carries_what_happened() -> None:
    failure = Failure("SIGSEGV", "the interpreter crashed")
    result = summarise_trials(make_case(), [], status="failed", error=failure)
    assert (result.status, result.error) == ("failed", failure)
    assert result.wall_s is None
    assert result.estimate is None


@given(st.lists(st.lists(st.integers(0, 1000), min_size=2, max_size=2), min_size=1, max_size=6))
def test_hits_are_merged_over_tasks_and_trials(hits: list[list[int]]) -> None:
    workers = (make_ledger(0, samples=1000), make_ledger(1, samples=1000))
    trials = [make_trial(1.0, workers, number=number, results=tuple(row)) for number, row in enumerate(hits)]
    result = summarise_trials(make_case(samples=1000), trials)
    merged, samples = sum(map(sum, hits)), 2000 * len(hits)
    assert result.estimate == pytest.approx(4 * merged / samples)
    assert result.z is not None
    deviation = math.sqrt(math.pi * (4 - math.pi) / samples)
    assert result.z * deviation == pytest.approx(4 * merged / samples - math.pi, abs=1e-12)


def test_a_task_without_a_count_leaves_no_estimate() -> None:
    workers = (make_ledger(0), make_ledger(1))
    assert summarise_trials(make_case(), [make_trial(1.0, workers, results=(785_398, None))]).estimate is None


def test_split_samples_count_once() -> None:
    workers = (make_ledger(0, samples=500_000, running_s=0.5), make_ledger(1, samples=500_000, running_s=0.5))
    shared = make_case(split=True)
    result = summarise_trials(shared, [make_trial(0.5, workers)], make_conditions(), baseline=make_baseline())
    assert result.speedup == pytest.approx(2.0)
