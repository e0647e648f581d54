"""Numbers along an axis, as short as they can be while they differ."""

from __future__ import annotations

from collections.abc import Sequence

from pi_tui.charts.chart import Quantity

_MOST_FIGURES = 12
_STEPS: dict[Quantity, tuple[tuple[float, str], ...]] = {
    "count": ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")),
    "times": (),
    "seconds": ((1.0, " s"), (1e-3, " ms"), (1e-6, " µs"), (1e-9, " ns")),
}
_UNITS: dict[Quantity, str] = {"count": "", "times": "×", "seconds": " s"}


def tick_labels(ticks: Sequence[float], quantity: Quantity) -> tuple[str, ...]:
    """What is written at each tick: "10k", "0.5×", "20 ms". Different ticks have different labels."""
    labels: tuple[str, ...] = ()
    for figures in range(1, _MOST_FIGURES + 1):
        labels = tuple(tick_label(tick, quantity, figures) for tick in ticks)
        exact = tuple(tick_label(tick, quantity, _MOST_FIGURES) for tick in ticks)
        if labels == exact:
            break
    return labels


def tick_label(value: float, quantity: Quantity, figures: int = 3) -> str:
    """One number with its unit, with so many significant figures at most."""
    for scale, unit in _STEPS[quantity]:
        if abs(value) >= scale * (1 - 1e-9):
            scaled = _number(value / scale, figures) + unit
            whole = f"{value:.0f}"  # 1024 is shorter than 1.024k
            return whole if quantity == "count" and len(whole) < len(scaled) and value == int(value) else scaled
    if quantity == "seconds" and value:
        scale, unit = _STEPS[quantity][-1]
        return _number(value / scale, figures) + unit
    return _number(value, figures) + _UNITS[quantity]


def _number(value: float, figures: int) -> str:
    text = f"{value:.{figures}g}"
    if "e" in text:
        text = f"{float(text):.{max(0, figures)}f}".rstrip("0").rstrip(".") if abs(value) < 1 else f"{float(text):.0f}"
    return text.replace("-0", "0", 1) if float(text) == 0 else text
