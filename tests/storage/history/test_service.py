"""The history as a screen asks for it: every question opens the file anew, and changes nothing it was not asked to."""

from __future__ import annotations

from pathlib import Path

import pytest

from pi_tui.analysis.run_comparison import compare_runs
from pi_tui.engine.errors import LogError, UsageError
from pi_tui.storage.history import queries
from pi_tui.storage.history.database import open_history
from pi_tui.storage.history.replay import replay_events
from pi_tui.storage.history.service import HistoryService
from pi_tui.storage.run_record import RunRecord
from tests.storage.recorded_runs import record_run

NOW = 1.8e9


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.db"


@pytest.fixture
def history(path: Path, run_record: RunRecord) -> HistoryService:
    record_run(path, run_record)
    record_run(path, run_record, now_s=1.75e9)
    return HistoryService(path, now=lambda: NOW)


def test_where_there_is_no_history_there_are_no_runs_and_none_is_made(path: Path) -> None:
    history = HistoryService(path)
    assert history.list_runs().lines == ()
    assert history.list_runs().writable
    with pytest.raises(UsageError, match="no runs"):
        history.load_run(1)
    with pytest.raises(LogError, match="no runs"):
        history.delete(1)
    assert not path.exists()


def test_a_run_that_is_gone_has_no_trials_to_show(history: HistoryService) -> None:
    for question in (history.load_run, history.get_entry, history.list_trials):
        with pytest.raises(UsageError, match="there is no run 99"):
            question(99)


def test_it_answers_as_reading_does(history: HistoryService, path: Path) -> None:
    with open_history(path, pytest.fail) as database:
        assert history.list_runs().lines == tuple(queries.list_runs(database))
        assert history.load_run(1).record == queries.load_run(database, 1)
        assert history.get_entry(2) == queries.get_run_entry(database, 2)
        assert history.list_trials(1) == (queries.load_cases(database, 1), queries.list_trials(database, 1))
        assert list(history.replay_events(1)) == list(replay_events(database, 1))
        assert history.compare_runs(1, 2) == compare_runs(queries.load_run(database, 1), queries.load_run(database, 2))
    assert history.list_runs().trials == sum(line.trials for line in history.list_runs().lines) > 0


def test_the_run_that_was_deleted_last_comes_back_first(path: Path, history: HistoryService) -> None:
    HistoryService(path, now=lambda: NOW).delete(2)
    HistoryService(path, now=lambda: NOW + 1).delete(1)
    assert history.list_runs().lines == ()
    assert [history.undelete(), history.undelete(), history.undelete()] == [1, 2, None]
    assert [line.id for line in history.list_runs().lines] == [2, 1]


def test_notes_and_the_reference_are_kept(history: HistoryService) -> None:
    history.set_note(1, "before")
    history.set_reference(1)
    history.set_reference(2)
    lines = {line.id: line for line in history.list_runs().lines}
    assert (lines[1].note, lines[1].reference, lines[2].reference) == ("before", False, True)
    history.set_reference(None)
    assert not any(line.reference for line in history.list_runs().lines)


def test_a_damaged_file_is_told_once(path: Path) -> None:
    path.write_bytes(b"no database at all" * 100)
    history = HistoryService(path)
    (sentence,) = history.list_runs().notices
    assert sentence.startswith("The history was damaged; it was renamed to")
    assert history.list_runs().notices == ()


def test_one_gil_is_kept_with_the_lanes(path: Path, run_record: RunRecord) -> None:
    from dataclasses import replace

    from pi_tui.engine.run.events import LanesMoved
    from tests.storage.recorded_runs import events_of, recorder

    writer = recorder(path)
    for event in events_of(run_record):
        writer.record(replace(event, one_gil=True) if isinstance(event, LanesMoved) else event)
    writer.close()
    lanes = [moment.event for moment in HistoryService(path).replay_events(1) if isinstance(moment.event, LanesMoved)]
    assert lanes
    assert all(event.one_gil for event in lanes)
