"""What the lanes cost, and how many of their ticks are on time: with and without the app's screen, for few and many workers."""

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
from tests.benchmarks.figures import Figure, at_least, at_most, compare_rounds, measure_alternately, report
from tests.benchmarks.harness import Bench, make_case

MANY = 64
WORKERS = (1, 2, 8, MANY)
RATE = 950.0
"""Wanted samples per second while the app draws, for workers that wait for each other."""
RATED = ("python", (1, 2, 8))
"""The kernel and the numbers of workers for which `RATE` is wanted."""

ASKED_HZ = 1000
ASKED = f"app open, --lanes-hz {ASKED_HZ}"
"""The same when the user asks for as many samples as possible, whatever they cost."""

ANEW = 11
"""How often the hosts whose walls are compared are started again."""

PAIRS = 4
ROUNDS = 2
WORK = {"python": 3_000_000, "numba-nogil": 120_000_000}
"""Samples of a trial, shared by its workers: about a second."""


def figures(anew: int = ANEW, pairs: int = PAIRS, rounds: int = ROUNDS) -> Iterator[Figure]:
    """Yield the slow-down; then the ticks made and the observer's CPU time, with and without the app."""
    yield from measure_slow_downs(anew, pairs)
    with Headless() as headless, OpenApp() as app:
        for kernel in WORK:
            without, drawing = [], []
            for _ in range(rounds):
                without += headless.run(_request(kernel))["trials"]
                drawing += app.run(_request(kernel))["trials"]
            yield from _summarise_lanes(kernel, "headless", without)
            yield from _summarise_lanes(kernel, "app open", drawing)
    with OpenApp(ASKED_HZ) as app:
        kernel = RATED[0]
        drawing = [trial for _ in range(rounds) for trial in app.run(_request(kernel))["trials"]]
        yield from _summarise_lanes(kernel, ASKED, drawing)


def _request(kernel: str) -> Request:
    """Make a request for about a second in threads, for all numbers of workers."""
    return {
        "kernels": [kernel], "modes": ["threads"], "workers": list(WORKERS), "samples": [WORK[kernel]],
        "split": True, "repeat": 2, "warmup": 0, "force": True,
    }  # fmt: skip


def _summarise_lanes(kernel: str, where: str, trials: list[dict[str, Any]]) -> Iterator[Figure]:
    """Yield medians over the trials with the same number of workers."""
    for workers in WORKERS:
        ours = [trial for trial in trials if trial["workers"] == workers and trial["mode"] == "threads"]
        due = [trial["made"] + trial["missed"] for trial in ours]
        made = statistics.median(trial["made"] / ticks for trial, ticks in zip(ours, due, strict=True) if ticks)
        cpu = statistics.median(trial["observer_cpu"] for trial in ours)
        rates = sorted({round(1e9 / trial["period_ns"]) for trial in ours if trial["period_ns"]})
        about = f"{kernel}, {workers} {'thread' if workers == 1 else 'threads'}, {where}"
        name = f"ticks in time, {about}"
        if workers == MANY:
            yield report(name, made, "{:.1%}", rates=rates, trials=ours)
        else:
            yield at_least(name, made, 0.95, "{:.1%}", rates=rates, trials=ours)
        achieved = statistics.median(trial["made"] / trial["wall_s"] for trial in ours)
        name = f"lane samples per second, {about}"
        if where in ("app open", ASKED) and kernel == RATED[0] and workers in RATED[1]:
            yield at_least(name, achieved, RATE, "{:.0f}", rates=rates)
        else:
            yield report(name, achieved, "{:.0f}", rates=rates)
        name = f"observer's CPU, {about}"
        limited = workers == 8 and where != ASKED
        yield at_most(name, cpu, 0.03, "{:.2%}") if limited else report(name, cpu, "{:.2%}")


def measure_slow_downs(anew: int, pairs: int) -> Iterator[Figure]:
    """Yield the walls of an observed run divided by those of an unobserved one, measured alternately."""
    cores = read_machine().usable_cores
    for kernel, samples in (("numba-nogil", 50_000_000), ("python", 1_000_000)):
        case = make_case(kernel, "threads", cores, samples)
        found = compare_rounds(_measure_both(case, pairs) for _ in range(anew))
        about = f"wall, lanes seen / unseen: {kernel}, {cores} threads"
        yield at_most(about, found.pop("ratio"), 1.01, "{:.3f} x", **found)


def _measure_both(case: Case, pairs: int) -> tuple[list[float], list[float]]:
    """Return the walls of both, each in a new host."""
    seeing, blind = Bench(), _start_unobserved()
    try:
        return measure_alternately(pairs, lambda _: seeing.trial(case), lambda _: blind.trial(case))
    finally:
        seeing.close()
        blind.close()


def _start_unobserved() -> Bench:
    """Start a host whose workers are not sampled."""

    def command_line(python: str, control: int) -> tuple[str, ...]:
        return (python, "-P", "-S", str(Path(__file__).with_name("blind_observer.py")), str(control))

    with mock.patch.object(host_launch, "build_observer_command_line", command_line):
        return Bench()
