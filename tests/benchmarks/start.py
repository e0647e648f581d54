"""What `--version` costs: the command against an interpreter that does nothing. The first frame is in `screen`."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.figures import Figure, compare_pairs, measure_alternately, report

PAIRS = 15
COMMAND = Path(sys.executable).with_name("pi-tui")


def figures(pairs: int = PAIRS) -> Iterator[Figure]:
    """Yield `pi-tui --version` and `python -m pi_tui --version`, each divided by `python -c pass`."""
    ways = {"python -m pi_tui --version": [sys.executable, "-m", "pi_tui", "--version"]}
    if COMMAND.exists():
        ways = {"pi-tui --version": [str(COMMAND), "--version"], **ways}
    for name, command in ways.items():
        ours, theirs = measure_alternately(
            pairs, lambda _, command=command: _wall_s(command), lambda _: _wall_s([sys.executable, "-c", "pass"])
        )
        found = compare_pairs(ours, theirs)
        yield report(f"wall, {name} / python -c pass", found["ratio"], "{:.2f} x", **found)
        yield report(f"wall, {name}", 1000 * found["ours"], "{:.0f} ms")


def _wall_s(command: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began
