"""Build the charts of a scaling study: speed-up by workers, time by samples, time per task by number of tasks."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from pi_tui.analysis.results import Interval
from pi_tui.analysis.scaling.law_sentences import describe_fit, describe_prediction
from pi_tui.analysis.scaling.scaling_laws import (
    MAX_EXTRAPOLATION_ERROR,
    MIN_PREDICTION_COUNTS,
    Fit,
    RefusedFit,
    has_enough_counts,
)
from pi_tui.analysis.scaling.series import GrainSeries, ScalingSeries
from pi_tui.analysis.text.prose import count, format_seconds, percent, times
from pi_tui.charts.chart import Axis, Chart, Mark, Point, Series, Spacing
from pi_tui.charts.palette import TINTS
from pi_tui.charts.scaling_study import CHART_TITLES, ChartKind, ScalingStudy, choose_fit, fit_laws_once
from pi_tui.charts.tick_labels import format_tick

_LOG_RATIO = 12
"""From this ratio of the most workers to one on, both axes are logarithmic."""

_STEPS_PER_DOUBLING = 4
MOST_BRIGHT = 6
"""More series than these are a tangle, so that one of them is drawn in colour and the others pale."""
IDEAL = "ideal"


@dataclass(frozen=True, slots=True)
class ChartOptions:
    """What the user selected in a chart.

    Attributes:
        selected: the name of the selected series, or "" for none.
        subject: the name of the series that stands out where many are drawn and none is selected.
        hidden: names of series that are not drawn.
        predict_to: the number of workers to predict speed-ups for; None for no prediction.
        more_counts: a sentence on how to request more numbers of workers; "" if it is shown beside the chart.
    """

    selected: str = ""
    subject: str = ""
    hidden: frozenset[str] = frozenset()
    predict_to: int | None = None
    more_counts: str = ""


def build_chart(study: ScalingStudy, kind: ChartKind, options: ChartOptions | None = None) -> Chart:
    """Build one chart of a study."""
    options = options or ChartOptions()
    if kind == "speedup":
        return _build_speedup_chart(study, options)
    return _build_time_chart(study, options) if kind == "time" else _build_grain_chart(study, options)


def _build_speedup_chart(study: ScalingStudy, options: ChartOptions) -> Chart:
    measured = tuple(
        Series(series.name, tuple(_make_point(each.workers, each.speedup, each.interval) for each in series.points))
        for series in study.scaling
    )
    most = max((point.workers for series in study.scaling for point in series.points), default=1)
    fitted = _fit_predictions(study, options)
    predict_to = options.predict_to if fitted and options.predict_to is not None and options.predict_to > most else None
    spacing: Spacing = "log2" if max(most, predict_to or 1) >= _LOG_RATIO else "linear"
    within = (0.0,) if spacing == "linear" else (1.0,)
    drawn = list(_style_series(measured, options))
    marks: list[Mark] = []
    if predict_to is not None:
        for series, fit in fitted:
            dressed = next(each for each in drawn if each.key == series.name)
            drawn.append(_make_prediction(dressed, fit, series, predict_to))
            marks += _mark_peak(fit, predict_to)
    drawn.append(_make_ideal(study.usable_cores, most))
    if predict_to is not None:
        drawn.append(_make_line("ideal, one core per worker", ((1.0, 1.0), (float(predict_to), float(predict_to)))))
    return Chart(
        CHART_TITLES["speedup"],
        Axis("workers", "count", spacing, within),
        Axis(f"speed-up{_describe_scaling(study.scaling)}", "times", spacing, within),
        tuple(drawn),
        tuple(marks),
        tuple(_write_law_notes(study, options, fitted, predict_to)),
    )


def _fit_predictions(study: ScalingStudy, options: ChartOptions) -> tuple[tuple[ScalingSeries, Fit], ...]:
    """Return the series to predict with their laws: the selected one, or all that are drawn."""
    if options.predict_to is None:
        return ()
    shown = [each for each in study.scaling if each.name not in options.hidden and options.selected in ("", each.name)]
    found = ((series, choose_fit(fit_laws_once(series))) for series in shown)
    return tuple((series, fit) for series, fit in found if fit is not None)


def _make_prediction(dressed: Series, fit: Fit, series: ScalingSeries, to: int) -> Series:
    """Return the law's line from one worker on, with its interval as a band."""
    doublings = max(1, round(_STEPS_PER_DOUBLING * (to.bit_length() - 1)))
    places = [float(to) ** (step / doublings) for step in range(doublings + 1)]
    points = tuple(_make_point(each.workers, each.speedup, each.interval) for each in map(fit.predict, places))
    return replace(dressed, name=f"{series.name}, prediction", points=points, marker=None, dash="dashed", band=True)


def _mark_peak(fit: Fit, to: int) -> Iterator[Mark]:
    if fit.peak is not None and 1 < fit.peak <= to:
        yield Mark(fit.peak, f"peak {fit.peak:.0f}")


def _write_law_notes(
    study: ScalingStudy, options: ChartOptions, fitted: Sequence[tuple[ScalingSeries, Fit]], predict_to: int | None
) -> Iterator[str]:
    """Yield the laws of each series with three or more numbers of workers; predictions first, if they are drawn."""
    if predict_to is not None:
        for series, fit in fitted:
            counts = ", ".join(f"{each}" for each in fit.counts)
            yield f"{series.name}, a prediction from {counts} workers: {describe_prediction(fit, predict_to)}."
    if options.predict_to is not None:
        yield from _explain_refusals(study, options, {series.name for series, _ in fitted})
    for series in study.scaling:
        if series.name in options.hidden or options.selected not in ("", series.name):
            continue
        for found in fit_laws_once(series):
            if isinstance(found, Fit):
                yield f"{series.name}: {describe_fit(found)}"


