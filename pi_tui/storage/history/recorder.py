"""Writes a run into the history while it goes on: each trial is committed before it is shown."""

from __future__ import annotations

import secrets
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pi_tui.analysis.results import Case, Result, Trial
from pi_tui.engine.errors import LogError
from pi_tui.engine.run.events import (
    CaseFinished,
    Event,
    HostReady,
    KernelPrepared,
    LanesMoved,
    Progress,
    RunFinished,
    RunStarted,
    TrialFinished,
    TrialStarted,
)
from pi_tui.engine.run.request import RunRequest
from pi_tui.observe.meters import process_identity
from pi_tui.storage.history import edits
from pi_tui.storage.history.codec import pack
from pi_tui.storage.history.database import BusyError, Database, Warn, open_history
from pi_tui.storage.history.event_rows import (
    MAX_TICKS_PER_TRIAL,
    StoredCaseState,
    StoredLanesOwner,
    StoredRunEnd,
    StoredRunStart,
    StoredTrialStart,
)
from pi_tui.storage.history.rows import (
    Statement,
    build_case_insert,
    build_insert,
    build_trial_insert,
    get_figures,
    summarize_run,
)
from pi_tui.storage.history.transfer import carry_over

Clock = Callable[[], float]

MAX_LANE_BYTES_PER_RUN = 8 << 20
"""Size of one run's packed lanes; lanes of later trials are not stored."""


