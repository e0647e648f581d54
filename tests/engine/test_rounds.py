"""How often trials are repeated; the test sets the clock."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from random import Random

import pytest

from pi_tui.analysis.results import Trial
from pi_tui.engine.errors import UsageError
from pi_tui.engine.run.limits import check_numbers
from pi_tui.engine.run.request import DEFAULT_STABLE_LIMIT_S, RunRequest
from pi_tui.engine.run.rounds import RoundSchedule


def trials(walls: Sequence[float], warmups: int = 1) -> list[Trial]:
    warm = [Trial("warmup", number, 1.0, 0.0, (), ()) for number in range(warmups)]
    return warm + [Trial("measured", warmups + n, wall, 0.0, (), ()) for n, wall in enumerate(walls)]


def asked(**more: object) -> RunRequest:
    return RunRequest(("python",), **more)  # type: ignore[arg-type]


def at(second: float, **more: object) -> RoundSchedule:
    return RoundSchedule(asked(**more), lambda: second)


def test_by_default_there_are_as_many_rounds_as_requested() -> None:
    assert list(at(1e9, repeat=2, warmup=1)) == [(0, "warmup"), (1, "measured"), (2, "measured")]
    assert at(0, repeat=2).count_remaining([]) == 3
    assert at(0, repeat=2).count_remaining(trials([1.0])) == 1
    assert at(0, repeat=2).count_remaining(trials([1.0, 1.0])) == 0


def test_the_first_measured_round_runs_however_little_time_there_is() -> None:
    assert list(at(100.0, repeat=5, warmup=2, max_time_s=1.0)) == [(0, "warmup"), (1, "warmup"), (2, "measured")]
    assert len(list(at(0.5, repeat=5, warmup=2, max_time_s=1.0))) == 7


def test_a_steady_case_needs_five_trials_and_an_unsteady_one_more() -> None:
    rounds = at(0, until_stable=0.05, repeat=1)
    assert rounds.count_remaining(trials([1.0] * 4)) == 1
    assert rounds.count_remaining(trials([1.0] * 5)) == 0
    assert rounds.count_remaining(trials([0.5, 0.8, 1.0, 1.2, 1.5])) > 5


def test_until_stable_runs_at_least_the_requested_trials() -> None:
    assert at(0, until_stable=0.05, repeat=9).count_remaining(trials([1.0] * 8)) == 1


def test_repeating_ends_once_the_median_is_sure_enough() -> None:
    random, walls = Random(4), [1.0]
    rounds = at(0, until_stable=0.02)
    while len(walls) < 2000 and rounds.count_remaining(trials(walls)) > 0:
        walls.append(random.lognormvariate(0.0, 0.1))
    assert 20 < len(walls) < 1000


def test_repeating_until_stable_has_a_time_limit() -> None:
    assert asked().time_limit_s is None
    assert asked(until_stable=0.05).time_limit_s == DEFAULT_STABLE_LIMIT_S
    assert asked(until_stable=0.05, max_time_s=7.0).time_limit_s == 7.0
    endless = list(itertools.islice(at(DEFAULT_STABLE_LIMIT_S - 1, until_stable=0.05), 500))
    assert len(endless) == 500
    assert len(list(at(DEFAULT_STABLE_LIMIT_S + 1, until_stable=0.05))) == 2


def test_the_time_left_is_never_more_than_there_is() -> None:
    assert at(3.0, max_time_s=10.0).cap_remaining_s(100.0) == 7.0
    assert at(3.0, max_time_s=10.0).cap_remaining_s(2.0) == 2.0
    assert at(30.0, max_time_s=10.0).cap_remaining_s(2.0) == 0.0
    assert at(30.0).cap_remaining_s(2.0) == 2.0


@pytest.mark.parametrize(
    "nonsense", [{"max_time_s": 0.0}, {"max_time_s": float("nan")}, {"until_stable": 0.0}, {"until_stable": 1.0}]
)
def test_nonsense_is_refused(nonsense: dict[str, float]) -> None:
    with pytest.raises(UsageError, match=r"must be"):
        check_numbers(asked(**nonsense))
