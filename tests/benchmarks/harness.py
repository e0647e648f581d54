"""The laboratory against a bare script: the same function, mode and size, in turn; ratios of medians.

python -m tests.benchmarks.harness [PAIRS]
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from pi_tui.analysis.results import Case
from pi_tui.engine.environment import HostCommand
from pi_tui.engine.host_process import HostProcess
from pi_tui.engine.paths import Paths
from pi_tui.engine.run import trial_request
from pi_tui.host.protocol import TrialDone

SIZES = {"threads": (1_000_000,), "processes": (1_000, 1_000_000), "pool-starmap": (1_000, 1_000_000)}


def bare() -> tuple[subprocess.Popen[str], Callable[[str, int], float]]:
    """A running bare script, and how to ask it for one wall time."""
    root = Path(__file__).parents[2]
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("bare.py"))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(root)},
    )

    def ask(mode: str, samples: int) -> float:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(f"{mode} {samples}\n")
        process.stdin.flush()
        return float(process.stdout.readline())

    return process, ask


def laboratory(host: HostProcess, mode: str, samples: int, number: int) -> float:
    """One trial's wall time in the laboratory's host."""
    start_method = None if mode == "threads" else "spawn"
    case = Case("python", mode, start_method, "queue" if mode == "processes" else None, "", None, 2, 2, samples)
    host.send(trial_request(case, number, number, 1))
    answer = host.receive()
    assert isinstance(answer, TrialDone), answer
    return answer.wall_s


def compare(pairs: int) -> list[dict[str, float | int | str]]:
    """A row a mode and size: both medians and their ratio."""
    rows: list[dict[str, float | int | str]] = []
    host = HostProcess.start(HostCommand(sys.executable), Paths.of(os.environ))
    process, ask = bare()
    number = 0
    try:
        for mode, sizes in SIZES.items():
            for samples in sizes:
                walls: tuple[list[float], list[float]] = ([], [])
                for pair in range(pairs + 1):  # the first is a warm-up
                    for side in (0, 1) if pair % 2 else (1, 0):
                        number += 1
                        walls[side].append(ask(mode, samples) if side else laboratory(host, mode, samples, number))
                rows.append({"mode": mode, "samples": samples, **ratios(walls[0][1:], walls[1][1:])})
    finally:
        host.close()
        process.terminate()
    return rows


def ratios(ours: list[float], theirs: list[float]) -> dict[str, float]:
    """Medians of both sides, their ratio, and the median ratio of neighbours in time."""
    a, b = statistics.median(ours), statistics.median(theirs)
    paired = statistics.median(x / y for x, y in zip(ours, theirs, strict=True))
    return {"laboratory_s": a, "bare_s": b, "ratio": a / b, "paired": paired}


def main() -> None:
    """Print the table, and the same as JSON on the last line."""
    rows = compare(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
    print(f"{'mode':14} {'samples':>10} {'laboratory':>12} {'bare':>12} {'ratio':>7} {'of pairs':>9}")
    for row in rows:
        print(
            "{mode:14} {samples:>10} {laboratory_s:>10.4f} s {bare_s:>10.4f} s {ratio:>7.3f} {paired:>9.3f}".format(
                **row
            )
        )
    print(json.dumps(rows))


if __name__ == "__main__":
    main()
