"""Results are exact for small and finished cases, and large cases are not summarised after every trial."""

from __future__ import annotations

from dataclasses import replace
from unittest.mock import patch

from pi_tui.analysis.results import Case, Result, Trial
from pi_tui.engine.run import run_results as under_test
from pi_tui.engine.run.run_results import REFRESH_DIVISOR, CaseRecord, RunResults
from tests.analysis.analysis_builders import make_ledger, make_trial, summarise_trials
from tests.engine.test_plan import planned


def opened() -> tuple[RunResults, CaseRecord, CaseRecord]:
    """Results of two cases, the baseline first."""
    plan = planned("python", modes=("sequential", "threads"), samples=(1_000_000,))
    results = RunResults(plan)
    baseline, threads = (results.records[case] for case in plan.cases)
    return results, baseline, threads


def blank(case: Case) -> Result:
    """A result without trials."""
    return summarise_trials(case, [])


def next_trial(record: CaseRecord) -> Trial:
    number = len(record.trials)
    workers = tuple(make_ledger(index, running_s=1.0) for index in range(record.case.workers))
    return make_trial(1.0 + number % 7 / 100, workers, number=number)


def grow(results: RunResults, records: tuple[CaseRecord, ...], trials: int) -> list[tuple[int, int]]:
    """Append trials one by one, as a run does; return how many there were each time, and how many the result contained."""
    seen = []
    for _ in range(trials):
        for record in records:
            record.trials.append(next_trial(record))
            seen.append((len(record.trials), len(results.get(record.case).trials)))
    return seen


def test_the_first_hundred_trials_are_summed_up_one_by_one() -> None:
    results, *records = opened()
    assert all(there == known for there, known in grow(results, tuple(records), 2 * REFRESH_DIVISOR - 1))


def test_a_result_is_never_behind_by_more_than_one_trial_in_fifty() -> None:
    results, *records = opened()
    seen = grow(results, tuple(records), 200)
    assert all(there - known < max(1, there / REFRESH_DIVISOR) for there, known in seen)
    assert any(there > known for there, known in seen)


def test_a_case_of_thousands_of_trials_is_not_summed_up_after_each() -> None:
    results, baseline, _ = opened()
    with patch.object(under_test, "summarise_case", return_value=None) as summarise:
        summarise.side_effect = lambda case, trials, *_, **more: replace(blank(case), trials=tuple(trials))
        grow(results, (baseline,), 5000)
    assert summarise.call_count < 400  # 100, then 50 for each time that it has grown by a factor e


def test_a_finished_case_knows_all_its_trials_and_all_of_its_baselines() -> None:
    results, baseline, threads = opened()
    grow(results, (baseline, threads), 2 * REFRESH_DIVISOR + 2)
    for record in (baseline, threads):
        record.trials.append(next_trial(record))
    assert len(results.get(threads.case).trials) < len(threads.trials)
    for record in (baseline, threads):
        assert len(results.close_case(record.case, "ok").trials) == len(record.trials)
    by_case: dict[Case, int] = {result.case: len(result.trials) for result in results.get_all()}
    assert by_case == {record.case: len(record.trials) for record in (baseline, threads)}


def test_a_result_follows_its_growing_baseline() -> None:
    results, baseline, threads = opened()
    grow(results, (baseline, threads), 5)
    before = results.get(threads.case)
    slower = next_trial(baseline)
    baseline.trials += [make_trial(4.0, slower.workers, number=9)] * 9
    after = results.get(threads.case)
    assert before.speedup is not None
    assert after.speedup is not None
    assert after.speedup > 3 * before.speedup
    assert results.get(threads.case) is after


def test_what_is_found_out_about_a_case_is_in_its_result_at_once() -> None:
    results, baseline, _ = opened()
    grow(results, (baseline,), 3)
    assert results.get(baseline.case).gil_enabled is None
    baseline.gil_enabled = True
    assert results.get(baseline.case).gil_enabled is True
