"""The file: brought up to date, refused where it is newer, set aside where it is damaged, and never overwritten."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from pi_tui.engine.errors import LogError
from pi_tui.engine.run.events import CaseFinished, RunFinished, RunStarted
from pi_tui.storage.history import database as database_module
from pi_tui.storage.history import edits, queries, transfer
from pi_tui.storage.history.codec import pack
from pi_tui.storage.history.database import DamagedError, open_for_reading, open_history, set_aside
from pi_tui.storage.history.replay import replay_events
from pi_tui.storage.history.rows import build_case_insert, build_insert, build_trial_insert, get_figures, summarize_run
from pi_tui.storage.history.schema import SCHEMA_VERSION, STEPS, migrate, read_version
from pi_tui.storage.run_record import RunRecord
from tests.storage.recorded_runs import events_of, record_run, recorder, without_nan


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.db"


def nothing(sentence: str) -> None:
    pytest.fail(sentence)


def test_a_new_file_is_of_this_version_and_written_ahead(path: Path) -> None:
    with open_history(path, nothing) as database:
        assert read_version(database.connection) == SCHEMA_VERSION == len(STEPS)
        assert database.query("PRAGMA journal_mode") == [("wal",)]
        assert database.query("PRAGMA foreign_keys") == [(1,)]
        assert queries.list_runs(database) == []


def test_a_file_of_the_first_version_is_brought_up_to_date_with_all_its_runs(path: Path, run_record: RunRecord) -> None:
    record = without_nan(run_record)
    _first_version(path, record)
    with open_history(path, nothing) as database:
        assert read_version(database.connection) == SCHEMA_VERSION
        (line,) = queries.list_runs(database)
        assert (line.note, line.trials, line.reference, line.lanes_left_out) == ("of old", 6, False, 0)
        assert queries.load_run(database, 1) == record
        edits.set_reference(database, 1)
        assert queries.resolve_run_id(database, "reference") == 1
        assert [type(moment.event) for moment in replay_events(database, 1)] == [
            RunStarted,
            *[CaseFinished] * 4,
            RunFinished,
        ]
    record_run(path, record)
    with open_history(path, nothing) as database:
        assert queries.load_run(database, 2) == record


def _first_version(path: Path, record: RunRecord) -> None:
    """A file as the first step alone makes it, with one run."""
    old = sqlite3.connect(path, isolation_level=None)
    migrate(old, STEPS[:1])
    assert read_version(old) == 1
    began = min(trial.started_at for result in record.results for trial in result.trials)
    row = {"uid": "u", "started_at": began, "state": "ok", "seed": 7, "trials_planned": 6, "trials": 6, "host": ""}
    row |= {
        "note": "of old",
        **summarize_run([each.case for each in record.results], record.interpreters, record.machine),
    }
    old.execute(*build_insert("runs", row))
    for position, result in enumerate(record.results):
        old.execute(*build_case_insert(1, position, result.case))
        old.execute("UPDATE cases SET result = ? WHERE position = ?", (pack(get_figures(result)), position))
        for trial in result.trials:
            old.execute(*build_trial_insert(1, position, trial))
    old.close()


def test_a_step_that_fails_leaves_the_file_as_it_was(path: Path) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    migrate(connection, STEPS[:1])
    with pytest.raises(sqlite3.OperationalError):
        migrate(connection, (STEPS[0], "CREATE TABLE more (x)", "CREATE TABLE broken ("))
    assert read_version(connection) == 1
    assert connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'more'").fetchone() == (0,)
    connection.close()


def test_several_that_open_a_new_file_at_once_make_one(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_module, "BUSY_TIMEOUT_S", 120.0)  # whoever makes it may stand still for seconds
    wrong: list[BaseException] = []
    together = threading.Barrier(6)

    def start() -> None:
        together.wait()
        try:
            open_history(path, wrong.append).close()  # type: ignore[arg-type]
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=start) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    with open_history(path, nothing) as database:
        assert read_version(database.connection) == SCHEMA_VERSION


def test_a_newer_version_is_refused_and_left_alone(path: Path, run_record: RunRecord) -> None:
    record_run(path, run_record)
    with open_history(path, nothing) as database:
        database.connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 5}")
        database.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = path.read_bytes()
    for opening in (open_history, open_for_reading):
        with pytest.raises(
            LogError, match=f"newer pi-tui .its version is {SCHEMA_VERSION + 5}; this pi-tui reads {SCHEMA_VERSION}"
        ):
            opening(path, nothing)
    assert path.read_bytes() == before
    assert list(path.parent.glob("*damaged*")) == []


def test_another_programs_file_is_refused_and_left_alone(path: Path) -> None:
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE theirs (x)")
    other.close()
    before = path.read_bytes()
    with pytest.raises(LogError, match="belongs to another program"):
        open_history(path, nothing)
    assert path.read_bytes() == before


@pytest.mark.parametrize("damage", ["text", "middle", "truncated"])
def test_a_damaged_file_is_set_aside_with_a_sentence(path: Path, run_record: RunRecord, damage: str) -> None:
    for _ in range(5):
        record_run(path, run_record)
    with open_history(path, nothing) as database:
        database.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    data = path.read_bytes()
    broken = {
        "text": b"this is no database at all, but a diary. " * 50,
        "middle": data[:4096] + b"\xa5" * 40_000 + data[44_096:],
        "truncated": data[: len(data) // 2],
    }[damage]
    path.write_bytes(broken)
    told: list[str] = []
    with open_history(path, told.append, now=lambda: datetime(2026, 3, 4, 5, 6, 7).timestamp()) as database:
        assert queries.list_runs(database) == []
    aside = path.with_name("history-damaged-20260304-050607.db")
    assert told == [
        f"the history was damaged; it was renamed to {aside}, and a new one was started (`pi-tui log import {aside}` "
        "recovers what can be read)"
    ]
    assert aside.read_bytes() == broken


def test_a_file_that_was_set_aside_is_not_overwritten_by_the_next(path: Path) -> None:
    when = datetime(2026, 3, 4, 5, 6, 7)
    names = []
    for text in ("one", "two", "three"):
        path.write_text(text)
        path.with_name("history.db-wal").write_text(f"{text} more")
        names.append(set_aside(path, when))
    assert [name.read_text() for name in names] == ["one", "two", "three"]
    assert [name.with_name(f"{name.name}-wal").read_text() for name in names] == ["one more", "two more", "three more"]
    assert not path.exists()


def test_looking_makes_nothing(tmp_path: Path) -> None:
    assert open_for_reading(tmp_path / "not" / "there.db", nothing) is None
    assert list(tmp_path.iterdir()) == []


def test_what_stands_in_the_way_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "history.db").mkdir()
    with pytest.raises(LogError, match=r"cannot write the history .*: it cannot be opened"):
        open_history(tmp_path / "history.db", nothing)


# ---- damage that is met later: a large file is not looked through at each opening


EXTRA = 400


@pytest.fixture
def unseen(path: Path, run_record: RunRecord, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A history of six runs, the last with many trials and damage in them that opening does not look for."""
    for _ in range(6):
        record_run(path, run_record)
    with open_history(path, nothing) as database:
        with database.transaction() as connection:
            for number in range(EXTRA):
                connection.execute(
                    *build_trial_insert(6, 0, replace(run_record.results[0].trials[-1], number=100 + number))
                )
            connection.execute("UPDATE runs SET trials = (SELECT count(*) FROM trials WHERE run_id = 6) WHERE id = 6")
        database.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        ((root,),) = database.query("SELECT rootpage FROM sqlite_master WHERE name = 'trials'")
        ((size,),) = database.query("PRAGMA page_size")
    data = bytearray(path.read_bytes())
    for page in _children(data[(root - 1) * size : root * size])[-3:]:
        data[(page - 1) * size : page * size] = b"\xa5" * size
    path.write_bytes(data)
    monkeypatch.setattr(database_module, "_ALWAYS_CHECKED_BYTES", 0)
    return path


