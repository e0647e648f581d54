"""Every benchmark, in one table.

    python -m tests.benchmarks [--json FILE] [kernels] [harness] [screen] [heartbeat] [start] [lanes] [history] [agreement]

They need a quiet machine. Each takes a minute or two.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import pi_tui
from pi_tui.observe.meters.machine import read_machine
from tests.benchmarks import agreement, harness, heartbeat, history, kernels, lanes, screen, start
from tests.benchmarks.figures import QUIET, Figure, load, table

PARTS: dict[str, Callable[[], Iterator[Figure]]] = {
    "kernels": kernels.figures,
    "harness": harness.figures,
    "screen": screen.figures,
    "heartbeat": heartbeat.figures,
    "start": start.figures,
    "lanes": lanes.figures,
    "history": history.figures,
    "agreement": agreement.figures,
}


def main() -> None:
    """Measure, print the table, and write everything as JSON."""
    arguments = argparse.ArgumentParser(
        description="Measure the kernels, and what the laboratory costs compared with doing without it."
    )
    arguments.add_argument("--json", type=Path, metavar="FILE", help="write everything to this file")
    arguments.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)}; all by default")
    asked = arguments.parse_args()
    if unknown := set(asked.parts) - set(PARTS):
        arguments.error(f"there is no benchmark {', '.join(unknown)}: {', '.join(PARTS)}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that everything started is ended
    if asked.json is not None:
        asked.json.touch()  # to fail now rather than in some minutes
    with tempfile.TemporaryDirectory(prefix="pi-tui-bench-") as home:  # keeps the user's history clean
        os.environ["PI_TUI_HOME"] = home
        _measure(asked.parts or list(PARTS), asked.json)


def _measure(parts: Sequence[str], kept: Path | None) -> None:
    before = load()
    if before > QUIET:
        print(
            f"The machine is busy (load {before:.1f} per core): the figures are those of a busy machine.",
            file=sys.stderr,
        )
    found: list[Figure] = []
    for part in parts:
        began = time.perf_counter()
        for figure in PARTS[part]():
            found.append(figure)
            print(f"{part}: {figure.about}: {figure.text}", file=sys.stderr, flush=True)
        print(f"{part} took {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
    print(table(found))
    if kept is not None:
        document = {
            "pi_tui": pi_tui.__version__,
            "machine": asdict(read_machine()),
            "load": {"before": before, "after": load()},
            "figures": [{**asdict(figure), "verdict": figure.verdict} for figure in found],
        }
        kept.write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
