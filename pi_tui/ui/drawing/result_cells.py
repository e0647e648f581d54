"""The cells of the results table: one drawing function per column."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pi_tui.analysis.advice.codes import AdviceCode
from pi_tui.analysis.text.formatting import duration, share_text, speedup_text, spread_text
from pi_tui.ui.drawing.bars import draw_bar
from pi_tui.ui.drawing.spans import Span
from pi_tui.ui.state.session import Row
from pi_tui.ui.state.time_categories import GIL_WAIT, IO_WAIT, LOCK_WAIT, WAITING

if TYPE_CHECKING:
    from pi_tui.analysis.results import Case, Result

NEGLIGIBLE = 0.05
"""A waiting share below this is drawn without a category's colour."""


Cell = list[Span]

_CATEGORY_OF_ADVICE = {
    AdviceCode.GIL_TURNS: GIL_WAIT,
    AdviceCode.GIL_CONVOY: GIL_WAIT,
    AdviceCode.LOCK_WAIT: LOCK_WAIT,
    AdviceCode.IO_WAIT: IO_WAIT,
}


def draw_state(row: Row) -> Cell:
    """Draw one glyph: a trial is being timed, the case is unfinished, or it went wrong."""
    if row.active:
        return [Span("▸", "running")]
    glyphs = {
        "running": Span("◌", "muted"),
        "failed": Span("✗", "bad"),
        "unavailable": Span("-", "faint"),
        "stopped": Span("■", "notice"),
    }
    return [glyphs.get(row.state, Span(" "))]


def draw_mode(case: Case, style: str, *, in_app: bool = False) -> Cell:
    """Draw the mode with its start method and transport."""
    options = [option for option in (case.start_method, case.transport) if option]
    spans = [Span(case.mode, style)]
    if options:
        shown = "·".join("shm" if option == "shared-memory" else option for option in options)
        spans.append(Span(f" {shown}", "faint"))
    if in_app:
        spans.append(Span(" in-app", "alarm"))
    return spans


def draw_origin(row: Row, *, when: bool = True) -> Cell:
    """Draw which stored run a row is from; `when` adds the day and time."""
    if row.origin is None:
        return []
    name = Span(f"{'replay' if row.origin.replay else 'run'} {row.origin.run_id}", "key")
    return [name, Span(f" {row.origin.when}", "faint")] if when else [name]


def draw_wall(row: Row, style: str, *, spread: bool = True) -> Cell:
    """Draw the median and spread of the measured trials; before there is one, the warm-up's time."""
    if row.result is None:
        return []
    wall = row.result.wall_s
    if wall is None or row.provisional:
        trials = () if wall else row.result.trials
        seconds = wall.median if wall else trials[-1].wall_s if trials else None
        if seconds is None:
            return []
        return [Span(duration(seconds) + (" warm-up" if spread else ""), "provisional")]
    spans = [Span(duration(wall.median), style)]
    return [*spans, Span(f" {spread_text(wall.median, wall.mad)}", "faint")] if spread else spans


def draw_speedup(row: Row, style: str, usable_cores: int, bar_cells: int) -> Cell:
    """Draw the speed-up, and a bar of its share of the ideal, which is the number of workers or, if smaller, of cores."""
    if row.in_app:
        return [Span("not compared", "faint")]
    if row.result is None or row.result.speedup is None:
        return []
    speedup = row.result.speedup
    style = "provisional" if row.provisional else style
    spans = [Span(f"{speedup_text(speedup):>5}", style)]
    if not bar_cells:
        return spans
    if row.baseline:
        return [*spans, Span(f" {'baseline' if bar_cells >= 8 else ''}", "faint")]
    ideal = max(1, min(row.case.workers, usable_cores))
    return [*spans, Span(" "), *draw_bar(speedup / ideal, bar_cells, "running")]


def choose_waiting_style(result: Result | None, share: float) -> str:
    """Choose the style of the category that the workers waited for most, where that is known."""
    if result is None or share < NEGLIGIBLE:
        return "muted"
    if result.losses is not None and result.losses.gil_wait is not None:
        parts = (
            (result.losses.gil_wait, GIL_WAIT),
            (result.losses.lock_wait or 0.0, LOCK_WAIT),
            (result.losses.io_wait or 0.0, IO_WAIT),
        )
        return max(parts, key=lambda part: part[0])[1].style
    for advice in result.advice:
        for code, category in _CATEGORY_OF_ADVICE.items():
            if advice.code == code:
                return category.style
    return WAITING.style


def draw_waiting(row: Row) -> Cell:
    """Draw the waiting share in per cent."""
    share = row.waiting
    if share is None:
        return []
    style = "provisional" if row.provisional else choose_waiting_style(row.result, share)
    return [Span(share_text(share), style)]


def draw_estimate(row: Row) -> Cell:
    """Draw the kernel's estimate to five decimals."""
    if row.result is None or row.result.estimate is None:
        return []
    return [Span(f"{row.result.estimate:.5f}", "provisional" if row.provisional else "muted")]


def draw_z(row: Row) -> Cell:
    """Draw how many standard deviations the estimate is off, marked where a verdict says that this is no chance."""
    if row.result is None or row.result.z is None:
        return []
    off = abs(row.result.z)
    doubted = any(advice.code == AdviceCode.ESTIMATE_OFF for advice in row.result.advice)
    return [Span(f"{off:.1f}", "bad" if doubted else "muted")]
