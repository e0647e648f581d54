"""Charts as one SVG picture: self-contained, of shapes and text alone, large enough to be read on a slide.

Colours are plain attributes, no style sheet: slide programs read those and ignore the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pi_tui.charts.chart import Chart, Series
from pi_tui.charts.palette import PALETTES, Ground, Palette
from pi_tui.charts.scales import Scale, scale_of
from pi_tui.charts.svg_elements import FONTS, broken, element, markup, polyline, text_width, written
from pi_tui.charts.svg_markers import mark
from pi_tui.charts.tick_labels import tick_labels

WIDTH, HEIGHT = 1280.0, 720.0
"""Of a picture with one chart, in pixels: a slide's proportions. Each further chart adds its own height.

Where names and sentences are so many that they would leave a chart less than `LEAST_ROOM`, the picture is taller, and its
data have `TALLER_ROOM`.
"""
LEAST_ROOM, TALLER_ROOM = 300.0, 360.0

_MARGIN, _FOOT = 56.0, 24.0
_HEAD, _ABOVE, _BELOW = 100.0, 58.0, 84.0
"""From the top of a panel to its legend, from there to the room of the data, and from that to the sentences."""
_NOTE_LINE = 25.0
_TITLE, _NAME, _NUMBER, _NOTE, _CAPTION = 32.0, 21.0, 20.0, 18.0, 16.0
"""Sizes of text."""
_SAMPLE, _GAP = 34.0, 30.0
_X_APART, _Y_APART = 110.0, 56.0
_DASHES = {"solid": "", "dashed": "12 8", "dotted": "2 7"}
_CAP = 7.0


@dataclass(frozen=True, slots=True)
class _Room:
    """Where the data of one chart is drawn, in pixels, with its scales."""

    left: float
    top: float
    right: float
    bottom: float
    x: Scale
    y: Scale

    def across(self, value: float) -> float:
        return self.left + self.x.place(value) * (self.right - self.left)

    def down(self, value: float) -> float:
        return self.bottom - self.y.place(value) * (self.bottom - self.top)

    def point(self, x: float, y: float) -> tuple[float, float]:
        return self.across(x), self.down(y)


def to_svg(charts: Sequence[Chart], *, caption: str, ground: Ground = "light") -> str:
    """The charts one below the other, each with its title, legend and sentences; the caption stands at the foot."""
    palette = PALETTES[ground]
    foot = broken(caption, _CAPTION, WIDTH - 2 * _MARGIN)
    foot_height = _FOOT + 22.0 * len(foot)
    slide = HEIGHT - foot_height / max(1, len(charts))
    panels = [_height(chart, slide, palette) for chart in charts]
    height = foot_height + (sum(panels) if panels else slide)
    parts = [element("rect", width=WIDTH, height=height, fill=palette.ground)]
    parts.append(element("title", markup("; ".join(chart.title for chart in charts))))
    top = 0.0
    for index, (chart, panel) in enumerate(zip(charts, panels, strict=True)):
        parts += _panel(chart, index, top, top + panel, palette)
        top += panel
    for number, line in enumerate(foot):
        parts.append(written(line, _MARGIN, height - foot_height + 16.0 + 22.0 * number, _CAPTION, palette.muted))
    return element(
        "svg",
        "\n".join(["", *parts, ""]),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {WIDTH:g} {height:g}",
        width=WIDTH,
        height=height,
        font_family=FONTS,
    )


def _panel(chart: Chart, index: int, top: float, bottom: float, palette: Palette) -> Iterator[str]:
    """One chart between two heights."""
    yield written(chart.title, _MARGIN, top + 58.0, _TITLE, palette.text, font_weight="600")
    legend, y = _legend(chart, top + _HEAD, palette)
    yield from legend
    notes = _notes(chart)
    notes_top = bottom - _NOTE_LINE * len(notes)
    for number, line in enumerate(notes):
        yield written(line, _MARGIN, notes_top + 18.0 + _NOTE_LINE * number, _NOTE, palette.text)
    room = _room(chart, y + _ABOVE, notes_top - _BELOW)
    yield from _axes(chart, room, palette)
    yield element("clipPath", _clip(room), id=f"room-{index}")
    yield from _marks(chart, room, palette)
    inside = [*_bands(chart, room, palette), *_lines(chart, room, palette)]
    yield element("g", "".join(inside), clip_path=f"url(#room-{index})")
    yield from _points(chart, room, palette)


def _notes(chart: Chart) -> list[str]:
    """The sentences below the chart, in lines."""
    return [line for note in chart.notes for line in broken(note, _NOTE, WIDTH - 2 * _MARGIN)]


def _height(chart: Chart, slide: float, palette: Palette) -> float:
    """How tall a panel is: its part of a slide, unless names and sentences leave too little of that for the data."""
    _, legend = _legend(chart, _HEAD, palette)
    rest = legend + _ABOVE + _BELOW + _NOTE_LINE * len(_notes(chart))
    return slide if slide - rest >= LEAST_ROOM else rest + TALLER_ROOM


def _clip(room: _Room) -> str:
    return element("rect", x=room.left, y=room.top, width=room.right - room.left, height=room.bottom - room.top)


def _room(chart: Chart, top: float, bottom: float) -> _Room:
    x, y = scale_of(chart.x, chart.values("x")), scale_of(chart.y, chart.values("y"))
    labels = tick_labels(y.ticks(_most(bottom - top, _Y_APART)), chart.y.quantity)
    left = _MARGIN + max((text_width(label, _NUMBER) for label in labels), default=0.0) + 14.0
    return _Room(left, top, WIDTH - _MARGIN, bottom, x, y)


def _legend(chart: Chart, y: float, palette: Palette) -> tuple[list[str], float]:
    """Every series that is shown with its mark and dash, and the height of the last line."""
    parts: list[str] = []
    x = _MARGIN
    shown = [each for each in chart.series if not each.hidden]
    sizes = [_SAMPLE + 10.0 + text_width(series.name, _NAME) for series in shown]
    if sum(sizes) + _GAP * (len(sizes) - 1) > WIDTH - 2 * _MARGIN:
        sizes = [max(sizes)] * len(sizes)  # in columns where they take several lines
    for series, size in zip(shown, sizes, strict=True):
        if x > _MARGIN and x + size > WIDTH - _MARGIN:
            x, y = _MARGIN, y + 32.0
        colour = _colour(series, palette)
        parts.append(_stroke(((x, y - 7.0), (x + _SAMPLE, y - 7.0)), series, colour))
        if series.marker is not None:
            parts.append(mark(series.marker, x + _SAMPLE / 2, y - 7.0, colour, palette.ground))
        parts.append(written(series.name, x + _SAMPLE + 10.0, y, _NAME, palette.text))
        x += size + _GAP
    return parts, y


def _axes(chart: Chart, room: _Room, palette: Palette) -> Iterator[str]:
    y_ticks = room.y.ticks(_most(room.bottom - room.top, _Y_APART))
    for tick, label in zip(y_ticks, tick_labels(y_ticks, chart.y.quantity), strict=True):
        y = room.down(tick)
        yield element("line", x1=room.left, x2=room.right, y1=y, y2=y, stroke=palette.grid, stroke_width=1.5)
        yield written(label, room.left - 12.0, y + 7.0, _NUMBER, palette.muted, "end")
    x_ticks = room.x.ticks(_most(room.right - room.left, _X_APART))
    for tick, label in zip(x_ticks, tick_labels(x_ticks, chart.x.quantity), strict=True):
        x = room.across(tick)
        yield element("line", x1=x, x2=x, y1=room.top, y2=room.bottom, stroke=palette.grid, stroke_width=1.5)
        yield element("line", x1=x, x2=x, y1=room.bottom, y2=room.bottom + 8.0, stroke=palette.axis, stroke_width=2)
        yield written(label, x, room.bottom + 32.0, _NUMBER, palette.muted, "middle")
    for tick in room.x.minor_ticks(x_ticks):
        x = room.across(tick)
        yield element("line", x1=x, x2=x, y1=room.bottom, y2=room.bottom + 4.0, stroke=palette.axis, stroke_width=1.5)
    corner = ((room.left, room.top), (room.left, room.bottom), (room.right, room.bottom))
    yield element("polyline", points=polyline(corner), fill="none", stroke=palette.axis, stroke_width=2)
    middle = (room.left + room.right) / 2
    yield written(chart.x.title, middle, room.bottom + 64.0, _NAME, palette.text, "middle")
    yield written(chart.y.title, _MARGIN, room.top - 14.0, _NAME, palette.text)


def _bands(chart: Chart, room: _Room, palette: Palette) -> Iterator[str]:
    for series in (each for each in chart.shown if each.band):
        known = [point for point in series.points if point.low is not None and point.high is not None]
        upper = [room.point(point.x, point.high or 0.0) for point in known]
        lower = [room.point(point.x, point.low or 0.0) for point in reversed(known)]
        yield element("polygon", points=polyline(upper + lower), fill=_colour(series, palette), fill_opacity="0.15")


def _lines(chart: Chart, room: _Room, palette: Palette) -> Iterator[str]:
    for series in chart.shown:
        yield _stroke([room.point(point.x, point.y) for point in series.points], series, _colour(series, palette))


def _stroke(points: Sequence[tuple[float, float]], series: Series, colour: str) -> str:
    dashes = {"stroke_dasharray": _DASHES[series.dash]} if series.dash != "solid" else {}
    return element("polyline", points=polyline(points), fill="none", stroke=colour, stroke_width=3, **dashes)


def _marks(chart: Chart, room: _Room, palette: Palette) -> Iterator[str]:
    """Upright lines with their names above, each where there is room for it."""
    taken = _MARGIN + text_width(chart.y.title, _NAME)
    for each in sorted(chart.marks, key=lambda mark: mark.x):
        if not room.x.holds(each.x):
            continue
        x, size = room.across(each.x), text_width(each.label, _NAME)
        yield element("line", x1=x, x2=x, y1=room.top, y2=room.bottom, stroke=palette.muted, stroke_width=2,
                      stroke_dasharray="3 6")  # fmt: skip
        start = max(room.left, min(x - size / 2, room.right - size))
        if start >= taken + _GAP / 2:
            yield written(each.label, start + size / 2, room.top - 14.0, _NAME, palette.muted, "middle")
            taken = start + size


def _points(chart: Chart, room: _Room, palette: Palette) -> Iterator[str]:
    """Error bars first, marks upon them, those out of sight left out."""
    for series in (each for each in chart.shown if each.marker is not None):
        colour = _colour(series, palette)
        seen = [point for point in series.points if room.x.holds(point.x) and room.y.holds(point.y)]
        if not series.band:
            for point in seen:
                if point.low is not None and point.high is not None:
                    yield _error_bar(room, (point.x, point.low, point.high), colour)
        for point in seen:
            yield mark(series.marker or 0, *room.point(point.x, point.y), colour, palette.ground)


def _error_bar(room: _Room, interval: tuple[float, float, float], colour: str) -> str:
    x = room.across(interval[0])
    low, high = (min(max(room.down(value), room.top), room.bottom) for value in interval[1:])
    path = f"M{x:.1f} {low:.1f}V{high:.1f}" + "".join(f"M{x - _CAP:.1f} {y:.1f}h{2 * _CAP:g}" for y in (low, high))
    return element("path", d=path, stroke=colour, stroke_width=2, fill="none")


def _colour(series: Series, palette: Palette) -> str:
    return palette.tints[series.tint % len(palette.tints)]


def _most(length: float, apart: float) -> int:
    return max(2, int(length / apart))
