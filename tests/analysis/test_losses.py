from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pi_tui.analysis.losses import (
    check_ledger,
    cpu_s_per_sample,
    decompose_losses,
    find_critical_worker,
    find_median_trial,
    sum_losses,
)
from pi_tui.analysis.results import Losses, Trial
from pi_tui.host.protocol import WorkerLedger
from tests.analysis.analysis_builders import COST_S, make_case, make_ledger, make_trial

part = st.floats(min_value=0.0, max_value=1e3)


@st.composite
def trials(draw: st.DrawFn) -> Trial:
    """Draw a trial whose workers' parts all sum to its wall, as in a ledger."""
    count = draw(st.integers(min_value=1, max_value=8))
    busy_s = [
        {
            "startup_s": draw(part),
            "running_s": draw(part),
            "queued_s": draw(st.none() | part),
            "waiting_s": draw(part),
            "between_s": draw(part),
        }
        for _ in range(count)
    ]
    spent = [sum(value or 0.0 for value in parts.values()) for parts in busy_s]
    wall_s = max(spent) + draw(st.floats(min_value=1e-6, max_value=10.0))
    workers = tuple(
        make_ledger(
            index,
            tasks=draw(st.integers(min_value=1, max_value=4)),
            samples=draw(st.integers(min_value=0, max_value=10**8)),
            idle_s=wall_s - own_s,
            **parts,
        )
        for index, (own_s, parts) in enumerate(zip(spent, busy_s, strict=True))
    )
    return make_trial(wall_s, workers)


@given(trials(), st.floats(min_value=0.0, max_value=1e-3))
def test_workers_are_speedup_plus_losses(any_trial: Trial, cost_s: float) -> None:
    workers = len(any_trial.workers)
    losses = decompose_losses(any_trial, workers=workers, baseline_cpu_s_per_sample=cost_s)
    assert losses is not None
    scale = max(1.0, workers, *(abs(term) for term in _terms(losses)))
    assert abs(sum_losses(losses) - workers) <= 1e-12 * scale


def _terms(losses: Losses) -> list[float]:
    return [
        losses.speedup,
        losses.startup,
        losses.queued or 0.0,
        losses.waiting,
        losses.between,
        losses.extra,
        losses.imbalance,
        losses.collect,
    ]


@given(trials())
def test_the_critical_worker_is_the_one_that_finished_last(any_trial: Trial) -> None:
    last = find_critical_worker(any_trial.workers)
    assert last is not None
    assert last.idle_s == min(worker.idle_s for worker in any_trial.workers)


def test_two_threads_at_the_gil_lose_one_worker() -> None:
    workers = tuple(make_ledger(index, running_s=1.0, waiting_s=0.98, startup_s=0.02) for index in range(2))
    losses = decompose_losses(make_trial(2.0, workers), workers=2, baseline_cpu_s_per_sample=COST_S)
    assert losses is not None
    assert losses.speedup == pytest.approx(1.0)
    assert losses.waiting == pytest.approx(0.98)
    assert losses.startup == pytest.approx(0.02)
    assert losses.extra == pytest.approx(0.0)
    assert losses.imbalance == pytest.approx(0.0)
    assert losses.gil_wait is None


def test_parts_of_waiting_are_carried_over_and_sum_to_it() -> None:
    workers = (make_ledger(running_s=1.0, waiting_s=0.5, gil_wait_s=0.3, lock_wait_s=0.15, io_wait_s=0.05),)
    losses = decompose_losses(make_trial(1.5, workers), workers=1, baseline_cpu_s_per_sample=COST_S)
    assert losses is not None
    assert losses.gil_wait is not None
    assert losses.lock_wait is not None
    assert losses.io_wait is not None
    assert losses.gil_wait + losses.lock_wait + losses.io_wait == pytest.approx(losses.waiting)


def test_unknown_queue_stays_unknown() -> None:
    workers = (make_ledger(running_s=1.0, queued_s=None, waiting_s=1.0),)
    losses = decompose_losses(make_trial(2.0, workers), workers=1, baseline_cpu_s_per_sample=COST_S)
    assert losses is not None
    assert losses.queued is None
    assert sum_losses(losses) == pytest.approx(1.0)


def test_a_worker_with_every_task_is_imbalance_and_an_idle_one_is_not_critical() -> None:
    workers = (
        make_ledger(0, tasks=2, samples=2_000_000, running_s=2.0),
        make_ledger(1, pid=None, tid=None, tasks=0, samples=0, idle_s=2.0),
    )
    losses = decompose_losses(make_trial(2.0, workers), workers=2, baseline_cpu_s_per_sample=COST_S)
    assert losses is not None
    assert losses.worker == 0
    assert losses.speedup == pytest.approx(1.0)
    assert losses.imbalance == pytest.approx(1.0)


def test_more_expensive_samples_are_extra() -> None:
    workers = tuple(make_ledger(index, running_s=1.8) for index in range(2))
    losses = decompose_losses(make_trial(1.8, workers), workers=2, baseline_cpu_s_per_sample=COST_S)
    assert losses is not None
    assert losses.extra == pytest.approx(2 * 0.8 / 1.8)


def test_no_task_no_losses() -> None:
    workers = (make_ledger(tasks=0, samples=0, idle_s=1.0),)
    assert decompose_losses(make_trial(1.0, workers), workers=1, baseline_cpu_s_per_sample=COST_S) is None


def test_the_losses_are_of_the_lower_median() -> None:
    walls = [3.0, 1.0, 2.0, 4.0]
    rows = [make_trial(wall, (make_ledger(),), number=number) for number, wall in enumerate(walls)]
    chosen = find_median_trial(rows)
    assert chosen is not None
    assert chosen.number == 2
    assert find_median_trial([]) is None


def test_cost_of_a_sample_is_the_median_over_trials() -> None:
    rows = [make_trial(1.0, (make_ledger(samples=10, running_s=cpu_s),)) for cpu_s in (1.0, 2.0, 9.0)]
    assert cpu_s_per_sample(rows) == pytest.approx(0.2)
    assert cpu_s_per_sample([]) is None
    assert cpu_s_per_sample([make_trial(1.0, (make_ledger(samples=0),))]) is None


def _faults(worker: WorkerLedger, wall_s: float = 1.0, **more: Any) -> tuple[str, ...]:
    return check_ledger(make_case(workers=1, **more), make_trial(wall_s, (worker,)))


def test_a_sound_ledger_has_no_faults() -> None:
    assert _faults(make_ledger(running_s=1.0, waiting_s=-0.005, idle_s=0.005)) == ()


def test_each_failed_check_of_the_ledger_is_reported() -> None:
    assert "tasks" in _faults(make_ledger(tasks=2, running_s=1.0))[0]
    assert "samples" in _faults(make_ledger(running_s=1.0), samples=5)[0]
    assert "cannot be negative" in _faults(make_ledger(running_s=1.1, waiting_s=-0.1))[0]
    assert "do not sum" in _faults(make_ledger(running_s=1.1))[0]


def test_the_hosts_own_checks_come_first() -> None:
    assert check_ledger(make_case(workers=1), make_trial(1.0, (), faults=("out of order",))) == ("out of order",)
