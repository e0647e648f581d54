"""Fits recover the law behind the trials, with intervals, and refuse nonsense."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pi_tui.analysis.scaling.law_sentences import describe_fit, describe_prediction
from pi_tui.analysis.scaling.scaling_laws import (
    CLOSE_FIT_ERROR,
    Fit,
    Law,
    RefusedFit,
    fit_laws,
    karp_flatt,
    law_speedup,
    usl_peak,
)
from pi_tui.analysis.scaling.series import ScalingSeries
from tests.analysis.scaling.series_builders import make_series, series_of_speedups

fractions = st.floats(min_value=0.0, max_value=1.0)
seeds = st.integers(0, 10_000)


def fit(a_series: ScalingSeries, law: Law) -> Fit:
    found = next(each for each in fit_laws(a_series) if each.law == law)
    assert isinstance(found, Fit), found
    return found


@given(fractions, st.integers(2, 1024))
def test_karp_and_flatt_give_back_amdahls_fraction(fraction: float, workers: int) -> None:
    assert karp_flatt(law_speedup("amdahl", (fraction,), workers), workers) == pytest.approx(fraction, abs=1e-9)


def test_one_worker_has_no_serial_fraction() -> None:
    assert karp_flatt(1.0, 1) is None


@pytest.mark.parametrize(("by", "workers"), [(math.nan, 2), (math.inf, 2), (0.0, 2), (-1.0, 2), (1.0, 0), (1.0, -3)])
def test_karp_and_flatt_refuse_nonsense(by: float, workers: int) -> None:
    with pytest.raises(ValueError, match="no serial fraction"):
        karp_flatt(by, workers)


@given(fractions)
def test_amdahls_fraction_is_found_exactly_where_nothing_scatters(fraction: float) -> None:
    assert fit(make_series("amdahl", (fraction,)), "amdahl").values == pytest.approx((fraction,), abs=1e-6)


@given(fractions)
def test_gustafsons_fraction_is_found_exactly_where_nothing_scatters(fraction: float) -> None:
    assert fit(make_series("gustafson", (fraction,)), "gustafson").values == pytest.approx((fraction,), abs=1e-6)


@given(st.floats(0.0, 0.6), st.floats(0.0, 0.05))
def test_sigma_and_kappa_are_found_exactly_where_nothing_scatters(sigma: float, kappa: float) -> None:
    found = fit(make_series("usl", (sigma, kappa)), "usl")
    assert found.values == pytest.approx((sigma, kappa), abs=1e-6)


@settings(max_examples=15, deadline=None)
@given(st.floats(0.02, 0.9), seeds)
def test_amdahls_fraction_is_found_in_noise(fraction: float, seed: int) -> None:
    found = fit(make_series("amdahl", (fraction,), noise=0.03, seed=seed), "amdahl")
    assert found.values[0] == pytest.approx(fraction, rel=0.15, abs=0.02)


@settings(max_examples=15, deadline=None)
@given(st.floats(0.02, 0.3), st.floats(0.005, 0.05), seeds)
def test_sigma_and_kappa_are_found_in_noise(sigma: float, kappa: float, seed: int) -> None:
    found = fit(make_series("usl", (sigma, kappa), noise=0.02, trials=9, seed=seed), "usl")
    top = usl_peak(sigma, kappa)
    assert found.peak is not None
    assert top is not None
    assert found.values[0] == pytest.approx(sigma, abs=0.06)
    assert found.values[1] == pytest.approx(kappa, rel=0.25, abs=0.002)
    assert found.predict(16).speedup == pytest.approx(law_speedup("usl", (sigma, kappa), 16), rel=0.08)


@pytest.mark.parametrize(("law", "values"), [("amdahl", (0.1,)), ("gustafson", (0.2,)), ("usl", (0.05, 0.01))], ids=str)
def test_intervals_cover_the_true_parameter(law: Law, values: tuple[float, ...]) -> None:
    """A percentile bootstrap of few trials is slightly too narrow, but must not be far off."""
    held = 0
    for seed in range(30):
        parameter = fit(make_series(law, values, noise=0.03, trials=9, seed=seed), law).parameters[0]
        assert parameter.interval is not None
        held += parameter.interval.low <= values[0] <= parameter.interval.high
    assert held >= 24


def test_the_same_trials_have_the_same_intervals() -> None:
    one, other = (fit(make_series("usl", (0.05, 0.01), noise=0.05), "usl") for _ in range(2))
    assert one == other


def test_a_good_fit_is_accepted_and_a_bad_one_refused() -> None:
    good, bad = make_series("amdahl", (0.1,), noise=0.01), make_series("usl", (0.02, 0.05), noise=0.01)
    good_fit, own_fit = fit(good, "amdahl").r_squared, fit(bad, "usl").r_squared
    assert good_fit is not None
    assert own_fit is not None
    assert good_fit > 0.99
    assert own_fit > 0.99
    (refused,) = [each for each in fit_laws(bad) if isinstance(each, RefusedFit)]
    assert "no better than the mean of the speed-ups" in refused.sentence
    assert refused.law == "amdahl"


def test_a_law_with_as_many_parameters_as_counts_is_not_claimed_where_it_is_far_off() -> None:
    """Every law gives one worker a speed-up of 1, so no law fits one worker at a third of that."""
    found = fit_laws(series_of_speedups((1, 0.35), (2, 0.5), (4, 0.6)))
    assert [each.law for each in found if isinstance(each, RefusedFit)] == ["amdahl", "usl"]


def test_speed_ups_that_are_all_about_one_have_a_serial_fraction_and_no_goodness() -> None:
    """Threads that share a GIL: the mean fits as well as any law, and yet the law's parameter is meaningful."""
    found = fit(series_of_speedups((1, 1.0), (2, 0.99), (4, 1.02), (8, 0.97)), "amdahl")
    assert found.values[0] > 0.95
    assert found.r_squared is not None
    assert found.r_squared < 0
    assert "too little for R² to mean" in describe_fit(found)


