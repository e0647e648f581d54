"""Compare the GIL wait in the ledger with an independent instrument: the sampling profiler of Python 3.15.

Both observe the same loop in as many threads from outside, in turn, each in its own process. The profiler's markers give the
start and end of each wait for the GIL (`profiling.sampling`, documentation of Python 3.15).
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from pi_tui.analysis.results import Result
from pi_tui.engine.laboratory import Laboratory
from pi_tui.engine.paths import Paths
from pi_tui.engine.run.events import RunFinished
from pi_tui.engine.run.request import RunRequest
from pi_tui.observe.meters.machine import read_machine
from tests.benchmarks.figures import Figure, at_most

PYTHON = "PI_TUI_PYTHON_3_15"
WORKERS = (2, 4)
SAMPLES = 8_000_000
"""Of all threads together: about two seconds."""

ROUNDS = 5
POINTS = 0.05
"""The largest accepted difference: five percentage points."""

BARE = """
import random, sys, threading

def darts(samples):
    hits = 0
    for _ in range(samples):
        x, y = random.random(), random.random()
        if x * x + y * y <= 1.0:
            hits += 1
    return hits

workers, samples = map(int, sys.argv[1:])
threads = [threading.Thread(target=darts, args=(samples,)) for _ in range(workers)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""


def figures(rounds: int = ROUNDS) -> Iterator[Figure]:
    """Yield the difference between the two; without Python 3.15, print a message and yield nothing."""
    python = os.environ.get(PYTHON)
    if not python:
        print(f"No Python 3.15 was found ({PYTHON}), so nothing is compared with its profiler.", file=sys.stderr)
        return
    laboratory = Laboratory(read_machine(), Paths.from_environment(os.environ), lanes_shown=True)
    try:
        for workers in WORKERS:
            ours, theirs = [], []
            for _ in range(rounds):
                theirs.append(measure_by_profiler(python, workers, SAMPLES // workers))
                ours.append(measure_by_ledger(laboratory, python, workers, SAMPLES // workers))
            apart = abs(statistics.median(ours) - statistics.median(theirs))
            about = f"GIL wait of {workers} threads: ledger {statistics.median(ours):.1%}"
            about += f", profiler {statistics.median(theirs):.1%}; apart"
            yield at_most(about, apart, POINTS, "{:.1%}", ours=ours, theirs=theirs)
    finally:
        laboratory.close()


def measure_by_ledger(laboratory: Laboratory, python: str, workers: int, samples: int) -> float:
    """Return the share of the workers' kernel time that they waited for the GIL, in one trial."""
    request = RunRequest(
        ("python",), ("threads",), (workers,), (samples,), pythons=(python,), warmup=0, repeat=1, force=True
    )
    *_, last = laboratory.run(laboratory.plan(request))
    assert isinstance(last, RunFinished)
    result = next(result for result in last.results if result.case.workers == workers)
    return _compute_gil_share(result)


def _compute_gil_share(result: Result) -> float:
    (trial,) = result.measured_trials
    waited = sum(worker.gil_wait_s or 0.0 for worker in trial.workers)
    return waited / sum(trial.wall_s - worker.startup_s - worker.idle_s for worker in trial.workers)


def measure_by_profiler(python: str, workers: int, samples: int) -> float:
    """Return the same share by the profiler's markers."""
    with tempfile.TemporaryDirectory(prefix="pi-tui-bench-") as folder:
        script, profile = Path(folder, "darts.py"), Path(folder, "profile.json")
        script.write_text(BARE)
        subprocess.run(
            [
                python,
                "-m",
                "profiling.sampling",
                "run",
                "-a",
                "--gecko",
                "-o",
                profile,
                script,
                str(workers),
                str(samples),
            ],
            check=True,
            capture_output=True,
            cwd=folder,
        )
        told = json.loads(profile.read_text())
    names = told["shared"]["stringArray"]
    waited = lived = 0.0
    for thread in told["threads"]:
        spent = _sum_markers(thread["markers"], names)
        if spent.get("Has GIL", 0.0) > 0.0:  # the main thread only waits for the others
            waited += spent.get("Waiting for GIL", 0.0)
            lived += spent["Has GIL"] + spent.get("No GIL", 0.0)
    return waited / lived


def _sum_markers(markers: dict[str, list[float]], names: list[str]) -> dict[str, float]:
    """Sum the milliseconds of each kind of marker."""
    spent: dict[str, float] = {}
    for name, start, end in zip(markers["name"], markers["startTime"], markers["endTime"], strict=True):
        spent[names[int(name)]] = spent.get(names[int(name)], 0.0) + end - start
    return spent
