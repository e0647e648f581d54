"""Sightings and records of a program with one thread."""

from __future__ import annotations

from dataclasses import replace

from pi_tui.analysis.watch.watch_record import WatchRecord
from pi_tui.host.watch_protocol import ProcessSeen, Sighting, ThreadSeen

SECOND_NS = 1_000_000_000
THREAD = ThreadSeen(
    pid=7, tid=7, name="python", since_s=0.0, until_s=2.0, ended=False, calls=True, letters="RG" * 50, running=50, gil=50,
    lock=0, sleep=0, io=0, blocked=0, missed=0, cpu_ns=SECOND_NS, queued_ns=0, slices=400, waits_at="GIL",
)  # fmt: skip
PYTHON = ProcessSeen(7, 1, "python work.py", "3.14", "known")


def make_sighting(
    *threads: ThreadSeen, elapsed_s: float = 2.0, period_ns: int = 2_000_000, python: str = "3.14"
) -> Sighting:
    process = replace(PYTHON, python=python)
    return Sighting(elapsed_s, period_ns, 100, 1000, 0, 0.02, 0, (process,), threads)


def make_record(*threads: ThreadSeen, python: str = "3.14") -> WatchRecord:
    made = WatchRecord()
    made.add(make_sighting(*threads, python=python))
    return made
