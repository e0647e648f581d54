"""The charts of a study: speed-up against workers, time against samples, time a task against the number of tasks."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from pi_tui.analysis.results import Interval
from pi_tui.analysis.scaling.scaling_laws import FARTHEST, Fit, Refused, predicted, told
from pi_tui.analysis.scaling.series import GrainSeries, ScalingSeries
from pi_tui.analysis.text.prose import percent, seconds, times
from pi_tui.charts.chart import Axis, Chart, Mark, Point, Series, Spacing
from pi_tui.charts.palette import TINTS
from pi_tui.charts.scaling_study import TITLES, Kind, Study, best_fit, laws_of
from pi_tui.charts.tick_labels import tick_label

_WIDE = 12
"""From such a ratio of the most workers to the fewest on, both axes are logarithmic."""

_STEPS_A_DOUBLING = 4
IDEAL = "ideal"


@dataclass(frozen=True, slots=True)
class Look:
    """How a person looks at a chart.

    Attributes:
        pointed: the name of the series looked at; "" is all of them alike.
        hidden: names of series that are not drawn.
        predict_to: the number of workers that a fitted law is carried to; None for no prediction.
        more_counts: how more numbers of workers are asked for, as a sentence; "" where that is said beside the chart.
    """

    pointed: str = ""
    hidden: frozenset[str] = frozenset()
    predict_to: int | None = None
    more_counts: str = ""


def chart_of(study: Study, kind: Kind, look: Look | None = None) -> Chart:
    """One chart of a study."""
    look = look or Look()
    if kind == "speedup":
        return _speedup(study, look)
    return _time(study, look) if kind == "time" else _grain(study, look)


def _speedup(study: Study, look: Look) -> Chart:
    measured = tuple(
        Series(series.name, tuple(_point(each.workers, each.speedup, each.interval) for each in series.points))
        for series in study.scaling
    )
    most = max((point.workers for series in study.scaling for point in series.points), default=1)
    fitted = _fitted(study, look)
    predict_to = look.predict_to if fitted and look.predict_to is not None and look.predict_to > most else None
    spacing: Spacing = "log2" if max(most, predict_to or 1) >= _WIDE else "linear"
    within = (0.0,) if spacing == "linear" else (1.0,)
    drawn = list(_dressed(measured, look))
    marks: list[Mark] = []
    if predict_to is not None:
        for series, fit in fitted:
            dressed = next(each for each in drawn if each.key == series.name)
            drawn.append(_prediction(dressed, fit, series, predict_to))
            marks += _peak(fit, predict_to)
    drawn.append(_ideal(study.usable_cores, most))
    if predict_to is not None:
        drawn.append(_line("ideal, a core a worker", ((1.0, 1.0), (float(predict_to), float(predict_to)))))
    return Chart(
        TITLES["speedup"],
        Axis("workers", "count", spacing, within),
        Axis(f"speed-up{_kind_of_scaling(study.scaling)}", "times", spacing, within),
        tuple(drawn),
        tuple(marks),
        tuple(_law_notes(study, look, fitted, predict_to)),
    )


def _fitted(study: Study, look: Look) -> tuple[tuple[ScalingSeries, Fit], ...]:
    """The series that a law is carried further for: the one looked at, or all that are shown."""
    if look.predict_to is None:
        return ()
    shown = [each for each in study.scaling if each.name not in look.hidden and look.pointed in ("", each.name)]
    found = ((series, best_fit(laws_of(series))) for series in shown)
    return tuple((series, fit) for series, fit in found if fit is not None)


def _prediction(dressed: Series, fit: Fit, series: ScalingSeries, to: int) -> Series:
    """The law's line from one worker on, with its interval as a band."""
    doublings = max(1, round(_STEPS_A_DOUBLING * (to.bit_length() - 1)))
    places = [float(to) ** (step / doublings) for step in range(doublings + 1)]
    points = tuple(_point(each.workers, each.speedup, each.interval) for each in map(fit.predict, places))
    return replace(dressed, name=f"{series.name}, prediction", points=points, marker=None, dash="dashed", band=True)


def _peak(fit: Fit, to: int) -> Iterator[Mark]:
    if fit.peak is not None and 1 < fit.peak <= to:
        yield Mark(fit.peak, f"peak {fit.peak:.0f}")


