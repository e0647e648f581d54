"""Comparing two runs: what counts as a change, what as noise, and what cannot be compared."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from pi_tui.analysis.results import Interpreter, Losses, Machine, Result
from pi_tui.analysis.run_comparison import Comparison, compare_runs
from tests.analysis.analysis_builders import make_baseline, make_ledger, make_result, make_trial

MACHINE = Machine("Linux 6", "A Processor", 2, 2, 2, None, 2, 16 << 30, 8 << 30)
PYTHON = Interpreter("3.11", "/python", "3.11.7", "CPython", False, True, {"numpy": "2.4.0"})


@dataclass(frozen=True)
class Run:
    results: tuple[Result, ...]
    machine: Machine = MACHINE
    interpreters: tuple[Interpreter, ...] = (PYTHON,)


def timed(*walls: float, **changes: Any) -> Result:
    """Return a result of one case with these measured walls."""
    result = replace(make_result((make_ledger(), make_ledger(index=1)), 1.0), trials=tuple(_trials(walls)))
    return replace(result, case=replace(result.case, python="3.11"), **changes)


def _trials(walls: tuple[float, ...]) -> list[Any]:
    return [make_trial(wall, (make_ledger(), make_ledger(index=1)), number=number) for number, wall in enumerate(walls)]


def of(before: Result, after: Result) -> Comparison:
    return compare_runs(Run((before,)), Run((after,)))


STEADY = (1.00, 1.01, 0.99, 1.02, 0.98)


def test_half_the_time_is_faster_and_has_an_interval() -> None:
    (found,) = of(timed(*STEADY), timed(*(wall / 2 for wall in STEADY))).cases
    assert found.verdict == "faster"
    assert found.ratio == pytest.approx(0.5)
    assert found.interval is not None
    assert found.interval.low < 0.5 < found.interval.high < 1
    assert found.sentence.startswith("Faster: 1 s before, 500 ms after, 50% of the time (")


def test_twice_the_time_is_slower_and_names_the_loss_that_grew() -> None:
    none = Losses(2.0, 0.0, 0.0, 0.0, None, None, None, 0.0, 0.0, 0.0, 0.0, workers=2, worker=0, trial=1)
    before = timed(*STEADY, losses=none)
    after = timed(*(2 * wall for wall in STEADY), losses=replace(none, speedup=1.0, startup=0.1, waiting=0.9))
    (found,) = of(before, after).cases
    assert (found.verdict, found.ratio) == ("slower", pytest.approx(2.0))
    assert found.sentence.endswith("; waiting took 0.90 workers more.")


def test_trials_that_overlap_are_noise() -> None:
    (found,) = of(timed(1.0, 1.3, 0.8, 1.1, 0.9), timed(1.1, 0.7, 1.2, 1.0, 1.05)).cases
    assert found.verdict == "noise"
    assert found.sentence.startswith("No more than noise: ")


def test_a_change_below_the_usual_difference_of_runs_is_noise() -> None:
    before = timed(1.0, 1.0001, 0.9999, 1.0002, 0.9998)
    (found,) = of(before, timed(1.01, 1.0101, 1.0099, 1.0102, 1.0098)).cases
    assert found.interval is not None
    assert found.interval.low > 1
    assert found.verdict == "noise"


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        (timed(1.0, 1.0, 1.0), "3 repeats were measured"),
        (timed(1.0), "1 repeat was measured"),
        (timed(*STEADY, status="failed"), "it failed"),
        (timed(status="unavailable"), "it was unavailable"),
        (timed(*STEADY, in_app=True), "inside the app"),
    ],
)
def test_results_that_cannot_be_compared_say_why_and_when(broken: Result, why: str) -> None:
    whole = timed(*STEADY)
    for when, (found,) in (("before", of(broken, whole).cases), ("after", of(whole, broken).cases)):
        assert (found.verdict, found.ratio, found.interval) == ("not comparable", None, None)
        assert found.sentence.startswith(f"Not comparable: {when}, ")
        assert why in found.sentence


def test_a_stopped_case_with_enough_trials_is_compared() -> None:
    (found,) = of(timed(*STEADY, status="stopped"), timed(*STEADY)).cases
    assert found.verdict == "noise"


def test_another_machine_is_compared_and_labelled() -> None:
    other = replace(MACHINE, processor="Another", usable_cores=8)
    found = compare_runs(Run((timed(*STEADY),)), Run((timed(*STEADY),), machine=other))
    assert [each.verdict for each in found.cases] == ["noise"]
    assert [each.sentence for each in found.differences] == [
        "processor: A Processor before, Another after",
        "usable cores: 2 before, 8 after",
    ]


def test_another_interpreter_is_a_partner_where_there_is_no_other() -> None:
    before, after = timed(*STEADY), timed(*STEADY, gil_enabled=False)
    after = replace(after, case=replace(after.case, python="3.14t"))
    newer = replace(PYTHON, id="3.14t", packages={"numpy": "2.4.0", "numba": "0.68"})
    found = compare_runs(Run((before,)), Run((after,), interpreters=(newer,)))
    assert {each.what: (each.before, each.after) for each in found.cases[0].differences} == {
        "Python": ("3.11", "3.14t"),
        "GIL": ("on", "off"),
        "numba": ("", "0.68"),
    }
    two = compare_runs(Run((before, replace(before, case=replace(before.case, python="3.12")))), Run((after,)))
    assert two.cases == ()
    assert (len(two.only_before), len(two.only_after)) == (2, 1)


def test_a_case_is_matched_with_itself_first() -> None:
    old = timed(*STEADY)
    new = replace(old, case=replace(old.case, python="3.14"))
    found = compare_runs(Run((old,)), Run((new, old)))
    assert [each.case for each in found.cases] == [old.case]
    assert found.only_after == (new.case,)


def test_cases_without_a_partner_are_listed() -> None:
    one, other = timed(*STEADY), make_baseline()
    found = compare_runs(Run((one, other)), Run((one,)))
    assert found.only_before == (other.case,)
    assert found.only_after == ()


walls = some.lists(some.floats(0.001, 100), min_size=5, max_size=9)


@given(walls)
def test_a_run_against_itself_is_never_more_than_noise(times: list[float]) -> None:
    (found,) = of(timed(*times), timed(*times)).cases
    assert found.verdict == "noise"
    assert found.ratio == 1.0


@given(walls, walls)
def test_faster_one_way_is_never_faster_the_other(one: list[float], other: list[float]) -> None:
    there, back = of(timed(*one), timed(*other)).cases[0], of(timed(*other), timed(*one)).cases[0]
    assert not (there.verdict == back.verdict != "noise")
    assert there.ratio is not None
    assert back.ratio == pytest.approx(1 / there.ratio)
