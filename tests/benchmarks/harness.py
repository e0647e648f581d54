"""The laboratory against a bare program: the same function, mode and size, alternately; ratios of medians."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pi_tui.analysis.results import Case
from pi_tui.engine.hosts.host_command import HostCommand
from pi_tui.engine.hosts.host_pool import Host
from pi_tui.engine.hosts.host_process import HostProcess
from pi_tui.engine.paths import Paths
from pi_tui.engine.run.trial_loop import make_trial_request, prepare_kernel
from pi_tui.host.kernels.catalog import KERNELS
from pi_tui.host.protocol import LanesSeen, TrialDone
from tests.benchmarks.figures import Figure, compare_rounds, measure_alternately, within

ROUNDS = 9
"""How often both programs are started again."""

PAIRS = 3
TINY = 10_000
"""With fewer samples a trial is nearly all start-up, which is short and varies more: three times as many pairs."""
SIZES = {"threads": (1_000_000,), "processes": (1_000, 1_000_000), "pool-starmap": (1_000, 1_000_000)}
LIMITS = {"threads": 0.02, "processes": 0.05, "pool-starmap": 0.05}


@contextmanager
def bare_program() -> Iterator[Callable[[str, int], float]]:
    """A running bare program; called with a mode and a number of samples, it returns one wall time."""
    root = Path(__file__).parents[2]
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.bare"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    assert process.stdin is not None
    assert process.stdout is not None
    asked, answers = process.stdin, process.stdout

    def ask(mode: str, samples: int) -> float:
        asked.write(f"{mode} {samples}\n")
        asked.flush()
        return float(answers.readline())

    with process:
        yield ask
        process.terminate()


class Bench:
    """A host that runs one trial after another."""

    def __init__(self) -> None:
        self._host = Host(HostProcess.start(HostCommand(sys.executable), Paths.from_environment(os.environ)))

    @property
    def observer_pid(self) -> int:
        """The observer's process id."""
        return self._host.process.observer_pid

    def trial(self, case: Case) -> float:
        """Run one trial and return its wall, in seconds."""
        prepare_kernel(self._host, KERNELS[case.kernel])
        self._host.trials += 1
        number = self._host.trials
        self._host.process.send(make_trial_request(case, KERNELS[case.kernel], number, number, 1))
        while isinstance(answer := self._host.process.receive(), LanesSeen):
            continue
        assert isinstance(answer, TrialDone), answer
        return answer.wall_s

    def close(self) -> None:
        """End the host."""
        self._host.process.close()


def make_case(kernel: str, mode: str, workers: int, samples: int) -> Case:
    """Make a case as the command line would; `samples` are per task."""
    start_method = None if mode in ("sequential", "threads") else "spawn"
    transport = "queue" if mode == "processes" else None
    return Case(kernel, mode, start_method, transport, "", None, workers, workers, samples)


def figures(rounds: int = ROUNDS, pairs: int = PAIRS) -> Iterator[Figure]:
    """Yield a ratio for each mode and size."""
    for mode, sizes in SIZES.items():
        for samples in sizes:
            yield _compare(mode, samples, rounds, 3 * pairs if samples < TINY else pairs)


def _compare(mode: str, samples: int, rounds: int, pairs: int) -> Figure:
    found = compare_rounds(_round(mode, samples, pairs) for _ in range(rounds))
    about = f"wall, laboratory / bare: {mode}, {samples:,} samples".replace(",", " ").replace("  ", ", ")
    return within(about, found.pop("ratio"), LIMITS[mode], **found)


def _round(mode: str, samples: int, pairs: int) -> tuple[list[float], list[float]]:
    """Return the walls of both, each started again."""
    case = make_case("python", mode, 2, samples)
    bench = Bench()
    try:
        with bare_program() as ask:
            return measure_alternately(pairs, lambda _: bench.trial(case), lambda _: ask(mode, samples))
    finally:
        bench.close()