def _law_notes(
    study: Study, look: Look, fitted: Sequence[tuple[ScalingSeries, Fit]], predict_to: int | None
) -> Iterator[str]:
    """The laws of each series that has three or more numbers of workers; predictions first, where they are drawn."""
    if predict_to is not None:
        for series, fit in fitted:
            counts = ", ".join(f"{each}" for each in fit.counts)
            yield f"{series.name}, a prediction from {counts} workers: {predicted(fit, predict_to)}."
    if look.predict_to is not None:
        yield from _why_not(study, look, {series.name for series, _ in fitted})
    for series in study.scaling:
        if series.name in look.hidden or look.pointed not in ("", series.name):
            continue
        for found in laws_of(series):
            if isinstance(found, Fit):
                yield f"{series.name}: {told(found)}"


def _why_not(study: Study, look: Look, fitted: Collection[str]) -> Iterator[str]:
    """Why a series has no prediction, where one was asked for."""
    for series in study.scaling:
        if series.name in fitted or not _looked_at(series.name, look):
            continue
        refused = [found for found in laws_of(series) if isinstance(found, Refused)]
        if len(refused) == len(laws_of(series)):
            asked = f" {look.more_counts}" if refused[-1].lacks_counts and look.more_counts else ""
            yield f"{series.name}, no prediction: {refused[-1].sentence}{asked}"
        else:
            yield (
                f"{series.name}, no prediction: every law that can be fitted is more than {percent(FARTHEST)} off "
                "what was measured somewhere, so none is carried further."
            )


def _kind_of_scaling(series: Sequence[ScalingSeries]) -> str:
    """Which scaling it is, where all series are alike; their names tell otherwise."""
    strong = {each.strong for each in series}
    if len(strong) != 1:
        return ""
    return ", one total shared" if strong == {True} else ", a task a worker"


def _ideal(usable_cores: int, most: int) -> Series:
    corner = min(usable_cores, most)
    places = [(1.0, 1.0), (float(corner), float(corner)), (float(most), float(corner))]
    cores = "1 usable core" if usable_cores == 1 else f"{usable_cores} usable cores"
    return _line(f"{IDEAL}, {cores}", tuple(dict.fromkeys(places)))


def _line(name: str, places: Sequence[tuple[float, float]]) -> Series:
    return Series(name, tuple(Point(x, y) for x, y in places), dash="dotted")


def _time(study: Study, look: Look) -> Chart:
    measured = tuple(
        Series(series.name, tuple(_point(each.total_samples, each.wall_s, each.interval) for each in series.points))
        for series in study.sizes
    )
    names = {series.key: series.name for series in study.sizes}
    seen = [each for each in study.break_evens if _looked_at(names.get(each.faster, ""), look)]
    marks = tuple(
        Mark(each.total_samples, f"break-even {tick_label(each.total_samples, 'count', 2)}")
        for each in seen
        if each.total_samples is not None
    )
    return Chart(
        TITLES["time"],
        Axis("samples in all", "count", "log10"),
        Axis("time", "seconds", "log10"),
        _dressed(measured, look),
        marks,
        tuple(each.sentence for each in seen),
    )


def _grain(study: Study, look: Look) -> Chart:
    measured = tuple(
        Series(series.name, tuple(_point(each.tasks, each.task_s, each.interval) for each in series.points))
        for series in study.grains
    )
    notes = tuple(_grain_note(series) for series in study.grains if _looked_at(series.name, look))
    x, y = Axis("tasks", "count", "log2"), Axis("time a task", "seconds", "log10")
    return Chart(TITLES["grain"], x, y, _dressed(measured, look), (), notes)


def _grain_note(series: GrainSeries) -> str:
    """What cutting finer costs: the finest cut beside the best."""
    best, finest = min(series.points, key=lambda point: point.wall_s), series.points[-1]
    sentence = f"{series.name}: fastest in {best.tasks} task{'s' * (best.tasks != 1)}, {seconds(best.wall_s)} in all"
    if finest is best:
        return f"{sentence}, {seconds(best.task_s)} a task."
    return (
        f"{sentence}; in {finest.tasks} tasks of {seconds(finest.task_s)} it takes "
        f"{times(finest.wall_s / best.wall_s)} as long."
    )


def _looked_at(name: str, look: Look) -> bool:
    return name not in look.hidden and look.pointed in ("", name)


def _dressed(measured: Sequence[Series], look: Look) -> tuple[Series, ...]:
    """The measured series with their marks and tints, as they are looked at."""
    return tuple(
        replace(
            series,
            key=series.name,
            marker=index,
            tint=index % TINTS + 1,
            quiet=look.pointed not in ("", series.name),
            hidden=series.name in look.hidden,
        )
        for index, series in enumerate(measured)
    )


def _point(x: float, y: float, interval: Interval | None) -> Point:
    return Point(x, y) if interval is None else Point(x, y, interval.low, interval.high)
