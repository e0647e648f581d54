"""The GIL comparison: both settings beside each other with lanes, cores, speed-up and waiting, and a sentence below."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from pi_tui.analysis.text.formatting import share_text, speedup_text
from pi_tui.analysis.text.prose import format_seconds
from pi_tui.host.lane_types import LaneState
from pi_tui.ui.drawing.bars import draw_bar, draw_stacked_bar
from pi_tui.ui.drawing.lanes import (
    choose_spacing,
    compress_lane,
    draw_lane,
    draw_legend,
    draw_ruler,
    find_categories,
    ticks_per_cell,
)
from pi_tui.ui.drawing.losses import draw_scale, draw_terms, list_loss_parts
from pi_tui.ui.drawing.spans import Line, Span, fit, justify, wrap
from pi_tui.ui.drawing.sparkline import draw_sparkline
from pi_tui.ui.state.gil_comparison import ComparisonSide, gil_wait_share, mean_cores_used, summarize_comparison
from pi_tui.ui.state.time_categories import GIL_WAIT, WAITING

if TYPE_CHECKING:
    from pi_tui.ui.state.lane_history import LanesView

BESIDE_CELLS = 88
GAP = 3
_LABEL = 10
_VALUE = 12
_MOST_BAR = 30
_FIGURE_LINES = 5
_HISTORY_LINES = 3
_SHADES = ("running", "heat-8", "heat-5")
_LEAST_READINGS = 4
"""With fewer readings than this, no history is drawn."""

_LOSSES_LINES = 10
_WHOLE_LINES = 6
_MOST_WHOLE = 4


def draw_comparison(
    held: ComparisonSide, released: ComparisonSide, usable_cores: int, cells: int, lines: int
) -> list[Line]:
    """Draw the screen: the two sides beside each other where there is room, else one above the other; the sentence below."""
    sentence = wrap(summarize_comparison(held, released), cells - 2, 3)
    room = lines - len(sentence) - 1
    if cells >= BESIDE_CELLS:
        half = (cells - GAP) // 2
        history = all(len(side.cores) >= _LEAST_READINGS for side in (held, released))
        pair = [draw_side(side, usable_cores, half, room, history=history) for side in (held, released)]
        drawn: list[Line] = [
            [*fit(left, half), Span(" " * GAP), *fit(right, half)] for left, right in zip(*pair, strict=True)
        ]
    else:
        above = draw_side(held, usable_cores, cells, room // 2)
        drawn = [*above, *draw_side(released, usable_cores, cells, room - len(above))]
    drawn = drawn[:room]
    drawn += [[]] * (room - len(drawn) + 1)
    drawn += [[Span("▎ ", "running"), Span(line, "text")] for line in sentence]
    return [fit(line, cells) for line in drawn]


def draw_side(side: ComparisonSide, usable_cores: int, cells: int, lines: int, *, history: bool = True) -> list[Line]:
    """Draw one side in exactly `lines` lines: its name, lanes and figures, and where there is room its cores and losses.

    `history` is false where the other side has too few readings of the cores: both sides must have the same lines.
    """
    state = [Span("running", "running")] if side.active else []
    drawn: list[Line] = [justify([Span(side.name, "title")], state, cells)]
    losses = side.result.losses if side.result is not None else None
    lanes = len(side.lanes.lanes) if side.lanes is not None else 0
    past_lines = _HISTORY_LINES if history and lines >= 16 and len(side.cores) >= _LEAST_READINGS else 0
    left = lines - len(drawn) - _FIGURE_LINES - (past_lines + 2 if past_lines else 0)
    with_losses = left >= _LOSSES_LINES + 2 + lanes
    most = left - _LOSSES_LINES if with_losses else left
    whole = _draw_whole_trial(side, cells) if most >= 2 * lanes + _WHOLE_LINES else []
    drawn += whole
    most -= len(whole)
    drawn += _draw_lanes(side, cells, max(1, min(most, 2 + 4 * max(1, lanes))))
    if lines >= 12:
        drawn.append([])
    drawn += _draw_figures(side, usable_cores, cells)
    if past_lines:
        drawn += [[], [Span("cores during its trials", "faint")]]
        past = draw_sparkline(side.cores, cells, past_lines)
        drawn += [[Span(text, shade)] for text, shade in zip(past, _SHADES, strict=True)]
    if with_losses and losses is not None:
        room = cells - 1
        scale = room / max(float(losses.workers), sum(max(0.0, value) for _, value in list_loss_parts(losses)))
        drawn += [[], [Span("where the speed-up went", "faint")]]
        drawn += [draw_stacked_bar(list_loss_parts(losses), scale, room), draw_scale(losses.workers, scale, room)]
        drawn += draw_terms(losses, cells, side.result.speedup if side.result else None)
    drawn = drawn[:lines]
    return [fit(line, cells) for line in [*drawn, *[[]] * (lines - len(drawn))]]


def _draw_whole_trial(side: ComparisonSide, cells: int) -> list[Line]:
    """Draw the trial as a whole, from the first tick with a worker to the last: one line per worker."""
    view = side.lanes
    if view is None or not view.ticks:
        return []
    first, end = _find_active_ticks(view)
    label_cells = max(len(lane.label) for lane in view.lanes) + 1
    room = cells - label_cells
    per_cell = max(1, ceil((end - first) / room))
    told_s = side.trial_s if view.ended and side.trial_s is not None else (end - first) * view.period_ms / 1000
    seconds = format_seconds(told_s)
    drawn: list[Line] = [
        [Span("its whole last trial, " if view.ended else "so far, ", "faint"), Span(seconds, "faint")]
    ]
    for lane in view.lanes[:_MOST_WHOLE]:
        spans = draw_lane(compress_lane(lane.letters[first:end], 0, per_cell, ceil((end - first) / per_cell)))
        drawn.append([Span(f"{lane.label:<{label_cells}}", "muted"), *spans])
    cell_ms = ticks_per_cell(view.period_ms) * view.period_ms
    return [*drawn, [Span(f"in detail, {cell_ms:.3g} ms per cell", "faint")]]


def _find_active_ticks(view: LanesView) -> tuple[int, int]:
    """Return the first tick at which a worker was seen and the tick after the last; sampling begins before and ends after."""
    nowhere = LaneState.ABSENT + LaneState.MISSED
    first = min(view.ticks - len(lane.letters.lstrip(nowhere)) for lane in view.lanes)
    end = max(len(lane.letters.rstrip(nowhere)) for lane in view.lanes)
    return (first, end) if first < end else (0, view.ticks)


def _draw_lanes(side: ComparisonSide, cells: int, lines: int) -> list[Line]:
    """Draw the lanes of the last part of the side's last trial."""
    view = side.lanes
    if view is None or not view.lanes:
        text = "not visible on this system" if view is not None and view.certainty == "none" else "no trial yet"
        return [[Span(text, "faint")], *[[]] * (min(lines, 3) - 1)]
    roomy = lines >= 4
    label_cells = max(len(lane.label) for lane in view.lanes) + 1
    room = cells - label_cells
    per_cell = ticks_per_cell(view.period_ms)
    drawn: list[Line] = []
    if roomy:
        ruler = draw_ruler(room, per_cell * view.period_ms, "end" if view.ended else "now")
        drawn.append([Span(" " * label_cells), *ruler])
    body = lines - 2 if roomy else lines
    shown = view.lanes[:body]
    tall, gap = choose_spacing(body, len(shown))
    for index, lane in enumerate(shown):
        spans = draw_lane(compress_lane(lane.letters, view.first_tick, per_cell, room))
        drawn.append([Span(f"{lane.label:<{label_cells}}", "muted"), *spans])
        drawn += [[Span(" " * label_cells), *spans]] * (tall - 1)
        drawn += [[]] * (gap if index < len(shown) - 1 else 0)
    if roomy:
        more = f"{len(view.lanes) - len(shown)} more workers  " if len(shown) < len(view.lanes) else ""
        drawn.append([Span(more, "muted"), *draw_legend(find_categories(shown))])
    return drawn


