"""Numbers along an axis or a bar, as short as they can be while they differ."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from pi_tui.charts.chart import Quantity

_MAX_FIGURES = 12
_STEPS: dict[Quantity, tuple[tuple[float, str], ...]] = {
    "count": ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")),
    "times": (),
    "seconds": ((1.0, " s"), (1e-3, " ms"), (1e-6, " µs"), (1e-9, " ns")),
}
_UNITS: dict[Quantity, str] = {"count": "", "times": "×", "seconds": " s"}
_MIN_DISTANCE = 6
"""Cells from one number to the next, at least."""


def format_ticks(ticks: Sequence[float], quantity: Quantity) -> tuple[str, ...]:
    """Return the label of each tick: "10k", "0.5×", "20 ms". Different ticks have different labels."""
    labels: tuple[str, ...] = ()
    for figures in range(1, _MAX_FIGURES + 1):
        labels = tuple(format_tick(tick, quantity, figures) for tick in ticks)
        exact = tuple(format_tick(tick, quantity, _MAX_FIGURES) for tick in ticks)
        if labels == exact:
            break
    return labels


def format_tick(value: float, quantity: Quantity, figures: int = 3) -> str:
    """Format one number with its unit and at most `figures` significant figures."""
    for scale, unit in _STEPS[quantity]:
        if abs(value) >= scale * (1 - 1e-9):
            scaled = _format_number(value / scale, figures) + unit
            whole = f"{value:.0f}"  # 1024 is shorter than 1.024k
            return whole if quantity == "count" and len(whole) < len(scaled) and value == int(value) else scaled
    if quantity == "seconds" and value:
        scale, unit = _STEPS[quantity][-1]
        return _format_number(value / scale, figures) + unit
    return _format_number(value, figures) + _UNITS[quantity]


def _format_number(value: float, figures: int) -> str:
    text = f"{value:.{figures}g}"
    if "e" in text:
        text = f"{float(text):.{max(0, figures)}f}".rstrip("0").rstrip(".") if abs(value) < 1 else f"{float(text):.0f}"
    return text.replace("-0", "0", 1) if float(text) == 0 else text


def label_workers_bar(workers: int, cells_each: float, room: int) -> str:
    """Return the numbers of workers below a bar, the last one as "2 workers" if it fits into `room` cells.

    Args:
        workers: at least one.
        cells_each: cells of the bar per worker, above 0.
        room: the greatest length of the line.
    """
    steps = (step * 10**power for power in itertools.count() for step in (1, 2, 5))
    step = next(step for step in steps if step * cells_each >= _MIN_DISTANCE)
    end, last = f"{workers} worker{'s' if workers > 1 else ''}", min(round(workers * cells_each), room)
    if last + len(end) > room:
        end = f"{workers}"
        last = min(last, room - len(end))
    text = ""
    for number in range(0, workers, step):
        at = round(number * cells_each)
        if number == 0 or round(workers * cells_each) - at >= _MIN_DISTANCE:
            text = text.ljust(at) + f"{number}"
    return text[:last].ljust(last) + end
