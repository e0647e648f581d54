"""The history as a screen asks for it: every question opens the file anew, and changes nothing it was not asked to."""

from __future__ import annotations

from pathlib import Path

import pytest
from stories import record_run

from pi_tui.analysis.run_comparison import compare_runs
from pi_tui.engine.errors import LogError, UsageError
from pi_tui.storage.history import queries
from pi_tui.storage.history.database import open_history
from pi_tui.storage.history.replay import moments
from pi_tui.storage.history.service import Archive
from pi_tui.storage.run_record import RunRecord

NOW = 1.8e9


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.db"


@pytest.fixture
def archive(path: Path, run_record: RunRecord) -> Archive:
    record_run(path, run_record)
    record_run(path, run_record, now_s=1.75e9)
    return Archive(path, now=lambda: NOW)


def test_where_there_is_no_history_there_are_no_runs_and_none_is_made(path: Path) -> None:
    archive = Archive(path)
    assert archive.runs().lines == ()
    assert archive.runs().writable
    with pytest.raises(UsageError, match="no runs"):
        archive.load(1)
    with pytest.raises(LogError, match="no runs"):
        archive.delete(1)
    assert not path.exists()


def test_a_run_that_is_gone_has_no_trials_to_show(archive: Archive) -> None:
    for question in (archive.load, archive.line, archive.trials):
        with pytest.raises(UsageError, match="there is no run 99"):
            question(99)


def test_it_answers_as_reading_does(archive: Archive, path: Path) -> None:
    with open_history(path, pytest.fail) as store:
        assert archive.runs().lines == tuple(queries.runs(store))
        assert archive.load(1).record == queries.load(store, 1)
        assert archive.line(2) == queries.line_of(store, 2)
        assert archive.trials(1) == (queries.cases_of(store, 1), queries.trial_lines(store, 1))
        assert list(archive.moments(1)) == list(moments(store, 1))
        assert archive.compare(1, 2) == compare_runs(queries.load(store, 1), queries.load(store, 2))
    assert archive.runs().trials == sum(line.trials for line in archive.runs().lines) > 0


def test_the_run_that_was_deleted_last_comes_back_first(path: Path, archive: Archive) -> None:
    Archive(path, now=lambda: NOW).delete(2)
    Archive(path, now=lambda: NOW + 1).delete(1)
    assert archive.runs().lines == ()
    assert [archive.undelete(), archive.undelete(), archive.undelete()] == [1, 2, None]
    assert [line.id for line in archive.runs().lines] == [2, 1]


def test_notes_and_the_reference_are_kept(archive: Archive) -> None:
    archive.set_note(1, "before")
    archive.set_reference(1)
    archive.set_reference(2)
    lines = {line.id: line for line in archive.runs().lines}
    assert (lines[1].note, lines[1].reference, lines[2].reference) == ("before", False, True)
    archive.set_reference(None)
    assert not any(line.reference for line in archive.runs().lines)


def test_a_damaged_file_is_told_once(path: Path) -> None:
    path.write_bytes(b"no database at all" * 100)
    archive = Archive(path)
    (sentence,) = archive.runs().told
    assert sentence.startswith("The history was damaged; it is kept as")
    assert archive.runs().told == ()


def test_one_gil_is_kept_with_the_lanes(path: Path, run_record: RunRecord) -> None:
    from dataclasses import replace

    from stories import events_of, recorder

    from pi_tui.engine.run.events import LanesMoved

    writer = recorder(path)
    for event in events_of(run_record):
        writer.take(replace(event, one_gil=True) if isinstance(event, LanesMoved) else event)
    writer.close()
    lanes = [moment.event for moment in Archive(path).moments(1) if isinstance(moment.event, LanesMoved)]
    assert lanes
    assert all(event.one_gil for event in lanes)
