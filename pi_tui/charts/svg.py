"""Render charts as one self-contained SVG picture of shapes and text, large enough for a slide.

Colours are plain attributes instead of a style sheet: slide programs ignore style sheets.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pi_tui.charts.chart import Chart, Series
from pi_tui.charts.palette import PALETTES, Ground, Palette
from pi_tui.charts.scales import Scale, make_scale
from pi_tui.charts.svg_elements import (
    FONTS,
    draw_marker,
    escape_text,
    format_points,
    make_element,
    make_text,
    text_width,
    wrap_text,
)
from pi_tui.charts.tick_labels import format_ticks

WIDTH, HEIGHT = 1280.0, 720.0
"""Size of a picture with one chart, in pixels, in a slide's proportions. Each further chart adds its own height.

If names and sentences would leave a chart less than `MIN_PLOT_HEIGHT`, the picture becomes taller and the plot area has
`TALL_PLOT_HEIGHT`.
"""
MIN_PLOT_HEIGHT, TALL_PLOT_HEIGHT = 300.0, 360.0

_MARGIN, _FOOT = 56.0, 24.0
_HEAD, _ABOVE, _BELOW = 100.0, 58.0, 84.0
"""Distances from the top of a panel to its legend, from there to the plot area, and from that to the sentences."""
_NOTE_LINE = 25.0
_TITLE, _NAME, _NUMBER, _NOTE, _CAPTION = 32.0, 21.0, 20.0, 18.0, 16.0
"""Text sizes."""
_SAMPLE, _GAP = 34.0, 30.0
_X_APART, _Y_APART = 110.0, 56.0
_DASHES = {"solid": "", "dashed": "12 8", "dotted": "2 7"}
_CAP = 7.0


@dataclass(frozen=True, slots=True)
class _PlotArea:
    """The plot area of one chart, in pixels, with its scales."""

    left: float
    top: float
    right: float
    bottom: float
    x: Scale
    y: Scale

    def across(self, value: float) -> float:
        return self.left + self.x.position(value) * (self.right - self.left)

    def down(self, value: float) -> float:
        return self.bottom - self.y.position(value) * (self.bottom - self.top)

    def point(self, x: float, y: float) -> tuple[float, float]:
        return self.across(x), self.down(y)


def render_svg(charts: Sequence[Chart], *, caption: str, ground: Ground = "light") -> str:
    """Render the charts one below the other, each with title, legend and sentences; the caption is at the bottom."""
    palette = PALETTES[ground]
    foot = wrap_text(caption, _CAPTION, WIDTH - 2 * _MARGIN)
    foot_height = _FOOT + 22.0 * len(foot)
    slide = HEIGHT - foot_height / max(1, len(charts))
    panels = [_panel_height(chart, slide, palette) for chart in charts]
    height = foot_height + (sum(panels) if panels else slide)
    parts = [make_element("rect", width=WIDTH, height=height, fill=palette.ground)]
    parts.append(make_element("title", escape_text("; ".join(chart.title for chart in charts))))
    top = 0.0
    for index, (chart, panel) in enumerate(zip(charts, panels, strict=True)):
        parts += _draw_panel(chart, index, top, top + panel, palette)
        top += panel
    for number, line in enumerate(foot):
        parts.append(make_text(line, _MARGIN, height - foot_height + 16.0 + 22.0 * number, _CAPTION, palette.muted))
    return make_element(
        "svg",
        "\n".join(["", *parts, ""]),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {WIDTH:g} {height:g}",
        width=WIDTH,
        height=height,
        font_family=FONTS,
    )


def _draw_panel(chart: Chart, index: int, top: float, bottom: float, palette: Palette) -> Iterator[str]:
    """Yield one chart between two heights."""
    yield make_text(chart.title, _MARGIN, top + 58.0, _TITLE, palette.text, font_weight="600")
    legend, y = _draw_legend(chart, top + _HEAD, palette)
    yield from legend
    notes = _wrap_notes(chart)
    notes_top = bottom - _NOTE_LINE * len(notes)
    for number, line in enumerate(notes):
        yield make_text(line, _MARGIN, notes_top + 18.0 + _NOTE_LINE * number, _NOTE, palette.text)
    room = _make_plot_area(chart, y + _ABOVE, notes_top - _BELOW)
    yield from _draw_axes(chart, room, palette)
    yield make_element("clipPath", _draw_clip(room), id=f"room-{index}")
    yield from _draw_marks(chart, room, palette)
    inside = [*_draw_bands(chart, room, palette), *_draw_lines(chart, room, palette)]
    yield make_element("g", "".join(inside), clip_path=f"url(#room-{index})")
    yield from _draw_points(chart, room, palette)


def _wrap_notes(chart: Chart) -> list[str]:
    """Return the sentences below the chart, in lines."""
    return [line for note in chart.notes for line in wrap_text(note, _NOTE, WIDTH - 2 * _MARGIN)]


def _panel_height(chart: Chart, slide: float, palette: Palette) -> float:
    """Return the height of a panel: its part of a slide, unless names and sentences leave too little of it for the data."""
    _, legend = _draw_legend(chart, _HEAD, palette)
    rest = legend + _ABOVE + _BELOW + _NOTE_LINE * len(_wrap_notes(chart))
    return slide if slide - rest >= MIN_PLOT_HEIGHT else rest + TALL_PLOT_HEIGHT


def _draw_clip(room: _PlotArea) -> str:
    return make_element("rect", x=room.left, y=room.top, width=room.right - room.left, height=room.bottom - room.top)


def _make_plot_area(chart: Chart, top: float, bottom: float) -> _PlotArea:
    x, y = make_scale(chart.x, chart.values("x")), make_scale(chart.y, chart.values("y"))
    labels = format_ticks(y.ticks(_max_ticks(bottom - top, _Y_APART)), chart.y.quantity)
    left = _MARGIN + max((text_width(label, _NUMBER) for label in labels), default=0.0) + 14.0
    return _PlotArea(left, top, WIDTH - _MARGIN, bottom, x, y)


def _draw_legend(chart: Chart, y: float, palette: Palette) -> tuple[list[str], float]:
    """Return every visible series with its marker and dash, and the height of the last line."""
    parts: list[str] = []
    x = _MARGIN
    shown = [each for each in chart.series if not each.hidden]
    sizes = [_SAMPLE + 10.0 + text_width(series.name, _NAME) for series in shown]
    if sum(sizes) + _GAP * (len(sizes) - 1) > WIDTH - 2 * _MARGIN:
        sizes = [max(sizes)] * len(sizes)  # align entries in columns if they need several lines
    for series, size in zip(shown, sizes, strict=True):
        if x > _MARGIN and x + size > WIDTH - _MARGIN:
            x, y = _MARGIN, y + 32.0
        colour = _series_colour(series, palette)
        parts.append(_draw_line(((x, y - 7.0), (x + _SAMPLE, y - 7.0)), series, colour))
        if series.marker is not None:
            parts.append(draw_marker(series.marker, x + _SAMPLE / 2, y - 7.0, colour, palette.ground))
        parts.append(make_text(series.name, x + _SAMPLE + 10.0, y, _NAME, palette.text))
        x += size + _GAP
    return parts, y


def _draw_axes(chart: Chart, room: _PlotArea, palette: Palette) -> Iterator[str]:
    y_ticks = room.y.ticks(_max_ticks(room.bottom - room.top, _Y_APART))
    for tick, label in zip(y_ticks, format_ticks(y_ticks, chart.y.quantity), strict=True):
        y = room.down(tick)
        yield make_element("line", x1=room.left, x2=room.right, y1=y, y2=y, stroke=palette.grid, stroke_width=1.5)
        yield make_text(label, room.left - 12.0, y + 7.0, _NUMBER, palette.muted, "end")
    x_ticks = room.x.ticks(_max_ticks(room.right - room.left, _X_APART))
    for tick, label in zip(x_ticks, format_ticks(x_ticks, chart.x.quantity), strict=True):
        x = room.across(tick)
        yield make_element("line", x1=x, x2=x, y1=room.top, y2=room.bottom, stroke=palette.grid, stroke_width=1.5)
        yield make_element(
            "line", x1=x, x2=x, y1=room.bottom, y2=room.bottom + 8.0, stroke=palette.axis, stroke_width=2
        )
        yield make_text(label, x, room.bottom + 32.0, _NUMBER, palette.muted, "middle")
    for tick in room.x.minor_ticks(x_ticks):
        x = room.across(tick)
        yield make_element(
            "line", x1=x, x2=x, y1=room.bottom, y2=room.bottom + 4.0, stroke=palette.axis, stroke_width=1.5
        )
    corner = ((room.left, room.top), (room.left, room.bottom), (room.right, room.bottom))
    yield make_element("polyline", points=format_points(corner), fill="none", stroke=palette.axis, stroke_width=2)
    middle = (room.left + room.right) / 2
    yield make_text(chart.x.title, middle, room.bottom + 64.0, _NAME, palette.text, "middle")
    yield make_text(chart.y.title, _MARGIN, room.top - 14.0, _NAME, palette.text)


def _draw_bands(chart: Chart, room: _PlotArea, palette: Palette) -> Iterator[str]:
    for series in (each for each in chart.drawn_series if each.band):
        known = [point for point in series.points if point.low is not None and point.high is not None]
        upper = [room.point(point.x, point.high or 0.0) for point in known]
        lower = [room.point(point.x, point.low or 0.0) for point in reversed(known)]
        yield make_element(
            "polygon", points=format_points(upper + lower), fill=_series_colour(series, palette), fill_opacity="0.15"
        )


def _draw_lines(chart: Chart, room: _PlotArea, palette: Palette) -> Iterator[str]:
    for series in chart.drawn_series:
        yield _draw_line(
            [room.point(point.x, point.y) for point in series.points], series, _series_colour(series, palette)
        )


def _draw_line(points: Sequence[tuple[float, float]], series: Series, colour: str) -> str:
    dashes = {"stroke_dasharray": _DASHES[series.dash]} if series.dash != "solid" else {}
    return make_element("polyline", points=format_points(points), fill="none", stroke=colour, stroke_width=3, **dashes)


def _draw_marks(chart: Chart, room: _PlotArea, palette: Palette) -> Iterator[str]:
    """Yield vertical lines with their labels above, each if there is room for it."""
    taken = _MARGIN + text_width(chart.y.title, _NAME)
    for each in sorted(chart.marks, key=lambda draw_marker: draw_marker.x):
        if not room.x.contains(each.x):
            continue
        x, size = room.across(each.x), text_width(each.label, _NAME)
        yield make_element("line", x1=x, x2=x, y1=room.top, y2=room.bottom, stroke=palette.muted, stroke_width=2,
                      stroke_dasharray="3 6")  # fmt: skip
        start = max(room.left, min(x - size / 2, room.right - size))
        if start >= taken + _GAP / 2:
            yield make_text(each.label, start + size / 2, room.top - 14.0, _NAME, palette.muted, "middle")
            taken = start + size


def _draw_points(chart: Chart, room: _PlotArea, palette: Palette) -> Iterator[str]:
    """Yield error bars and the markers over them, of visible points."""
    for series in (each for each in chart.drawn_series if each.marker is not None):
        colour = _series_colour(series, palette)
        seen = [point for point in series.points if room.x.contains(point.x) and room.y.contains(point.y)]
        if not series.band:
            for point in seen:
                if point.low is not None and point.high is not None:
                    yield _draw_error_bar(room, (point.x, point.low, point.high), colour)
        for point in seen:
            yield draw_marker(series.marker or 0, *room.point(point.x, point.y), colour, palette.ground)


def _draw_error_bar(room: _PlotArea, interval: tuple[float, float, float], colour: str) -> str:
    x = room.across(interval[0])
    low, high = (min(max(room.down(value), room.top), room.bottom) for value in interval[1:])
    path = f"M{x:.1f} {low:.1f}V{high:.1f}" + "".join(f"M{x - _CAP:.1f} {y:.1f}h{2 * _CAP:g}" for y in (low, high))
    return make_element("path", d=path, stroke=colour, stroke_width=2, fill="none")


def _series_colour(series: Series, palette: Palette) -> str:
    return palette.tints[series.tint % len(palette.tints)]


def _max_ticks(length: float, apart: float) -> int:
    return max(2, int(length / apart))
