"""Bars of one line, to half a cell: a heavy line on a light one, which can be read without colours."""

from __future__ import annotations

from collections.abc import Iterable

from pi_tui.ui.drawing.spans import Span, fit
from pi_tui.ui.state.time_categories import TimeCategory

HEAT_STEPS = 12
"""Steps of brightness along a core's meter: the styles `heat-0` (dim) to `heat-11` (the colour of running)."""

FULL, HALF, TRACK = "━", "╾", "─"


def count_halves(share: float, cells: int) -> int:
    """Return how many half cells of a bar are filled; a share above 0 fills at least one."""
    share = min(1.0, max(0.0, share))
    filled = round(share * cells * 2)
    return 1 if share > 0 and filled == 0 and cells > 0 else filled


def draw_bar(share: float, cells: int, style: str) -> list[Span]:
    """Draw a bar in one style on a track."""
    filled = count_halves(share, cells)
    text = FULL * (filled // 2) + HALF * (filled % 2)
    return _add_track([Span(text, style)] if text else [], cells - len(text))


def draw_heat_bar(share: float, cells: int) -> list[Span]:
    """Draw a bar whose brightness grows along its length, so that a long bar is also a bright one."""
    filled = count_halves(share, cells)
    text = FULL * (filled // 2) + HALF * (filled % 2)
    spans = []
    for step in range(HEAT_STEPS):
        start, end = step * cells // HEAT_STEPS, (step + 1) * cells // HEAT_STEPS
        if part := text[start:end]:
            spans.append(Span(part, f"heat-{step}"))
    return _add_track(spans, cells - len(text))


def heat_step(share: float) -> int:
    """Return the step of brightness of a share, from 0."""
    return min(HEAT_STEPS - 1, int(share * HEAT_STEPS))


def _add_track(spans: list[Span], rest: int) -> list[Span]:
    return [*spans, Span(TRACK * rest, "track")] if rest > 0 else spans


WORKERS, FUNCTION, PI_TUI, OTHERS = "workers", "own", "pi-tui", "others"
USE_GLYPHS = {WORKERS: (FULL, "running"), FUNCTION: ("┅", "key"), PI_TUI: ("┈", "muted"), OTHERS: ("╍", "faint")}
"""What a core is used for, in drawing order: a glyph and a style each, so that colours are not needed to tell them apart.

"own" is what the measured function started: threads besides the workers, and child processes."""


def draw_use_bar(uses: tuple[float, float, float] | None, share: float, cells: int) -> list[Span]:
    """Draw a core's bar of `share`; `uses` are the parts of workers, their own threads, and pi-tui, and others have the rest.

    Where the parts exceed the share, as two clocks that were read apart may, the first ones keep their room. None where the
    parts are unknown.
    """
    if uses is None:
        return draw_heat_bar(share, cells)
    filled = count_halves(share, cells) // 2
    bright = draw_heat_bar(min(uses[0], share), cells)
    spans = [span for span in bright if span.style != "track"]
    used, end = sum(len(span.text) for span in spans), uses[0]
    for name, value in ((FUNCTION, uses[1]), (PI_TUI, uses[2]), (OTHERS, share)):
        end += value
        upto = min(filled, count_halves(end, cells) // 2)
        if upto > used:
            glyph, style = USE_GLYPHS[name]
            spans.append(Span(glyph * (upto - used), style))
            used = upto
    return fit([*spans, Span(TRACK * (cells - used), "track")], cells)


Part = tuple[TimeCategory, float]


def draw_stacked_bar(parts: Iterable[Part], scale: float, room: int) -> list[Span]:
    """Draw parts one after the other with `scale` cells per unit, at most `room` cells; a negative part takes no room."""
    spans: list[Span] = []
    end = 0.0
    used = 0
    for category, value in parts:
        end += max(0.0, value)
        upto = min(room, round(end * scale))
        if upto > used:
            spans.append(Span(category.glyph * (upto - used), category.style))
            used = upto
    return spans
