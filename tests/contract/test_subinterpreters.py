"""The modes made of interpreters: where they run, which kernels they refuse, and how failures are reported."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pi_tui.analysis.advice.codes import AdviceCode
from pi_tui.analysis.results import Result
from pi_tui.engine.laboratory import Laboratory
from pi_tui.engine.paths import Paths
from pi_tui.engine.run.events import RunFinished
from pi_tui.engine.run.request import RunRequest
from pi_tui.host.kernels.catalog import KERNELS, Kernel
from pi_tui.host.modes.catalog import MODES
from pi_tui.observe.meters.machine import read_machine
from tests.contract.busy_machine import measure_until

PYTHONS = {"3.14": "PI_TUI_PYTHON_3_14", "3.15": "PI_TUI_PYTHON_3_15"}
APART = tuple(name for name, mode in MODES.items() if mode.made_of == "interpreters")
ODD = """
import os


def raises(samples, seed):
    raise ValueError("no such luck")


def exits_with_3(samples, seed):
    os._exit(3)


def counts_interpreters(samples, seed):
    from concurrent import interpreters

    return len(interpreters.list_all())


def counts_files(samples, seed):
    return len(os.listdir("/proc/self/fd"))
"""

Run = Callable[..., dict[tuple[str, str], Result]]


def path_of(version: str) -> str:
    path = os.environ.get(PYTHONS[version])
    if not path:
        pytest.skip(f"Python {version} was not prepared ({PYTHONS[version]})")
    return path


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Run]:
    (tmp_path / "odd_in_interpreters.py").write_text(ODD)
    for name in ("raises", "exits_with_3", "counts_interpreters", "counts_files"):
        kernel = Kernel(name, name, "odd_in_interpreters", name, holds_gil=True, counts="lower-half")
        monkeypatch.setitem(KERNELS, name, kernel)
    monkeypatch.setattr("pi_tui.engine.hosts.host_command._PYTHON_SPECIFIC_VARIABLES", ())
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    laboratory = Laboratory(read_machine(), Paths.from_environment(os.environ))

    def measured(
        *kernels: str, python: str, modes: tuple[str, ...] = APART, **options: object
    ) -> dict[tuple[str, str], Result]:
        wanted = {"workers": (2,), "samples": (20_000,), "repeat": 2, "pythons": (python,), **options}
        *_, last = laboratory.run(laboratory.plan(RunRequest(kernels, modes, **wanted)))  # type: ignore[arg-type]
        assert isinstance(last, RunFinished)
        return {(result.case.kernel, result.case.mode): result for result in last.results}

    yield measured
    laboratory.close()


@pytest.mark.parametrize("version", PYTHONS)
def test_pure_python_kernels_run_with_a_ledger_and_a_stream_per_worker(run: Run, version: str) -> None:
    kernels = [name for name, kernel in KERNELS.items() if kernel.module.startswith("pi_tui.") and not kernel.needs]
    results = run(*kernels, python=path_of(version), tasks=(5,))
    assert {"python", "python-own-random"} <= set(kernels)
    for kernel in kernels:
        for mode in APART:
            result = results[kernel, mode]
            assert result.status == "ok", result.error
            for trial in result.trials:
                assert trial.faults == ()
                assert len(trial.workers) == 2
                assert sum(worker.tasks for worker in trial.workers) == 5
                assert len(set(trial.results)) > 1
                for worker in trial.workers:
                    parts = (
                        worker.startup_s,
                        worker.running_s,
                        worker.queued_s or 0,
                        worker.waiting_s,
                        worker.between_s,
                    )
                    assert sum(parts) + worker.idle_s == pytest.approx(trial.wall_s, rel=0.01)
            assert result.z is not None
            assert abs(result.z) < 5
            assert AdviceCode.DUPLICATED_STREAMS not in {advice.code for advice in result.advice}


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux reports what a thread waits for")
@pytest.mark.parametrize("mode", APART)
@pytest.mark.parametrize("version", PYTHONS)
def test_each_interpreter_has_its_own_gil(run: Run, version: str, mode: str) -> None:
    def measure() -> Result:
        result = run("python", python=path_of(version), modes=(mode,), samples=(1_500_000,))["python", mode]
        assert result.status == "ok", result.error
        assert result.gil_enabled
        assert all(not worker.held_back_s for trial in result.trials for worker in trial.workers)
        return result

    measure_until(
        measure,
        lambda result: result.losses is not None and result.losses.waiting < 0.1 * result.losses.workers,
        lambda result: {AdviceCode.GIL_TURNS, AdviceCode.GIL_CONVOY} & {advice.code for advice in result.advice},
    )


@pytest.mark.parametrize("version", PYTHONS)
@pytest.mark.parametrize("kernel", ["numpy", "numpy-sort", "numba", "numba-nogil"])
def test_an_extension_that_refuses_to_load_is_unavailable_with_its_reason(run: Run, kernel: str, version: str) -> None:
    results = run(kernel, python=path_of(version), modes=(*APART, "threads"))
    for mode in APART:
        result = results[kernel, mode]
        assert result.status == "unavailable"
        assert result.error is not None
        assert result.error.message.startswith(f"{KERNELS[kernel].needs[0]} does not load in a subinterpreter: ")
        assert "does not support loading in subinterpreters" in result.error.message
    assert results[kernel, "threads"].status == "ok"


def test_an_older_python_is_told_which_version_is_needed(run: Run) -> None:
    if sys.version_info >= (3, 14):
        pytest.skip("this Python has subinterpreters")
    results = run("python", python="")
    for mode in APART:
        result = results["python", mode]
        assert result.status == "unavailable"
        assert result.error is not None
        assert result.error.message == f"{mode} needs Python 3.14: pi-tui pythons lists the interpreters here"


@pytest.mark.parametrize("version", PYTHONS)
def test_a_kernel_that_raises_or_exits_is_a_failed_row(run: Run, version: str) -> None:
    for mode in APART:
        results = run("raises", "exits_with_3", "python", python=path_of(version), modes=(mode,))
        error = results["raises", mode].error
        assert results["raises", mode].status == "failed"
        assert error is not None
        assert (error.type, error.message) == ("ValueError", "no such luck")
        assert "odd_in_interpreters.py" in error.traceback
        error = results["exits_with_3", mode].error
        assert results["exits_with_3", mode].status == "failed"
        assert error is not None
        assert error.message == "the host ended with exit code 3"
        assert results["python", mode].status == "ok", results["python", mode].error


@pytest.mark.skipif(sys.platform != "linux", reason="open files are counted in /proc")
@pytest.mark.parametrize("version", PYTHONS)
def test_a_trial_leaves_no_interpreters_or_files(run: Run, version: str) -> None:
    results = run("counts_interpreters", "counts_files", python=path_of(version), repeat=15)
    for mode in APART:
        for trial in results["counts_interpreters", mode].trials:
            assert all(count is not None and count <= 1 + 2 for count in trial.results)
        files = [min(count or 0 for count in trial.results) for trial in results["counts_files", mode].trials]
        early, late = files[: len(files) // 2], files[len(files) // 2 :]
        # Workers that run at the same time differ by a few files; one leaked file per trial would add eight.
        assert abs(min(late) - min(early)) <= 4, files
