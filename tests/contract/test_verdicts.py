"""Each verdict, from a cause that is produced for real: trials on this machine, whatever else it is doing.

A busy machine may add verdicts of its own (cores shared with other programs, unstable trials), so what is asserted is that
the true cause is named, and that a false one is not.
"""

from __future__ import annotations

import math
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pi_tui.analysis.codes import Code
from pi_tui.analysis.results import Result
from pi_tui.engine.events import RunFinished
from pi_tui.engine.laboratory import Laboratory
from pi_tui.engine.paths import Paths
from pi_tui.engine.request import RunRequest
from pi_tui.host.kernels.catalog import KERNELS, Kernel
from pi_tui.observe.machine import read_machine

TRIES = 4
"""A machine that is busy at the wrong moment can hide any cause once."""

linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what a thread waits for")


@pytest.fixture
def laboratory(monkeypatch: pytest.MonkeyPatch) -> Iterator[Laboratory]:
    here = "tests.contract.causes"
    for name, holds_gil in (("uneven", True), ("wrong", True), ("same_stream", True)):
        monkeypatch.setitem(KERNELS, name, Kernel(name, name, here, name, holds_gil=holds_gil))
    for name in ("sleeps", "locks", "convoy", "twice_as_busy_with_company"):
        monkeypatch.setitem(KERNELS, name, Kernel(name, name, here, name, holds_gil=None, counts="lower-half"))
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    laboratory = Laboratory(read_machine(), Paths.of(os.environ))
    yield laboratory
    laboratory.close()


Measure = Callable[..., Result]


@pytest.fixture
def measure(laboratory: Laboratory) -> Measure:
    def run(kernel: str, mode: str = "threads", samples: int = 1_000_000, **asked: object) -> Result:
        request = RunRequest((kernel,), (mode,), samples=(samples,), **{"repeat": 3, "workers": (2,), **asked})  # type: ignore[arg-type]
        *_, last = laboratory.run(laboratory.plan(request))
        assert isinstance(last, RunFinished)
        (result,) = (each for each in last.results if not each.baseline)
        assert result.status == "ok", result.error
        return result

    return run


def codes(result: Result) -> set[str]:
    return {advice.code for advice in result.advice}


def named(measure: Callable[[], Result], *wanted: Code, never: tuple[Code, ...] = ()) -> Result:
    """The first result of a few tries that names what is wanted; what is false must not be named in any."""
    for _ in range(TRIES):
        result = measure()
        assert not codes(result) & set(never), [advice.sentence for advice in result.advice]
        if codes(result) >= set(wanted):
            return result
    raise AssertionError([advice.sentence for advice in result.advice])


@linux
@pytest.mark.parametrize("kernel", ["python", "numba"])
def test_turns_at_the_gil(measure: Measure, kernel: str) -> None:
    samples = 1_000_000 if kernel == "python" else 20_000_000
    result = named(lambda: measure(kernel, samples=samples), Code.GIL_TURNS, never=(Code.LOCK_WAIT, Code.PARALLEL))
    assert result.losses is not None
    assert result.losses.gil_wait is not None
    assert result.losses.gil_wait > 0.9 * result.losses.waiting


@linux
def test_no_gil_where_it_is_released(measure: Measure) -> None:
    false = (Code.GIL_TURNS, Code.GIL_CONVOY, Code.LOCK_WAIT, Code.WAITING)
    result = named(lambda: measure("numba-nogil", samples=20_000_000), never=false)
    assert result.losses is not None
    assert result.losses.waiting < 0.05 * result.case.workers


@linux
def test_a_lock_that_is_not_the_gil(measure: Measure) -> None:
    result = named(lambda: measure("numpy", samples=3_000_000), Code.LOCK_WAIT, never=(Code.GIL_TURNS,))
    assert any("shared random state" in advice.sentence for advice in result.advice)
    named(lambda: measure("locks", samples=400_000), Code.LOCK_WAIT, never=(Code.GIL_TURNS, Code.GIL_CONVOY))


@linux
def test_sleep(measure: Measure) -> None:
    named(lambda: measure("sleeps", samples=200_000), Code.IO_WAIT, never=(Code.GIL_TURNS, Code.LOCK_WAIT))


@linux
def test_a_convoy_at_the_gil(measure: Measure) -> None:
    """Whether threads fall into step is the machine's whim: where they do, it is named; where not, nothing else is."""
    for _ in range(2):
        result = measure("convoy", samples=20_000)
        switches = max(worker.voluntary_switches or 0 for trial in result.measured for worker in trial.workers)
        waits = sum(worker.gil_wait_s or 0.0 for worker in result.measured[0].workers)
        assert Code.LOCK_WAIT not in codes(result)
        if Code.GIL_CONVOY in codes(result):
            return
        if waits > 0.2 * sum(trial.wall_s for trial in result.measured) and switches > 5_000:
            raise AssertionError([advice.sentence for advice in result.advice])
    pytest.skip("the threads did not fall into a convoy on this machine")


def test_serial_by_design(measure: Measure) -> None:
    result = named(lambda: measure("python", "pool-apply", samples=200_000), Code.SERIAL_BY_DESIGN)
    assert result.advice[0].code == Code.SERIAL_BY_DESIGN


def test_start_up_dominates_tiny_tasks(measure: Measure) -> None:
    result = named(lambda: measure("python", "processes", samples=1000), Code.STARTUP, never=(Code.PARALLEL,))
    advice = next(each for each in result.advice if each.code == Code.STARTUP)
    assert float(advice.evidence["break_even_samples"]) > 1000


def test_cores_shared_with_another_program(measure: Measure) -> None:
    spinning = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2 * (os.cpu_count() or 1))]
    try:
        named(
            lambda: measure("numba-nogil", samples=20_000_000),
            Code.SHARED_CORES,
            never=(Code.GIL_TURNS, Code.GIL_CONVOY, Code.LOCK_WAIT, Code.PARALLEL),
        )
    finally:
        for each in spinning:
            each.kill()
            each.wait()


def test_more_workers_than_cores(measure: Measure) -> None:
    workers = 4 * read_machine().usable_cores
    named(lambda: measure("numba-nogil", samples=5_000_000, workers=(workers,)), Code.OVERSUBSCRIBED)


def test_uneven_work(measure: Measure) -> None:
    seen: set[str] = set()
    for seed in range(20):  # until the two seeds of a trial differ in their last bit in most trials
        result = measure("uneven", "processes", samples=300_000, seed=seed, start_methods=("fork",))
        seen |= codes(result)
        if Code.UNEVEN in seen:
            return
    raise AssertionError(seen)


def test_busy_but_no_faster(measure: Measure) -> None:
    named(lambda: measure("twice_as_busy_with_company", samples=200_000), Code.BUSY_NO_FASTER)


def test_too_short_to_trust(measure: Measure) -> None:
    named(lambda: measure("python", "sequential", samples=10, tasks=(2,)), Code.TOO_SHORT)


def test_an_estimate_that_is_off(measure: Measure) -> None:
    result = measure("wrong", samples=1_000_000)
    assert result.z is not None
    assert result.estimate is not None
    assert abs(result.estimate - math.pi) > 1
    assert result.advice[0].code == Code.ESTIMATE_OFF


def test_streams_that_are_duplicated(measure: Measure) -> None:
    named(lambda: measure("same_stream", samples=300_000), Code.DUPLICATED_STREAMS)
