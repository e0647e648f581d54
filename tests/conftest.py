"""What every test shares: a data and cache folder of its own, never the person's; and a run to write and to print."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from pi_tui.analysis.results import Advice, Case, Interpreter, Losses, Machine, Result, Spread, Trial
from pi_tui.host.protocol import Failure, WorkerLedger
from pi_tui.storage.run_record import RunRecord

# How long an example takes, and how long it takes to make one, is the machine's business, and this one may be busy. The
# examples are the same each time: whether a tree passes is no matter of luck. They are few, as they would be the same few
# anyway: `--hypothesis-profile=search` draws others, and many.
settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True, max_examples=40
)
settings.register_profile("search", settings.get_profile("any machine"), derandomize=False, max_examples=500)
settings.load_profile("any machine")


def pytest_configure() -> None:
    """A shell that starts the tests in the background has Ctrl-C ignored in all of them; some test just that."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def laboratory_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """`PI_TUI_HOME`, the same for the whole session: what Numba compiled for one test serves the next."""
    home = tmp_path_factory.mktemp("pi-tui-home")
    before = os.environ.get("PI_TUI_HOME")
    os.environ["PI_TUI_HOME"] = str(home)
    yield home
    if before is None:
        del os.environ["PI_TUI_HOME"]
    else:
        os.environ["PI_TUI_HOME"] = before


@pytest.fixture
def run_record() -> RunRecord:
    """Four results: a baseline, a case that took turns, one that failed with an ugly message, one that was unavailable."""
    machine = Machine("Linux 6", "A Processor", 8, 4, 8, 2.5, 3, 16 << 30, 8 << 30)
    python = Interpreter("3.11.7", "/python", "3.11.7", "cpython", False, True, {"numpy": "2.4.0"}, ("spawn", "fork"))
    return RunRecord(machine, (python,), (_baseline(), _threads(), _failed(), _unavailable()))


def _result(case: Case, **figures: Any) -> Result:
    fields: dict[str, Any] = {
        "baseline": False,
        "status": "ok",
        "finished": True,
        "error": None,
        "repeat": 2,
        "seed": 7,
        "gil_enabled": None,
        "free_threaded_build": False,
    }
    return Result(case, **(fields | figures))


def _baseline() -> Result:
    return _result(
        Case("python", "sequential", None, None, "3.11.7", None, 1, 1, 1_000_000),
        baseline=True,
        gil_enabled=True,
        trials=(_trial("warmup", 0, 0.40, 1), _trial("measured", 1, 0.30, 1), _trial("measured", 2, 0.32, 1)),
        wall_s=Spread(0.31, 0.30, 0.32, 0.01),
        samples_per_s=1e6 / 0.31,
        speedup=1.0,
        efficiency=1.0,
        estimate=3.1412,
        z=-0.24,
    )


def _threads() -> Result:
    return _result(
        Case("python", "threads", None, None, "3.11.7", None, 2, 2, 1_000_000),
        gil_enabled=True,
        trials=(_trial("warmup", 0, 0.66, 2), _trial("measured", 1, 0.62, 2), _trial("measured", 2, 0.64, 2)),
        wall_s=Spread(0.63, 0.62, 0.64, 0.01),
        samples_per_s=2e6 / 0.63,
        speedup=0.984,
        efficiency=0.492,
        estimate=3.1418,
        z=0.18,
        losses=Losses(0.98, 0.01, 0.0, 1.0, None, None, None, 0.0, 0.005, 0.0, 0.005, workers=2, worker=1, trial=1),
        advice=(Advice("gil-wait", "The threads took turns.", {"waiting_share": 0.49, "drift": float("nan")}),),
    )


def _failed() -> Result:
    return _result(
        Case("numba", "processes", "spawn", "queue", "3.11.7", None, 2, 2, 1_000_000),
        status="failed",
        error=Failure("ValueError", '=1+1 | a "quoted"\nsecond line, and <b>more</b>', "the traceback"),
        z=float("inf"),
    )


def _unavailable() -> Result:
    return _result(
        Case("numpy", "threads", None, None, "3.11.7", False, 2, 2, 1_000_000),
        status="unavailable",
        error=Failure("Unavailable", "numpy cannot run without the GIL on 3.11.7"),
    )


def _trial(kind: str, number: int, wall_s: float, workers: int) -> Trial:
    running_s = wall_s / workers - 0.02
    ledgers = tuple(
        WorkerLedger(index, 100, 200 + index, 1, 1_000_000, 0.01, running_s, 0.0, wall_s - running_s - 0.02, 0.0, 0.01)
        for index in range(workers)
    )
    return Trial(
        "warmup" if kind == "warmup" else "measured", number, wall_s, 1.7e9 + number, ledgers, (785_300,) * workers
    )
