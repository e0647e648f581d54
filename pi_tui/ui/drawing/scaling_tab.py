"""The Scaling tab: a line to choose the chart, the chart in cells, and what it says below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pi_tui.analysis.scaling.law_sentences import summarise_fit
from pi_tui.analysis.scaling.scaling_laws import RefusedFit
from pi_tui.charts.chart import Chart
from pi_tui.charts.glyphs import Glyphs
from pi_tui.charts.scaling_charts import ChartOptions, build_chart
from pi_tui.charts.scaling_study import CHART_KINDS, CHART_NEEDS, CHART_TITLES, ChartKind, ScalingStudy, fit_laws_once
from pi_tui.charts.terminal import draw_chart, group_cells
from pi_tui.charts.viewport import Viewport, apply_viewport
from pi_tui.ui.drawing.spans import ELLIPSIS, Line, Piece, fit, justify, whole_sentences, width, wrap

if TYPE_CHECKING:
    from pi_tui.analysis.results import Case
    from pi_tui.analysis.scaling.series import SeriesKey

INKS = {
    "axis": "faint",
    "grid": "track",
    "label": "muted",
    "axis-title": "text",
    "legend": "text",
    "mark": "strong",
    "quiet": "faint",
}
"""Roles of cells that are no series'; a series' role is its ink."""

_SHORT: dict[ChartKind, str] = {"speedup": "Speed-up", "time": "Time", "grain": "Tasks"}
_PANES: dict[ChartKind, str] = {
    "speedup": "Tick two or more in the pane Workers",
    "time": "Tick two or more in the pane Samples",
    "grain": "pi-tui run numba-nogil --mode pool-map --split --tasks 1,4,16,64 --plot",
}
_MORE_COUNTS = "Tick three or more in the pane Workers."
_INSIDE = "What ran inside the app has no charts: it is no measurement. With a host of its own process a run has them."
_LEAST_CHART = 7


@dataclass(frozen=True, slots=True)
class ScalingView:
    """What the tab shows.

    Attributes:
        study: None before anything was measured.
        run: the number of the run that it is of.
        named: what that run is called: "run 1", "run 4 of 2026-01-02 03:04".
        subject: the selected row's case: what is said is said of its series unless another is pointed at.
        prepared: whether the laws are known yet.
        inside: the run is of threads of the app itself, which is no measurement.
    """

    study: ScalingStudy | None
    run: int
    kind: ChartKind
    look: ChartOptions
    window: Viewport
    subject: Case | None
    prepared: bool = True
    named: str = ""
    inside: bool = False


def scaling_lines(view: ScalingView, cells: int, lines: int, glyphs: Glyphs) -> list[Line]:
    """The whole tab."""
    head = _head(view, cells)
    study = view.study
    if study is None or view.kind not in study.kinds:
        told: list[Line] = [head, [], *_empty(view, cells)]
        if len(told) > lines:  # words before blanks
            told = [line for line in told if line]
        return [fit(line, cells) for line in told[:lines]]
    chart = shown_chart(view)
    room = max(0, min(lines - 1 - _LEAST_CHART, 2 if lines < 16 else 3 if lines < 22 else 5))
    said = _said(view, chart, cells, room)
    drawn = draw_chart(chart, cells, lines - 1 - len(said), glyphs)
    body = [[_piece(chart, run.text, run.role, run.entry) for run in group_cells(row)] for row in drawn]
    return [fit(line, cells) for line in [head, *body, *said][:lines]]


def shown_chart(view: ScalingView) -> Chart:
    """The chart as it is looked at."""
    assert view.study is not None
    return apply_viewport(build_chart(view.study, view.kind, view.look), view.window)


def subject_name(view: ScalingView) -> str:
    """The series that is spoken of: the one pointed at, else the selected row's, else the first; "" without any."""
    if view.study is None:
        return ""
    names = view.study.names(view.kind)
    if view.look.selected in names:
        return view.look.selected
    keys = _keys(view.study, view.kind)
    fitting = [name for name, key in zip(names, keys, strict=True) if view.subject and _is_of(key, view.subject)]
    return next(iter([*fitting, *names]), "")


def _keys(study: ScalingStudy, kind: ChartKind) -> Sequence[SeriesKey]:
    if kind == "speedup":
        return [series.key for series in study.scaling]
    return [series.key for series in (study.sizes if kind == "time" else study.grains)]


def _is_of(key: SeriesKey, case: Case) -> bool:
    """Whether a case is a point of a series: alike in everything that the series fixes."""
    return all(
        getattr(key, field) in (None, getattr(case, field))
        for field in ("kernel", "mode", "start_method", "transport", "python", "gil", "workers", "samples", "chunksize")
    )