@given(st.lists(st.floats(0.05, 20.0), min_size=3, max_size=8), st.booleans())
def test_a_law_that_explains_nothing_has_no_parameters(speedups: list[float], strong: bool) -> None:
    for found in fit_laws(series_of_speedups(*((2**place, by) for place, by in enumerate(speedups)), strong=strong)):
        if isinstance(found, Fit):
            assert found.r_squared is None or found.r_squared >= 0 or found.worst <= CLOSE_FIT_ERROR


def test_a_fit_that_nothing_tests_claims_no_goodness() -> None:
    found = fit(make_series("usl", (0.05, 0.01), (1, 2, 4)), "usl")
    assert found.r_squared is None
    assert "too few numbers of workers above one to test the fit" in describe_fit(found)


@pytest.mark.parametrize("counts", [(2,), (1, 2), (4, 8)])
@pytest.mark.parametrize("law", ["amdahl", "gustafson"])
def test_no_fit_from_fewer_than_three_counts(law: Law, counts: tuple[int, ...]) -> None:
    found = fit_laws(make_series(law, (0.1,), counts))
    assert all(isinstance(each, RefusedFit) for each in found)
    assert all("three or more" in each.sentence for each in found if isinstance(each, RefusedFit))


@pytest.mark.parametrize("nonsense", [(2, math.nan), (2, math.inf), (2, 0.0), (2, -1.0), (0, 1.0), (-1, 1.0)])
@pytest.mark.parametrize("strong", [True, False])
def test_nonsense_is_refused(nonsense: tuple[int, float], strong: bool) -> None:
    found = fit_laws(series_of_speedups((1, 1.0), (4, 3.0), (8, 5.0), nonsense, strong=strong))
    assert found
    assert all(isinstance(each, RefusedFit) and "positive number" in each.sentence for each in found)


def test_invalid_walls_give_no_interval() -> None:
    odd = series_of_speedups((1, 1.0), (2, 1.8), (4, 3.0))
    points = tuple(
        type(each)(each.workers, each.speedup, None, each.ideal, (math.nan,) * 7, each.baseline_walls_s, 1.0)
        for each in odd.points
    )
    found = fit(ScalingSeries(odd.key, odd.name, points, 8), "amdahl")
    assert found.parameters[0].interval is None
    assert found.predict(64).interval is None


@pytest.mark.parametrize("pairs", [((1, 1.0), (2, 0.7), (4, 0.5)), ((1, 1.0), (2, 2.5), (4, 6.0))])
@pytest.mark.parametrize("strong", [True, False])
def test_parameters_stay_within_their_bounds(pairs: tuple[tuple[int, float], ...], strong: bool) -> None:
    fitted = [found for found in fit_laws(series_of_speedups(*pairs, strong=strong)) if isinstance(found, Fit)]
    assert fitted
    for found in fitted:
        assert 0 <= found.values[0] <= 1
        assert all(value >= 0 for value in found.values)


def test_the_peak_is_where_the_law_is_highest() -> None:
    top = usl_peak(0.05, 0.01)
    assert top == pytest.approx(math.sqrt(0.95 / 0.01))
    assert law_speedup("usl", (0.05, 0.01), top) > law_speedup("usl", (0.05, 0.01), top * 1.05)
    assert law_speedup("usl", (0.05, 0.01), top) > law_speedup("usl", (0.05, 0.01), top * 0.95)
    assert usl_peak(0.05, 0.0) is None


def test_a_peak_at_one_worker_is_singular() -> None:
    assert "the peak is at 1 worker (" in describe_fit(fit(make_series("usl", (0.3, 0.7)), "usl"))


def test_without_a_loss_of_coherency_there_is_no_peak() -> None:
    found = fit(make_series("amdahl", (0.1,)), "usl")
    assert found.values[1] == pytest.approx(0.0, abs=1e-9)
    if found.values[1] == 0:
        assert found.peak is None
        assert "no peak" in describe_fit(found)


def test_a_prediction_has_an_interval_and_is_called_one() -> None:
    found = fit(make_series("amdahl", (0.05,), noise=0.03), "amdahl")
    for workers in (64, 1024):
        prediction = found.predict(workers)
        assert prediction.interval is not None
        assert prediction.interval.low <= prediction.speedup <= prediction.interval.high
        assert "predicts" in describe_prediction(found, workers)
    with pytest.raises(ValueError, match="one or more workers"):
        found.predict(0)
