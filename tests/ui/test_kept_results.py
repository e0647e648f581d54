"""Results of earlier runs are kept small, and lose nothing."""

from __future__ import annotations

import gc
import pickle
from dataclasses import fields, replace

import pytest
from scripted import machine, result_of, trial_of

from pi_tui.analysis.results import Advice, Case, Result, Trial
from pi_tui.analysis.text.formatting import waiting_share
from pi_tui.engine.run.events import CaseFinished, Progress, RunFinished, RunStarted
from pi_tui.storage.export.formats import FORMATS, Format, export_run
from pi_tui.storage.history.codec import pack
from pi_tui.storage.history.stored_trial import StoredTrial
from pi_tui.storage.run_record import RunRecord
from pi_tui.ui.state.event_reducer import apply_event
from pi_tui.ui.state.packed_result import PackedResult
from pi_tui.ui.state.row_order import sort_rows
from pi_tui.ui.state.session import KEPT_ROWS, Session

CASES = tuple(
    Case(kernel, "threads", None, None, "3.11.7", None, workers, workers, 1000)
    for kernel in ("python", "numba")
    for workers in (2, 16)
)


def done(case: Case) -> Result:
    trials = tuple(trial_of(case, "warmup" if number == 0 else "measured", number) for number in range(6))
    advice = (Advice("gil-turns", f"The {case.workers} threads took turns.", {"waiting": 0.5}),)
    return replace(result_of(case, trials, 5), advice=advice)


def run_once(session: Session, cases: tuple[Case, ...] = CASES) -> None:
    session.begin(in_app=False)
    apply_event(session, RunStarted(machine(), (), cases, 6 * len(cases), 1))
    for case in cases:
        apply_event(session, CaseFinished(done(case), Progress(6, 6, 0.0, 0.0)))
    apply_event(session, RunFinished((), stopped=False, elapsed_s=1.0))


def trials_in_memory() -> int:
    gc.collect()
    return sum(type(thing) is Trial for thing in gc.get_objects())


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.kernel}-{case.workers}")
def test_a_kept_result_is_the_one_it_was_made_of(case: Case) -> None:
    result = done(case)
    kept = PackedResult(result)
    assert kept == result == kept
    assert kept.unpacked == result
    for field in fields(Result):
        assert getattr(kept, field.name) == getattr(result, field.name)
    assert (kept.measured_trials, kept.examined_trials) == (result.measured_trials, result.examined_trials)
    assert kept.waiting == waiting_share(result) is not None
    assert kept != replace(result, trials=result.trials[:-1])


def test_an_hour_of_runs_keeps_the_trials_of_the_last_one_alone() -> None:
    before = trials_in_memory()
    session = Session()
    for _ in range(20):
        run_once(session)
    assert trials_in_memory() - before == 6 * len(CASES)
    assert len(session.rows) == 20 * len(CASES)
    assert [row.result for row in session.rows] == [done(case) for case in CASES] * 20


def test_the_table_has_a_bound_and_the_oldest_runs_leave_whole() -> None:
    session = Session()
    for _ in range(KEPT_ROWS):
        run_once(session)
        assert len(session.rows) <= KEPT_ROWS + len(CASES)
    numbers = [row.number for row in session.rows]
    assert numbers == list(range(session.rows_dropped + 1, KEPT_ROWS * len(CASES) + 1))
    assert session.rows_dropped % len(CASES) == 0
    assert session.rows[0].run == session.rows_dropped // len(CASES) + 1
    assert set(session.environments) == {row.run for row in session.rows}
    assert session.row(session.rows_dropped) is session.row(1) is session.row(None) is None
    assert session.row(session.rows_dropped + 1) is session.rows[0]
    assert session.row(numbers[-1]) is session.rows[-1]


def test_a_run_and_the_one_before_it_stay_however_many_rows_they_have() -> None:
    many = tuple(replace(CASES[0], samples=1000 + number) for number in range(KEPT_ROWS + 1))
    session = Session()
    run_once(session)
    run_once(session, many)
    assert session.rows_dropped == 0
    run_once(session)
    assert (session.rows_dropped, len(session.rows)) == (len(CASES), len(many) + len(CASES))
    run_once(session)
    assert {row.run for row in session.rows} == {3, 4}


def test_a_run_after_rows_have_left_is_taken_in_like_any_other() -> None:
    session = Session()
    while session.rows_dropped == 0:
        run_once(session)
    session.begin(in_app=False)
    first = session.rows_dropped + len(session.rows) + 1
    session.activate(CASES[0])
    session.activate(CASES[1])
    assert session.active_case == CASES[1]
    session.put_result(done(CASES[0]))
    assert [(row.number, row.state, row.active) for row in session.rows[-2:]] == [
        (first, "ok", False),
        (first + 1, "running", True),
    ]
    session.end()
    assert (session.rows[-1].state, session.active_case) == ("stopped", None)


def test_what_is_kept_is_small() -> None:
    """The trials of a result, as a share of what they are pickled."""
    result = done(CASES[1])
    assert len(PackedResult(result)._trials) < len(pickle.dumps(result.trials)) / 3


@pytest.mark.parametrize("format", FORMATS)
def test_kept_results_are_exported_like_new_ones(format: Format) -> None:
    results = tuple(map(done, CASES))
    session = Session()
    run_once(session)
    session.begin(in_app=False)
    assert all(isinstance(row.result, PackedResult) for row in session.rows)
    assert export_run(RunRecord(machine(), (), session.results()), format) == export_run(
        RunRecord(machine(), (), results), format
    )


def test_rows_are_sorted_by_what_kept_results_waited() -> None:
    session = Session()
    run_once(session)
    shares = [row.waiting for row in session.rows]
    session.begin(in_app=False)
    assert [row.waiting for row in session.rows] == shares
    ordered = [row.waiting for row in sort_rows(session.rows, "waiting", reverse=True, wanted="")]
    assert ordered == sorted(shares, key=lambda share: share or 0.0, reverse=True)


def test_trials_from_the_history_are_kept_as_they_are_stored() -> None:
    case = CASES[0]
    plain = done(case).trials
    stored = tuple(
        StoredTrial(trial.kind, trial.number, trial.started_at, trial.wall_s, pack(trial)) for trial in plain
    )
    kept = PackedResult(replace(done(case), trials=stored))
    assert all(isinstance(trial, StoredTrial) for trial in kept.trials)
    assert kept.trials == plain


def test_interpreters_that_stay_the_same_are_kept_once() -> None:
    from scripted import FREE_PYTHON, PYTHON

    session = Session()
    for _ in range(3):
        session.begin(in_app=False)
        apply_event(session, RunStarted(machine(), (replace(PYTHON), FREE_PYTHON), CASES, 6, 1))
    (first, _), (second, _), (third, _) = (interpreters for _, interpreters in session.environments.values())
    assert first is second is third
    session.begin(in_app=False)
    apply_event(session, RunStarted(machine(), (replace(PYTHON, path="/elsewhere/python"),), CASES, 6, 1))
    assert session.environments[4][1][0].path == "/elsewhere/python"
