"""Series built from results whose curves are known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pi_tui.analysis.scaling.build_series import build_scaling_series, build_size_series
from tests.analysis.analysis_builders import make_case
from tests.analysis.scaling.series_builders import make_sequential, make_timed_result, sweep_sizes


def test_series_distinguish_strong_from_weak_scaling() -> None:
    baseline = make_sequential(1_000_000)
    weak = [make_timed_result(make_case("threads", workers), 1.1, baseline) for workers in (1, 2, 4)]
    strong = [
        make_timed_result(make_case("threads", workers, split=True), 1.1 / workers, baseline) for workers in (1, 2, 4)
    ]
    found = build_scaling_series([baseline, *weak, *strong], 2)
    assert [(series.strong, [point.workers for point in series.points]) for series in found] == [
        (False, [1, 2, 4]),
        (True, [1, 2, 4]),
    ]
    assert [point.ideal for point in found[0].points] == [1, 2, 2]
    assert found[0].points[1].speedup == pytest.approx(2 / 1.1)
    assert found[0].points[1].interval is not None
    assert found[0].name != found[1].name


def test_unknown_modes_are_skipped() -> None:
    baseline = make_sequential(1_000_000)
    known = make_timed_result(make_case("threads", 2), 1.1, baseline)
    newer = replace(known, case=replace(known.case, mode="fibres"))
    assert [series.mode for series in build_scaling_series([baseline, newer, known], 2)] == ["threads"]
    assert [series.key.mode for series in build_size_series([baseline, newer, known])] == ["sequential", "threads"]


def test_the_series_of_one_kernel_do_not_depend_on_another() -> None:
    """One kernel has four tasks for one, two and four workers; another has one task per worker."""
    baseline = make_sequential(1_000_000)
    fixed = [make_timed_result(make_case("pool-map", workers, tasks=4), 4 / workers, baseline) for workers in (1, 2, 4)]
    other = [replace(each, case=replace(each.case, kernel="numba", tasks=each.case.workers)) for each in fixed]
    alone = replace(baseline, case=replace(baseline.case, kernel="numba"))
    found = build_scaling_series([baseline, alone, *fixed, *other], 4)
    assert [(series.kernel, len(series.points)) for series in found] == [("python", 3), ("numba", 3)]


def test_a_fixed_number_of_tasks_is_strong_scaling() -> None:
    baseline = make_sequential(1_000_000)
    results = [
        make_timed_result(make_case("pool-map", workers, tasks=4, chunksize=1), 4 / workers, baseline)
        for workers in (1, 2, 4)
    ]
    (found,) = build_scaling_series([baseline, *results], 4)
    assert found.strong
    assert [point.workers for point in found.points] == [1, 2, 4]


def test_size_series_are_in_order_and_on_the_same_scale() -> None:
    found = build_size_series(sweep_sizes("threads", lambda samples: samples * 1e-6, [1000, 100, 10_000]))
    assert [[point.total_samples for point in series.points] for series in found] == [
        [100, 1000, 10_000],
        [200, 2000, 20_000],
    ]
