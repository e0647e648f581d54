"""Scales: from values to positions along an axis, and the values of its ticks (1-2-5 or powers)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pi_tui.charts.chart import Axis, Spacing

_BASES: dict[Spacing, float] = {"log2": 2.0, "log10": 10.0}
_TINY = 1e-9
_PADDING = {"linear": 0.05, "log2": 0.04, "log10": 0.04}
"""The share of the range left free beyond the outermost values."""


@dataclass(frozen=True, slots=True)
class Scale:
    """The range of an axis, `low` < `high`; both above 0 if it is logarithmic. `whole` restricts ticks to whole numbers."""

    spacing: Spacing
    low: float
    high: float
    whole: bool = False

    def position(self, value: float) -> float:
        """Return the position of a value: 0 at `low`, 1 at `high`; far below 0 if it has no logarithm."""
        if self.spacing == "linear":
            return (value - self.low) / (self.high - self.low)
        if value <= 0:
            return -1.0
        low = math.log(self.low)
        return (math.log(value) - low) / (math.log(self.high) - low)

    def value(self, place: float) -> float:
        """Return the value at a position: the inverse of `position`."""
        if self.spacing == "linear":
            return self.low + place * (self.high - self.low)
        return math.exp(math.log(self.low) + place * (math.log(self.high) - math.log(self.low)))

    def contains(self, value: float) -> bool:
        """Return whether a value is visible."""
        return -2 * _TINY <= self.position(value) <= 1 + 2 * _TINY

    def ticks(self, most: int) -> tuple[float, ...]:
        """Return at most `most` evenly spaced visible values to label; at least two if possible."""
        most = max(2, most)
        if self.spacing == "linear":
            return self._even_ticks(most)
        base = _BASES[self.spacing]
        powers = self._powers(base)
        if len(powers) >= 2:
            return self._spread_powers(base, powers, most)
        between = tuple(
            value
            for power in range(math.floor(math.log10(self.low)) - 1, math.ceil(math.log10(self.high)) + 1)
            for step in (1, 2, 5)
            if self.contains(value := step * 10.0**power)
        )
        return between if 2 <= len(between) <= most else self._even_ticks(most)

    def minor_ticks(self, ticks: Sequence[float]) -> tuple[float, ...]:
        """Return values between the labelled ones that get a small tick."""
        if self.spacing == "linear" or len(ticks) < 2:
            return self._minor_even_ticks(ticks)
        ratio = ticks[1] / ticks[0]
        if self.spacing == "log10" and math.isclose(ratio, 10.0):
            decades = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
            values = [step * 10.0**power for power in decades for step in range(2, 10)]
        else:
            values = [_BASES[self.spacing] ** power for power in self._powers(_BASES[self.spacing])]
        return tuple(value for value in values if self.contains(value) and not _contains_tick(value, ticks))

    def _even_ticks(self, most: int) -> tuple[float, ...]:
        step = nice_step((self.high - self.low) / most)
        while len(found := _multiples(self.low, self.high, self._whole_step(step))) > most:
            step = nice_step(step * 1.01)
        step = self._whole_step(step)
        while len(found) < 2:  # the range lies between two whole numbers, or the next step gives too many ticks
            step = nice_step(step / 2.6)
            found = _multiples(self.low, self.high, step)
        return found

    def _whole_step(self, step: float) -> float:
        return max(1.0, step) if self.whole else step

    def _minor_even_ticks(self, ticks: Sequence[float]) -> tuple[float, ...]:
        if self.spacing != "linear" or len(ticks) < 2:
            return ()
        step = ticks[1] - ticks[0]
        first_figure = round(step / 10 ** math.floor(math.log10(step) + _TINY))
        small = self._whole_step(step / (4 if first_figure == 2 else 5))
        return tuple(value for value in _multiples(self.low, self.high, small) if not _contains_tick(value, ticks))

    def _powers(self, base: float) -> range:
        lowest = math.ceil(math.log(self.low, base) - _TINY)
        return range(lowest, math.floor(math.log(self.high, base) + _TINY) + 1)

    @staticmethod
    def _spread_powers(base: float, powers: range, most: int) -> tuple[float, ...]:
        stride = next(stride for stride in range(1, len(powers) + 1) if math.ceil(len(powers) / stride) <= most)
        first = powers.start + (-powers.start) % stride
        chosen = range(first, powers.stop, stride)
        if len(chosen) < 2:
            chosen = range(powers.start, powers.stop, max(1, len(powers) - 1))
        return tuple(base**power for power in chosen)


def nice_step(least: float) -> float:
    """Return the smallest of 1, 2, 5 times a power of ten that is not below `least`."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= least * (1 - _TINY))


def make_scale(axis: Axis, values: Iterable[float]) -> Scale:
    """Return a scale that contains every value (on a logarithmic axis, every value above 0)."""
    whole = axis.quantity == "count"
    if axis.window is not None:
        return Scale(axis.spacing, *axis.window, whole)
    known = [value for value in values if math.isfinite(value) and (axis.spacing == "linear" or value > 0)]
    low, high = (min(known), max(known)) if known else (1.0, 10.0)
    if axis.spacing != "linear":
        base = _BASES[axis.spacing]
        if high / low < base:
            low, high = low / math.sqrt(base), high * math.sqrt(base)
        room = (high / low) ** _PADDING[axis.spacing]
        return Scale(axis.spacing, low / room, high * room, whole)
    if high <= low:
        low, high = min(0.0, low), max(1.0, 2 * high)
    room = (high - low) * _PADDING["linear"]
    return Scale("linear", low if low == 0 else low - room, high + room, whole)


def _multiples(low: float, high: float, step: float) -> tuple[float, ...]:
    slack = _TINY * (high - low) / step  # as much of the range as `Scale.contains` allows
    first, last = math.ceil(low / step - slack), math.floor(high / step + slack)
    return tuple(_round_off(number * step) for number in range(first, last + 1))


def _round_off(value: float) -> float:
    """Remove the floating-point error of a multiplication."""
    return float(f"{value:.12g}")


def _contains_tick(value: float, ticks: Sequence[float]) -> bool:
    return any(math.isclose(value, tick, rel_tol=1e-6, abs_tol=1e-12) for tick in ticks)
