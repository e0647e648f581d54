"""The history as a screen asks for it: one question at a time, from any thread, each with the file opened anew.

Another program may write, remove or replace the file between two questions.
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
from pi_tui.storage.history.database import Store, open_for_reading, open_history
from pi_tui.storage.history.queries import RunLine, TrialLine
from pi_tui.storage.history.replay import Moment, moments
from pi_tui.storage.run_record import RunRecord


@dataclass(frozen=True, slots=True)
class Listing:
    """All runs, the latest first.

    Attributes:
        told: sentences that a person is to know of: the file was damaged and set aside, or cannot be written.
        writable: whether anything can be changed.
    """

    lines: tuple[RunLine, ...]
    told: tuple[str, ...] = ()
    writable: bool = True

    @property
    def trials(self) -> int:
        """The trials of all runs."""
        return sum(line.trials for line in self.lines)


@dataclass(frozen=True, slots=True)
class StoredRun:
    """One run whole."""

    line: RunLine
    record: RunRecord


class Archive:
    """Everything that is done with stored runs.

    Args:
        path: the history's file; there may be none yet.
        now: seconds since the epoch.
        local: such a moment as a person here reads it.
    """

    def __init__(
        self,
        path: Path,
        now: Callable[[], float] = time.time,
        local: Callable[[float], datetime] = datetime.fromtimestamp,
    ) -> None:
        self._path, self._now = path, now
        self.local = local
        self._told: list[str] = []

    def runs(self) -> Listing:
        """All runs.

        Raises:
            LogError: the history cannot be read, or is of a newer version.
        """
        with self._looking() as store:
            lines = () if store is None else tuple(queries.runs(store, now=self._now))
            writable = store is None or (os.access(self._path, os.W_OK) and os.access(self._path.parent, os.W_OK))
        told, self._told = tuple(self._told), []
        if not writable:
            told += (f"The history {self._path} cannot be written here: it can be looked at, not changed.",)
        return Listing(lines, told, writable)

    def load(self, run_id: int) -> StoredRun:
        """A run with its results.

        Raises:
            UsageError: there is none of that number.
            LogError: it cannot be read.
        """
        with self._having() as store:
            return StoredRun(queries.line_of(store, run_id, now=self._now), queries.load(store, run_id))

    def line(self, run_id: int) -> RunLine:
        """A run as a line of the list. Raises as `load`."""
        with self._having() as store:
            return queries.line_of(store, run_id, now=self._now)

    def trials(self, run_id: int) -> tuple[dict[int, Case], list[TrialLine]]:
        """The cases of a run by number, and its trials in the order they were run. Raises as `load`."""
        with self._having() as store:
            queries.readable_line_of(store, run_id, now=self._now)
            cases, trials = queries.cases_of(store, run_id), queries.trial_lines(store, run_id)
        if any(trial.position not in cases for trial in trials):
            raise LogError(f"a trial of run {run_id} is of a case that is not there")
        return cases, trials

    def compare(self, before: int, after: int) -> Comparison:
        """What changed from one run to another. Raises as `load`."""
        with self._having() as store:
            return compare_runs(queries.load(store, before), queries.load(store, after))

    def moments(self, run_id: int) -> Iterator[Moment]:
        """The events of a run and when they came; the file is open until the last was taken. Raises as `load`."""
        with self._having() as store:
            yield from moments(store, run_id)

    def set_note(self, run_id: int, text: str) -> None:
        """Give a run a note. Raises as `load`, and a LogError where nothing can be written."""
        with self._changing() as store:
            edits.set_note(store, run_id, text)

    def set_reference(self, run_id: int | None) -> None:
        """Mark a run as the reference, or none. Raises as `set_note`."""
        with self._changing() as store:
            edits.set_reference(store, run_id)

    def delete(self, run_id: int) -> None:
        """Take a run out of sight. Raises as `set_note`."""
        with self._changing() as store:
            edits.delete(store, run_id, self._now())

    def undelete(self) -> int | None:
        """Bring back the run that was deleted last: its number, None where there is none. Raises as `set_note`."""
        with self._changing() as store:
            deleted = queries.runs(store, deleted=True, now=self._now)
            if not deleted:
                return None
            last = max(deleted, key=lambda line: line.deleted_at or 0.0)
            edits.undelete(store, last.id)
            return last.id

    @contextmanager
    def _looking(self) -> Iterator[Store | None]:
        store = open_for_reading(self._path, self._tell)
        try:
            yield store
        finally:
            if store is not None:
                store.close()

    @contextmanager
    def _having(self) -> Iterator[Store]:
        with self._looking() as store:
            if store is None:
                raise UsageError("there are no runs in the history yet")
            yield store

    @contextmanager
    def _changing(self) -> Iterator[Store]:
        if not self._path.exists():
            raise LogError("there are no runs in the history yet")
        with open_history(self._path, self._tell, self._now) as store:
            yield store

    def _tell(self, sentence: str) -> None:
        self._told.append(f"{sentence[:1].upper()}{sentence[1:]}.")
