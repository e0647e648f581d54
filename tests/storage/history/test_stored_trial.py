"""A trial as it is stored: nothing is unpacked before it is looked at, however many trials there are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pi_tui.analysis.results import MAX_EXAMINED_TRIALS, Trial
from pi_tui.analysis.text.formatting import waiting_share
from pi_tui.charts.scaling_study import build_study
from pi_tui.storage.export.formats import export_run
from pi_tui.storage.history import queries, stored_trial
from pi_tui.storage.history.codec import pack, unpack_as
from pi_tui.storage.history.database import open_history
from pi_tui.storage.history.rows import build_trial_insert
from pi_tui.storage.history.stored_trial import UNREADABLE, StoredTrial
from pi_tui.storage.run_record import RunRecord
from tests.storage.recorded_runs import record_run

MANY = 3 * MAX_EXAMINED_TRIALS + 1


def stored(trial: Trial) -> StoredTrial:
    return StoredTrial(trial.kind, trial.number, trial.started_at, trial.wall_s, pack(trial))


@pytest.fixture
def trial(run_record: RunRecord) -> Trial:
    return next(result.measured_trials[0] for result in run_record.results if result.measured_trials)


@pytest.fixture
def unpacked(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What was unpacked so far."""
    seen: list[bytes] = []

    def counting(kind: type[Trial], data: bytes) -> Trial:
        seen.append(data)
        return unpack_as(kind, data)

    monkeypatch.setattr(stored_trial, "unpack_as", counting)
    return seen


@pytest.fixture
def many(tmp_path: Path, run_record: RunRecord, trial: Trial) -> Iterator[RunRecord]:
    """A stored run with very many trials in its last measured case."""
    path = tmp_path / "history.db"
    record_run(path, run_record)
    position = max(place for place, each in enumerate(run_record.results) if each.measured_trials)
    with open_history(path, pytest.fail) as database:
        with database.transaction() as connection:
            for number in range(MANY):
                connection.execute(*build_trial_insert(1, position, replace(trial, number=100 + number)))
        yield queries.load_run(database, 1)


def test_it_equals_what_it_was_made_of(trial: Trial) -> None:
    found = stored(trial)
    assert found == trial
    assert trial == found
    assert found == stored(trial)
    assert hash(found) == hash(trial)
    assert repr(found) == repr(trial)
    assert found != stored(replace(trial, results=(None,)))
    assert found != replace(trial, number=trial.number + 1)
    assert found != "a trial"


def test_a_ledger_that_cannot_be_read_leaves_the_time() -> None:
    found = StoredTrial("measured", 3, 1.7e9, 0.25, b"x\x9cgarbage")
    assert (found.number, found.wall_s, found.workers, found.results) == (3, 0.25, (), ())
    assert found.faults == (UNREADABLE,)


def test_a_run_of_very_many_trials_is_opened_without_unpacking_them(many: RunRecord, unpacked: list[bytes]) -> None:
    assert sum(len(result.trials) for result in many.results) > MANY
    build_study(many.results, 2)
    export_run(many, "csv")
    assert unpacked == []


def test_where_its_time_went_is_told_by_trials_spread_over_the_run(many: RunRecord, unpacked: list[bytes]) -> None:
    (most,) = [result for result in many.results if len(result.trials) > MANY]
    assert waiting_share(most) is not None
    assert MAX_EXAMINED_TRIALS / 2 < len(unpacked) <= MAX_EXAMINED_TRIALS
    again = len(unpacked)
    waiting_share(most)
    assert len(unpacked) == again
    numbers = [each.number for each in most.examined_trials]
    assert numbers == sorted(numbers)
    assert numbers[-1] - numbers[0] > 0.9 * MANY
