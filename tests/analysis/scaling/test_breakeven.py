"""Break-even sizes of curves whose crossing is known, and their intervals."""

from __future__ import annotations

import math
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pi_tui.analysis.results import Result
from pi_tui.analysis.scaling.breakeven import find_break_evens
from pi_tui.analysis.scaling.build_series import build_size_series
from pi_tui.analysis.scaling.series import BreakEven
from tests.analysis.analysis_builders import make_case
from tests.analysis.scaling.series_builders import SIZES, make_timed_result, sweep_sizes


def break_evens(results: list[Result]) -> tuple[BreakEven, ...]:
    return find_break_evens(build_size_series(results))


@settings(max_examples=20, deadline=None)
@given(st.floats(0.01, 0.5))
def test_the_break_even_size_of_a_fixed_cost(start_s: float) -> None:
    """One after another, 2 n samples take 2 n us; in parallel, n us plus the start: equal if n us equal the start."""
    results = sweep_sizes("processes", lambda samples: start_s + samples * 1e-6, SIZES)
    (found,) = [each for each in break_evens(results) if each.over == "sequential"]
    assert found.samples is not None
    assert found.total_samples == pytest.approx(2 * found.samples)
    # the straight line between logarithms lies off the true curve, within the decade it crosses in
    assert abs(math.log10(found.samples / (start_s * 1e6))) < 0.4
    assert "overtakes sequential from about" in found.sentence


@settings(max_examples=20, deadline=None)
@given(st.floats(-0.9, -0.1), st.floats(3.2, 6.8))
def test_power_laws_cross_exactly_where_they_do(slope: float, crossing: float) -> None:
    """Power laws are straight on logarithmic axes, so interpolation between sizes is exact."""
    at = 10.0**crossing
    results = sweep_sizes("threads", lambda samples: 2 * samples * 1e-6 * (samples / at) ** slope, SIZES)
    (found,) = break_evens(results)
    assert found.samples == pytest.approx(at, rel=1e-6)
    assert found.wall_s == pytest.approx(2 * at * 1e-6, rel=1e-6)


def test_processes_overtake_threads() -> None:
    results = sweep_sizes("processes", lambda samples: 0.1 + samples * 1e-6, SIZES)
    results += [
        each for each in sweep_sizes("threads", lambda samples: 2.0 * samples * 1e-6, SIZES) if not each.baseline
    ]
    found = {each.over: each for each in break_evens(results) if each.faster.mode == "processes"}
    assert found["threads"].samples == pytest.approx(found["sequential"].samples)


def test_curves_that_do_not_cross_say_so() -> None:
    (ahead,) = break_evens(sweep_sizes("threads", lambda samples: samples * 1e-6, SIZES))
    assert ahead.always
    assert ahead.samples is None
    assert "faster than sequential at every measured size" in ahead.sentence
    (behind,) = break_evens(sweep_sizes("threads", lambda samples: 3 * samples * 1e-6, SIZES))
    assert not behind.always
    assert behind.samples is None
    assert "is not faster than sequential" in behind.sentence
    assert break_evens(sweep_sizes("threads", lambda samples: samples * 1e-6, [1000])) == ()


# ---- how sure a break-even is


def scatter_sweep(mode: str, start_s: float, noise: float, trials: int = 7, seed: int = 1) -> list[Result]:
    """Return results with a fixed cost and half of the work, whose trials scatter by `noise`."""
    random = Random(seed)
    found = []
    for samples in SIZES:
        baseline = make_timed_result(
            make_case("sequential", 1, samples), samples * 1e-6, noise=noise, trials=trials, random=random
        )
        wall_s = start_s + samples * 1e-6
        found += [
            baseline,
            make_timed_result(make_case(mode, 2, samples), wall_s, baseline, noise=noise, trials=trials, random=random),
        ]
    return found


def test_trials_that_agree_leave_no_doubt_of_a_break_even() -> None:
    (found,) = break_evens(sweep_sizes("processes", lambda samples: 0.1 + samples * 1e-6, SIZES))
    assert found.interval is not None
    assert found.interval.low == pytest.approx(found.samples)
    assert found.interval.high == pytest.approx(found.samples)


@pytest.mark.parametrize("seed", range(5))
def test_the_interval_of_a_break_even_grows_with_the_scatter(seed: int) -> None:
    (calm,) = break_evens(scatter_sweep("processes", 0.1, 0.02, seed=seed))
    (rough,) = break_evens(scatter_sweep("processes", 0.1, 0.2, seed=seed))
    assert calm.interval is not None
    assert rough.interval is not None
    assert calm.samples is not None
    assert calm.interval.low <= calm.samples <= calm.interval.high
    assert calm.interval.high / calm.interval.low < rough.interval.high / max(rough.interval.low, 1.0)
    assert "95% interval" in calm.sentence


def test_break_even_intervals_cover_the_true_size() -> None:
    """The true size is that of the same curves without scatter, so that interpolation error does not count."""
    (true,) = break_evens(scatter_sweep("processes", 0.1, 0.0))
    assert true.samples is not None
    held = 0
    for seed in range(60):
        (found,) = break_evens(scatter_sweep("processes", 0.1, 0.1, seed=seed))
        assert found.interval is not None
        held += found.interval.low <= true.samples <= found.interval.high
    assert held >= 52


def test_too_few_trials_have_no_interval_of_a_break_even() -> None:
    (found,) = break_evens(scatter_sweep("processes", 0.1, 0.02, trials=4))
    assert found.samples is not None
    assert found.interval is None
    assert "too few trials for an interval" in found.sentence


def test_curves_that_do_not_cross_say_whether_the_trials_rule_a_crossing_out() -> None:
    def told_of(ratio: float, noise: float) -> str:
        random, found = Random(3), []
        for samples in SIZES:
            baseline = make_timed_result(
                make_case("sequential", 1, samples), samples * 1e-6, noise=noise, trials=5, random=random
            )
            wall_s = 2e-6 * samples / ratio
            found += [
                baseline,
                make_timed_result(
                    make_case("threads", 2, samples), wall_s, baseline, noise=noise, trials=5, random=random
                ),
            ]
        (only,) = break_evens(found)
        return only.sentence

    assert "rule" not in told_of(1.9, 0.01)
    assert "rule" not in told_of(0.5, 0.01)
    assert "do not rule one out" in told_of(0.6, 0.5)
