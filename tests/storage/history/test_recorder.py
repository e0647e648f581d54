"""What is recorded is there at once, whole, and as it was."""

from __future__ import annotations

import os
import pickle
import sqlite3
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from pi_tui.engine.run.events import LanesMoved, RunFinished, RunStarted, TrialFinished
from pi_tui.storage.history import edits, queries
from pi_tui.storage.history.database import Database, open_history
from pi_tui.storage.history.recorder import LaneBuffer
from pi_tui.storage.history.replay import replay_events
from pi_tui.storage.run_record import RunRecord
from tests.storage.recorded_runs import REQUEST, STARTED_AT, events_of, record_run, recorder, without_nan


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "history.db"


def opened(path: Path) -> Database:
    return open_history(path, lambda sentence: pytest.fail(sentence))


def test_a_run_comes_back_as_it_was(path: Path, run_record: RunRecord) -> None:
    record_run(path, without_nan(run_record))
    with opened(path) as database:
        assert queries.load_run(database, 1) == without_nan(run_record)
        assert queries.load_request(database, 1) == REQUEST


def test_a_name_that_utf_8_cannot_say_is_kept_and_spelt_out_in_the_list(path: Path, run_record: RunRecord) -> None:
    odd = "w\udcff.py:func"  # a file's name is bytes
    record = without_nan(run_record)
    record = replace(
        record, results=tuple(replace(each, case=replace(each.case, kernel=odd)) for each in record.results)
    )
    record_run(path, record)
    with opened(path) as database:
        edits.set_note(database, 1, odd)
        (line,) = queries.list_runs(database)
        assert (line.kernels, line.note) == (("w\\udcff.py:func",), "w\\udcff.py:func")
        assert queries.load_run(database, 1) == record


def test_its_line_in_the_list(path: Path, run_record: RunRecord) -> None:
    record_run(path, run_record)
    with opened(path) as database:
        (line,) = queries.list_runs(database)
    assert (line.id, line.state, line.cases, line.trials, line.trials_planned) == (1, "failed", 4, 6, 6)
    assert line.kernels == ("python", "numba", "numpy")
    assert line.modes == ("sequential", "threads", "processes")
    assert line.title == "python, numba, numpy · sequential, threads, processes · 1, 2 workers · 1 000 000 samples"
    assert (line.pythons, line.processor, line.usable_cores) == (("3.11.7",), "A Processor", 3)
    assert STARTED_AT < line.started_at < (line.finished_at or 0)


def test_the_events_come_back_in_order_with_their_times(path: Path, run_record: RunRecord) -> None:
    events = record_run(path, without_nan(run_record))
    with opened(path) as database:
        told = list(replay_events(database, 1))
    assert [moment.event for moment in told] == events
    times = [moment.at_s for moment in told]
    assert times[0] == 0.0
    assert times == sorted(times)
    assert times[-1] > 0


def test_a_trial_is_there_before_the_next_event(path: Path, run_record: RunRecord) -> None:
    writer = recorder(path)
    finished = 0
    for event in events_of(run_record):
        writer.record(event)
        finished += isinstance(event, TrialFinished)
        with opened(path) as database:
            assert queries.list_runs(database)[0].trials == finished
            assert len(queries.list_trials(database, 1)) == finished
    writer.close()


def test_what_is_under_way_is_running_and_what_was_dropped_is_stopped(path: Path, run_record: RunRecord) -> None:
    writer = recorder(path)
    for event in events_of(run_record)[:9]:
        writer.record(event)
    with opened(path) as database:
        assert queries.list_runs(database)[0].state == "running"
        writer.close()
        assert queries.list_runs(database)[0].state == "stopped"


def test_a_run_that_broke_off_says_why(path: Path, run_record: RunRecord) -> None:
    writer = recorder(path)
    writer.record(events_of(run_record)[0])
    writer.close("the observer is gone")
    writer.close()
    with opened(path) as database:
        line = queries.list_runs(database)[0]
    assert (line.state, line.reason) == ("failed", "the observer is gone")


