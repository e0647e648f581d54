"""The file: brought up to date, refused where it is newer, set aside where it is damaged, and never overwritten."""

from __future__ import annotations

import sqlite3
import threading
from datetime import datetime
from pathlib import Path

import pytest
from stories import record_run, without_nan

from pi_tui.engine.errors import LogError
from pi_tui.engine.events import CaseFinished, RunFinished, RunStarted
from pi_tui.log.history import editing, reading
from pi_tui.log.history.packing import pack
from pi_tui.log.history.replay import moments
from pi_tui.log.history.rows import case_row, figures_of, insertion, summary, trial_row
from pi_tui.log.history.schema import STEPS, VERSION, migrate, version_of
from pi_tui.log.history.store import open_for_reading, open_history, set_aside
from pi_tui.log.record import RunRecord


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.db"


def nothing(sentence: str) -> None:
    pytest.fail(sentence)


def test_a_new_file_is_of_this_version_and_written_ahead(path: Path) -> None:
    with open_history(path, nothing) as store:
        assert version_of(store.connection) == VERSION == len(STEPS)
        assert store.rows("PRAGMA journal_mode") == [("wal",)]
        assert store.rows("PRAGMA foreign_keys") == [(1,)]
        assert reading.runs(store) == []


def test_a_file_of_the_first_version_is_brought_up_to_date_with_all_its_runs(path: Path, run_record: RunRecord) -> None:
    record = without_nan(run_record)
    _first_version(path, record)
    with open_history(path, nothing) as store:
        assert version_of(store.connection) == VERSION
        (line,) = reading.runs(store)
        assert (line.note, line.trials, line.reference, line.lanes_left_out) == ("of old", 6, False, 0)
        assert reading.load(store, 1) == record
        editing.set_reference(store, 1)
        assert reading.find(store, "reference") == 1
        assert [type(moment.event) for moment in moments(store, 1)] == [RunStarted, *[CaseFinished] * 4, RunFinished]
    record_run(path, record)
    with open_history(path, nothing) as store:
        assert reading.load(store, 2) == record


def _first_version(path: Path, record: RunRecord) -> None:
    """A file as the first step alone makes it, with one run."""
    old = sqlite3.connect(path, isolation_level=None)
    migrate(old, STEPS[:1])
    assert version_of(old) == 1
    row = {"uid": "u", "started_at": 1.0, "state": "ok", "seed": 7, "trials_planned": 6, "trials": 6, "host": ""}
    row |= {"note": "of old", **summary([each.case for each in record.results], record.interpreters, record.machine)}
    old.execute(*insertion("runs", row))
    for position, result in enumerate(record.results):
        old.execute(*case_row(1, position, result.case))
        old.execute("UPDATE cases SET result = ? WHERE position = ?", (pack(figures_of(result)), position))
        for trial in result.trials:
            old.execute(*trial_row(1, position, trial))
    old.close()


def test_a_step_that_fails_leaves_the_file_as_it_was(path: Path) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    migrate(connection, STEPS[:1])
    with pytest.raises(sqlite3.OperationalError):
        migrate(connection, (STEPS[0], "CREATE TABLE more (x)", "CREATE TABLE broken ("))
    assert version_of(connection) == 1
    assert connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'more'").fetchone() == (0,)
    connection.close()


def test_several_that_open_a_new_file_at_once_make_one(path: Path) -> None:
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
    with open_history(path, nothing) as store:
        assert version_of(store.connection) == VERSION


def test_a_newer_version_is_refused_and_left_alone(path: Path, run_record: RunRecord) -> None:
    record_run(path, run_record)
    with open_history(path, nothing) as store:
        store.connection.execute(f"PRAGMA user_version = {VERSION + 5}")
        store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = path.read_bytes()
    for opening in (open_history, open_for_reading):
        with pytest.raises(LogError, match=f"newer pi-tui .its version is {VERSION + 5}, this program knows {VERSION}"):
            opening(path, nothing)
    assert path.read_bytes() == before
    assert list(path.parent.glob("*damaged*")) == []


def test_another_programs_file_is_refused_and_left_alone(path: Path) -> None:
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE theirs (x)")
    other.close()
    before = path.read_bytes()
    with pytest.raises(LogError, match="another program's file"):
        open_history(path, nothing)
    assert path.read_bytes() == before


@pytest.mark.parametrize("damage", ["text", "middle", "truncated"])
def test_a_damaged_file_is_set_aside_with_a_sentence(path: Path, run_record: RunRecord, damage: str) -> None:
    for _ in range(5):
        record_run(path, run_record)
    with open_history(path, nothing) as store:
        store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    data = path.read_bytes()
    broken = {
        "text": b"this is no database at all, but a diary. " * 50,
        "middle": data[:4096] + b"\xa5" * 40_000 + data[44_096:],
        "truncated": data[: len(data) // 2],
    }[damage]
    path.write_bytes(broken)
    told: list[str] = []
    with open_history(path, told.append, now=lambda: datetime(2026, 3, 4, 5, 6, 7).timestamp()) as store:
        assert reading.runs(store) == []
    aside = path.with_name("history-damaged-20260304-050607.db")
    assert told == [f"the history was damaged; it is kept as {aside}, and a new one begun"]
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
