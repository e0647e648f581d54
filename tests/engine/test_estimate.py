"""Estimates of a trial: its wall and its overhead."""

from __future__ import annotations

import os
import time

import pytest

from pi_tui.analysis.results import Case
from pi_tui.engine.laboratory import Laboratory
from pi_tui.engine.paths import Paths
from pi_tui.engine.run.estimate import TRIAL_OVERHEAD_S, Rates
from pi_tui.engine.run.events import TrialFinished
from pi_tui.engine.run.request import RunRequest
from pi_tui.host.kernels.catalog import KERNELS
from pi_tui.observe.meters.machine import read_machine

CASE = Case("python", "threads", None, None, "3.11.7", None, 2, 2, 1000)


def estimate_trial_s(rates: Rates, *, in_app: bool = False) -> float:
    return rates.estimate_trial_s(CASE, KERNELS["python"], 2, in_app=in_app)


def test_a_trial_takes_more_than_its_wall() -> None:
    rates = Rates()
    alone_s = estimate_trial_s(rates, in_app=True)
    assert estimate_trial_s(rates) == pytest.approx(alone_s + TRIAL_OVERHEAD_S)
    for seconds in (
        0.02,
        0.02,
        5.0,
        0.02,
        -0.1,
    ):  # one that had to wait for a host, and one by a clock that stands still
        rates.learn_overhead(seconds)
    assert estimate_trial_s(rates) == pytest.approx(alone_s + 0.02)
    assert estimate_trial_s(rates, in_app=True) == alone_s


def test_what_lies_between_trials_follows_the_latest() -> None:
    rates = Rates()
    for seconds in [1.0] * 500 + [0.03] * 99:
        rates.learn_overhead(seconds)
    assert rates.overhead_s == 0.03


def test_the_estimate_includes_the_time_the_consumer_takes_per_trial() -> None:
    later_s = 0.0
    laboratory = Laboratory(
        read_machine(), Paths.from_environment(os.environ), clock=lambda: time.perf_counter() + later_s
    )
    request = RunRequest(("python",), ("threads",), (2,), (10,), repeat=2)
    try:
        plan = laboratory.plan(request)
        for event in laboratory.run(plan):
            later_s += 50.0 * isinstance(event, TrialFinished)
        again = laboratory.plan(request)
    finally:
        laboratory.close()
    assert plan.trials == again.trials == 6
    assert plan.estimate_s < 6 * 50.0 <= again.estimate_s
