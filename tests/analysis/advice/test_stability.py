from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pi_tui.analysis.advice.stability import find_trend, modified_z_scores
from pi_tui.analysis.results import Result
from tests.analysis.analysis_builders import (
    advice_codes,
    advice_sentence,
    make_baseline,
    make_case,
    make_conditions,
    make_ledger,
    make_result,
    make_trial,
    summarise_trials,
)

values = st.lists(st.floats(0.5, 2.0), min_size=2, max_size=30)


def with_walls(*walls: float) -> Result:
    trials = [
        make_trial(w, tuple(make_ledger(i, running_s=w) for i in range(2)), number=n) for n, w in enumerate(walls)
    ]
    return summarise_trials(make_case(), trials, make_conditions("numba-nogil"))


def test_modified_z_by_its_definition() -> None:
    """Iglewicz and Hoaglin: 0.6745 x (value - median) / MAD; the median is 2.45, its MAD 0.15."""
    found = modified_z_scores([2.1, 2.6, 2.4, 2.5, 2.3, 2.1, 2.3, 2.6, 8.2, 8.3])
    assert found[8] == pytest.approx(0.6745 * (8.2 - 2.45) / 0.15, rel=1e-9)
    assert found[0] == pytest.approx(0.6745 * (2.1 - 2.45) / 0.15, rel=1e-9)


def test_equal_values_have_no_outliers() -> None:
    assert modified_z_scores([1.0] * 6) == (0.0,) * 6
    assert modified_z_scores([1.0] * 9 + [2.0])[9] > 3.5


@given(values)
def test_a_trend_turns_with_its_values(walls: list[float]) -> None:
    forward, backward = find_trend(walls), find_trend(walls[::-1])
    assert forward.change == pytest.approx(-backward.change, abs=1e-9)
    assert forward.p_value == pytest.approx(backward.p_value)
    assert 0 < forward.p_value <= 1


@given(st.floats(-1.0, 1.0), st.integers(2, 300))
def test_a_straight_line_is_its_own_trend(slope: float, size: int) -> None:
    walls = [10.0 + slope * place / size for place in range(size)]
    assert find_trend(walls).change == pytest.approx(walls[-1] - walls[0], rel=0.02, abs=1e-9)


def test_the_p_value_of_few_values_is_exact() -> None:
    assert find_trend([1.0, 2.0, 3.0, 4.0, 5.0]).p_value == pytest.approx(2 / 120)
    assert find_trend([1.0, 2.0, 3.0]).p_value == pytest.approx(2 / 6)


def test_many_values_without_a_trend_seldom_seem_to_have_one() -> None:
    random = Random(5)
    seeming = sum(find_trend([random.random() for _ in range(20)]).p_value < 0.05 for _ in range(300))
    assert seeming < 30


def test_an_outlier_is_reported_with_its_position() -> None:
    result = with_walls(1.0, 1.01, 1.6, 0.99, 1.0, 1.02)
    assert advice_codes(result) == ["outliers"]
    assert "Trial 3 of 6 is an outlier: it took 1.6 s" in advice_sentence(result, "outliers")
    assert result.advice[0].evidence["outliers"] == 1


def test_a_small_deviation_is_no_outlier() -> None:
    assert advice_codes(with_walls(1.0, 1.0, 1.0, 1.0, 1.05, 1.0)) == []


def test_a_wide_spread_without_outliers_is_unstable_alone() -> None:
    assert advice_codes(with_walls(1.0, 1.1, 0.9, 1.15, 0.95, 1.05)) == ["unstable"]


def test_a_drift_is_reported_instead_of_a_spread() -> None:
    slower = with_walls(1.0, 1.05, 1.1, 1.15, 1.2, 1.25)
    assert advice_codes(slower) == ["drift"]
    assert "became slower from first to last, by 22%" in advice_sentence(slower, "drift")
    faster = with_walls(1.25, 1.2, 1.15, 1.1, 1.05, 1.0)
    assert "became faster" in advice_sentence(faster, "drift")
    assert "--warmup" in advice_sentence(faster, "drift")


def test_a_trend_of_few_trials_or_of_little_is_not_reported() -> None:
    assert "drift" not in advice_codes(with_walls(1.0, 1.1, 1.2, 1.3))
    assert advice_codes(with_walls(1.0, 1.001, 1.002, 1.003, 1.004, 1.005)) == []


def test_too_few_repeats_for_an_interval() -> None:
    workers = tuple(make_ledger(i, running_s=1.0) for i in range(2))
    full = make_result(workers, 1.0, kernel="numba-nogil")
    assert full.speedup_interval is not None
    assert "few-repeats" not in advice_codes(full)
    few = summarise_trials(
        full.case, list(full.trials[:4]), make_conditions("numba-nogil"), baseline=make_baseline(), finished=True
    )
    assert advice_codes(few)[-1] == "few-repeats"
    assert advice_sentence(few, "few-repeats").startswith("Four trials")
    assert few.speedup_interval is None
    running = summarise_trials(
        full.case, list(full.trials[:4]), make_conditions("numba-nogil"), baseline=make_baseline(), finished=False
    )
    assert "few-repeats" not in advice_codes(running)


def test_a_median_less_precise_than_requested_is_reported() -> None:
    walls = (1.0, 1.3, 0.8, 1.2, 0.9, 1.1)
    trials = [
        make_trial(w, tuple(make_ledger(i, running_s=w) for i in range(2)), number=n) for n, w in enumerate(walls)
    ]
    wide = summarise_trials(make_case(), trials, make_conditions("numba-nogil", until_stable=0.05))
    assert advice_codes(wide)[0] == "not-stable"
    assert "not to the requested ±5%" in advice_sentence(wide, "not-stable")
    barely = advice_sentence(
        summarise_trials(make_case(), trials, make_conditions("numba-nogil", until_stable=0.166)), "not-stable"
    )
    assert "After six trials, the median is known to ±16.7%, not to the requested ±16.6%" in barely
    assert "not-stable" not in advice_codes(summarise_trials(make_case(), trials, make_conditions("numba-nogil")))
    assert "not-stable" not in advice_codes(
        summarise_trials(make_case(), trials, make_conditions("numba-nogil", until_stable=0.9))
    )
    running = summarise_trials(make_case(), trials, make_conditions("numba-nogil", until_stable=0.05), finished=False)
    assert "not-stable" not in advice_codes(running)
