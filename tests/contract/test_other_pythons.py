"""The host in other interpreters, which have no pi_tui installed and do not see this environment's packages."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from pi_tui.analysis.results import Result
from pi_tui.engine.laboratory import Laboratory
from pi_tui.engine.paths import Paths
from pi_tui.engine.run.events import RunFinished
from pi_tui.engine.run.request import RunRequest
from pi_tui.host.modes.catalog import START_METHODS
from pi_tui.observe.meters.machine import read_machine
from tests.contract.busy_machine import measure_until

PYTHONS = {"3.14": "PI_TUI_PYTHON_3_14", "3.15": "PI_TUI_PYTHON_3_15", "3.14t": "PI_TUI_PYTHON_3_14T"}


@pytest.fixture
def laboratory() -> Iterator[Laboratory]:
    laboratory = Laboratory(read_machine(), Paths.from_environment(os.environ))
    yield laboratory
    laboratory.close()


def path_of(version: str) -> str:
    path = os.environ.get(PYTHONS[version])
    if not path:
        pytest.skip(f"Python {version} was not prepared ({PYTHONS[version]})")
    return path


def run(laboratory: Laboratory, **options: object) -> tuple[Result, ...]:
    defaults: dict[str, object] = {"kernels": ("python",), "modes": ("threads",), "workers": (2,), "repeat": 2}
    *_, last = laboratory.run(laboratory.plan(RunRequest(**{**defaults, **options})))  # type: ignore[arg-type]
    assert isinstance(last, RunFinished)
    for result in last.results:
        assert result.status == "ok", result.error
        assert all(trial.faults == () for trial in result.trials)
    return last.results


def took_turns(result: Result) -> bool:
    """Return whether two threads waited for about as long as they ran, regardless of their time in the queue.

    While one thread is queued and holds the GIL, the other one waits for it; the upper limit therefore includes the queue.
    """
    workers = [worker for trial in result.measured_trials for worker in trial.workers]
    waiting = sum(worker.waiting_s or 0.0 for worker in workers)
    running = sum(worker.running_s or 0.0 for worker in workers)
    queued = sum(worker.queued_s or 0.0 for worker in workers)
    return waiting > 0.3 * (waiting + running) and waiting < 0.65 * (waiting + running + queued)


@pytest.mark.parametrize("version", PYTHONS)
def test_every_kind_of_mode_runs(laboratory: Laboratory, version: str) -> None:
    results = run(
        laboratory,
        kernels=("python", "numpy"),
        modes=("sequential", "threads", "thread-pool", "processes", "pool-map", "process-pool"),
        start_methods=START_METHODS,
        samples=(20_000,),
        repeat=1,
        warmup=0,
        pythons=(path_of(version),),
    )
    assert {result.case.python.startswith(version.removesuffix("t")) for result in results} == {True}
    assert len(results) == 2 * (3 + 3 * 3)


@pytest.mark.parametrize("version", ["3.14", "3.15"])
def test_threads_take_turns_at_the_gil(laboratory: Laboratory, version: str) -> None:
    def measure() -> Result:
        result = run(laboratory, samples=(2_000_000,), pythons=(path_of(version),))[-1]
        assert result.gil_enabled
        return result

    def right(result: Result) -> bool:
        losses = result.losses
        seen = losses is not None and losses.gil_wait is not None and losses.gil_wait > 0.9 * losses.waiting
        return seen and took_turns(result)

    measure_until(measure, right)


def test_a_free_threaded_build_with_its_gil_on_and_off(laboratory: Laboratory) -> None:
    def measure() -> Result:
        results = run(laboratory, samples=(1_000_000,), gils=(True, False), pythons=(path_of("3.14t"),))
        by_gil = {result.gil_enabled: result for result in results if result.case.mode == "threads"}
        assert by_gil.keys() == {True, False}
        assert all(result.free_threaded_build for result in by_gil.values())
        assert "gil-turns" not in {advice.code for advice in by_gil[False].advice}
        return by_gil[True]

    measure_until(
        measure, lambda result: took_turns(result) and "gil-turns" in {advice.code for advice in result.advice}
    )
