"""The fastest kernel on all usable cores: the threads run all the time that other programs leave to them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import pytest

from pi_tui.analysis.losses import find_critical_worker, ledger_wall_s, require_known
from pi_tui.analysis.results import Trial
from pi_tui.engine.laboratory import Laboratory
from pi_tui.engine.paths import Paths
from pi_tui.engine.run.events import RunFinished
from pi_tui.engine.run.request import RunRequest
from pi_tui.observe.meters.machine import read_machine
from tests.contract.busy_machine import BUSY, TRIES, describe_queueing, queued_share

SAMPLES = 1_000_000_000
"""Half a second or more per worker, much longer than the start of a thread."""

RUNNING = 0.97
"""The share that must be reached once. A hypervisor that takes a core away shows as waiting."""


@pytest.fixture
def laboratory() -> Iterator[Laboratory]:
    laboratory = Laboratory(read_machine(), Paths.from_environment(os.environ))
    yield laboratory
    laboratory.close()


def running_share(trial: Trial) -> float:
    """Return the running share of the last worker's time in the trial, not counting the time in the queue."""
    last = find_critical_worker(trial.workers)
    assert last is not None
    assert last.queued_s is not None
    return require_known(last.running_s) / (ledger_wall_s(last) - last.queued_s)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux reports how long a thread is queued")
def test_simd_scales_to_every_usable_core(laboratory: Laboratory) -> None:
    shares: list[float] = []
    queued: list[float] = []
    for _ in range(TRIES):
        plan = laboratory.plan(RunRequest(("numba-simd",), ("threads",), samples=(SAMPLES,), repeat=3, warmup=0))
        *_, last = laboratory.run(plan)
        assert isinstance(last, RunFinished)
        (result,) = (each for each in last.results if each.case.mode == "threads")
        assert result.status == "ok", result.error
        assert result.case.workers == read_machine().usable_cores
        shares += [running_share(trial) for trial in result.measured_trials]
        queued += [queued_share((trial,)) for trial in result.measured_trials]
        if max(shares) > RUNNING:
            return
    if min(queued) >= BUSY:  # then the main thread was queued, too, and no ledger shows that
        pytest.skip(describe_queueing(min(queued)))
    raise AssertionError(f"running shares of the time outside the queue: {shares}")
