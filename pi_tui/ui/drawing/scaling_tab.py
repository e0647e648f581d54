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
from pi_tui.ui.drawing.spans import ELLIPSIS, Line, Span, fit, justify, line_width, wrap, wrap_sentences

if TYPE_CHECKING:
    from pi_tui.analysis.results import Case
    from pi_tui.analysis.scaling.series import SeriesKey

STYLES = {
    "axis": "faint",
    "grid": "track",
    "label": "muted",
    "axis-title": "text",
    "legend": "text",
    "mark": "strong",
    "quiet": "faint",
}
"""Roles of cells that are no series'; a series' role is its style."""

_SHORT_TITLES: dict[ChartKind, str] = {"speedup": "Speed-up", "time": "Time", "grain": "Tasks"}
_INSTRUCTIONS: dict[ChartKind, str] = {
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


def draw_scaling(view: ScalingView, cells: int, lines: int, glyphs: Glyphs) -> list[Line]:
    """The whole tab."""
    head = _draw_heading(view, cells)
    study = view.study
    if study is None or view.kind not in study.kinds:
        told: list[Line] = [head, [], *_draw_empty(view, cells)]
        if len(told) > lines:  # words before blanks
            told = [line for line in told if line]
        return [fit(line, cells) for line in told[:lines]]
    chart = build_visible_chart(view)
    room = max(0, min(lines - 1 - _LEAST_CHART, 2 if lines < 16 else 3 if lines < 22 else 5))
    said = _draw_sentences(view, chart, cells, room)
    drawn = draw_chart(chart, cells, lines - 1 - len(said), glyphs)
    body = [[_make_span(chart, run.text, run.role, run.entry) for run in group_cells(row)] for row in drawn]
    return [fit(line, cells) for line in [head, *body, *said][:lines]]


def build_visible_chart(view: ScalingView) -> Chart:
    """The chart as it is looked at."""
    assert view.study is not None
    return apply_viewport(build_chart(view.study, view.kind, view.look), view.window)


def choose_subject(view: ScalingView) -> str:
    """The series that is spoken of: the one pointed at, else the selected row's, else the first; "" without any."""
    if view.study is None:
        return ""
    names = view.study.names(view.kind)
    if view.look.selected in names:
        return view.look.selected
    keys = _list_keys(view.study, view.kind)
    fitting = [
        name for name, key in zip(names, keys, strict=True) if view.subject and _contains_case(key, view.subject)
    ]
    return next(iter([*fitting, *names]), "")


def _list_keys(study: ScalingStudy, kind: ChartKind) -> Sequence[SeriesKey]:
    if kind == "speedup":
        return [series.key for series in study.scaling]
    return [series.key for series in (study.sizes if kind == "time" else study.grains)]


def _contains_case(key: SeriesKey, case: Case) -> bool:
    """Whether a case is a point of a series: alike in everything that the series fixes."""
    return all(
        getattr(key, field) in (None, getattr(case, field))
        for field in ("kernel", "mode", "start_method", "transport", "python", "gil", "workers", "samples", "chunksize")
    )


def _draw_heading(view: ScalingView, cells: int) -> Line:
    """The charts by name, each a place to click on; at the right whose they are and how they are looked at."""
    known = view.study.kinds if view.study is not None else ()
    right: list[Span] = []
    if not view.window.shows_all:
        right += [
            Span(f"{1 / (view.window.x[1] - view.window.x[0]):.1f}× closer ", "notice"),
            Span("0", "key", "whole"),
        ]
        right.append(Span("  "))
    if view.kind == "speedup" and known:
        said = f" {view.look.predict_to} workers" if view.look.predict_to else " what if"
        right += [Span("i", "key", "predict"), Span(said, "notice" if view.look.predict_to else "muted"), Span("  ")]
    whose = [Span(f"rows of {view.named or f'run {view.run}'}", "faint")] if view.study is not None else []
    for names, ends in ((CHART_TITLES, [*right, *whose]), (_SHORT_TITLES, [*right, *whose]), (_SHORT_TITLES, right)):
        left = _draw_chart_names(names, view.kind, known)
        if line_width(left) + line_width(ends) <= cells:
            return justify(left, ends, cells)
    return fit(_draw_chart_names(_SHORT_TITLES, view.kind, known), cells)


def _draw_chart_names(names: Mapping[ChartKind, str], chosen: ChartKind, known: Sequence[ChartKind]) -> list[Span]:
    spans: list[Span] = []
    for kind in CHART_KINDS:
        style = "title" if kind == chosen else "muted" if kind in known else "faint"
        spans += [Span(names[kind], style, f"choose('{kind}')"), Span("   ")]
    return spans


def _make_span(chart: Chart, text: str, role: str, entry: int | None) -> Span:
    key = chart.series[entry].key if entry is not None else ""
    number = next((place for place, series in enumerate(chart.series) if series.key and series.key == key), None)
    return Span(text, STYLES.get(role, role or "text"), "" if number is None else f"point({number})")


def _draw_sentences(view: ScalingView, chart: Chart, cells: int, room: int) -> list[Line]:
    """The sentences below the chart, in at most so many lines, cut between clauses; the first in any case."""
    if room <= 0:
        return []
    if not view.prepared:
        return [[Span("Fitting the laws of scaling …", "faint")]]
    texts = _describe_laws(view, chart) if view.kind == "speedup" else _sort_notes(view, chart)
    said: list[Line] = []
    for text in texts:
        if len(said) >= room:
            break
        lines = wrap_sentences([text], cells, room - len(said))
        if not said or lines[-1].endswith((".", f" {ELLIPSIS}")):
            said += [[Span(line, "muted" if said else "text")] for line in lines]
    return said


def _sort_notes(view: ScalingView, chart: Chart) -> list[str]:
    """The chart's sentences, those of the selected row's series first."""
    subject = choose_subject(view)
    return sorted(chart.notes, key=lambda note: not note.startswith(subject))


def _describe_laws(view: ScalingView, chart: Chart) -> list[str]:
    """The prediction in words, then the laws of the series spoken of, in short."""
    assert view.study is not None
    name = choose_subject(view)
    series = next(each for each in view.study.scaling if each.name == name)
    predictions = [note for note in chart.notes if "prediction" in note and note.startswith(f"{name},")]
    laws = fit_laws_once(series)
    refused = [law for law in laws if isinstance(law, RefusedFit)]
    if len(refused) == len(laws):
        more = [_MORE_COUNTS] if any(law.lacks_counts for law in refused) else []
        return [*(predictions or [law.sentence for law in refused[-1:]]), *more]
    return [*predictions, f"{name}: {'; '.join(map(summarise_fit, laws))}."]


def _draw_empty(view: ScalingView, cells: int) -> list[Line]:
    """What will appear here, and which key makes it so."""
    if view.inside:
        return [[Span(line, "muted")] for line in wrap(_INSIDE, cells, 3)]
    title, needs = CHART_TITLES[view.kind], CHART_NEEDS[view.kind]
    if view.study is None:
        texts = [f"{title} is drawn of one run with {needs}, here with its error bars and its ideal."]
    else:
        texts = [f"{title} needs {needs} in one run; {view.named or f'run {view.run}'} has not."]
    said: list[Line] = [[Span(line, "muted")] for text in texts for line in wrap(text, cells, 3)]
    said.append([])
    if view.kind == "grain":
        said.append([Span("On the command line:", "muted")])
        said += [[Span(line, "text")] for line in wrap(_INSTRUCTIONS["grain"], cells, 3)]
    else:
        first = Span(f"{_INSTRUCTIONS[view.kind]},", "muted")
        then = [Span("then ", "muted"), Span("r", "key", "app.start_run"), Span(" runs what is ticked.", "muted")]
        beside = [first, Span(" "), *then]
        above = [[first._replace(text=line)] for line in wrap(first.text, cells, 2)]
        said += [beside] if line_width(beside) <= cells else [*above, then]
    others = [kind for kind in (view.study.kinds if view.study else ()) if kind != view.kind]
    if others:
        key, *words = wrap(f"c goes to what there is: {CHART_TITLES[others[0]]}.", cells, 3)
        said += [[], [Span("c", "key", "next_chart(1)"), Span(key.removeprefix("c"), "muted")]]
        said += [[Span(line, "muted")] for line in words]
    return said
