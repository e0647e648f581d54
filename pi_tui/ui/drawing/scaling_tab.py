"""The Scaling tab: a line to choose the chart, the chart, and sentences about it below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
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
"""The styles of a chart's roles; the role of a series is the name of its style."""

_SHORT_TITLES: dict[ChartKind, str] = {"speedup": "Speed-up", "time": "Time", "grain": "Tasks"}
_INSTRUCTIONS: dict[ChartKind, str] = {
    "speedup": "Tick two or more in the Workers pane",
    "time": "Tick two or more in the Samples pane",
    "grain": "pi-tui run numba-nogil --mode pool-map --split --tasks 1,4,16,64 --plot",
}
_MORE_COUNTS = "Tick four or more in the Workers pane."
_INSIDE = "A run inside the app has no charts, as it is no measurement. A run in a host process has them."
_LEAST_CHART = 7


@dataclass(frozen=True, slots=True)
class ScalingView:
    """What the tab shows.

    Attributes:
        study: None before anything was measured.
        run: the number of the run that was studied.
        subject: the selected row's case: the sentences are about its series, unless another series is pointed at.
        prepared: the laws of scaling have been fitted.
        named: the name of the run: "run 1", "run 4 of 2026-01-02 03:04".
        inside: the run is of threads inside the app, which are no measurement.
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
    """Draw the tab."""
    head = _draw_heading(view, cells)
    study = view.study
    if study is None or view.kind not in study.kinds:
        drawn: list[Line] = [head, [], *_draw_empty(view, cells)]
        if len(drawn) > lines:  # words before blanks
            drawn = [line for line in drawn if line]
        return [fit(line, cells) for line in drawn[:lines]]
    chart = build_visible_chart(view)
    room = max(0, min(lines - 1 - _LEAST_CHART, 2 if lines < 16 else 3 if lines < 22 else 5))
    sentences = _draw_sentences(view, chart, cells, room)
    rows = draw_chart(chart, cells, lines - 1 - len(sentences), glyphs)
    body = [[_make_span(chart, run.text, run.role, run.entry) for run in group_cells(row)] for row in rows]
    return [fit(line, cells) for line in [head, *body, *sentences][:lines]]


def build_visible_chart(view: ScalingView) -> Chart:
    """Return the chart with the tab's options and zoom."""
    assert view.study is not None
    look = replace(view.look, subject=choose_subject(view))
    return apply_viewport(build_chart(view.study, view.kind, look), view.window)


def choose_subject(view: ScalingView) -> str:
    """Return the name of the series that the sentences are about: the one pointed at, else the selected row's, else the first.

    It is empty where there is no series.
    """
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
    """Return whether a case is a point of a series: the two are equal in every field that the series fixes."""
    return all(
        getattr(key, field) in (None, getattr(case, field))
        for field in ("kernel", "mode", "start_method", "transport", "python", "gil", "workers", "samples", "chunksize")
    )


def _draw_heading(view: ScalingView, cells: int) -> Line:
    """Draw the names of the charts, to click on; at the right the zoom, the prediction and the name of the run."""
    known = view.study.kinds if view.study is not None else ()
    right: list[Span] = []
    if not view.window.shows_all:
        right += [
            Span(f"{1 / (view.window.x[1] - view.window.x[0]):.1f}× closer ", "notice"),
            Span("0", "key", "whole"),
        ]
        right.append(Span("  "))
    if view.kind == "speedup" and known:
        words = f" {view.look.predict_to} workers" if view.look.predict_to else " what if"
        right += [Span("i", "key", "predict"), Span(words, "notice" if view.look.predict_to else "muted"), Span("  ")]
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
    """Draw the sentences below the chart in at most `room` lines, cut between clauses; the first is always drawn."""
    if room <= 0:
        return []
    if not view.prepared:
        return [[Span("Fitting the laws of scaling …", "faint")]]
    texts = _describe_laws(view, chart) if view.kind == "speedup" else _sort_notes(view, chart)
    drawn: list[Line] = []
    for text in texts:
        if len(drawn) >= room:
            break
        lines = wrap_sentences([text], cells, room - len(drawn))
        if not drawn or lines[-1].endswith((".", f" {ELLIPSIS}")):
            drawn += [[Span(line, "muted" if drawn else "text")] for line in lines]
    return drawn


def _sort_notes(view: ScalingView, chart: Chart) -> list[str]:
    """Return the chart's sentences, those about the subject first."""
    subject = choose_subject(view)
    return sorted(chart.notes, key=lambda note: not note.startswith(subject))


def _describe_laws(view: ScalingView, chart: Chart) -> list[str]:
    """Return the subject's prediction as a sentence, then its laws in short."""
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
    """Draw what will appear here and how to make it appear."""
    if view.inside:
        return [[Span(line, "muted")] for line in wrap(_INSIDE, cells, 3)]
    title, needs = CHART_TITLES[view.kind], CHART_NEEDS[view.kind]
    if view.study is None:
        texts = [f"{title} is drawn from one run with {needs}, with error bars and the ideal."]
    else:
        texts = [f"{title} needs {needs} in one run; {view.named or f'run {view.run}'} has fewer."]
    drawn: list[Line] = [[Span(line, "muted")] for text in texts for line in wrap(text, cells, 3)]
    drawn.append([])
    if view.kind == "grain":
        drawn.append([Span("On the command line:", "muted")])
        drawn += [[Span(line, "text")] for line in wrap(_INSTRUCTIONS["grain"], cells, 3)]
    else:
        first = Span(f"{_INSTRUCTIONS[view.kind]},", "muted")
        then = [Span("then press ", "muted"), Span("r", "key", "app.start_run"), Span(" to run.", "muted")]
        beside = [first, Span(" "), *then]
        above = [[first._replace(text=line)] for line in wrap(first.text, cells, 2)]
        drawn += [beside] if line_width(beside) <= cells else [*above, then]
    others = [kind for kind in (view.study.kinds if view.study else ()) if kind != view.kind]
    if others:
        key, *words = wrap(f"c goes to what there is: {CHART_TITLES[others[0]]}.", cells, 3)
        drawn += [[], [Span("c", "key", "next_chart(1)"), Span(key.removeprefix("c"), "muted")]]
        drawn += [[Span(line, "muted")] for line in words]
    return drawn
