"""Each verdict, in real trials with a kernel that causes it.

A busy machine may add verdicts of its own (cores shared with other programs, unstable trials). The tests therefore check
that the true cause is named, and that false causes are not.
"""

from __future__ import annotations

import math
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pi_tui.analysis.advice.codes import AdviceCode
from pi_tui.analysis.advice.validity import MIN_TRIAL_S
from pi_tui.analysis.results import Losses, Result
from pi_tui.engine.laboratory import Laboratory
from pi_tui.engine.paths import Paths
from pi_tui.engine.run.events import RunFinished
from pi_tui.engine.run.request import RunRequest
from pi_tui.host.kernels.catalog import KERNELS, Kernel
from pi_tui.observe.meters.machine import read_machine
from tests.contract.busy_machine import TRIES, measure_until, queued_share

linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux reports what a thread waits for")


@pytest.fixture
def laboratory(monkeypatch: pytest.MonkeyPatch) -> Iterator[Laboratory]:
    here = "tests.contract.loss_kernels"
    for name, holds_gil in (("uneven", True), ("half_the_hits", True), ("same_stream", True)):
        monkeypatch.setitem(KERNELS, name, Kernel(name, name, here, name, holds_gil=holds_gil))
    for name in ("sleeps", "locks", "convoy", "busier_with_others"):
        monkeypatch.setitem(KERNELS, name, Kernel(name, name, here, name, holds_gil=None, counts="lower-half"))
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    laboratory = Laboratory(read_machine(), Paths.from_environment(os.environ))
    yield laboratory
    laboratory.close()


Measure = Callable[..., Result]


@pytest.fixture
def measure(laboratory: Laboratory) -> Measure:
    def run(kernel: str, mode: str = "threads", samples: int = 1_000_000, **options: object) -> Result:
        request = RunRequest((kernel,), (mode,), samples=(samples,), **{"repeat": 3, "workers": (2,), **options})  # type: ignore[arg-type]
        *_, last = laboratory.run(laboratory.plan(request))
        assert isinstance(last, RunFinished)
        (result,) = (each for each in last.results if not each.baseline)
        assert result.status == "ok", result.error
        return result

    return run


def codes(result: Result) -> set[str]:
    return {advice.code for advice in result.advice}


def measure_verdict(
    measure: Callable[[], Result],
    *wanted: AdviceCode,
    never: tuple[AdviceCode, ...] = (),
    also: Callable[[Result], object] = lambda _: True,
) -> Result:
    """Measure until the verdicts include `wanted` and none of `never`, and `also` holds; return that result."""
    return measure_until(
        measure,
        lambda result: codes(result) >= set(wanted) and also(result),
        lambda result: codes(result) & set(never),
    )


def of_losses(holds: Callable[[Losses], object]) -> Callable[[Result], object]:
    """Return a condition on a result that has losses."""
    return lambda result: result.losses is not None and holds(result.losses)


@linux
@pytest.mark.parametrize("kernel", ["python", "numba"])
def test_turns_at_the_gil(measure: Measure, kernel: str) -> None:
    samples = 1_000_000 if kernel == "python" else 20_000_000
    measure_verdict(
        lambda: measure(kernel, samples=samples),
        AdviceCode.GIL_TURNS,
        never=(AdviceCode.LOCK_WAIT, AdviceCode.PARALLEL),
        also=of_losses(lambda losses: losses.gil_wait is not None and losses.gil_wait > 0.9 * losses.waiting),
    )


@linux
def test_no_gil_where_it_is_released(measure: Measure) -> None:
    false = (AdviceCode.GIL_TURNS, AdviceCode.GIL_CONVOY, AdviceCode.LOCK_WAIT, AdviceCode.WAITING)
    measure_verdict(
        lambda: measure("numba-nogil", samples=20_000_000),
        never=false,
        also=of_losses(lambda losses: losses.waiting < 0.05 * losses.workers),
    )


@linux
def test_a_lock_that_is_not_the_gil(measure: Measure) -> None:
    result = measure_verdict(
        lambda: measure("numpy", samples=3_000_000), AdviceCode.LOCK_WAIT, never=(AdviceCode.GIL_TURNS,)
    )
    assert any("shared random state" in advice.sentence for advice in result.advice)
    measure_verdict(
        lambda: measure("locks", samples=400_000),
        AdviceCode.LOCK_WAIT,
        never=(AdviceCode.GIL_TURNS, AdviceCode.GIL_CONVOY),
    )


@linux
def test_sleep(measure: Measure) -> None:
    measure_verdict(
        lambda: measure("sleeps", samples=200_000),
        AdviceCode.IO_WAIT,
        never=(AdviceCode.GIL_TURNS, AdviceCode.LOCK_WAIT),
    )


