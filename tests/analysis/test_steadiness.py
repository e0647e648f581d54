from __future__ import annotations

from random import Random

import pytest
from analysis_builders import baseline, case, codes, conditions, ledger, measured, sentence, summary, trial
from hypothesis import given
from hypothesis import strategies as st

from pi_tui.analysis.advice.stability import modified_z, trend
from pi_tui.analysis.results import Result

values = st.lists(st.floats(0.5, 2.0), min_size=2, max_size=30)


def with_walls(*walls: float) -> Result:
    trials = [trial(w, tuple(ledger(i, running_s=w) for i in range(2)), number=n) for n, w in enumerate(walls)]
    return summary(case(), trials, conditions("numba-nogil"))


def test_modified_z_by_its_definition() -> None:
    """Iglewicz and Hoaglin: 0.6745 x (value - median) / MAD; the median is 2.45, its MAD 0.15."""
    found = modified_z([2.1, 2.6, 2.4, 2.5, 2.3, 2.1, 2.3, 2.6, 8.2, 8.3])
    assert found[8] == pytest.approx(0.6745 * (8.2 - 2.45) / 0.15, rel=1e-9)
    assert found[0] == pytest.approx(0.6745 * (2.1 - 2.45) / 0.15, rel=1e-9)


def test_equal_values_have_no_outliers() -> None:
    assert modified_z([1.0] * 6) == (0.0,) * 6
    assert modified_z([1.0] * 9 + [2.0])[9] > 3.5


@given(values)
def test_a_trend_turns_with_its_values(walls: list[float]) -> None:
    forward, backward = trend(walls), trend(walls[::-1])
    assert forward.change == pytest.approx(-backward.change, abs=1e-9)
    assert forward.chance == pytest.approx(backward.chance)
    assert 0 < forward.chance <= 1


@given(st.floats(-1.0, 1.0), st.integers(2, 300))
def test_a_straight_line_is_its_own_trend(slope: float, size: int) -> None:
    walls = [10.0 + slope * place / size for place in range(size)]
    assert trend(walls).change == pytest.approx(walls[-1] - walls[0], rel=0.02, abs=1e-9)


def test_the_chance_of_an_order_is_counted() -> None:
    assert trend([1.0, 2.0, 3.0, 4.0, 5.0]).chance == pytest.approx(2 / 120)
    assert trend([1.0, 2.0, 3.0]).chance == pytest.approx(2 / 6)


def test_many_values_without_a_trend_seldom_seem_to_have_one() -> None:
    random = Random(5)
    seeming = sum(trend([random.random() for _ in range(20)]).chance < 0.05 for _ in range(300))
    assert seeming < 30


def test_an_outlier_is_told_with_its_place() -> None:
    result = with_walls(1.0, 1.01, 1.6, 0.99, 1.0, 1.02)
    assert codes(result) == ["outliers"]
    assert "Trial 3 of 6 is far out: it took 1.6 s" in sentence(result, "outliers")
    assert result.advice[0].evidence["outliers"] == 1


def test_a_small_step_aside_is_no_outlier() -> None:
    assert codes(with_walls(1.0, 1.0, 1.0, 1.0, 1.05, 1.0)) == []


def test_a_wide_spread_without_outliers_is_unstable_alone() -> None:
    assert codes(with_walls(1.0, 1.1, 0.9, 1.15, 0.95, 1.05)) == ["unstable"]


def test_a_drift_is_told_instead_of_a_spread() -> None:
    slower = with_walls(1.0, 1.05, 1.1, 1.15, 1.2, 1.25)
    assert codes(slower) == ["drift"]
    assert "became slower from first to last, by 22%" in sentence(slower, "drift")
    faster = with_walls(1.25, 1.2, 1.15, 1.1, 1.05, 1.0)
    assert "became faster" in sentence(faster, "drift")
    assert "--warmup" in sentence(faster, "drift")


def test_a_trend_of_a_few_trials_or_of_little_is_not_told() -> None:
    assert "drift" not in codes(with_walls(1.0, 1.1, 1.2, 1.3))
    assert codes(with_walls(1.0, 1.001, 1.002, 1.003, 1.004, 1.005)) == []


def test_too_few_repeats_for_an_interval() -> None:
    workers = tuple(ledger(i, running_s=1.0) for i in range(2))
    full = measured(workers, 1.0, kernel="numba-nogil")
    assert full.speedup_interval is not None
    assert "few-repeats" not in codes(full)
    few = summary(full.case, list(full.trials[:4]), conditions("numba-nogil"), baseline=baseline(), finished=True)
    assert codes(few)[-1] == "few-repeats"
    assert sentence(few, "few-repeats").startswith("Four trials")
    assert few.speedup_interval is None
    running = summary(full.case, list(full.trials[:4]), conditions("numba-nogil"), baseline=baseline(), finished=False)
    assert "few-repeats" not in codes(running)


def test_a_median_that_is_not_as_sure_as_was_asked_says_so() -> None:
    walls = (1.0, 1.3, 0.8, 1.2, 0.9, 1.1)
    trials = [trial(w, tuple(ledger(i, running_s=w) for i in range(2)), number=n) for n, w in enumerate(walls)]
    wide = summary(case(), trials, conditions("numba-nogil", until_stable=0.05))
    assert codes(wide)[0] == "not-stable"
    assert "not to the ±5% that was asked" in sentence(wide, "not-stable")
    barely = sentence(summary(case(), trials, conditions("numba-nogil", until_stable=0.166)), "not-stable")
    assert "After six trials the median is sure to ±16.7%, not to the ±16.6%" in barely
    assert "not-stable" not in codes(summary(case(), trials, conditions("numba-nogil")))
    assert "not-stable" not in codes(summary(case(), trials, conditions("numba-nogil", until_stable=0.9)))
    running = summary(case(), trials, conditions("numba-nogil", until_stable=0.05), finished=False)
    assert "not-stable" not in codes(running)
