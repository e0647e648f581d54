"""Where the speed-up went: a stacked bar per row, and the selected row in full with its terms and its workers' ledgers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len

from pi_tui.analysis.loss_terms import TERM_MEANINGS, stack_terms
from pi_tui.analysis.losses import has_known_ledger
from pi_tui.analysis.text.formatting import speedup_text
from pi_tui.analysis.text.prose import format_seconds
from pi_tui.analysis.text.short_names import shorten_kernel_name
from pi_tui.charts.tick_labels import label_workers_bar
from pi_tui.ui.drawing.bars import Part, draw_stacked_bar
from pi_tui.ui.drawing.ledgers import draw_ledgers
from pi_tui.ui.drawing.spans import Line, Span, fit, join_lines, justify, line_width, wrap
from pi_tui.ui.state.row_fields import describe_failure
from pi_tui.ui.state.time_categories import TERM_CATEGORIES

if TYPE_CHECKING:
    from pi_tui.analysis.loss_terms import Term
    from pi_tui.analysis.results import Losses, Result, Trial
    from pi_tui.ui.state.session import Row

NEGLIGIBLE = 0.005
"""A term below this is written as 0.00."""

BESIDE_CELLS = 92
"""From this width on, the workers' ledgers are beside the terms."""

_TERM_CELLS = 62
_CLOCK_DIFFERENCE = 0.05
"""Where the speed-ups by the clock and in CPU time differ by more than this, both are shown."""
_MOST_LABEL = 34
_LEAST_LARGE = 11
"""Below this height only the selected row is shown."""
_INSIDE = "A run inside the app has no bars, as it is no measurement. A run in a host process has them."


class Layout(NamedTuple):
    """What there is room for: `listed` lines of the list, and a large bar that is `tall` lines high."""

    listed: int
    tall: int


def draw_losses(rows: Sequence[Row], chosen: int | None, cells: int, lines: int) -> list[Line]:
    """Draw the pane of `rows`, which are in the order of the table; `chosen` is the number of the selected one."""
    known = [row for row in rows if not row.in_app]
    if not known:
        return _draw_empty(cells, lines, inside=bool(rows))
    place = next((index for index, row in enumerate(known) if row.number == chosen), 0)
    layout = _choose_layout(len(known), lines)
    drawn: list[Line] = []
    if layout.listed:
        drawn += draw_loss_list(known, place, cells, layout.listed)
        drawn.append([])
    drawn += _draw_selected(known[place], (place + 1, len(known)), cells, lines - len(drawn), layout.tall)
    return [fit(line, cells) for line in drawn[:lines]]