@linux
def test_a_convoy_at_the_gil(measure: Measure) -> None:
    """Whether a convoy forms depends on the machine. If it does, the verdict names it; if not, it names no other lock."""
    for _ in range(4):
        result = measure("convoy", samples=20_000)
        if AdviceCode.GIL_CONVOY in codes(result):
            return
        said = [advice.sentence for advice in result.advice]
        assert AdviceCode.LOCK_WAIT not in codes(result) or queued_share(result.measured_trials) > 0.05, said
        assert not shows_a_convoy(result), said
    pytest.skip("no convoy formed on this machine")


def shows_a_convoy(result: Result) -> bool:
    """Return whether the case's typical trial shows a convoy: many switches per second and a lot of GIL wait."""
    assert result.losses is not None
    (trial,) = (each for each in result.measured_trials if each.number == result.losses.trial)
    switches = max(worker.voluntary_switches or 0 for worker in trial.workers)
    return (result.losses.gil_wait or 0.0) > 0.2 * result.losses.workers and switches > 1_500 * trial.wall_s


def test_serial_by_design(measure: Measure) -> None:
    result = measure("python", "pool-apply", samples=200_000)
    assert result.advice[0].code == AdviceCode.SERIAL_BY_DESIGN


def test_start_up_dominates_tiny_tasks(measure: Measure) -> None:
    def gives_a_break_even_size(result: Result) -> bool:
        """The advice gives no size if a worker waited for as long as its small task takes."""
        advice = next(each for each in result.advice if each.code == AdviceCode.STARTUP)
        return float(advice.evidence.get("break_even_samples", 0.0)) > 1000

    measure_verdict(
        lambda: measure("python", "processes", samples=5000),
        AdviceCode.STARTUP,
        never=(AdviceCode.PARALLEL,),
        also=gives_a_break_even_size,
    )


def test_cores_shared_with_another_program(measure: Measure) -> None:
    spin = [sys.executable, "-c", "print('at work', flush=True)\nwhile True: pass"]
    spinning = [subprocess.Popen(spin, stdout=subprocess.PIPE) for _ in range(2 * (os.cpu_count() or 1))]
    try:
        for each in spinning:
            assert each.stdout is not None
            assert each.stdout.readline() == b"at work\n"
        measure_verdict(
            lambda: measure("numba-nogil", samples=20_000_000),
            AdviceCode.SHARED_CORES,
            never=(AdviceCode.GIL_TURNS, AdviceCode.GIL_CONVOY, AdviceCode.LOCK_WAIT, AdviceCode.PARALLEL),
        )
    finally:
        for each in spinning:
            each.kill()
            each.communicate()


def test_more_workers_than_cores(measure: Measure) -> None:
    workers = 4 * read_machine().usable_cores
    measure_verdict(lambda: measure("numba-nogil", samples=20_000_000, workers=(workers,)), AdviceCode.OVERSUBSCRIBED)


def test_uneven_work(measure: Measure) -> None:
    seen: set[str] = set()
    for seed in range(20):  # until the last bits of the two seeds differ in most trials
        result = measure("uneven", "processes", samples=300_000, seed=seed, start_methods=("fork",))
        seen |= codes(result)
        if AdviceCode.UNEVEN in seen:
            return
    raise AssertionError(seen)


def test_busy_but_no_faster(measure: Measure) -> None:
    measure_verdict(lambda: measure("busier_with_others", samples=200_000), AdviceCode.BUSY_NO_FASTER)


def test_too_short_to_trust(measure: Measure) -> None:
    """On a busy machine, waiting for a core makes the trial longer; it is then not too short."""
    for _ in range(TRIES):
        result = measure("python", "sequential", samples=10, tasks=(2,), repeat=5)
        assert result.wall_s is not None
        assert (AdviceCode.TOO_SHORT in codes(result)) == (result.wall_s.median < MIN_TRIAL_S)
        if AdviceCode.TOO_SHORT in codes(result):
            return
        computed_s = sum(worker.running_s or 0.0 for worker in result.measured_trials[0].workers)
        assert computed_s < MIN_TRIAL_S, "a task of ten samples"
    pytest.skip(f"waiting for a core takes longer than {MIN_TRIAL_S:g} s here: {result.wall_s}")


def test_an_estimate_that_is_off(measure: Measure) -> None:
    result = measure("half_the_hits", samples=1_000_000)
    assert result.z is not None
    assert result.estimate is not None
    assert abs(result.estimate - math.pi) > 1
    assert result.advice[0].code == AdviceCode.ESTIMATE_OFF


def test_streams_that_are_duplicated(measure: Measure) -> None:
    measure_verdict(lambda: measure("same_stream", samples=300_000), AdviceCode.DUPLICATED_STREAMS)
