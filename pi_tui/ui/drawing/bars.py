"""Bars of one line, to half a cell: a heavy line on a light one, so that neither colour nor ground is needed to read them."""

from __future__ import annotations

from collections.abc import Iterable

from pi_tui.ui.drawing.spans import Span, fit
from pi_tui.ui.state.time_categories import TimeCategory

HEAT_STEPS = 12
"""Steps of brightness along a core's meter: styles `heat-0` (quiet) to the last (the running accent)."""

FULL, HALF, TRACK = "━", "╾", "─"


def count_halves(share: float, cells: int) -> int:
    """How many halves of a bar of `cells` are filled; a share above 0 shows at least one."""
    share = min(1.0, max(0.0, share))
    filled = round(share * cells * 2)
    return 1 if share > 0 and filled == 0 and cells > 0 else filled


def draw_bar(share: float, cells: int, style: str) -> list[Span]:
    """A bar in one style on its track."""
    filled = count_halves(share, cells)
    text = FULL * (filled // 2) + HALF * (filled % 2)
    return _add_track([Span(text, style)] if text else [], cells - len(text))


def draw_heat_bar(share: float, cells: int) -> list[Span]:
    """A bar that gains brightness along its length, so that a high one is a bright one."""
    filled = count_halves(share, cells)
    text = FULL * (filled // 2) + HALF * (filled % 2)
    spans = []
    for step in range(HEAT_STEPS):
        start, end = step * cells // HEAT_STEPS, (step + 1) * cells // HEAT_STEPS
        if part := text[start:end]:
            spans.append(Span(part, f"heat-{step}"))
    return _add_track(spans, cells - len(text))


def heat_step(share: float) -> int:
    """The step of brightness of a share."""
    return min(HEAT_STEPS - 1, int(share * HEAT_STEPS))


def _add_track(spans: list[Span], rest: int) -> list[Span]:
    return [*spans, Span(TRACK * rest, "track")] if rest > 0 else spans


_OTHERS_GLYPH = "╍"
_OTHERS_STYLE = "muted"


def draw_shared_bar(own: float | None, share: float, cells: int) -> list[Span]:
    """A bar of `share`, of which `own` is the measured workers'; one bar where that is not known."""
    if own is None:
        return draw_heat_bar(share, cells)
    own = min(own, share)
    filled = count_halves(share, cells) // 2
    bright = [span for span in draw_heat_bar(own, cells) if span.style != "track"]
    used = sum(len(span.text) for span in bright)
    others = max(0, filled - used)
    spans = [*bright, *([Span(_OTHERS_GLYPH * others, _OTHERS_STYLE)] if others else [])]
    rest = cells - used - others
    return fit([*spans, *([Span(TRACK * rest, "track")] if rest > 0 else [])], cells)


Part = tuple[TimeCategory, float]


def draw_stacked_bar(parts: Iterable[Part], scale: float, room: int) -> list[Span]:
    """Parts one after the other, `scale` cells a unit; a negative part takes no room."""
    spans: list[Span] = []
    end = 0.0
    used = 0
    for meaning, value in parts:
        end += max(0.0, value)
        upto = min(room, round(end * scale))
        if upto > used:
            spans.append(Span(meaning.glyph * (upto - used), meaning.style))
            used = upto
    return spans
