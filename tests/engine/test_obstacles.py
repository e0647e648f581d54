"""Why a case cannot run: the threading layers of kernels that start threads."""

from __future__ import annotations

import pytest

from pi_tui.analysis.results import Case
from pi_tui.engine.run.obstacles import find_threading_obstacle


def case(mode: str, workers: int = 2, method: str | None = None) -> Case:
    return Case("numba-parallel", mode, method, None, "3.11.7", None, workers, workers, 1000)  # type: ignore[arg-type]


@pytest.mark.parametrize("mode", ["threads", "thread-pool"])
def test_the_layer_workqueue_is_never_used_by_two_threads(mode: str) -> None:
    why = find_threading_obstacle(case(mode), "workqueue", "linux")
    assert why is not None
    assert "threading layer workqueue" in why
    assert find_threading_obstacle(case(mode, workers=1), "workqueue", "linux") is None
    assert find_threading_obstacle(case("sequential", workers=1), "workqueue", "linux") is None
    assert find_threading_obstacle(case("processes", method="fork"), "workqueue", "linux") is None


def test_gnu_openmp_never_runs_in_a_forked_process() -> None:
    why = find_threading_obstacle(case("pool-map", method="fork"), "omp", "linux")
    assert why is not None
    assert "GNU OpenMP (omp)" in why
    assert find_threading_obstacle(case("pool-map", method="fork"), "omp", "darwin") is None
    assert find_threading_obstacle(case("pool-map", method="forkserver"), "omp", "linux") is None
    assert find_threading_obstacle(case("threads"), "omp", "linux") is None


@pytest.mark.parametrize("layer", ["tbb", None])
@pytest.mark.parametrize(
    "tried", [case("threads"), case("processes", method="fork"), case("processes", method="spawn")]
)
def test_tbb_and_kernels_without_threads_run_everywhere(layer: str | None, tried: Case) -> None:
    assert find_threading_obstacle(tried, layer, "linux") is None
