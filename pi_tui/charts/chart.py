"""The description of a chart as frozen values: axes, series and marks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Spacing = Literal["linear", "log2", "log10"]
Quantity = Literal["count", "times", "seconds"]
"""What an axis measures, which decides how its numbers are written: "10k", "2×", "5 ms"."""
Dash = Literal["solid", "dashed", "dotted"]


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis.

    Attributes:
        title: the text along it, with the unit if its numbers do not carry one.
        included: values that must be visible, whatever the data.
        window: the first and last visible value after zooming; None shows everything.
    """

    title: str
    quantity: Quantity
    spacing: Spacing = "linear"
    included: tuple[float, ...] = ()
    window: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """A point, with the interval of its `y` if known."""

    x: float
    y: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """Points in the order of their `x`, joined by a line.

    Attributes:
        tint: its colour, 1 to `palette.TINTS`, or 0 for a neutral one.
        marker: the number of its glyph; None draws only the line.
        dash: "solid" for measurements, "dashed" for predictions, "dotted" for ideals.
        band: draw intervals as a band along the line, not as a bar at each point.
        dimmed: another series is selected.
        hidden: only its name in the legend is drawn.
        key: the name of the measured series that it belongs to.
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
    """A vertical line at `x`: a break-even or a peak."""

    x: float
    label: str
    tint: int = 0


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart. `notes` are sentences below it."""

    title: str
    x: Axis
    y: Axis
    series: tuple[Series, ...]
    marks: tuple[Mark, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def drawn_series(self) -> tuple[Series, ...]:
        """The visible series in drawing order: neutral and dimmed ones first, so that measurements are drawn over them."""
        drawn = (each for each in self.series if not each.hidden)
        return tuple(sorted(drawn, key=lambda each: (each.tint != 0, not each.dimmed)))

    def values(self, axis: Literal["x", "y"]) -> Iterator[float]:
        """Yield every value that an axis must include. Hidden series count: hiding one must not move the others."""
        for series in self.series:
            for point in series.points:
                if axis == "x":
                    yield point.x
                else:
                    yield from (value for value in (point.y, point.low, point.high) if value is not None)
        yield from (self.x if axis == "x" else self.y).included
