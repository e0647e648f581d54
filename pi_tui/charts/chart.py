"""What a chart is, before anything is drawn: axes, series and marks, as frozen values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Spacing = Literal["linear", "log2", "log10"]
Quantity = Literal["count", "times", "seconds"]
"""What an axis counts, and so how its numbers are told: "10k", "2×", "5 ms"."""
Dash = Literal["solid", "dashed", "dotted"]


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis.

    Attributes:
        title: what stands along it, with the unit where its numbers do not carry one.
        within: values that must be in sight, whatever the data.
        window: the first and last value in sight, where a person zoomed in; None shows everything.
    """

    title: str
    quantity: Quantity
    spacing: Spacing = "linear"
    included: tuple[float, ...] = ()
    window: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """A point, with the interval of its `y` where one is known."""

    x: float
    y: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """Points in the order of their `x`, joined by a line.

    Attributes:
        tint: its colour, 1 to `palette.TINTS`, or 0 for a neutral one.
        marker: a number for its glyph; None draws the line alone.
        dash: "solid" was measured, "dashed" is a prediction, "dotted" an ideal.
        band: intervals are drawn as a band along the line, not as a bar at each point.
        quiet: another series is looked at.
        hidden: only its name in the legend is left.
        key: which of the chart's keys it answers to; what belongs to one measured series shares its key.
    """

    name: str
    points: tuple[Point, ...]
    tint: int = 0
    marker: int | None = None
    dash: Dash = "solid"
    band: bool = False
    dimmed: bool = False
    hidden: bool = False
    key: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A vertical line at `x`: a break-even, a peak."""

    x: float
    label: str
    tint: int = 0


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart. `notes` are sentences to stand below it."""

    title: str
    x: Axis
    y: Axis
    series: tuple[Series, ...]
    marks: tuple[Mark, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def drawn_series(self) -> tuple[Series, ...]:
        """The series that are drawn: neutral and quiet ones first, so that what was measured lies on them."""
        drawn = (each for each in self.series if not each.hidden)
        return tuple(sorted(drawn, key=lambda each: (each.tint != 0, not each.dimmed)))

    def values(self, axis: Literal["x", "y"]) -> Iterator[float]:
        """Every value that must have a place on an axis, hidden series included: hiding one must not move the others."""
        for series in self.series:
            for point in series.points:
                if axis == "x":
                    yield point.x
                else:
                    yield from (value for value in (point.y, point.low, point.high) if value is not None)
        yield from (self.x if axis == "x" else self.y).included
