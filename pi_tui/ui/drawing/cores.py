"""The cores: a meter and a short history for each, or a compact grid where there are many."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from math import ceil

from pi_tui.ui.drawing.bars import HEAT_STEPS, USE_GLYPHS, draw_use_bar, heat_step
from pi_tui.ui.drawing.spans import Line, Span, fit, join_lines, line_width
from pi_tui.ui.drawing.sparkline import draw_sparkline

MOST_METERS = 16
LEAST_METER_CELLS = 18
ROOMY_METER_CELLS = 34
COMPACT_LINES = 4
LEAST_HISTORY_CELLS = 16
GAP = "   "
_LEVELS = "▁▂▃▄▅▆▇█"
_QUIET = 0.02
BLANK, FLOOR = "\u2800", "⣀"
"""What is drawn instead of an empty braille cell in a history."""

Share = float | None
Uses = tuple[float, float, float]
"""The shares of a core of workers, of threads and children of their function, and of pi-tui."""


def draw_cores(
    now: Sequence[Share],
    history: Sequence[Sequence[Share]],
    cells: int,
    lines: int,
    uses: Sequence[Uses] | None = None,
) -> list[Line]:
    """Draw all cores in `cells` by `lines`.

    Args:
        now: the busy share of each core, 0 to 1; None where it is unknown.
        history: earlier readings of all cores, oldest first.
        cells: the width.
        lines: the height.
        uses: of each core, the shares of workers, of threads and children of their function, and of pi-tui; None where they
            are unknown.
    """
    if not now:
        return [fit([Span("No reading yet.", "faint")], cells)]
    columns = _choose_columns(len(now), cells, lines)
    if len(now) > MOST_METERS or columns is None:
        return _draw_grid_and_history(now, history, cells, lines)
    return _draw_meters(now, history, cells, lines, columns, uses)


def mean_share(now: Sequence[Share]) -> float | None:
    """Return the mean of the known shares; None where none is known."""
    known = [share for share in now if share is not None]
    return sum(known) / len(known) if known else None


def abbreviate_cores(now: Sequence[Share]) -> str:
    """Return the cores in a few cells, for a place without room: a glyph per core (or group), and the mean."""
    mean = mean_share(now)
    if mean is None:
        return ""
    each = ceil(len(now) / MOST_METERS)
    groups = [mean_share(now[first : first + each]) or 0.0 for first in range(0, len(now), each)]
    return f"{''.join(_LEVELS[min(7, int(share * 8))] for share in groups)} {mean * 100:.0f}%"


def list_notable_uses(uses: Sequence[Uses], shares: Sequence[Share]) -> list[str]:
    """Return the names of what uses a notable part of any core, in drawing order: the members of `USE_GLYPHS`."""
    busy = sum(share or 0.0 for share in shares)
    totals = [sum(each) for each in zip(*uses, strict=True)]
    totals.append(busy - sum(totals))
    return [name for name, total in zip(USE_GLYPHS, totals, strict=True) if total >= _QUIET]


def wanted_lines(cores: int, cells: int, most: int) -> int:
    """Return how many lines to give the cores, at most `most`: one per core, or a few where there is room for histories."""
    if cores > MOST_METERS:
        return min(most, max(2, ceil(cores / 16)))
    columns = 1 if cores <= 4 else max(1, (cells + len(GAP)) // (ROOMY_METER_CELLS + len(GAP)))
    rows = min(most, ceil(cores / columns))
    return rows * max(1, min(4, most // rows)) if most >= 2 * COMPACT_LINES else rows


def _choose_columns(cores: int, cells: int, lines: int) -> int | None:
    """Choose the number of columns of meters; None where they do not fit."""
    if lines < 1:
        return None
    columns = ceil(cores / lines)
    room = (cells - len(GAP) * (columns - 1)) // columns
    return columns if room >= LEAST_METER_CELLS else None


def _draw_meters(
    now: Sequence[Share],
    history: Sequence[Sequence[Share]],
    cells: int,
    lines: int,
    columns: int,
    uses: Sequence[Uses] | None,
) -> list[Line]:
    per_column = ceil(len(now) / columns)
    each = min(lines // per_column, 7)
    room = (cells - len(GAP) * (columns - 1)) // columns
    blocks: list[list[Line]] = []
    latest = history[-2 * room :]  # two readings per cell, and no history is wider than its core's block
    for core, share in enumerate(now):
        past = [reading[core] for reading in latest if core < len(reading)]
        blocks.append(_draw_core(core, share, past, room, each, len(now), uses[core] if uses else None))
    blank: list[Line] = [fit([], room)] * each
    blocks += [blank] * (per_column * columns - len(blocks))
    return [
        fit(join_lines((blocks[column * per_column + row][line] for column in range(columns)), GAP), cells)
        for row in range(per_column)
        for line in range(each)
    ]


def _draw_core(
    core: int, share: Share, past: Sequence[Share], cells: int, lines: int, cores: int, uses: Uses | None = None
) -> list[Line]:
    """Draw one core: its meter, and its history beside it or, where there are several lines, below it."""
    label = f"{core:>{len(str(cores - 1))}} "
    value = "   -" if share is None else f"{share * 100:>3.0f}%"
    beside = 0 if lines > 1 else (cells - len(label) - len(value) - 1) // 3
    if cells < 30:
        beside = 0
    room = cells - len(label) - len(value) - 1 - (beside + 2 if beside else 0)
    style = "faint" if share is None or share < _QUIET else "text"
    line = [Span(label, "muted"), *draw_use_bar(uses, share or 0.0, room), Span(f" {value}", style)]
    if beside:
        line += [Span("  "), *_colour_by_share(draw_sparkline(past, beside)[0], past, beside)]
    if lines == 1:
        return [fit(line, cells)]
    below = lines - 1 if lines < 4 else lines - 2
    indent = Span(" " * len(label))
    drawn = draw_sparkline(past, room, below)
    shades = [f"heat-{(HEAT_STEPS - 1) * (below - row) // below}" for row in range(below)]
    block: list[Line] = [fit(line, cells)]
    block += [fit([indent, Span(text, shade)], cells) for text, shade in zip(drawn[:-1], shades, strict=False)]
    block.append(fit([indent, *_draw_floor(drawn[-1], shades[-1])], cells))
    return block + [fit([], cells)] * (lines - len(block))


def _draw_floor(text: str, shade: str) -> list[Span]:
    """Draw the lowest line of a history, with a dim floor in place of empty cells."""
    runs = ((blank, "".join(glyphs)) for blank, glyphs in groupby(text, BLANK.__eq__))
    return [Span(FLOOR * len(run), "track") if blank else Span(run, shade) for blank, run in runs]


def _colour_by_share(text: str, past: Sequence[Share], cells: int) -> list[Span]:
    """Draw a history of one line whose cells are as bright as the shares they show."""
    latest = past[-2 * cells :]
    recent: list[Share] = [*[None] * (2 * cells - len(latest)), *latest]
    spans: list[Span] = []
    for index, glyph in enumerate(text):
        share = max(recent[2 * index] or 0.0, recent[2 * index + 1] or 0.0)
        style = f"heat-{heat_step(share)}" if share > 0 else "track"
        glyph = glyph if share > 0 else FLOOR
        if spans and spans[-1].style == style:
            spans[-1] = Span(spans[-1].text + glyph, style)
        else:
            spans.append(Span(glyph, style))
    return spans


def _draw_grid_and_history(
    now: Sequence[Share], history: Sequence[Sequence[Share]], cells: int, lines: int
) -> list[Line]:
    """Draw the grid, and beside it the history of the mean where there is room."""
    grid = _draw_grid(now, cells, lines)
    used = max(line_width(line) for line in grid)
    room = cells - used - len(GAP)
    if room < LEAST_HISTORY_CELLS:
        return grid
    means = [mean_share(reading) for reading in history[-2 * room :]]
    drawn = draw_sparkline(means, room, len(grid))
    shades = [f"heat-{(HEAT_STEPS - 1) * (len(grid) - row) // len(grid)}" for row in range(len(grid))]
    beside = [[Span(text, shade)] for text, shade in zip(drawn[:-1], shades, strict=False)]
    beside.append(_draw_floor(drawn[-1], shades[-1]))
    return [[*fit(line, used), Span(GAP), *past] for line, past in zip(grid, beside, strict=True)]


def _draw_grid(now: Sequence[Share], cells: int, lines: int) -> list[Line]:
    """Draw one glyph per core whose height and brightness are its share, in groups of eight; each row begins with a number."""
    label_cells = len(str(len(now) - 1)) + 1
    per_row, spaced = _choose_row_length(len(now), cells - label_cells, lines)
    rows: list[Line] = []
    for first in range(0, len(now), per_row):
        row = [Span(f"{first:>{label_cells - 1}} ", "muted")]
        for core in range(first, min(first + per_row, len(now))):
            if core > first and core % 8 == 0:
                row.append(Span(" "))
            share = now[core] or 0.0
            glyph = _LEVELS[min(7, int(share * 8))]
            row.append(Span(glyph + " " * spaced, f"heat-{heat_step(share)}" if share >= _QUIET else "idle"))
        rows.append(row)
    if len(rows) > lines > 0:
        hidden = len(now) - per_row * (lines - 1)
        rows = [*rows[: lines - 1], fit([Span(f"and {hidden} more cores", "faint")], cells)]
    return rows


def _choose_row_length(cores: int, cells: int, lines: int) -> tuple[int, bool]:
    """Choose how many cores a row has, and whether a blank follows each."""
    for spaced in (True, False):
        group = 8 * (1 + spaced) + 1
        most = max(1, (cells + 1) // group) * 8
        needed = 8 * ceil(ceil(cores / max(1, lines)) / 8)
        if needed <= most:
            return max(8, needed), spaced
    return max(8, max(1, (cells + 1) // 9) * 8), False