_KILLED = """
import os, pickle, signal, sys
from pathlib import Path
from pi_tui.storage.history.recorder import Recorder
request, events = pickle.loads(Path(sys.argv[1]).read_bytes())
writer = Recorder(Path(sys.argv[2]), request, print)
for event in events:
    writer.record(event)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_writer_that_was_killed_leaves_an_interrupted_run_with_all_its_trials(
    path: Path, tmp_path: Path, run_record: RunRecord
) -> None:
    events = events_of(run_record)
    upto = [index for index, event in enumerate(events) if isinstance(event, TrialFinished)][3] + 1
    given = tmp_path / "events"
    given.write_bytes(pickle.dumps((REQUEST, events[:upto])))
    done = subprocess.run([sys.executable, "-c", _KILLED, given, path], capture_output=True, text=True)
    assert done.returncode == -9, done.stderr
    with opened(path) as database:
        (line,) = queries.list_runs(database)
        assert (line.state, line.trials, line.trials_planned) == ("interrupted", 4, 6)
        record = queries.load_run(database, 1)
        assert database.query("PRAGMA integrity_check") == [("ok",)]
        assert not any(isinstance(moment.event, RunFinished) for moment in replay_events(database, 1))
    shown = {result.case.mode: result for result in record.results if result.trials}
    assert [len(result.trials) for result in shown.values()] == [2, 2]
    assert {(result.status, result.finished) for result in shown.values()} == {("stopped", True)}
    assert [result.case for result in record.results] == [result.case for result in run_record.results]


def test_several_write_at_once(path: Path, run_record: RunRecord, monkeypatch: pytest.MonkeyPatch) -> None:
    # Whoever has the file may stand still for seconds, and whoever waits is not served in order.
    monkeypatch.setattr("pi_tui.storage.history.database.BUSY_TIMEOUT_S", 120.0)
    complaints: list[str] = []

    def write() -> None:
        for _ in range(5):
            writer = recorder(path, complaints)
            for event in events_of(run_record):
                writer.record(event)
            writer.close()

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not complaints
    with opened(path) as database:
        assert [line.trials for line in queries.list_runs(database)] == [6] * 20
        assert database.query("PRAGMA integrity_check") == [("ok",)]
        assert database.query("SELECT count(*) FROM trials") == [(120,)]


def test_a_full_disk_is_told_once_and_the_run_goes_on(path: Path, run_record: RunRecord) -> None:
    complaints: list[str] = []
    writer = recorder(path, complaints)
    start, *events = events_of(run_record)
    writer.record(start)
    database = writer._database
    assert database is not None
    pages = database.connection.execute("PRAGMA page_count").fetchone()[0]
    database.connection.execute(f"PRAGMA max_page_count = {pages}")
    for _ in range(20):
        for event in events:
            writer.record(event)
    writer.close()
    assert len(complaints) == 1
    assert "the disk is full" in complaints[0]
    assert "the rest of this run is not recorded" in complaints[0]
    with opened(path) as database:
        assert database.query("PRAGMA integrity_check") == [("ok",)]
        lines = queries.list_runs(database)
        assert lines[0].trials == len(queries.list_trials(database, 1))


def test_a_folder_that_cannot_be_written_is_told_once(tmp_path: Path, run_record: RunRecord) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    complaints: list[str] = []
    writer = recorder(tmp_path / "data" / "history.db", complaints)
    for event in events_of(run_record):
        writer.record(event)
    writer.close()
    (complaint,) = complaints
    assert complaint.startswith("cannot write the history")
    assert complaint.endswith("this run is not recorded in the history")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_told_once(tmp_path: Path, run_record: RunRecord) -> None:
    tmp_path.chmod(0o500)
    complaints: list[str] = []
    writer = recorder(tmp_path / "history.db", complaints)
    for event in events_of(run_record):
        writer.record(event)
    tmp_path.chmod(0o700)
    assert len(complaints) == 1


def test_another_program_that_holds_the_lock_delays_and_loses_nothing(
    path: Path, run_record: RunRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pi_tui.storage.history.database.BUSY_TIMEOUT_S", 0.01)
    writer = recorder(path)
    start, *events = events_of(run_record)
    writer.record(start)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    for event in events[:-1]:
        writer.record(event)
    other.execute("ROLLBACK")
    other.close()
    writer.record(events[-1])
    writer.close()
    with opened(path) as database:
        assert len(queries.list_trials(database, 1)) == 6


def test_a_run_that_was_cleared_meanwhile_is_told_once(path: Path, run_record: RunRecord) -> None:
    complaints: list[str] = []
    writer = recorder(path, complaints)
    start, *events = events_of(run_record)
    writer.record(start)
    with opened(path) as database:
        edits.clear(database, queries.list_runs(database))
    for event in events:
        writer.record(event)
    writer.close()
    (complaint,) = complaints
    assert "the run has been removed" in complaint


def test_what_was_deleted_long_ago_goes_with_the_next_run(path: Path, run_record: RunRecord) -> None:
    record_run(path, run_record)
    with opened(path) as database:
        edits.delete(database, 1, STARTED_AT)
    record_run(path, run_record, now_s=STARTED_AT + edits.UNDELETE_WITHIN_S - 60)
    with opened(path) as database:
        assert [line.id for line in queries.list_runs(database, deleted=True)] == [1]
    record_run(path, run_record, now_s=STARTED_AT + edits.UNDELETE_WITHIN_S + 60)
    with opened(path) as database:
        assert not queries.list_runs(database, deleted=True)
        assert [line.id for line in queries.list_runs(database)] == [3, 2]
        assert database.query("SELECT DISTINCT run_id FROM trials ORDER BY 1") == [(2,), (3,)]
        assert database.query("SELECT DISTINCT run_id FROM events ORDER BY 1") == [(2,), (3,)]


def test_lanes_are_kept_up_to_a_limit_and_counted_beyond_it(run_record: RunRecord) -> None:
    moved = [event for event in events_of(run_record) if isinstance(event, LanesMoved)]
    buffer = LaneBuffer(trial_ticks=250)
    buffer.add(0.0, moved[0])
    assert buffer.drain() is not None
    buffer.add(1.0, moved[1])
    buffer.add(2.0, moved[1])
    assert buffer.drain() is None
    assert buffer.left_out == 1
    assert buffer.drain() is None
    assert buffer.left_out == 1
    small = LaneBuffer(run_bytes=10)
    small.add(0.0, moved[0])
    assert small.drain() is None
    assert small.left_out == 1


def test_a_case_that_the_run_did_not_announce_is_recorded_as_well(path: Path, run_record: RunRecord) -> None:
    writer = recorder(path)
    start, *events = events_of(without_nan(run_record))
    assert isinstance(start, RunStarted)
    writer.record(replace(start, cases=start.cases[:1]))
    for event in events:
        writer.record(event)
    writer.close()
    with opened(path) as database:
        assert queries.list_runs(database)[0].cases == 4
        assert queries.load_run(database, 1) == without_nan(run_record)


@pytest.mark.parametrize("left", ["nothing", "WAL files", "another history", "another history and WAL files"])
@pytest.mark.parametrize("after", range(3, 14, 3))
def test_a_history_that_is_removed_or_replaced_during_a_run_loses_nothing_of_it(
    path: Path, tmp_path: Path, run_record: RunRecord, left: str, after: int
) -> None:
    record_run(path, without_nan(run_record))
    other = tmp_path / "other.db"
    for _ in range(3):
        record_run(other, run_record)
    complaints: list[str] = []
    writer = recorder(path, complaints)
    for number, event in enumerate(events_of(without_nan(run_record))):
        writer.record(event)
        if number == after:
            path.unlink()
            if "WAL" not in left:
                for each in path.parent.iterdir():
                    each.unlink()
            if "another" in left:
                other.rename(path)
    writer.close()
    (complaint,) = complaints
    with opened(path) as database:
        lines = queries.list_runs(database)
        assert {line.state for line in lines} == {"failed"}, "one case failed, and the run came to its end"
        assert database.query("PRAGMA integrity_check") == [("ok",)]
        assert database.query("PRAGMA foreign_key_check") == []
        if "another" in left:
            assert "replaced by another file during the run: this run was copied into that file, as run 4" in complaint
            assert [line.id for line in lines] == [4, 3, 2, 1]
        else:
            assert "removed during the run; it was written anew: all its runs were kept" in complaint
            assert [line.id for line in lines] == [2, 1]
        assert queries.load_run(database, lines[0].id) == without_nan(run_record)
        assert sum(isinstance(told.event, TrialFinished) for told in replay_events(database, lines[0].id)) == 6


def test_a_history_that_cannot_be_written_anew_is_told_once(path: Path, tmp_path: Path, run_record: RunRecord) -> None:
    complaints: list[str] = []
    writer = recorder(path, complaints)
    for number, event in enumerate(events_of(run_record)):
        writer.record(event)
        if number == 5:
            path.parent.rename(tmp_path / "elsewhere")
            path.parent.write_text("not a folder")
    writer.close()
    (complaint,) = complaints
    assert complaint.startswith("the history was removed during the run: cannot write the history")
    assert complaint.endswith("; this run is not recorded in the history")


def test_a_history_that_is_emptied_during_a_run_is_told_once(path: Path, run_record: RunRecord) -> None:
    record_run(path, run_record)
    complaints: list[str] = []
    writer = recorder(path, complaints)
    for number, event in enumerate(events_of(run_record)):
        writer.record(event)
        if number == 5:
            path.write_bytes(b"")
    writer.close()
    (complaint,) = complaints
    assert "cut the history" in complaint
    assert complaint.endswith("; the rest of this run is not recorded in the history")
