"""The history for the screen: each call, from any thread, opens the file anew.

Another program may write, remove or replace the file between two calls.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pi_tui.analysis.results import Case
from pi_tui.analysis.run_comparison import Comparison, compare_runs
from pi_tui.engine.errors import LogError, UsageError
from pi_tui.storage.history import edits, queries
from pi_tui.storage.history.database import Database, open_for_reading, open_history, translate_errors
from pi_tui.storage.history.queries import RunEntry, TrialEntry
from pi_tui.storage.history.replay import TimedEvent, replay_events
from pi_tui.storage.run_record import RunRecord


@dataclass(frozen=True, slots=True)
class RunListing:
    """All runs, the latest first.

    Attributes:
        notices: sentences for the user: the file was damaged and renamed, or cannot be written.
        writable: whether the history can be changed.
    """

    lines: tuple[RunEntry, ...]
    notices: tuple[str, ...] = ()
    writable: bool = True

    @property
    def trials(self) -> int:
        """Number of trials of all runs."""
        return sum(line.trials for line in self.lines)


@dataclass(frozen=True, slots=True)
class StoredRun:
    """One run with its entry in the list and its results."""

    line: RunEntry
    record: RunRecord


class HistoryService:
    """Reads and changes stored runs.

    Args:
        path: the history's file, which need not exist yet.
        now: seconds since the epoch.
        to_local_time: converts such a time to the user's local time.
    """

    def __init__(
        self,
        path: Path,
        now: Callable[[], float] = time.time,
        to_local_time: Callable[[float], datetime] = datetime.fromtimestamp,
    ) -> None:
        self._path, self._now = path, now
        self.to_local_time = to_local_time
        self._notices: list[str] = []

    def list_runs(self) -> RunListing:
        """List all runs.

        Raises:
            LogError: the history cannot be read, or a newer version wrote it.
        """
        with self._open_if_present() as database:
            lines = () if database is None else tuple(queries.list_runs(database, now=self._now))
            writable = database is None or (os.access(self._path, os.W_OK) and os.access(self._path.parent, os.W_OK))
        notices, self._notices = tuple(self._notices), []
        if not writable:
            notices += (f"The history {self._path} is read-only here: its runs can be viewed but not changed.",)
        return RunListing(lines, notices, writable)

    def load_run(self, run_id: int) -> StoredRun:
        """Load a run with its results.

        Raises:
            UsageError: no run has that number.
            LogError: the run cannot be read.
        """
        with self._open_existing() as database:
            return StoredRun(queries.get_run_entry(database, run_id, now=self._now), queries.load_run(database, run_id))

    def get_entry(self, run_id: int) -> RunEntry:
        """Return a run's entry in the list. Raises as `load_run`."""
        with self._open_existing() as database:
            return queries.get_run_entry(database, run_id, now=self._now)

    def list_trials(self, run_id: int) -> tuple[dict[int, Case], list[TrialEntry]]:
        """Return the cases of a run by position, and its trials in the order they ran. Raises as `load_run`."""
        with self._open_existing() as database:
            queries.get_readable_entry(database, run_id, now=self._now)
            cases, trials = queries.load_cases(database, run_id), queries.list_trials(database, run_id)
        if any(trial.position not in cases for trial in trials):
            raise LogError(f"a trial of run {run_id} belongs to a missing case")
        return cases, trials

    def compare_runs(self, before: int, after: int) -> Comparison:
        """Return what changed from one run to another. Raises as `load_run`."""
        with self._open_existing() as database:
            return compare_runs(queries.load_run(database, before), queries.load_run(database, after))

    def replay_events(self, run_id: int) -> Iterator[TimedEvent]:
        """Yield the events of a run with their times; the file stays open until the last one. Raises as `load_run`."""
        with self._open_existing() as database:
            yield from replay_events(database, run_id)

    def set_note(self, run_id: int, text: str) -> None:
        """Set a run's note. Raises as `load_run`, and a LogError if the history cannot be written."""
        with self._open_writable() as database:
            edits.set_note(database, run_id, text)

    def set_reference(self, run_id: int | None) -> None:
        """Make a run the reference, or none. Raises as `set_note`."""
        with self._open_writable() as database:
            edits.set_reference(database, run_id)

    def delete(self, run_id: int) -> None:
        """Hide a run. Raises as `set_note`."""
        with self._open_writable() as database:
            edits.delete(database, run_id, self._now())

    def undelete(self) -> int | None:
        """Bring back the run that was deleted last and return its number; None if there is none. Raises as `set_note`."""
        with self._open_writable() as database:
            deleted = queries.list_runs(database, deleted=True, now=self._now)
            if not deleted:
                return None
            last = max(deleted, key=lambda line: line.deleted_at or 0.0)
            edits.undelete(database, last.id)
            return last.id

    @contextmanager
    def _open_if_present(self) -> Iterator[Database | None]:
        database = open_for_reading(self._path, self._warn)
        try:
            yield database
        finally:
            if database is not None:
                database.close()

    @contextmanager
    def _open_existing(self) -> Iterator[Database]:
        with self._open_if_present() as database:
            if database is None:
                raise UsageError("there are no runs in the history yet")
            yield database

    @contextmanager
    def _open_writable(self) -> Iterator[Database]:
        with translate_errors("write", self._path):
            if not self._path.exists():
                raise LogError("there are no runs in the history yet")
        with open_history(self._path, self._warn, self._now) as database:
            yield database

    def _warn(self, sentence: str) -> None:
        self._notices.append(f"{sentence[:1].upper()}{sentence[1:]}.")
