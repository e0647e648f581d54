"""The comparison of two runs: a sentence on all cases, and for each case by how much its time changed."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from pi_tui.analysis.text.formatting import duration, plural, share_text
from pi_tui.analysis.text.short_names import shorten_kernel_name
from pi_tui.ui.dialogs.base import Dialog
from pi_tui.ui.drawing.spans import Line, Span, align_right, fit, wrap
from pi_tui.ui.history.cells import LocalTime, format_time
from pi_tui.ui.state.row_fields import format_samples, format_workers
from pi_tui.ui.widgets.text_view import TextView

if TYPE_CHECKING:
    from pi_tui.analysis.results import Case
    from pi_tui.analysis.run_comparison import CaseComparison, Comparison, Difference, Verdict
    from pi_tui.storage.history.queries import RunEntry

_STYLES: dict[Verdict, tuple[str, str]] = {
    "faster": ("▾", "good"),
    "slower": ("▴", "bad"),
    "noise": ("≈", "muted"),
    "not comparable": ("-", "faint"),
}
_LEAST_FOLD = 1.25
"""The axis reaches at least from 1 / 1.25 to 1.25, so that a change of a few per cent looks small."""
_MOST_FOLD = 64.0
_AXIS_FROM, _AXIS_CELLS, _WIDE_AXIS_CELLS = 74, 17, 33


class RunComparisonDialog(Dialog[None]):
    """A text to scroll in: one line per case, with its change drawn beside it."""

    FILLS_TERMINAL: ClassVar[bool] = True

    BINDINGS: ClassVar[list[BindingType]] = [Binding("q,c,enter", "leave", "close", show=False)]

    def __init__(self, before: RunEntry, after: RunEntry, found: Comparison, local: LocalTime) -> None:
        super().__init__()
        self._before, self._after, self._found, self._local = before, after, found, local

    def compose(self) -> ComposeResult:
        """Yield the text, in a box that scrolls."""
        pane = TextView(
            lambda cells: draw_run_comparison(self._before, self._after, self._found, self._local, cells),
            id="run-comparison",
        )
        pane.border_title = f"Run {self._before.id} and run {self._after.id}: what changed"
        pane.set_border_keys("arrows scroll", "Escape closes")
        yield pane


def draw_run_comparison(
    before: RunEntry, after: RunEntry, found: Comparison, local: LocalTime, cells: int
) -> list[Line]:
    """Return the whole comparison, in lines of `cells`."""
    lines: list[Line] = [[Span(line, "strong")] for line in wrap(summarize_run_comparison(found), cells, 3)]
    lines.append([])
    for when, run in (("before", before), ("after", after)):
        note = f"  {run.note}" if run.note else ""
        reference = "  the reference" if run.reference else ""
        text = f"run {run.id}  {format_time(run.started_at, local)}{reference}{note}"
        lines.append(fit([Span(f"{when:<8}", "muted"), Span(text, "text")], cells))
    shared = _find_shared_differences(found)
    lines += _draw_differences([*found.differences, *shared], cells, "")
    if found.cases:
        lines += [[], _draw_heading(found.cases, cells)]
    for each in found.cases:
        lines += _draw_case(each, shared, _choose_fold(found.cases), cells)
    for when, cases in (("before", found.only_before), ("after", found.only_after)):
        lines += [[], [Span(f"Only in the run {when}", "title")]] if cases else []
        lines += [[Span(_format_case(case), "muted")] for case in cases]
    return lines


def summarize_run_comparison(found: Comparison) -> str:
    """Return how many cases became faster or slower, in one sentence."""
    if not found.cases:
        return "The two runs have no case in common."
    counts = Counter(each.verdict for each in found.cases)
    words: dict[Verdict, str] = {
        "faster": "became faster",
        "slower": "became slower",
        "noise": "changed no more than noise does",
        "not comparable": "cannot be compared",
    }
    counted = [f"{counts[verdict]} {phrase}" for verdict, phrase in words.items() if counts[verdict]]
    return f"Of {plural(len(found.cases), 'case')}, {', '.join(counted)}."


def _draw_case(each: CaseComparison, shared: Sequence[Difference], fold: float, cells: int) -> Iterator[Line]:
    glyph, style = _STYLES[each.verdict]
    yield []
    line = [Span(f"{glyph} ", style), *fit([Span(_format_case(each.case), "text")], _name_cells(cells))]
    if each.before_s is not None and each.after_s is not None:
        line += [Span(f"  {duration(each.before_s)} ", "muted"), Span(f" {duration(each.after_s)} ", "text")]
        if each.ratio is not None:
            line += [*align_right([Span(share_text(each.ratio), style)], 6), Span("  ")]
            line += _draw_axis(each, fold, _axis_cells(cells), style)
    yield fit(line, cells)
    for text in wrap(each.sentence, cells - 2, 4):
        yield [Span("  "), Span(text, "muted")]
    yield from _draw_differences([one for one in each.differences if one not in shared], cells, "  ")


def _draw_heading(compared: Sequence[CaseComparison], cells: int) -> Line:
    axis = _axis_cells(cells)
    line = [Span(" " * (2 + _name_cells(cells)))]
    line += [Span("  before ", "faint"), Span("  after  ", "faint"), Span(" ratio  ", "faint")]
    if axis:
        fold = _choose_fold(compared)
        left, right = share_text(1 / fold), share_text(fold)
        middle = align_right([Span("same", "faint")], axis // 2 - len(left) + 2)
        rest = align_right([Span(right, "faint")], axis - axis // 2 - 2)
        line += [Span(left, "faint"), *middle, *rest]
    return fit(line, cells)


def _draw_axis(each: CaseComparison, fold: float, cells: int, style: str) -> Line:
    """Draw a logarithmic axis from 1 / `fold` to `fold`: a bar for the interval of the ratio, a block for the ratio."""
    if not cells or each.ratio is None:
        return []
    drawn = [("─", "track")] * cells
    if each.interval is not None:
        for place in range(_find_cell(each.interval.low, fold, cells), _find_cell(each.interval.high, fold, cells) + 1):
            drawn[place] = ("━", style)
    drawn[cells // 2] = ("│", "text")
    drawn[_find_cell(each.ratio, fold, cells)] = ("█", style)
    return [Span(*each_cell) for each_cell in drawn]


def _find_cell(ratio: float, fold: float, cells: int) -> int:
    share = (math.log(max(ratio, 1e-9)) / math.log(fold) + 1) / 2
    return min(cells - 1, max(0, round(share * (cells - 1))))


def _choose_fold(compared: Sequence[CaseComparison]) -> float:
    """Return how far the axis reaches: the next round number above the largest change."""
    ratios = [each.ratio for each in compared if each.ratio]
    ratios += [
        bound for each in compared if each.interval for bound in (each.interval.low, each.interval.high) if bound > 0
    ]
    needed = max((max(ratio, 1 / ratio) for ratio in ratios), default=1.0)
    return next((fold for fold in (_LEAST_FOLD, 2.0, 4.0, 10.0) if needed <= fold), _MOST_FOLD)


def _axis_cells(cells: int) -> int:
    return 0 if cells < _AXIS_FROM else _AXIS_CELLS if cells < 110 else _WIDE_AXIS_CELLS


def _name_cells(cells: int) -> int:
    """Return the cells left for the case's name beside the figures."""
    axis = _axis_cells(cells)
    return max(12, min(60, cells - 2 - 26 - (axis + 2 if axis else 0)))


def _format_case(case: Case) -> str:
    options = "·".join(option for option in (case.start_method, case.transport) if option)
    mode = f"{case.mode} {options}" if options else case.mode
    return f"{shorten_kernel_name(case.kernel)} {mode} × {format_workers(case)}, {format_samples(case)}"


def _find_shared_differences(found: Comparison) -> list[Difference]:
    """Return the differences that all cases share, which are said once."""
    first, *rest = [each.differences for each in found.cases] or [()]
    return [one for one in first if rest and all(one in others for others in rest)]


def _draw_differences(differences: Sequence[Difference], cells: int, indent: str) -> list[Line]:
    return [
        [Span(indent), Span(text, "notice")]
        for one in differences
        for text in wrap(f"Not measured alike: {one.sentence}.", cells - len(indent), 3)
    ]