def _head(view: ScalingView, cells: int) -> Line:
    """The charts by name, each a place to click on; at the right whose they are and how they are looked at."""
    known = view.study.kinds if view.study is not None else ()
    right: list[Piece] = []
    if not view.window.shows_all:
        right += [
            Piece(f"{1 / (view.window.x[1] - view.window.x[0]):.1f}× closer ", "notice"),
            Piece("0", "key", "whole"),
        ]
        right.append(Piece("  "))
    if view.kind == "speedup" and known:
        said = f" {view.look.predict_to} workers" if view.look.predict_to else " what if"
        right += [Piece("i", "key", "predict"), Piece(said, "notice" if view.look.predict_to else "muted"), Piece("  ")]
    whose = [Piece(f"rows of {view.named or f'run {view.run}'}", "faint")] if view.study is not None else []
    for names, ends in ((CHART_TITLES, [*right, *whose]), (_SHORT, [*right, *whose]), (_SHORT, right)):
        left = _names(names, view.kind, known)
        if width(left) + width(ends) <= cells:
            return justify(left, ends, cells)
    return fit(_names(_SHORT, view.kind, known), cells)


def _names(names: Mapping[ChartKind, str], chosen: ChartKind, known: Sequence[ChartKind]) -> list[Piece]:
    pieces: list[Piece] = []
    for kind in CHART_KINDS:
        ink = "title" if kind == chosen else "muted" if kind in known else "faint"
        pieces += [Piece(names[kind], ink, f"choose('{kind}')"), Piece("   ")]
    return pieces


def _piece(chart: Chart, text: str, role: str, entry: int | None) -> Piece:
    key = chart.series[entry].key if entry is not None else ""
    number = next((place for place, series in enumerate(chart.series) if series.key and series.key == key), None)
    return Piece(text, INKS.get(role, role or "text"), "" if number is None else f"point({number})")


def _said(view: ScalingView, chart: Chart, cells: int, room: int) -> list[Line]:
    """The sentences below the chart, in at most so many lines, cut between clauses; the first in any case."""
    if room <= 0:
        return []
    if not view.prepared:
        return [[Piece("Fitting the laws of scaling …", "faint")]]
    texts = _laws_said(view, chart) if view.kind == "speedup" else _subject_first(view, chart)
    said: list[Line] = []
    for text in texts:
        if len(said) >= room:
            break
        lines = whole_sentences([text], cells, room - len(said))
        if not said or lines[-1].endswith((".", f" {ELLIPSIS}")):
            said += [[Piece(line, "muted" if said else "text")] for line in lines]
    return said


def _subject_first(view: ScalingView, chart: Chart) -> list[str]:
    """The chart's sentences, those of the selected row's series first."""
    subject = subject_name(view)
    return sorted(chart.notes, key=lambda note: not note.startswith(subject))


def _laws_said(view: ScalingView, chart: Chart) -> list[str]:
    """The prediction in words, then the laws of the series spoken of, in short."""
    assert view.study is not None
    name = subject_name(view)
    series = next(each for each in view.study.scaling if each.name == name)
    predictions = [note for note in chart.notes if "prediction" in note and note.startswith(f"{name},")]
    laws = fit_laws_once(series)
    refused = [law for law in laws if isinstance(law, RefusedFit)]
    if len(refused) == len(laws):
        more = [_MORE_COUNTS] if any(law.lacks_counts for law in refused) else []
        return [*(predictions or [law.sentence for law in refused[-1:]]), *more]
    return [*predictions, f"{name}: {'; '.join(map(summarise_fit, laws))}."]


def _empty(view: ScalingView, cells: int) -> list[Line]:
    """What will appear here, and which key makes it so."""
    if view.inside:
        return [[Piece(line, "muted")] for line in wrap(_INSIDE, cells, 3)]
    title, needs = CHART_TITLES[view.kind], CHART_NEEDS[view.kind]
    if view.study is None:
        texts = [f"{title} is drawn of one run with {needs}, here with its error bars and its ideal."]
    else:
        texts = [f"{title} needs {needs} in one run; {view.named or f'run {view.run}'} has not."]
    said: list[Line] = [[Piece(line, "muted")] for text in texts for line in wrap(text, cells, 3)]
    said.append([])
    if view.kind == "grain":
        said.append([Piece("On the command line:", "muted")])
        said += [[Piece(line, "text")] for line in wrap(_PANES["grain"], cells, 3)]
    else:
        first = Piece(f"{_PANES[view.kind]},", "muted")
        then = [Piece("then ", "muted"), Piece("r", "key", "app.start_run"), Piece(" runs what is ticked.", "muted")]
        beside = [first, Piece(" "), *then]
        above = [[first._replace(text=line)] for line in wrap(first.text, cells, 2)]
        said += [beside] if width(beside) <= cells else [*above, then]
    others = [kind for kind in (view.study.kinds if view.study else ()) if kind != view.kind]
    if others:
        key, *words = wrap(f"c goes to what there is: {CHART_TITLES[others[0]]}.", cells, 3)
        said += [[], [Piece("c", "key", "next_chart(1)"), Piece(key.removeprefix("c"), "muted")]]
        said += [[Piece(line, "muted")] for line in words]
    return said