def _explain_refusals(study: ScalingStudy, options: ChartOptions, fitted: Collection[str]) -> Iterator[str]:
    """Yield why a series has no prediction, if one was requested."""
    for series in study.scaling:
        if series.name in fitted or not _is_selected(series.name, options):
            continue
        laws = fit_laws_once(series)
        fits = [found for found in laws if isinstance(found, Fit)]
        if fits and not any(has_enough_counts(fit) for fit in fits):
            reason = (
                f"a law fitted to {count(len(fits[0].counts), 'number')} of workers predicts nothing; "
                f"at least {count(MIN_PREDICTION_COUNTS, 'number')} are needed."
            )
        elif fits:
            reason = (
                f"every fitted law is more than {percent(MAX_EXTRAPOLATION_ERROR)} off some measurement, so none is used to "
                "predict."
            )
        else:
            reason = next(found.sentence for found in reversed(laws) if isinstance(found, RefusedFit))
        lacks_counts = any(
            found.lacks_counts if isinstance(found, RefusedFit) else not has_enough_counts(found) for found in laws
        )
        asked = f" {options.more_counts}" if lacks_counts and options.more_counts else ""
        yield f"{series.name}, no prediction: {reason}{asked}"


def _describe_scaling(series: Sequence[ScalingSeries]) -> str:
    """Return the kind of scaling if all series share it; otherwise their names tell it."""
    strong = {each.strong for each in series}
    if len(strong) != 1:
        return ""
    return ", one total shared" if strong == {True} else ", one task per worker"


def _make_ideal(usable_cores: int, most: int) -> Series:
    corner = min(usable_cores, most)
    places = [(1.0, 1.0), (float(corner), float(corner)), (float(most), float(corner))]
    cores = "1 usable core" if usable_cores == 1 else f"{usable_cores} usable cores"
    return _make_line(f"{IDEAL}, {cores}", tuple(dict.fromkeys(places)))


def _make_line(name: str, places: Sequence[tuple[float, float]]) -> Series:
    return Series(name, tuple(Point(x, y) for x, y in places), dash="dotted")


def _build_time_chart(study: ScalingStudy, options: ChartOptions) -> Chart:
    measured = tuple(
        Series(
            series.name, tuple(_make_point(each.total_samples, each.wall_s, each.interval) for each in series.points)
        )
        for series in study.sizes
    )
    names = {series.key: series.name for series in study.sizes}
    seen = [each for each in study.break_evens if _is_selected(names.get(each.faster, ""), options)]
    marks = tuple(
        Mark(each.total_samples, f"break-even {format_tick(each.total_samples, 'count', 2)}")
        for each in seen
        if each.total_samples is not None
    )
    return Chart(
        CHART_TITLES["time"],
        Axis("samples in total", "count", "log10"),
        Axis("time", "seconds", "log10"),
        _style_series(measured, options),
        marks,
        tuple(each.sentence for each in seen),
    )


def _build_grain_chart(study: ScalingStudy, options: ChartOptions) -> Chart:
    measured = tuple(
        Series(series.name, tuple(_make_point(each.tasks, each.task_s, each.interval) for each in series.points))
        for series in study.grains
    )
    notes = tuple(_write_grain_note(series) for series in study.grains if _is_selected(series.name, options))
    x, y = Axis("tasks", "count", "log2"), Axis("time per task", "seconds", "log10")
    return Chart(CHART_TITLES["grain"], x, y, _style_series(measured, options), (), notes)


def _write_grain_note(series: GrainSeries) -> str:
    """Return what a finer division costs: the finest compared with the fastest."""
    best, finest = min(series.points, key=lambda point: point.wall_s), series.points[-1]
    sentence = f"{series.name}: fastest with {best.tasks} task{'s' * (best.tasks != 1)}, {format_seconds(best.wall_s)} in total"
    if finest is best:
        return f"{sentence}, {format_seconds(best.task_s)} per task."
    return (
        f"{sentence}; with {finest.tasks} tasks of {format_seconds(finest.task_s)} it takes "
        f"{times(finest.wall_s / best.wall_s)} as long."
    )


def _is_selected(name: str, options: ChartOptions) -> bool:
    return name not in options.hidden and options.selected in ("", name)


def _style_series(measured: Sequence[Series], options: ChartOptions) -> tuple[Series, ...]:
    """Return the measured series with markers, tints and the user's selection; of many, one alone stands out."""
    shown = sum(series.name not in options.hidden for series in measured)
    bright = options.selected or (options.subject if shown > MOST_BRIGHT else "")
    return tuple(
        replace(
            series,
            key=series.name,
            marker=index,
            tint=index % TINTS + 1,
            dimmed=bright not in ("", series.name),
            hidden=series.name in options.hidden,
        )
        for index, series in enumerate(measured)
    )


def _make_point(x: float, y: float, interval: Interval | None) -> Point:
    return Point(x, y) if interval is None else Point(x, y, interval.low, interval.high)