def _draw_figures(side: ComparisonSide, usable_cores: int, cells: int) -> list[Line]:
    """Draw wall, speed-up, cores and waiting; what is a share of something has a bar."""
    result = side.result
    ideal = max(1, min(side.case.workers, usable_cores))
    used = mean_cores_used(result)
    share, certain = gil_wait_share(result)
    wall = result.wall_s if result else None
    speedup = result.speedup if result else None
    category = GIL_WAIT if certain else WAITING
    return [
        _draw_figure("wall", "" if wall is None else format_seconds(wall.median), None, "", cells),
        _draw_figure("speed-up", "" if speedup is None else speedup_text(speedup),
                None if speedup is None else speedup / ideal, "running", cells),
        _draw_figure("cores used", "" if used is None else f"{used:.2f} of {usable_cores}",
                None if used is None else used / usable_cores, "running", cells),
        _draw_figure("GIL wait" if certain or share is None else "waiting", "" if share is None else share_text(share),
                share, category.style, cells),
    ]  # fmt: skip


def _draw_figure(label: str, value: str, share: float | None, style: str, cells: int) -> Line:
    head = [
        Span(f"{label:<{_LABEL + 1}}", "muted"),
        Span(f"{value or '-':>{_VALUE}}", "strong" if value else "faint"),
    ]
    room = min(_MOST_BAR, cells - _LABEL - _VALUE - 3)
    return [*head, Span("  "), *draw_bar(share, room, style)] if share is not None and room > 4 else head
