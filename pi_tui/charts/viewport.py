"""The visible part of a chart: zoomed around its centre, and moved within the whole."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pi_tui.charts.chart import Axis, Chart
from pi_tui.charts.scales import make_scale

MIN_VISIBLE_SHARE = 1 / 64
"""The smallest visible share of an axis."""


@dataclass(frozen=True, slots=True)
class Viewport:
    """The visible part of both axes, as shares of their whole length from 0 to 1."""

    x: tuple[float, float] = (0.0, 1.0)
    y: tuple[float, float] = (0.0, 1.0)

    @property
    def shows_all(self) -> bool:
        """Whether everything is visible."""
        return self == Viewport()

    def zoom(self, factor: float) -> Viewport:
        """Return a viewport zoomed around its centre: in if `factor` is below 1, out if above."""
        return Viewport(_zoom_span(self.x, factor), _zoom_span(self.y, factor))

    def move(self, right: float, up: float) -> Viewport:
        """Return a viewport moved by shares of the visible part, within the whole."""
        return Viewport(_move_span(self.x, right), _move_span(self.y, up))


def apply_viewport(chart: Chart, window: Viewport) -> Chart:
    """Return the chart with its axes restricted to the viewport."""
    if window.shows_all:
        return chart
    return replace(
        chart,
        x=_narrow_axis(chart.x, tuple(chart.values("x")), window.x),
        y=_narrow_axis(chart.y, tuple(chart.values("y")), window.y),
    )


def _narrow_axis(axis: Axis, values: tuple[float, ...], part: tuple[float, float]) -> Axis:
    scale = make_scale(axis, values)
    return replace(axis, window=(scale.value(part[0]), scale.value(part[1])))


def _zoom_span(part: tuple[float, float], factor: float) -> tuple[float, float]:
    length = min(1.0, max(MIN_VISIBLE_SHARE, (part[1] - part[0]) * factor))
    return _clamp_span((part[0] + part[1] - length) / 2, length)


def _move_span(part: tuple[float, float], steps: float) -> tuple[float, float]:
    length = part[1] - part[0]
    return _clamp_span(part[0] + steps * length, length)


def _clamp_span(start: float, length: float) -> tuple[float, float]:
    start = min(max(0.0, start), 1.0 - length)
    return start, start + length