class Recorder:
    """Records the events of one run. It never raises: an error is reported once through `warn`, and the run goes on.

    Each trial is one transaction. After a `kill -9` of this process, every recorded event is in the file; after a power
    failure the last moments may be missing, but the file is intact.

    Args:
        path: the history's file, created if there is none. It is opened when the run starts.
        request: what was asked for.
        warn: called with a sentence if the run cannot be recorded.
        clock: seconds, never going back.
        now: seconds since the epoch.
    """

    def __init__(
        self,
        path: Path,
        request: RunRequest,
        warn: Warn,
        *,
        clock: Clock = time.monotonic,
        now: Clock = time.time,
    ) -> None:
        self.run_id: int | None = None
        self._path, self._request, self._warn = path, request, warn
        self._clock, self._now = clock, now
        self._database: Database | None = None
        self._failed = False
        self._started_s = 0.0
        self._sequence = 0
        self._positions: dict[Case, int] = {}
        self._lanes = LaneBuffer()
        self._queued: list[Statement] = []

    def record(self, event: Event) -> None:
        """Record one event; an event that changes what is shown is committed on return."""
        if self._failed:
            return
        try:
            self._handle(event)
        except LogError as error:
            self._give_up(error)

    def close(self, reason: str = "") -> None:
        """End the recording; may be called more than once. `reason` says why a run stopped early."""
        if self._database is None:
            return
        try:
            if not self._failed:
                self._queue_end("failed" if reason else "stopped", reason, only_if_running=True)
                self._commit(last=True)
        except LogError as error:
            self._give_up(error)
        finally:
            self._database.close()
            self._database = None

    def _give_up(self, error: LogError) -> None:
        self._failed = True
        self._queued.clear()
        part = "the rest of this run" if self.run_id is not None else "this run"
        self._warn(f"{error}; {part} is not recorded in the history")

    # ---- events

    def _handle(self, event: Event) -> None:
        at_s = self._clock() - self._started_s
        if isinstance(event, LanesMoved):
            if self.run_id is not None:
                self._lanes.add(at_s, event)
            return
        if isinstance(event, RunStarted):
            self._start(event)
            return
        if self.run_id is None:
            return
        self._queue_lanes()
        match event:
            case HostReady() | KernelPrepared():
                self._queue_event(at_s, event, event)
            case TrialStarted():
                position = self._get_position(event.case)
                trial_start = StoredTrialStart(position, event.kind, event.number, event.host_pid, event.progress)
                self._queue_event(at_s, event, trial_start)
            case TrialFinished():
                self._queue_trial(event.case, event.trial)
                self._queue_result(at_s, event, event.result, event.progress)
            case CaseFinished():
                self._queue_result(at_s, event, event.result, event.progress)
            case RunFinished():
                self._finish(at_s, event)
        if not isinstance(event, HostReady | KernelPrepared | TrialStarted):
            self._commit()

    def _start(self, event: RunStarted) -> None:
        self._started_s = self._clock()
        database = open_history(self._path, self._warn, self._now)
        self._database = database
        writer = process_identity.identify_this_process()
        row = {
            "uid": secrets.token_hex(16),
            "started_at": self._now(),
            "state": "running",
            "seed": event.seed,
            "trials_planned": event.trials,
            **summarize_run(event.cases, event.interpreters, event.machine),
            "request": pack(self._request),
            "host": writer.host,
            "place": writer.place,
            "pid": writer.pid,
            "born": writer.born,
        }
        with database.transaction() as connection:
            self.run_id = connection.execute(*build_insert("runs", row)).lastrowid
            edits.purge_deleted(connection, self._now())
            for case in event.cases:
                self._get_position(case)
            self._queue_event(0.0, event, StoredRunStart(tuple(self._positions.values()), event.trials))
            self._write(connection)
        self._queued.clear()

    def _get_position(self, case: Case) -> int:
        """Return the index of a case in this run; a case that RunStarted did not announce gets the next one."""
        if case not in self._positions:
            self._positions[case] = len(self._positions)
            self._queue(*build_case_insert(self.run_id, self._positions[case], case))
            self._queue("UPDATE runs SET cases = ? WHERE id = ?", (len(self._positions), self.run_id))
        return self._positions[case]

    def _queue_trial(self, case: Case, trial: Trial) -> None:
        self._queue(*build_trial_insert(self.run_id, self._get_position(case), trial))
        self._queue("UPDATE runs SET trials = trials + 1 WHERE id = ?", (self.run_id,))

    def _queue_result(self, at_s: float, event: Event, result: Result, progress: Progress) -> None:
        """Queue a case's figures twice: as its latest state, and as an event for a replay."""
        figures = get_figures(result)
        self._queue_latest_result(result, pack(figures))
        self._queue_event(
            at_s, event, StoredCaseState(self._get_position(result.case), figures, len(result.trials), progress)
        )

    def _queue_latest_result(self, result: Result, figures: bytes) -> None:
        position = self._get_position(result.case)
        self._queue(
            "UPDATE cases SET status = ?, result = ? WHERE run_id = ? AND position = ?",
            (result.status, figures, self.run_id, position),
        )

    def _finish(self, at_s: float, event: RunFinished) -> None:
        for result in event.results:
            self._queue_latest_result(result, pack(get_figures(result)))
        positions = tuple(self._get_position(result.case) for result in event.results)
        self._queue_event(at_s, event, StoredRunEnd(positions, event.stopped, event.elapsed_s))
        failed = any(result.status == "failed" for result in event.results)
        self._queue_end("stopped" if event.stopped else "failed" if failed else "ok", "")

    def _queue_lanes(self) -> None:
        drained = self._lanes.drain()
        if drained is not None:
            at_s, last, packed = drained
            self._queue_event(
                at_s, last, StoredLanesOwner(self._get_position(last.case), last.kind, last.number, last.one_gil)
            )
            self._queue_packed_event(at_s, "Lanes", packed)

    def _queue_end(self, state: str, reason: str, *, only_if_running: bool = False) -> None:
        self._queue(
            "UPDATE runs SET state = ?, reason = ?, finished_at = ?, lanes_left_out = ? WHERE id = ?"
            + (" AND state = 'running'" if only_if_running else ""),
            (state, reason, self._now(), self._lanes.left_out, self.run_id),
        )

    # ---- rows

    def _queue_event(self, at_s: float, event: Event, fields: Any) -> None:
        self._queue_packed_event(at_s, type(event).__name__, pack(fields))

    def _queue_packed_event(self, at_s: float, kind: str, body: bytes) -> None:
        row = {"run_id": self.run_id, "sequence": self._sequence, "at_s": at_s, "kind": kind, "body": body}
        self._sequence += 1
        self._queue(*build_insert("events", row))

    def _queue(self, statement: str, values: tuple[Any, ...]) -> None:
        self._queued.append((statement, values))

    def _commit(self, *, last: bool = False) -> None:
        """Write the queued rows. If another program keeps the file locked, they stay queued for the next commit."""
        if self._database is None or not self._queued:
            return
        try:
            with self._database.transaction() as connection:
                self._write(connection)
        except BusyError:
            if last:
                raise
            return
        self._queued.clear()
        if not self._database.is_in_place():
            self._move_to_new_file(self._database)

    def _move_to_new_file(self, old: Database) -> None:
        """Go on in the file that now has the history's name, or in a new one: the open file has lost its name, not its runs.

        Raises:
            LogError: no file of that name can be written; nothing of this run can be found any more.
        """
        old.remove_wal_files()
        removed = not self._path.exists()
        run_id, self.run_id = self.run_id or 0, None
        try:
            self._database = open_history(self._path, self._warn, self._now)
            self.run_id, all_copied = carry_over(old, self._database, run_id)
        except LogError as error:
            raise LogError(f"the history was {'removed' if removed else 'replaced'} during the run: {error}") from error
        finally:
            old.close()
        what = "removed during the run; it was written anew" if removed else "replaced by another file during the run"
        kept = "all its runs were kept" if all_copied else f"this run was copied into that file, as run {self.run_id}"
        self._warn(f"the history {self._path} was {what}: {kept}")

    def _write(self, connection: sqlite3.Connection) -> None:
        for statement, values in self._queued:
            connection.execute(statement, values)


class LaneBuffer:
    """Collects the lanes of one trial at a time, and packs them only after the trial, so as not to disturb it."""

    def __init__(self, trial_ticks: int = MAX_TICKS_PER_TRIAL, run_bytes: int = MAX_LANE_BYTES_PER_RUN) -> None:
        self.left_out = 0
        self._max_ticks, self._bytes_left = trial_ticks, run_bytes
        self._ticks = 0
        self._messages: list[tuple[float, LanesMoved]] = []

    def add(self, at_s: float, event: LanesMoved) -> None:
        """Add lanes that were seen at a moment of the run."""
        self._ticks += sum(len(piece.letters) for piece in event.lanes.lanes)
        if self._ticks <= self._max_ticks:
            self._messages.append((at_s, event))

    def drain(self) -> tuple[float, LanesMoved, bytes] | None:
        """Return the first time, the last event and the packed lanes of a trial, and start over; None to store nothing."""
        messages, ticks = self._messages, self._ticks
        self._messages, self._ticks = [], 0
        if not ticks and not messages:
            return None
        packed = b"" if ticks > self._max_ticks else pack([[at_s, each.lanes] for at_s, each in messages])
        if not packed or len(packed) > self._bytes_left:
            self.left_out += 1
            return None
        self._bytes_left -= len(packed)
        return messages[0][0], messages[-1][1], packed
