"""Every kernel runs in every mode, with every start method and transport, on two workers.

There is one test per kernel, taken from the catalog, so that a new kernel is tested automatically. The sizes are small. The
tests check that each combination runs, that the checks of its ledger hold, and that its estimate is right.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator

import pytest

from pi_tui.analysis.results import Result
from pi_tui.engine.laboratory import Laboratory
from pi_tui.engine.paths import Paths
from pi_tui.engine.run.events import CaseFinished
from pi_tui.engine.run.request import RunRequest
from pi_tui.host.kernels.catalog import KERNELS
from pi_tui.host.modes.catalog import MODES, START_METHODS, TRANSPORTS
from pi_tui.observe.meters.machine import read_machine

SAMPLES = 20_000


@pytest.fixture(scope="module")
def laboratory() -> Iterator[Laboratory]:
    laboratory = Laboratory(read_machine(), Paths.from_environment(os.environ))
    yield laboratory
    laboratory.close()


@pytest.mark.parametrize("start_method", START_METHODS)
@pytest.mark.parametrize("kernel", KERNELS)
def test_a_kernel_runs_in_every_mode(laboratory: Laboratory, kernel: str, start_method: str) -> None:
    modes = tuple(name for name, mode in MODES.items() if mode.has_start_methods or start_method == "spawn")
    plan = laboratory.plan(
        RunRequest(
            kernels=(kernel,),
            modes=modes,
            workers=(2,),
            samples=(SAMPLES,),
            start_methods=(start_method,),  # type: ignore[arg-type]
            transports=TRANSPORTS if kernel == "python" else ("queue",),
            repeat=1,
            warmup=0,
            seed=2026,
        )
    )
    results = [event.result for event in laboratory.run(plan) if isinstance(event, CaseFinished)]
    assert len(results) == len(plan.cases) + len(plan.unavailable) >= len(modes)
    for result in results:
        if result.status == "unavailable":
            assert may_be_unavailable(result), result
            continue
        check(result)


def may_be_unavailable(result: Result) -> bool:
    """Modes of interpreters need Python 3.14; a kernel with threads inside may need another threading layer."""
    case, error = result.case, result.error
    made_of = MODES[case.mode].made_of
    if error is None or result.trials:
        return False
    if made_of == "interpreters":
        return "Python 3.14" in error.message
    layer = "workqueue" if made_of == "threads" else "GNU OpenMP (omp)"
    return (
        KERNELS[case.kernel].threads_inside
        and (made_of == "threads" or case.start_method == "fork")
        and layer in error.message
    )


def check(result: Result) -> None:
    case = result.case
    name = f"{case.kernel} {case.mode} {case.start_method} {case.transport}"
    assert result.status == "ok", (name, result.error)
    (trial,) = result.trials
    assert trial.faults == (), name
    assert len(trial.workers) == case.workers, name
    assert sum(worker.tasks for worker in trial.workers) == case.tasks, name
    assert sum(worker.samples for worker in trial.workers) == case.total_samples, name
    if KERNELS[case.kernel].threads_inside:
        worked = [worker for worker in trial.workers if worker.tasks]  # a pool's first worker may take both tasks
        assert worked, name
        assert all(worker.running_s is worker.waiting_s is worker.queued_s is None for worker in worked), name
        assert result.losses is None, name
    for worker in trial.workers:
        if worker.running_s is None or worker.waiting_s is None:
            assert KERNELS[case.kernel].threads_inside, name
            continue
        parts = (worker.startup_s, worker.running_s, worker.queued_s or 0.0, worker.waiting_s, worker.between_s)
        assert sum(parts) + worker.idle_s == pytest.approx(trial.wall_s, rel=0.01), name
    assert result.speedup is not None, name
    if KERNELS[case.kernel].counts == "hits":
        assert result.z is not None, name
        assert abs(result.z) < 4, name
    else:
        counted = sum(count for count in trial.results if count is not None)
        deviations = (counted - case.total_samples / 2) / (math.sqrt(case.total_samples) / 2)
        assert abs(deviations) < 4, name
