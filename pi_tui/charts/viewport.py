"""What part of a chart is in sight: zoomed about its middle, and moved within what there is."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pi_tui.charts.chart import Axis, Chart
from pi_tui.charts.scales import scale_of

CLOSEST = 1 / 64
"""The smallest share of an axis that is looked at."""


@dataclass(frozen=True, slots=True)
class Window:
    """A part of both axes, by shares of their whole length from 0 to 1."""

    x: tuple[float, float] = (0.0, 1.0)
    y: tuple[float, float] = (0.0, 1.0)

    @property
    def whole(self) -> bool:
        """Whether everything is in sight."""
        return self == Window()

    def zoomed(self, factor: float) -> Window:
        """`factor` below 1 looks closer, above 1 from further away, about the middle."""
        return Window(_zoomed(self.x, factor), _zoomed(self.y, factor))

    def moved(self, right: float, up: float) -> Window:
        """Moved by shares of what is in sight, no further than there is something."""
        return Window(_moved(self.x, right), _moved(self.y, up))


def seen_through(chart: Chart, window: Window) -> Chart:
    """The chart with the window's part of its axes in sight."""
    if window.whole:
        return chart
    return replace(
        chart,
        x=_narrowed(chart.x, tuple(chart.values("x")), window.x),
        y=_narrowed(chart.y, tuple(chart.values("y")), window.y),
    )


def _narrowed(axis: Axis, values: tuple[float, ...], part: tuple[float, float]) -> Axis:
    scale = scale_of(axis, values)
    return replace(axis, window=(scale.value(part[0]), scale.value(part[1])))


def _zoomed(part: tuple[float, float], factor: float) -> tuple[float, float]:
    length = min(1.0, max(CLOSEST, (part[1] - part[0]) * factor))
    return _placed((part[0] + part[1] - length) / 2, length)


def _moved(part: tuple[float, float], steps: float) -> tuple[float, float]:
    length = part[1] - part[0]
    return _placed(part[0] + steps * length, length)


def _placed(start: float, length: float) -> tuple[float, float]:
    start = min(max(0.0, start), 1.0 - length)
    return start, start + length