def _choose_layout(rows: int, lines: int) -> Layout:
    if lines < _LEAST_LARGE:
        return Layout(0, 1)
    listed = min(rows, max(2, (lines - 9) // 2))
    return Layout(listed, 2 if lines - listed >= 13 else 1)


def draw_loss_list(rows: Sequence[Row], place: int, cells: int, lines: int) -> list[Line]:
    """Draw one bar per row on a common scale; where there are more rows than lines, those around the selected one."""
    first = min(max(0, place - lines // 2), max(0, len(rows) - lines))
    shown = rows[first : first + lines]
    number_cells = max(len(f"{row.number}") for row in rows)
    label_cells = min(_MOST_LABEL, max(cell_len(_format_label(row)) for row in shown))
    most = max((row.result.losses.workers for row in rows if row.result and row.result.losses), default=1)
    room = cells - number_cells - label_cells - len("▸    ") - len(f" {most:>5.2f} of {most}")
    scale = max(1, room) / max((_bar_workers(row.result) for row in rows), default=1.0)
    return [_draw_loss_row(row, index == place - first, number_cells, label_cells, room, scale, cells)
            for index, row in enumerate(shown)]  # fmt: skip


def _draw_loss_row(
    row: Row, chosen: bool, number_cells: int, label_cells: int, room: int, scale: float, cells: int
) -> Line:
    click = f"pick({row.number})"
    style = "strong" if chosen else "muted"
    head = [Span("▸ " if chosen else "  ", "key"), Span(f"{row.number:>{number_cells}}  ", "faint", click)]
    head += fit([Span(_format_label(row), style, click)], label_cells)
    losses = row.result.losses if row.result is not None else None
    if losses is None:
        text = describe_failure(row) or _explain_missing_bar(row)
        return fit([*head, Span(f" {text}", "bad" if row.state == "failed" else "faint", click)], cells)
    bar = [span._replace(action=click) for span in fit(draw_stacked_bar(list_loss_parts(losses), scale, room), room)]
    value = Span(f" {losses.speedup:>5.2f}", "provisional" if row.provisional else style)
    return [*head, Span(" "), *bar, value, Span(f" of {losses.workers}", "faint")]


def list_loss_parts(losses: Losses) -> list[Part]:
    """List the parts of a result's bar; negative terms are among them, and have no length."""
    return [(TERM_CATEGORIES[term.name], term.value or 0.0) for term in stack_terms(losses)]


def draw_scale(workers: int, scale: float, room: int) -> Line:
    """Draw the numbers of workers below a bar, where its length reaches them."""
    return [Span(label_workers_bar(workers, scale, room), "faint")]


def draw_terms(losses: Losses, cells: int, by_the_clock: float | None = None) -> list[Line]:
    """Draw one line per term with its glyph, name, workers and meaning; one line below names the terms that are 0.00.

    `by_the_clock` is the speed-up by wall times, which the results table shows.
    """
    terms = stack_terms(losses)
    visible = [term for term in terms if abs(term.value or 0.0) >= NEGLIGIBLE]
    zero_terms = [TERM_CATEGORIES[term.name].label for term in terms if abs(term.value or 0.0) < NEGLIGIBLE]
    drawn = [_draw_term(term, by_the_clock) for term in visible]
    drawn.append([Span("    = workers       "), Span(f"{losses.workers:>6.2f}", "strong")])
    if zero_terms:
        drawn += [[Span(line, "faint")] for line in wrap("    0.00: " + ", ".join(zero_terms), cells, 2)]
    if losses.queued is None:
        drawn.append([Span("this system does not report queued time: waiting includes it", "faint")])
    return [fit(line, cells) for line in drawn]


def _draw_term(term: Term, by_the_clock: float | None) -> Line:
    category, value = TERM_CATEGORIES[term.name], term.value or 0.0
    text = TERM_MEANINGS[term.name]
    if term.name == "speedup" and by_the_clock is not None and abs(by_the_clock - value) >= _CLOCK_DIFFERENCE:
        text += f", {speedup_text(by_the_clock)} by clock"
    style = "strong" if term.name == "speedup" else "text"
    return [
        Span(category.glyph * 3 if value > 0 else "   ", category.style),
        Span(f" {'' if term.name == 'speedup' else '+ '}{category.label}".ljust(17), style),
        Span(f"{value:>6.2f}", style),
        Span(f"  {text}", "faint"),
    ]


def draw_terms_inline(losses: Losses, cells: int) -> list[Line]:
    """Draw the terms that are not 0.00 one after the other, wrapped to lines of `cells`."""
    lines: list[list[Span]] = [[]]
    for term in stack_terms(losses):
        if abs(term.value or 0.0) < NEGLIGIBLE:
            continue
        category = TERM_CATEGORIES[term.name]
        item = [
            Span(category.glyph * 2, category.style),
            Span(f" {category.label} ", "muted"),
            Span(f"{term.value:.2f}"),
        ]
        if lines[-1] and line_width(lines[-1]) + 3 + line_width(item) > cells:
            lines.append([])
        lines[-1] += [Span("   "), *item] if lines[-1] else item
    return [fit(line, cells) for line in lines]


def find_losses_trial(result: Result) -> Trial | None:
    """Return the trial that a result's losses were computed from."""
    if result.losses is None:
        return None
    trials = result.measured_trials or result.trials
    return next((trial for trial in trials if trial.number == result.losses.trial), None)


def _draw_selected(row: Row, place: tuple[int, int], cells: int, lines: int, tall: int) -> list[Line]:
    """Draw the selected row: a heading, a large bar with its scale, its terms and its workers' ledgers."""
    result = row.result
    if result is None or result.losses is None:
        return [_draw_heading(row, None, place, cells), *_draw_missing_bar(row, cells)]
    losses, trial = result.losses, find_losses_trial(result)
    drawn: list[Line] = [_draw_heading(row, trial, place, cells)]
    length = _bar_workers(result)
    room = cells - (len(f"{losses.workers} workers") + 1 if cells >= 60 else 0)
    scale = room / length
    drawn += [draw_stacked_bar(list_loss_parts(losses), scale, room)] * tall
    if lines >= 6:
        drawn.append(draw_scale(losses.workers, scale, cells))
    left = lines - len(drawn)
    if cells >= BESIDE_CELLS:
        if left >= 8:
            drawn.append([])
            left -= 1
        return drawn + _draw_terms_beside_ledgers(losses, result.speedup, trial, cells, left)
    roomy = left >= 9 + min(4, losses.workers)
    drawn += [[], *draw_terms(losses, cells, result.speedup), []] if roomy else draw_terms_inline(losses, cells)
    if trial is not None:
        drawn += draw_ledgers(trial, losses.worker, cells, lines - len(drawn))
    return drawn


def _draw_terms_beside_ledgers(
    losses: Losses, by_the_clock: float | None, trial: Trial | None, cells: int, lines: int
) -> list[Line]:
    """Draw the terms at the left and the ledgers at the right."""
    terms = draw_terms(losses, _TERM_CELLS, by_the_clock)[:lines]
    room = cells - _TERM_CELLS - 3
    ledgers = draw_ledgers(trial, losses.worker, room, lines) if trial is not None else []
    height = max(len(terms), len(ledgers))
    left: list[Line] = [*terms, *[fit([], _TERM_CELLS)] * (height - len(terms))]
    right: list[Line] = [*ledgers, *[fit([], room)] * (height - len(ledgers))]
    return [join_lines(pair, "   ") for pair in zip(left, right, strict=True)]


def _draw_heading(row: Row, trial: Trial | None, place: tuple[int, int], cells: int) -> Line:
    left = [Span(_format_label(row), "title")]
    if trial is not None:
        left.append(Span(f"  {format_seconds(trial.wall_s)}, the median trial", "muted"))
    right = [Span(f"row {place[0]} of {place[1]} ", "faint"), Span("↑↓", "key")]
    return justify(left, right, cells) if line_width(left) + line_width(right) < cells else fit(left, cells)


def _explain_missing_bar(row: Row) -> str:
    """Say in a few words why a row has no bar."""
    if row.state == "running":
        return "not measured yet"
    return "unknown: the kernel starts threads" if _has_unknown_threads(row) else "nothing to compare it with"


def _has_unknown_threads(row: Row) -> bool:
    """Return whether the row's kernel starts threads of its own, whose time is unknown."""
    return row.result is not None and not all(has_known_ledger(trial) for trial in row.result.examined_trials)


def _draw_missing_bar(row: Row, cells: int) -> list[Line]:
    if row.state == "running":
        text = "Its bar appears after the first trials of this row and of its baseline."
    elif _has_unknown_threads(row):
        text = "The losses are unknown: the kernel starts threads, whose time is not in its workers' clocks."
    else:
        text = describe_failure(row) or "There is no measured baseline to compare it with."
    return [[Span(line, "muted")] for line in wrap(text, cells, 3)]


def _format_label(row: Row) -> str:
    case = row.case
    return f"{shorten_kernel_name(case.kernel)} {case.mode} × {case.workers}"


def _bar_workers(result: Result | None) -> float:
    """Return the length of a row's bar in workers: their number, or more where the other terms balance a negative one."""
    if result is None or result.losses is None:
        return 1.0
    return max(float(result.losses.workers), sum(max(0.0, value) for _, value in list_loss_parts(result.losses)))


def _draw_empty(cells: int, lines: int, *, inside: bool) -> list[Line]:
    """Draw what will appear here and how to make it appear; a run inside the app has no bars."""
    if inside:
        return [fit([Span(line, "muted")], cells) for line in wrap(_INSIDE, cells, lines)]
    text = "One bar per row, as long as its number of workers: the work done, and where the rest went."
    drawn: list[Line] = [[Span(line, "muted")] for line in wrap(text, cells, 2)]
    drawn += [[], [Span("Press ", "muted"), Span("r", "key", "app.start_run"), Span(" to run.", "muted")]]
    return [fit(line, cells) for line in drawn[:lines]]