def _children(page: bytes) -> list[int]:
    """The pages below an interior page of a table, by SQLite's file format (section 1.6)."""
    assert page[0] == 5
    cells = int.from_bytes(page[3:5], "big")
    places = [int.from_bytes(page[12 + 2 * cell : 14 + 2 * cell], "big") for cell in range(cells)]
    return [int.from_bytes(page[place : place + 4], "big") for place in [*places, 8]]


def test_damage_that_is_met_later_is_said_and_looked_for_when_it_is_opened_next(
    unseen: Path, run_record: RunRecord
) -> None:
    before = unseen.read_bytes()
    with open_history(unseen, nothing) as database:
        assert len(queries.list_runs(database)) == 6
        with pytest.raises(
            DamagedError, match="is damaged: the next time it is opened, it will be checked and renamed"
        ):
            queries.load_run(database, 6)
    told: list[str] = []
    with open_history(unseen, told.append) as database:
        assert queries.list_runs(database) == []
    (sentence,) = told
    assert "a new one was started" in sentence
    (aside,) = unseen.parent.glob("history-damaged-*.db")
    assert aside.read_bytes() == before
    assert sorted(each.name for each in unseen.parent.iterdir() if "suspect" in each.name) == []


def test_a_run_that_meets_the_damage_says_so_once_and_the_next_is_recorded(unseen: Path, run_record: RunRecord) -> None:
    complaints: list[str] = []
    for _ in range(2):
        writer = recorder(unseen, complaints)
        for event in events_of(run_record):
            writer.record(event)
        writer.close()
    assert len(complaints) == 2
    assert complaints[0].endswith("renamed; the rest of this run is not recorded in the history")
    assert "the history was damaged; it was renamed to" in complaints[1]
    with open_history(unseen, nothing) as database:
        assert without_nan(queries.load_run(database, 1)) == without_nan(run_record)


