"""Packed results equal the ones they were made of, and are small."""

from __future__ import annotations

import gc
import pickle
from dataclasses import fields, replace

import pytest

from pi_tui.analysis.results import Case, Result, Trial
from pi_tui.analysis.text.formatting import waiting_share
from pi_tui.storage.export.formats import FORMATS, Format, export_run
from pi_tui.storage.history.codec import pack
from pi_tui.storage.history.stored_trial import StoredTrial
from pi_tui.storage.run_record import RunRecord
from pi_tui.ui.state.packed_result import PackedResult
from pi_tui.ui.state.row_order import sort_rows
from pi_tui.ui.state.session import Session
from tests.ui.rows import CASES, done, run_once
from tests.ui.scripted import machine


def trials_in_memory() -> int:
    gc.collect()
    return sum(type(thing) is Trial for thing in gc.get_objects())


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.kernel}-{case.workers}")
def test_a_packed_result_equals_its_original(case: Case) -> None:
    result = done(case)
    kept = PackedResult(result)
    assert kept == result == kept
    assert kept.unpacked == result
    for field in fields(Result):
        assert getattr(kept, field.name) == getattr(result, field.name)
    assert (kept.measured_trials, kept.examined_trials) == (result.measured_trials, result.examined_trials)
    assert kept.waiting == waiting_share(result) is not None
    assert kept != replace(result, trials=result.trials[:-1])


def test_only_the_trials_of_the_last_run_are_unpacked() -> None:
    before = trials_in_memory()
    session = Session()
    for _ in range(20):
        run_once(session)
    assert trials_in_memory() - before == 6 * len(CASES)
    assert len(session.rows) == 20 * len(CASES)
    assert [row.result for row in session.rows] == [done(case) for case in CASES] * 20


def test_packed_trials_are_small() -> None:
    """The trials of a result, as a share of what they are pickled."""
    result = done(CASES[1])
    assert len(PackedResult(result)._trials) < len(pickle.dumps(result.trials)) / 3


@pytest.mark.parametrize("format", FORMATS)
def test_packed_results_are_exported_like_others(format: Format) -> None:
    results = tuple(map(done, CASES))
    session = Session()
    run_once(session)
    session.begin(in_app=False)
    assert all(isinstance(row.result, PackedResult) for row in session.rows)
    assert export_run(RunRecord(machine(), (), session.results()), format) == export_run(
        RunRecord(machine(), (), results), format
    )


def test_rows_are_sorted_by_the_waiting_of_packed_results() -> None:
    session = Session()
    run_once(session)
    shares = [row.waiting for row in session.rows]
    session.begin(in_app=False)
    assert [row.waiting for row in session.rows] == shares
    ordered = [row.waiting for row in sort_rows(session.rows, "waiting", reverse=True, wanted="")]
    assert ordered == sorted(shares, key=lambda share: share or 0.0, reverse=True)


def test_stored_trials_stay_packed_as_they_are() -> None:
    case = CASES[0]
    plain = done(case).trials
    stored = tuple(
        StoredTrial(trial.kind, trial.number, trial.started_at, trial.wall_s, pack(trial)) for trial in plain
    )
    kept = PackedResult(replace(done(case), trials=stored))
    assert all(isinstance(trial, StoredTrial) for trial in kept.trials)
    assert kept.trials == plain
