"""What the lanes cost and how many of their ticks come in time: with the app drawing and without, for few workers and many."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

from pi_tui.analysis.results import Case
from pi_tui.engine.hosts import host_launch
from pi_tui.observe.meters.machine import read_machine
from tests.benchmarks.apps import Headless, OpenApp, Request
from tests.benchmarks.figures import Figure, at_least, at_most, compared_anew, in_turn, told
from tests.benchmarks.harness import Bench, case_of

MANY = 64
WORKERS = (1, 2, 8, MANY)
RATE = 950.0
"""Looks a second that are wanted while the app draws, at work whose workers wait for each other; of so many workers:"""
RATED = ("python", (1, 2, 8))

ASKED_HZ = 1000
ASKED = f"app open, --lanes-hz {ASKED_HZ}"
"""The same where a person wants as many looks as there can be, whatever they cost."""

ANEW = 11
"""So often the hosts whose walls are compared are started anew."""

PAIRS = 4
ROUNDS = 2
WORK = {"python": 3_000_000, "numba-nogil": 120_000_000}
"""Samples of a trial, shared by its workers: a second or so."""


def figures(anew: int = ANEW, pairs: int = PAIRS, rounds: int = ROUNDS) -> Iterator[Figure]:
    """Slow-down; then ticks made and the observer's CPU, without and with the app."""
    yield from slow_downs(anew, pairs)
    with Headless() as headless, OpenApp() as app:
        for kernel in WORK:
            without, drawing = [], []
            for _ in range(rounds):
                without += headless.run(_request(kernel))["trials"]
                drawing += app.run(_request(kernel))["trials"]
            yield from _looks(kernel, "headless", without)
            yield from _looks(kernel, "app open", drawing)
    with OpenApp(ASKED_HZ) as app:
        kernel = RATED[0]
        drawing = [trial for _ in range(rounds) for trial in app.run(_request(kernel))["trials"]]
        yield from _looks(kernel, ASKED, drawing)


def _request(kernel: str) -> Request:
    """A second or so in threads, for all numbers of workers."""
    return {
        "kernels": [kernel], "modes": ["threads"], "workers": list(WORKERS), "samples": [WORK[kernel]],
        "split": True, "repeat": 2, "warmup": 0, "force": True,
    }  # fmt: skip


def _looks(kernel: str, where: str, trials: list[dict[str, Any]]) -> Iterator[Figure]:
    """Medians over the trials of as many workers."""
    for workers in WORKERS:
        ours = [trial for trial in trials if trial["workers"] == workers and trial["mode"] == "threads"]
        due = [trial["made"] + trial["missed"] for trial in ours]
        made = statistics.median(trial["made"] / ticks for trial, ticks in zip(ours, due, strict=True) if ticks)
        cpu = statistics.median(trial["observer_cpu"] for trial in ours)
        rates = sorted({round(1e9 / trial["period_ns"]) for trial in ours if trial["period_ns"]})
        about = f"{kernel}, {workers} {'thread' if workers == 1 else 'threads'}, {where}"
        name = f"ticks in time, {about}"
        if workers == MANY:
            yield told(name, made, "{:.1%}", rates=rates, trials=ours)
        else:
            yield at_least(name, made, 0.95, "{:.1%}", rates=rates, trials=ours)
        achieved = statistics.median(trial["made"] / trial["wall_s"] for trial in ours)
        name = f"looks a second, {about}"
        if where in ("app open", ASKED) and kernel == RATED[0] and workers in RATED[1]:
            yield at_least(name, achieved, RATE, "{:.0f}", rates=rates)
        else:
            yield told(name, achieved, "{:.0f}", rates=rates)
        name = f"observer's CPU, {about}"
        limited = workers == 8 and where != ASKED
        yield at_most(name, cpu, 0.03, "{:.2%}") if limited else told(name, cpu, "{:.2%}")


def slow_downs(anew: int, pairs: int) -> Iterator[Figure]:
    """Walls of a run that is looked at, by those of one that is not; in turn."""
    cores = read_machine().usable_cores
    for kernel, samples in (("numba-nogil", 50_000_000), ("python", 1_000_000)):
        case = case_of(kernel, "threads", cores, samples)
        found = compared_anew(_seen_and_unseen(case, pairs) for _ in range(anew))
        about = f"wall, lanes seen / unseen: {kernel}, {cores} threads"
        yield at_most(about, found.pop("ratio"), 1.01, "{:.3f} x", **found)


def _seen_and_unseen(case: Case, pairs: int) -> tuple[list[float], list[float]]:
    """Walls of both, each in a host started anew."""
    seeing, blind = Bench(), _blind()
    try:
        return in_turn(pairs, lambda _: seeing.trial(case), lambda _: blind.trial(case))
    finally:
        seeing.close()
        blind.close()


def _blind() -> Bench:
    """A host whose workers nobody looks at."""

    def command_line(python: str, control: int) -> tuple[str, ...]:
        return (python, "-P", "-S", str(Path(__file__).with_name("blind_observer.py")), str(control))

    with mock.patch.object(host_launch, "build_observer_command_line", command_line):
        return Bench()
