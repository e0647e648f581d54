"""Two runs against each other, drawn: a sentence on the whole, and for each case by how much its time changed."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from pi_tui.analysis.text.formatting import duration, plural, share_text
from pi_tui.analysis.text.short_names import shorten_kernel_name
from pi_tui.ui.drawing.spans import Line, Span, align_right, fit, wrap
from pi_tui.ui.history.cells import Local, moment
from pi_tui.ui.state.row_fields import format_samples, format_workers

if TYPE_CHECKING:
    from pi_tui.analysis.results import Case
    from pi_tui.analysis.run_comparison import CaseComparison, Comparison, Difference, Verdict
    from pi_tui.storage.history.queries import RunEntry

_INKS: dict[Verdict, tuple[str, str]] = {
    "faster": ("▾", "good"),
    "slower": ("▴", "bad"),
    "noise": ("≈", "muted"),
    "not comparable": ("-", "faint"),
}
_LEAST_FOLD = 1.25
"""The axis reaches at least from 1 / 1.25 to 1.25 of the time: a change of some per cent is not drawn large."""
_MOST_FOLD = 64.0
_AXIS_FROM, _AXIS_CELLS, _WIDE_AXIS_CELLS = 74, 17, 33


def comparison_lines(before: RunEntry, after: RunEntry, found: Comparison, local: Local, cells: int) -> list[Line]:
    """Everything that can be said, in lines of `cells`."""
    lines: list[Line] = [[Span(line, "strong")] for line in wrap(summary(found), cells, 3)]
    lines.append([])
    for when, run in (("before", before), ("after", after)):
        note = f"  {run.note}" if run.note else ""
        reference = "  the reference" if run.reference else ""
        text = f"run {run.id}  {moment(run.started_at, local)}{reference}{note}"
        lines.append(fit([Span(f"{when:<8}", "muted"), Span(text, "text")], cells))
    shared = _shared(found)
    lines += _unlike([*found.differences, *shared], cells, "")
    if found.cases:
        lines += [[], _head(found.cases, cells)]
    for each in found.cases:
        lines += _case(each, shared, _fold(found.cases), cells)
    for when, cases in (("before", found.only_before), ("after", found.only_after)):
        lines += [[], [Span(f"Only in the run {when}", "title")]] if cases else []
        lines += [[Span(_name(case), "muted")] for case in cases]
    return lines


def summary(found: Comparison) -> str:
    """What became of all cases, in one sentence."""
    if not found.cases:
        return "The two runs have no case in common."
    counts = Counter(each.verdict for each in found.cases)
    words: dict[Verdict, str] = {
        "faster": "became faster",
        "slower": "became slower",
        "noise": "changed no more than noise does",
        "not comparable": "cannot be compared",
    }
    told = [f"{counts[verdict]} {said}" for verdict, said in words.items() if counts[verdict]]
    return f"Of {plural(len(found.cases), 'case')}, {', '.join(told)}."


def _case(each: CaseComparison, shared: Sequence[Difference], fold: float, cells: int) -> Iterator[Line]:
    glyph, style = _INKS[each.verdict]
    yield []
    line = [Span(f"{glyph} ", style), *fit([Span(_name(each.case), "text")], _name_cells(cells))]
    if each.before_s is not None and each.after_s is not None:
        line += [Span(f"  {duration(each.before_s)} ", "muted"), Span(f" {duration(each.after_s)} ", "text")]
        if each.ratio is not None:
            line += [*align_right([Span(share_text(each.ratio), style)], 6), Span("  ")]
            line += _axis(each, fold, _axis_cells(cells), style)
    yield fit(line, cells)
    for text in wrap(each.sentence, cells - 2, 4):
        yield [Span("  "), Span(text, "muted")]
    yield from _unlike([one for one in each.differences if one not in shared], cells, "  ")


def _head(compared: Sequence[CaseComparison], cells: int) -> Line:
    axis = _axis_cells(cells)
    line = [Span(" " * (2 + _name_cells(cells)))]
    line += [Span("  before ", "faint"), Span("  after  ", "faint"), Span(" ratio  ", "faint")]
    if axis:
        fold = _fold(compared)
        left, right = share_text(1 / fold), share_text(fold)
        middle = align_right([Span("same", "faint")], axis // 2 - len(left) + 2)
        rest = align_right([Span(right, "faint")], axis - axis // 2 - 2)
        line += [Span(left, "faint"), *middle, *rest]
    return fit(line, cells)


def _axis(each: CaseComparison, fold: float, cells: int, style: str) -> Line:
    """Where the time lies between a `fold`th and a `fold` of what it was: a bar for the interval, a block for the ratio."""
    if not cells or each.ratio is None:
        return []
    drawn = [("─", "track")] * cells
    if each.interval is not None:
        for place in range(_place(each.interval.low, fold, cells), _place(each.interval.high, fold, cells) + 1):
            drawn[place] = ("━", style)
    drawn[cells // 2] = ("│", "text")
    drawn[_place(each.ratio, fold, cells)] = ("█", style)
    return [Span(*each_cell) for each_cell in drawn]


def _place(ratio: float, fold: float, cells: int) -> int:
    share = (math.log(max(ratio, 1e-9)) / math.log(fold) + 1) / 2
    return min(cells - 1, max(0, round(share * (cells - 1))))


def _fold(compared: Sequence[CaseComparison]) -> float:
    """How far the axis reaches: what the largest change needs, on steps that people know."""
    ratios = [each.ratio for each in compared if each.ratio]
    ratios += [
        bound for each in compared if each.interval for bound in (each.interval.low, each.interval.high) if bound > 0
    ]
    needed = max((max(ratio, 1 / ratio) for ratio in ratios), default=1.0)
    return next((fold for fold in (_LEAST_FOLD, 2.0, 4.0, 10.0) if needed <= fold), _MOST_FOLD)


def _axis_cells(cells: int) -> int:
    return 0 if cells < _AXIS_FROM else _AXIS_CELLS if cells < 110 else _WIDE_AXIS_CELLS


def _name_cells(cells: int) -> int:
    """What is left for the case's name beside the figures."""
    axis = _axis_cells(cells)
    return max(12, min(60, cells - 2 - 26 - (axis + 2 if axis else 0)))


def _name(case: Case) -> str:
    options = "·".join(option for option in (case.start_method, case.transport) if option)
    mode = f"{case.mode} {options}" if options else case.mode
    return f"{shorten_kernel_name(case.kernel)} {mode} × {format_workers(case)}, {format_samples(case)}"


def _shared(found: Comparison) -> list[Difference]:
    """What differs in every case alike is said once."""
    first, *rest = [each.differences for each in found.cases] or [()]
    return [one for one in first if rest and all(one in others for others in rest)]


def _unlike(differences: Sequence[Difference], cells: int, indent: str) -> list[Line]:
    return [
        [Span(indent), Span(text, "notice")]
        for one in differences
        for text in wrap(f"Not measured alike: {one.sentence}.", cells - len(indent), 3)
    ]