def test_a_suspicion_that_is_not_confirmed_is_dropped(path: Path, run_record: RunRecord) -> None:
    record_run(path, run_record)
    suspicion = path.with_name("history.db-suspect")
    suspicion.touch()
    with open_history(path, nothing) as database:
        assert len(queries.list_runs(database)) == 1
    assert not suspicion.exists()


def test_what_can_be_read_of_a_damaged_file_is_taken_and_the_rest_told(
    unseen: Path, tmp_path: Path, run_record: RunRecord
) -> None:
    before = unseen.read_bytes()
    complaints: list[str] = []
    with open_history(tmp_path / "new.db", nothing) as database:
        assert transfer.import_file(database, unseen, 1.8e9, complaints.append) == [1, 2, 3, 4, 5, 6]
        for run_id in range(1, 6):
            assert without_nan(queries.load_run(database, run_id)) == without_nan(run_record)
        rescued = sum(len(result.trials) for result in queries.load_run(database, 6).results)
        assert queries.get_run_entry(database, 6).trials == rescued
        assert list(replay_events(database, 6))
    whole = sum(len(result.trials) for result in run_record.results)
    assert whole < rescued < whole + EXTRA
    assert complaints == [
        f"run 6 of {unseen} is damaged: {rescued} of its {whole + EXTRA} trials can be read",
    ]
    assert unseen.read_bytes() == before
    assert not unseen.with_name("history.db-suspect").exists()


def test_trials_are_taken_also_where_the_index_that_numbers_them_is_damaged(unseen: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(unseen)) as connection:
        ((root, size),) = connection.execute(
            "SELECT rootpage, page_size FROM sqlite_master, pragma_page_size WHERE name = 'trials_by_case'"
        ).fetchall()
    data = bytearray(unseen.read_bytes())
    data[(root - 1) * size : root * size] = b"\xa5" * size
    unseen.write_bytes(data)
    complaints: list[str] = []
    with open_history(tmp_path / "new.db", nothing) as database:
        taken = transfer.import_file(database, unseen, 1.8e9, complaints.append)
        assert taken == [1, 2, 3, 4, 5, 6]
        assert all(any(result.trials for result in queries.load_run(database, run_id).results) for run_id in taken)
    assert len(complaints) == 6
