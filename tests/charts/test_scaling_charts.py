"""The charts of a run: which ones have data, and what they show."""

from __future__ import annotations

import pytest

from pi_tui.analysis.scaling.scaling_laws import Fit, RefusedFit
from pi_tui.charts.palette import TINTS
from pi_tui.charts.scaling_charts import ChartOptions, build_chart
from pi_tui.charts.scaling_study import (
    CHART_KINDS,
    CHART_NEEDS,
    CHART_OPTIONS,
    CHART_TITLES,
    ScalingStudy,
    build_study,
    choose_fit,
    fit_laws_once,
)
from tests.charts.chart_builders import (
    grain_results,
    make_baseline,
    make_case,
    make_result,
    scaling_results,
    size_results,
    usl_speedup,
)

NAME = "numba-nogil · threads"


def test_only_charts_with_data_are_offered() -> None:
    assert build_study([], 4).kinds == ()
    assert build_study(scaling_results((2,), usl_speedup), 4).kinds == ()
    assert build_study(scaling_results((1, 2), usl_speedup), 4).kinds == ("speedup",)
    assert build_study(size_results((1000,)), 4).kinds == ()
    assert build_study(size_results((1000, 100_000)), 4).kinds == ("time",)
    assert build_study(grain_results((1, 4)), 4).kinds == ()
    assert build_study(grain_results((1, 4, 16)), 4).kinds == ("grain",)
    everything = [*scaling_results((1, 2, 4), usl_speedup), *size_results((1000, 100_000)), *grain_results((1, 4, 16))]
    assert build_study(everything, 4).kinds == CHART_KINDS
    assert set(CHART_TITLES) == set(CHART_NEEDS) == set(CHART_OPTIONS) == set(CHART_KINDS)


def test_the_ideal_is_of_usable_cores() -> None:
    chart = build_chart(build_study(scaling_results((1, 2, 4, 8), usl_speedup), 4), "speedup")
    ideal = chart.series[-1]
    assert ideal.name == "ideal, 4 usable cores"
    assert [(point.x, point.y) for point in ideal.points] == [(1, 1), (4, 4), (8, 4)]
    assert ideal.dash == "dotted"
    assert "one task per worker" in chart.y.title


def test_points_carry_their_intervals_and_none_where_there_is_none() -> None:
    chart = build_chart(build_study(scaling_results((1, 2, 4), usl_speedup), 4), "speedup")
    assert all(point.low is not None and point.low < point.y < (point.high or 0) for point in chart.series[0].points)
    few = build_chart(build_study(scaling_results((1, 2, 4), usl_speedup, repeats=3), 4), "speedup")
    assert all(point.low is None for point in few.series[0].points)


def test_a_prediction_is_dashed_has_a_band_and_says_that_it_is_one() -> None:
    study = build_study(scaling_results((1, 2, 4, 8), usl_speedup), 4)
    for to in (64, 1024):
        chart = build_chart(study, "speedup", ChartOptions(predict_to=to))
        predicted = next(series for series in chart.series if series.dash == "dashed")
        assert predicted.band
        assert predicted.name == f"{NAME}, prediction"
        assert predicted.points[-1].x == pytest.approx(to)
        assert predicted.points[-1].low is not None
        assert "a prediction from 1, 2, 4, 8 workers" in chart.notes[0]
        assert (chart.x.spacing, chart.y.spacing) == ("log2", "log2")
        assert [mark.label for mark in chart.marks] == ["peak 22"]


def test_nothing_is_predicted_from_fewer_than_three_counts() -> None:
    chart = build_chart(build_study(scaling_results((1, 2), usl_speedup), 4), "speedup", ChartOptions(predict_to=64))
    assert not any(series.dash == "dashed" for series in chart.series)
    assert len(chart.notes) == 1
    assert "no prediction" in chart.notes[0]
    assert "three or more" in chart.notes[0]
    assert choose_fit([RefusedFit("usl", "no")]) is None


def test_a_law_that_is_far_off_predicts_nothing() -> None:
    study = build_study(scaling_results((1, 2, 4, 8), lambda workers: 1.9 if workers == 4 else workers), 8)
    chart = build_chart(study, "speedup", ChartOptions(predict_to=64))
    assert not any(series.dash == "dashed" for series in chart.series)
    assert "more than 25% off" in chart.notes[0]


def test_a_missing_prediction_is_explained() -> None:
    study = build_study(scaling_results((1, 2, 4), lambda workers: 0.01 if workers == 2 else 4.0), 4)
    chart = build_chart(study, "speedup", ChartOptions(predict_to=64))
    assert not any(series.dash == "dashed" for series in chart.series)
    assert "no prediction: Universal Scalability Law is not fitted: it is up to" in chart.notes[0]


def test_the_law_that_explains_more_predicts() -> None:
    series = build_study(scaling_results((1, 2, 4, 8), usl_speedup), 4).scaling[0]
    fit = choose_fit(fit_laws_once(series))
    assert isinstance(fit, Fit)
    assert fit.law == "usl"
    straight = build_study(scaling_results((1, 2, 4, 8), lambda workers: workers - 0.1 * (workers - 1)), 4).scaling[0]
    assert choose_fit(fit_laws_once(straight)).law == "gustafson"  # type: ignore[union-attr]


def test_a_break_even_is_marked_and_described() -> None:
    chart = build_chart(build_study(size_results((1000, 100_000, 10_000_000)), 4), "time")
    assert (chart.x.spacing, chart.y.spacing) == ("log10", "log10")
    assert [mark.label for mark in chart.marks] == ["break-even 1.2M"]
    assert "overtakes sequential" in chart.notes[0]


def test_the_cost_of_more_tasks_is_described() -> None:
    chart = build_chart(build_study(grain_results([2**power for power in range(13)]), 4), "grain")
    assert chart.series[0].points[-1].x == 4096
    assert "fastest with 4 tasks" in chart.notes[0]
    assert "with 4096 tasks" in chart.notes[0]


def test_selecting_dims_the_others_and_hiding_removes() -> None:
    results = [*scaling_results((1, 2, 4), usl_speedup), *scaling_results((1, 2, 4), lambda _: 1.0, "processes")[1:]]
    study = build_study(results, 4)
    first, second = study.names("speedup")
    chart = build_chart(study, "speedup", ChartOptions(selected=first, hidden=frozenset({second})))
    assert [series.dimmed for series in chart.series[:2]] == [False, True]
    assert [series.hidden for series in chart.series[:2]] == [False, True]
    assert all(note.startswith(first) for note in chart.notes)


def many_series() -> ScalingStudy:
    results = [make_baseline(1_000_000)]
    for chunksize in range(1, 25):
        for workers in (1, 2):
            case = make_case("pool-map", workers, chunksize=chunksize)
            results.append(make_result(case, 0.1, 0.1 * workers))
    return build_study(results, 4)


def test_of_many_series_the_subject_alone_is_in_colour() -> None:
    study = many_series()
    names = study.names("speedup")
    chart = build_chart(study, "speedup", ChartOptions(subject=names[3]))
    assert {series.key for series in chart.series if series.key and not series.dimmed} == {names[3]}
    few = build_chart(study, "speedup", ChartOptions(subject=names[3], hidden=frozenset(names[6:])))
    assert not any(series.dimmed for series in few.series)


def test_many_series_all_look_different() -> None:
    chart = build_chart(many_series(), "speedup")
    looks = {(series.tint, (series.marker or 0) % 12) for series in chart.series[:-1]}
    assert len(looks) == len(chart.series) - 1 == 24
    assert all(1 <= series.tint <= TINTS for series in chart.series[:-1])
