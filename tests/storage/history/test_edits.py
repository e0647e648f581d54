"""Notes, the reference run, deleting, undeleting and clearing runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from pi_tui.engine.errors import UsageError
from pi_tui.engine.run.events import RunStarted
from pi_tui.storage.history import edits, queries
from pi_tui.storage.history.database import Database, open_history
from pi_tui.storage.run_record import RunRecord
from tests.storage.recorded_runs import record_run, recorder, without_nan

NOW = 1.8e9


def nothing(sentence: str) -> None:
    pytest.fail(sentence)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.db"


def opened(path: Path) -> Database:
    return open_history(path, nothing)


def test_a_note(path: Path, run_record: RunRecord) -> None:
    record_run(path, run_record)
    with opened(path) as database:
        edits.set_note(database, 1, "on battery; π")
        assert queries.get_run_entry(database, 1).note == "on battery; π"
        with pytest.raises(UsageError, match="no run 2"):
            edits.set_note(database, 2, "x")


def test_one_reference_at_a_time(path: Path, run_record: RunRecord) -> None:
    for _ in range(3):
        record_run(path, run_record)
    with opened(path) as database:
        for run_id in (1, 3, 2):
            edits.set_reference(database, run_id)
            assert [line.id for line in queries.list_runs(database) if line.reference] == [run_id]
        with pytest.raises(UsageError):
            edits.set_reference(database, 9)
        assert queries.resolve_run_id(database, "reference") == 2
        edits.set_reference(database, None)
        assert not any(line.reference for line in queries.list_runs(database))


def test_deleting_can_be_undone(path: Path, run_record: RunRecord) -> None:
    record_run(path, without_nan(run_record))
    with opened(path) as database:
        edits.set_reference(database, 1)
        edits.delete(database, 1, NOW)
        assert queries.list_runs(database) == []
        assert [line.deleted_at for line in queries.list_runs(database, deleted=True)] == [NOW]
        edits.undelete(database, 1)
        assert [line.reference for line in queries.list_runs(database)] == [False]
        assert queries.load_run(database, 1) == without_nan(run_record)


def test_what_is_under_way_is_neither_deleted_nor_cleared(path: Path, run_record: RunRecord) -> None:
    writer = recorder(path)
    writer.record(RunStarted(run_record.machine, run_record.interpreters, (), 0, 7))
    with opened(path) as database:
        with pytest.raises(UsageError, match="run 1 is still running"):
            edits.delete(database, 1, NOW)
        assert edits.list_clearable(database) == []
        writer.close()
        assert len(edits.list_clearable(database)) == 1


def test_clear_takes_what_is_older_and_all_that_belongs_to_it(path: Path, run_record: RunRecord) -> None:
    for started_s in (1e9, 2e9, 3e9):
        record_run(path, run_record, now_s=started_s)
    with opened(path) as database:
        edits.delete(database, 1, NOW)
        edits.clear(database, edits.list_clearable(database, 2.5e9))
        assert [line.id for line in queries.list_runs(database)] == [3]
        assert queries.list_runs(database, deleted=True) == []
        for table in ("cases", "trials", "events"):
            assert database.query(f"SELECT DISTINCT run_id FROM {table}") == [(3,)]
