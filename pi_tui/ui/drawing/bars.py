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


_OTHERS_GLYPH = "╍"
_OTHERS_STYLE = "muted"


def draw_shared_bar(workers: float | None, share: float, cells: int) -> list[Span]:
    """Draw a core's bar of `share`, of which `workers` is the part of the measured workers; None where that is unknown."""
    if workers is None:
        return draw_heat_bar(share, cells)
    workers = min(workers, share)
    filled = count_halves(share, cells) // 2
    bright = [span for span in draw_heat_bar(workers, cells) if span.style != "track"]
    used = sum(len(span.text) for span in bright)
    others = max(0, filled - used)
    spans = [*bright, *([Span(_OTHERS_GLYPH * others, _OTHERS_STYLE)] if others else [])]
    rest = cells - used - others
    return fit([*spans, *([Span(TRACK * rest, "track")] if rest > 0 else [])], cells)


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
