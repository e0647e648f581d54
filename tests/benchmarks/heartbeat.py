"""How late the screen's beat comes while pure-Python threads work: in a host, and in the app for contrast."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pi_tui.analysis.text.prose import count
from tests.benchmarks.apps import OpenApp, Request
from tests.benchmarks.figures import Figure, at_most, quantile, report

THREADS = (1, 2, 4, 8)
SAMPLES = 5_000_000
"""Of one trial, shared by its threads: a second or two."""

REPEAT = 3
LIMIT_MS = 20.0
JUDGED = 8
SHARES = (("p50", 0.5), ("p99", 0.99), ("max", 1.0))


def figures(threads: Sequence[int] = THREADS, repeat: int = REPEAT) -> Iterator[Figure]:
    """Yield the median, the 99th percentile and the latest beat, for each number of threads, in the host and in the app."""
    with OpenApp() as app:
        for in_app in (False, True):
            where = "in the app" if in_app else "in the host"
            for workers in threads:
                request: Request = {
                    "kernels": ["python"], "modes": ["threads"], "workers": [workers], "samples": [SAMPLES], "split": True,
                    "repeat": repeat, "warmup": 0, "force": True, "in_app": in_app,
                }  # fmt: skip
                late_s = app.run(request, beats=True)["late_s"]
                about = f"beat's lateness, {count(workers, 'thread')} {where}"
                yield from _spread(about, late_s, judged=workers == JUDGED and not in_app)


def _spread(about: str, late_s: Sequence[float], *, judged: bool) -> Iterator[Figure]:
    for name, share in SHARES:
        late_ms = 1000 * quantile(late_s, share)
        if name == "p99" and judged:
            yield at_most(f"{about}, {name}", late_ms, LIMIT_MS, "{:.1f} ms", beats=len(late_s))
        else:
            yield report(f"{about}, {name}", late_ms, "{:.1f} ms", beats=len(late_s))
