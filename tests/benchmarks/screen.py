"""What the screen costs: the app in a pseudo-terminal against an empty Textual app, and against a run without a screen."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Iterator
from typing import Any

from pi_tui.observe.meters.machine import read_machine
from tests.benchmarks.apps import Headless, OpenApp, Request
from tests.benchmarks.figures import (
    Figure,
    at_least,
    at_most,
    compare_pairs,
    compare_rounds,
    measure_alternately,
    quantile,
)
from tests.benchmarks.terminal import Terminal

FRAMES = 9
ANEW = 9
"""How often the app and the laboratory are started again to compare their throughput."""
PAIRS = 2
IDLE_S = 15.0

Trial = dict[str, Any]
"""The fields of `ObservedTrial`."""

MARKER = "pi-tui"
"""Text in the first line of both."""

EMPTY = f"""
from textual.app import App
from textual.widgets import Static
class Empty(App):
    def compose(self):
        yield Static({MARKER!r})
Empty().run()
"""
EIGHT: Request = {
    "kernels": ["python"], "modes": ["threads"], "workers": [8], "samples": [4_000_000], "split": True, "repeat": 3,
    "warmup": 0, "force": True,
}  # fmt: skip
"""Eight pure-Python threads and their baseline, about a dozen seconds."""


def figures(frames: int = FRAMES, anew: int = ANEW, pairs: int = PAIRS) -> Iterator[Figure]:
    """Yield the first frame, the CPU time when idle and during a run, the beat, and the throughput."""
    yield measure_first_frame(frames)
    with OpenApp() as app:
        idle = app.idle(IDLE_S)["cpu"]
        yield at_most(f"app's CPU, idle for {IDLE_S:.0f} s", idle, 0.01, "{:.2%}")
        running = app.run(EIGHT)["cpu"]
        yield at_most("app's CPU during a run (python, 8 threads)", running, 0.04, "{:.2%}")
        late_ms = [1000 * late for late in app.run(EIGHT, beats=True)["late_s"]]
        spread = {name: quantile(late_ms, share) for name, share in (("p50", 0.5), ("p99", 0.99), ("max", 1.0))}
        about = "beat's lateness during the same, 99th percentile"
        yield at_most(about, spread["p99"], 20.0, "{:.1f} ms", **spread, beats=len(late_ms))
    yield measure_throughput(anew, pairs)


def measure_first_frame(rounds: int) -> Figure:
    """Compare the seconds from a program's start until the same text is on the terminal."""
    ours, empty = measure_alternately(
        rounds, lambda _: _until_drawn("-m", "pi_tui"), lambda _: _until_drawn("-c", EMPTY)
    )
    found = compare_pairs(ours, empty)
    return at_most("first frame, app / empty Textual app", found["ratio"], 2.0, "{:.2f} x", **found)


def _until_drawn(*arguments: str) -> float:
    terminal = Terminal([sys.executable, *arguments])
    try:
        return terminal.seconds_until(MARKER.encode())
    finally:
        terminal.end()


def measure_throughput(anew: int, pairs: int) -> Figure:
    """Compare samples per second on all usable cores with and without the app's screen; both are started again in each round.

    The details tell what took the workers' cores away: their own queued share, and the CPU time of app and observer.
    """
    seen: tuple[list[Trial], list[Trial]] = ([], [])
    found = compare_rounds(_open_and_headless(pairs, *seen) for _ in range(anew))
    about = f"throughput on {read_machine().usable_cores} cores, app open / headless"
    named = {"open": _means(seen[0]), "headless": _means(seen[1])}
    return at_least(about, found.pop("ratio"), 0.98, "{:.3f} x", **found, **named)


def _open_and_headless(pairs: int, opened: list[Trial], headless: list[Trial]) -> tuple[list[float], list[float]]:
    """Return trials per second of both, measured alternately, and add each trial to the two lists."""
    cores = read_machine().usable_cores
    request: Request = {
        "kernels": ["numba-nogil"], "modes": ["threads"], "workers": [cores], "samples": [40_000_000], "repeat": 3,
        "warmup": 0, "force": True,
    }  # fmt: skip

    def rate(told: dict[str, Any], seen: list[Trial]) -> float:
        """By the median wall of those on all cores."""
        on_all = [trial for trial in told["trials"] if trial["workers"] == cores]
        seen += on_all
        return 1.0 / statistics.median(trial["wall_s"] for trial in on_all)

    with OpenApp() as app, Headless() as bare:
        return measure_alternately(
            pairs, lambda _: rate(app.run(request), opened), lambda _: rate(bare.run(request), headless)
        )


def _means(trials: list[Trial]) -> dict[str, float | None]:
    """Return the mean of each share that is known."""
    shares = ("queued", "listener_cpu", "observer_cpu")
    known = {share: [trial[share] for trial in trials if trial[share] is not None] for share in shares}
    return {share: statistics.fmean(values) if values else None for share, values in known.items()}
