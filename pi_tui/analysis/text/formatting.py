"""Figures formatted for tables: three significant figures, a unit, and a constant width.

Numbers in sentences are formatted by `analysis.text.prose`.
"""

from __future__ import annotations

from math import floor, isfinite, log10
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pi_tui.analysis.results import Interval, Result
    from pi_tui.host.core_account import CoreAccount

THIN_SPACE = "\u2009"

_UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))


def human_count(count: int, space: str = THIN_SPACE) -> str:
    """Format a whole number with its thousands apart: "1 000 000"."""
    return f"{count:,}".replace(",", space)


def plural(count: int, noun: str) -> str:
    """Format a count with its noun: "1 case", "4 cases"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def decimals(value: float, figures: int = 3) -> int:
    """Return how many decimals show `value` with `figures` significant figures (never below 0)."""
    if value == 0 or not isfinite(value):
        return figures - 1
    return max(0, figures - 1 - floor(log10(abs(float(f"{value:.{figures - 1}e}")))))


def three(value: float) -> str:
    """Format `value` with three significant figures, or all before the point: "7.21", "0.134", "12.3", "1234"."""
    return f"{value:.{decimals(value)}f}"


def duration(seconds: float) -> str:
    """Format seconds in a suitable unit, in seven cells, with numbers and units aligned: "7.21 s ", " 134 ms"."""
    scale, unit = _unit(seconds)
    value = seconds / scale
    return f"{value:>4.{_places(value)}f} {unit:<2}"


def spread_text(seconds: float, spread: float) -> str:
    """Format the spread of a duration in the duration's unit and decimals: "±0.04"."""
    scale, _ = _unit(seconds)
    return f"±{spread / scale:.{_places(seconds / scale)}f}"


def span(seconds: float) -> str:
    """Format a length of time for a sentence, with two figures: "1.2 s", "38 s", "4 min", "1 h 20 min", "5 days"."""
    if seconds < 0.0995:
        return f"{max(1, round(seconds * 1000))} ms"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if seconds < 99.5:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h {minutes % 60:02d} min"
    days = round(minutes / (24 * 60))
    return f"{days} days" if days < 1000 else f"{days / 365.25:.3g} years"


def countdown(seconds: float) -> str:
    """Format the time left, to the second: "8 s", "4:05", "1:02:03"."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60}:{rest % 60:02d}"


def speedup_text(speedup: float) -> str:
    """Format a speed-up with three significant figures: "0.98×", "12.3×", "128×"."""
    places = 2 if speedup < 9.995 else 1 if speedup < 99.95 else 0
    return f"{speedup:.{places}f}×"


def interval_text(interval: Interval) -> str:
    """Format the interval of a speed-up in the decimals of its upper end: "1.90-1.97"."""
    places = 2 if interval.high < 9.995 else 1 if interval.high < 99.95 else 0
    return f"{interval.low:.{places}f}-{interval.high:.{places}f}"


def share_text(share: float, gap: str = "") -> str:
    """Format a share of 1 as a whole percentage: "48%"; `gap` stands before the sign."""
    return f"{round(share * 100) + 0}{gap}%"


def describe_cores(account: CoreAccount) -> str:
    """Return who used the cores, each in cores' worth of CPU time: "workers 1.92, pi-tui 0.03, others 0.05".

    What the function itself started is named only where it used a hundredth of a core.
    """
    parts = {
        "workers": account.workers,
        "own threads": account.other_threads,
        "own child processes": account.children,
        "pi-tui": account.pi_tui,
        "others": account.others,
    }
    return ", ".join(
        f"{name} {value:.2f}" for name, value in parts.items() if value >= 0.01 or not name.startswith("own ")
    )


def waiting_share(result: Result) -> float | None:
    """Return the share of time that workers were blocked, from 0 to 1: waiting / wall over all workers that had a task.

    It covers the examined trials (the warm-up before there are measured ones). None before any trial was timed, and if the
    ledger does not know.
    """
    walls = waits = 0.0
    for trial in result.examined_trials:
        busy = [worker for worker in trial.workers if worker.tasks > 0]
        walls += trial.wall_s * len(busy)
        known = [worker.waiting_s for worker in busy if worker.waiting_s is not None]
        if len(known) < len(busy):
            return None
        waits += sum(known)
    return min(1.0, max(0.0, waits / walls)) if walls > 0 else None


def _places(value: float) -> int:
    return min(2, decimals(value))


def _unit(seconds: float) -> tuple[float, str]:
    for scale, unit in _UNITS:
        if abs(seconds) >= scale * 0.9995:
            return scale, unit
    return _UNITS[0] if seconds == 0 else _UNITS[-1]
