"""Runs inside the app: what can run there, and how their duration is estimated."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pi_tui.analysis.results import Case, Interpreter, Result
from pi_tui.engine.laboratory import Laboratory
from pi_tui.engine.paths import Paths
from pi_tui.engine.run.estimate import Rates
from pi_tui.engine.run.events import RunFinished, TrialFinished, TrialStarted
from pi_tui.engine.run.obstacles import find_in_app_obstacle
from pi_tui.engine.run.plan import Plan, make_plan
from pi_tui.engine.run.request import RunRequest
from pi_tui.host.kernels.catalog import KERNELS
from tests.analysis.analysis_builders import make_ledger, make_trial, summarise_trials
from tests.engine.test_plan import MACHINE, PYTHON

FREE = Interpreter("3.14.1t", "/usr/bin/python3.14t", "3.14.1", "CPython", True, False, {}, ("spawn",))
CASE = Case("python", "threads", None, None, "3.14.1t", None, 2, 2, 1000)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, None),
        ({"kernel": "python-own-random"}, None),
        ({"kernel": "numpy"}, "only pure Python runs"),
        ({"mode": "processes", "start_method": "spawn"}, "only the mode threads runs"),
        ({"gil": False}, None),
        ({"gil": True}, "the app's own GIL is off and cannot be changed"),
    ],
)
def test_what_runs_in_the_app_runs_in_threads_of_pure_python_under_the_gil_it_has(
    change: dict[str, object], reason: str | None
) -> None:
    case = replace(CASE, **change)  # type: ignore[arg-type]
    told = find_in_app_obstacle(case, KERNELS[case.kernel], FREE)
    assert told is None if reason is None else reason in str(told)


def planned(rates: Rates, in_app: bool = True, samples: int = 10**6) -> Plan:
    request = RunRequest(("python",), ("threads",), (2,), (samples,), repeat=5, in_app=in_app)
    return make_plan(request, MACHINE, (PYTHON,), rates, seed=1)


def test_a_plan_inside_the_app_counts_neither_baselines_nor_warm_ups() -> None:
    inside, outside = planned(Rates()), planned(Rates(), in_app=False)
    (case,) = inside.cases
    assert (inside.added, inside.baselines, inside.trials) == (frozenset(), frozenset(), 5)
    assert inside.estimate_s == 5 * Rates().estimate_trial_s(case, KERNELS["python"], 2, in_app=True)
    assert (len(outside.cases), outside.trials) == (2, 2 * 6)
    assert outside.estimate_s > inside.estimate_s


def test_what_cannot_run_inside_the_app_is_no_part_of_the_estimate() -> None:
    request = RunRequest(("python", "numpy"), ("threads", "processes"), (2,), in_app=True)
    plan = make_plan(request, MACHINE, (PYTHON,), Rates(), seed=1)
    assert [(case.kernel, case.mode) for case in plan.cases] == [("python", "threads")]
    assert len(plan.unavailable) == 3


def told(case: Case, wall_s: float, *, in_app: bool) -> Result:
    workers = tuple(
        make_ledger(index, running_s=wall_s / case.workers, samples=case.samples) for index in range(case.workers)
    )
    return replace(summarise_trials(case, [make_trial(wall_s, workers)]), in_app=in_app)


def test_inside_the_app_the_estimate_learns_from_trials_there_and_hosts_from_those_in_hosts() -> None:
    rates = Rates()
    (case,) = planned(rates).cases
    outside = planned(rates, in_app=False).estimate_s
    rates.learn(told(case, 4.0, in_app=True))
    assert planned(rates).estimate_s == pytest.approx(5 * 4.0)
    assert planned(rates, samples=10**7).estimate_s == pytest.approx(10 * 5 * 4.0)
    assert planned(rates, in_app=False).estimate_s == outside
    rates.learn(told(case, 1.0, in_app=False))
    assert planned(rates).estimate_s == pytest.approx(5 * 4.0)


def test_a_rate_that_was_measured_in_a_host_is_the_first_guess_inside_the_app() -> None:
    rates = Rates()
    alone = Case("python", "sequential", None, None, PYTHON.id, None, 1, 1, 10**6)
    rates.learn(told(alone, 0.5, in_app=False))
    assert planned(rates).estimate_s == pytest.approx(5 * 2 * 0.5)


def test_after_a_run_inside_the_app_the_next_estimate_is_what_it_took(tmp_path: Path) -> None:
    laboratory = Laboratory(MACHINE, Paths.from_environment({"PI_TUI_HOME": str(tmp_path)}))
    request = RunRequest(("python",), ("threads",), (2,), (100_000,), repeat=3, in_app=True)
    *events, last = laboratory.run(laboratory.plan(request))
    assert isinstance(last, RunFinished)
    told = [event.progress for event in events if isinstance(event, TrialStarted | TrialFinished)]
    assert [(each.done, each.total) for each in told] == [(0, 3), (1, 3), (1, 3), (2, 3), (2, 3), (3, 3)]
    assert told[-1].left_s == 0
    walls = last.results[0].wall_s
    assert walls is not None
    assert told[1].left_s == pytest.approx(2 * last.results[0].trials[0].wall_s)
    assert laboratory.plan(request).estimate_s == pytest.approx(3 * walls.median)
    laboratory.close()
