"""Kernels that change their process: what they did is told, and the next kernel's figures are its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from pi_tui.analysis.results import Result
from pi_tui.engine.laboratory import Laboratory
from pi_tui.engine.paths import Paths
from pi_tui.engine.run.events import RunFinished
from pi_tui.engine.run.request import RunRequest
from pi_tui.observe.meters.machine import read_machine

KERNELS = {
    "exits_in_str": """
class Odd(Exception):
    def __str__(self):
        raise SystemExit
def func(n):
    raise Odd
""",
    "ignores_sigterm": """
import signal
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM, signal.SIGCHLD):
    signal.signal(number, signal.SIG_IGN)
def func(n):
    return n
""",
    "reads_the_protocol": """
import os, stat
for name in os.listdir("/proc/self/fd"):
    number = int(name)
    try:
        if number > 2 and stat.S_ISFIFO(os.fstat(number).st_mode):
            os.set_blocking(number, False)
            os.read(number, 65536)
    except OSError:
        pass
def func(n):
    return n
""",
    "replaces_clocks": """
import json, time
time.perf_counter_ns = time.thread_time_ns = time.process_time_ns = lambda: 0
json.dumps = lambda *a, **k: "nonsense"
def func(n):
    return n
""",
}
NEXT = "def func(n):\n    total = 0\n    for number in range(n):\n        total += number\n    return total\n"


@pytest.fixture
def laboratory() -> Iterator[Laboratory]:
    laboratory = Laboratory(read_machine(), Paths.from_environment(os.environ))
    yield laboratory
    laboratory.close()


def run(laboratory: Laboratory, kernels: tuple[str, ...], mode: str) -> list[Result]:
    request = RunRequest(kernels, modes=(mode,), workers=(2,), samples=(100_000,), repeat=2, timeout_s=60.0)
    (finished,) = [event for event in laboratory.run(laboratory.plan(request)) if isinstance(event, RunFinished)]
    return list(finished.results)


@pytest.mark.parametrize("mode", ["sequential", "threads", "pool-map"])
@pytest.mark.parametrize("name", ["ignores_sigterm", "reads_the_protocol", "replaces_clocks"])
def test_the_next_kernel_is_measured_as_ever(laboratory: Laboratory, tmp_path: Path, name: str, mode: str) -> None:
    odd, plain = tmp_path / f"{name}.py", tmp_path / "plain.py"
    odd.write_text(KERNELS[name])
    plain.write_text(NEXT)
    results = run(laboratory, (f"{odd}:func", f"{plain}:func"), mode)
    following = [result for result in results if result.case.kernel.startswith(str(plain))]
    assert following
    for result in following:
        assert result.status == "ok", result.error
        assert all(sum(worker.running_s for worker in trial.workers) > 0 for trial in result.trials)


@pytest.mark.parametrize("mode", ["sequential", "threads", "thread-pool", "processes", "process-pool"])
def test_an_exception_that_cannot_be_described_is_a_failed_row(
    laboratory: Laboratory, tmp_path: Path, mode: str
) -> None:
    odd = tmp_path / "odd.py"
    odd.write_text(KERNELS["exits_in_str"])
    for result in run(laboratory, (f"{odd}:func",), mode):
        assert result.status == "failed"
        assert result.error is not None
        assert "Odd" in f"{result.error.type} {result.error.message}"
