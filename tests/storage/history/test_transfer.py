"""Runs exported to files and imported again."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from pi_tui.engine.errors import UsageError
from pi_tui.engine.run.events import CaseFinished, RunFinished, RunStarted
from pi_tui.storage.export.formats import export_run
from pi_tui.storage.history import edits, queries, transfer
from pi_tui.storage.history.codec import pack, unpack
from pi_tui.storage.history.database import Database, open_history
from pi_tui.storage.history.replay import replay_events
from pi_tui.storage.run_record import RunRecord
from tests.storage.recorded_runs import record_run, without_nan

NOW = 1.8e9


def nothing(sentence: str) -> None:
    pytest.fail(sentence)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.db"


def opened(path: Path) -> Database:
    return open_history(path, nothing)


def test_a_json_export_comes_back(path: Path, tmp_path: Path, run_record: RunRecord) -> None:
    record = without_nan(run_record)
    known = replace(record, results=(*record.results[:2], replace(record.results[2], z=None), record.results[3]))
    file = tmp_path / "run.json"
    file.write_bytes(export_run(known, "json"))
    with opened(path) as database:
        assert transfer.import_file(database, file, NOW) == [1]
        assert queries.load_run(database, 1) == known
        (line,) = queries.list_runs(database)
        assert (line.state, line.trials, line.started_at, line.note) == ("failed", 6, 1.7e9, "imported from run.json")
        story = [moment.event for moment in replay_events(database, 1)]
        assert [type(event) for event in story] == [RunStarted, *[CaseFinished] * 4, RunFinished]
        with pytest.raises(transfer.AlreadyImportedError, match="as run 1"):
            transfer.import_file(database, file, NOW)
        assert len(queries.list_runs(database)) == 1


def _drop_stored_field(database: Database, table: str, column: str, field: str) -> None:
    """Remove a field from all packed values of a column, as an earlier version stored them."""
    with database.transaction() as connection:
        for (body,) in connection.execute(f"SELECT DISTINCT {column} FROM {table}").fetchall():
            values = unpack(body)
            del values[field]
            connection.execute(f"UPDATE {table} SET {column} = ? WHERE {column} = ?", (pack(values), body))


def test_fields_newer_than_a_stored_run_are_null_and_not_empty(
    path: Path, tmp_path: Path, run_record: RunRecord
) -> None:
    record = without_nan(run_record)
    results = tuple(replace(result, changed=("the affinity mask",)) for result in record.results)
    record_run(path, replace(record, results=results))
    file = tmp_path / "run.json"
    with opened(path) as database:
        exported = json.loads(export_run(queries.load_run(database, 1), "json"))
        assert [each["changed"] for each in exported["results"]] == [["the affinity mask"]] * len(results)
        _drop_stored_field(database, "cases", "result", "changed")
        _drop_stored_field(database, "trials", "body", "facts")
        file.write_bytes(export_run(queries.load_run(database, 1), "json"))
        exported = json.loads(file.read_bytes())
        assert [each["changed"] for each in exported["results"]] == [None] * len(results)
        trials = [trial for each in exported["results"] for trial in each["trials"]]
        assert trials
        assert all(fact is None for trial in trials for fact in trial["facts"].values())
        (imported,) = transfer.import_file(database, file, NOW)
        assert json.loads(export_run(queries.load_run(database, imported), "json")) == exported


def test_a_history_file_comes_back_whole(path: Path, tmp_path: Path, run_record: RunRecord) -> None:
    events = record_run(path, without_nan(run_record))
    record_run(path, without_nan(run_record))
    file = tmp_path / "some.db"
    with opened(path) as database:
        edits.set_note(database, 1, "kept")
        edits.set_reference(database, 1)
        file.write_bytes(transfer.export_history(database, [1]))
        with pytest.raises(transfer.AlreadyImportedError):
            transfer.import_file(database, file, NOW)
    with opened(tmp_path / "other" / "history.db") as other:
        record_run(tmp_path / "other" / "history.db", run_record)
        assert transfer.import_file(other, file, NOW) == [2]
        line = queries.get_run_entry(other, 2)
        assert (line.note, line.reference, line.trials) == ("kept", False, 6)
        assert [moment.event for moment in replay_events(other, 2)] == events
        assert other.query("PRAGMA foreign_key_check") == []


def _damaged(document: dict[str, object], what: str) -> object:
    match what:
        case "newer":
            return document | {"version": 99}
        case "lacks":
            return {name: value for name, value in document.items() if name != "machine"}
        case "results":
            return document | {"results": [{"kernel": "python"}]}
        case "twice":
            results = document["results"]
            assert isinstance(results, list)
            return document | {"results": [results[0], results[0]]}
        case "machine":
            return document | {"machine": []}
        case "words":
            return document | {"results": ["python"]}
        case "cores":
            return json.loads(
                json.dumps(document).replace('"usable_cores": 3', '"usable_cores": 1180591620717411303424')
            )
        case "time":
            return json.loads(json.dumps(document).replace('"wall_s": 0.4,', '"wall_s": 1e300,'))
        case "wall":
            return json.loads(json.dumps(document).replace('"wall_s": 0.4,', '"wall_s": "fast",'))
        case _:
            return [what]


@pytest.mark.parametrize(
    "what", ["newer", "lacks", "results", "twice", "machine", "words", "cores", "time", "wall", "list"]
)
def test_a_damaged_json_is_refused_and_nothing_taken(
    path: Path, tmp_path: Path, run_record: RunRecord, what: str
) -> None:
    file = tmp_path / "run.json"
    file.write_text(json.dumps(_damaged(json.loads(export_run(run_record, "json")), what)))
    with opened(path) as database:
        with pytest.raises(UsageError, match=r"run\.json"):
            transfer.import_file(database, file, NOW)
        assert queries.list_runs(database) == []


@pytest.mark.parametrize("data", [b"", b"\x00\xff", b"{", b"SQLite format 3\x00" + b"x" * 5000, b"[" * 100_000])
def test_a_foreign_file_is_refused(path: Path, tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "foreign"
    file.write_bytes(data)
    with opened(path) as database, pytest.raises(UsageError, match="foreign"):
        transfer.import_file(database, file, NOW)
    assert file.read_bytes() == data
    with opened(path) as database, pytest.raises(UsageError, match="no such file"):
        transfer.import_file(database, tmp_path / "nowhere", NOW)
