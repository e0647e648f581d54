"""Writes a run into the history while it happens: a trial is committed before anybody sees it."""

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
from pi_tui.storage.history.database import BusyError, Store, Tell, open_history
from pi_tui.storage.history.event_rows import Finished, LanesOf, Standing, Started, TrialBegun
from pi_tui.storage.history.lane_keeping import LaneKeeper
from pi_tui.storage.history.rows import Statement, case_row, figures_of, insertion, summary, trial_row

Clock = Callable[[], float]


class Recorder:
    """Consumes the events of one run. It never raises: what keeps it from recording is told once, and the run goes on.

    Each trial is one transaction. After a `kill -9` of this process everything that was taken is in the file; a loss of power
    may take the last moments, and leaves the file whole.

    Args:
        path: the history's file, made where there is none. It is opened when the run starts.
        request: what was asked.
        tell: is given a sentence where something keeps the run from being recorded.
        clock: seconds, never going back.
        now: seconds since the epoch.
    """

    def __init__(
        self,
        path: Path,
        request: RunRequest,
        tell: Tell,
        *,
        clock: Clock = time.monotonic,
        now: Clock = time.time,
    ) -> None:
        self.run_id: int | None = None
        self._path, self._request, self._tell = path, request, tell
        self._clock, self._now = clock, now
        self._store: Store | None = None
        self._failed = False
        self._started_s = 0.0
        self._sequence = 0
        self._positions: dict[Case, int] = {}
        self._lanes = LaneKeeper()
        self._waiting: list[Statement] = []

    def take(self, event: Event) -> None:
        """Record one event; what shows something of a run is committed when this returns."""
        if self._failed:
            return
        try:
            self._take(event)
        except LogError as error:
            self._give_up(error)

    def close(self, reason: str = "") -> None:
        """The stream of events has ended. `reason` says why, where it was not the run's own end; harmless when repeated."""
        if self._store is None:
            return
        try:
            if not self._failed:
                self._end("failed" if reason else "stopped", reason, only_if_running=True)
                self._commit(last=True)
        except LogError as error:
            self._give_up(error)
        finally:
            self._store.close()
            self._store = None

    def _give_up(self, error: LogError) -> None:
        self._failed = True
        self._waiting.clear()
        further = "any further" if self.run_id is not None else "in the history"
        self._tell(f"{error}; this run is not recorded {further}")

    # ---- events

    def _take(self, event: Event) -> None:
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
        self._put_lanes()
        match event:
            case HostReady() | KernelPrepared():
                self._event(at_s, event, event)
            case TrialStarted():
                position = self._place(event.case)
                begun = TrialBegun(position, event.kind, event.number, event.host_pid, event.progress)
                self._event(at_s, event, begun)
            case TrialFinished():
                self._trial(event.case, event.trial)
                self._result(at_s, event, event.result, event.progress)
            case CaseFinished():
                self._result(at_s, event, event.result, event.progress)
            case RunFinished():
                self._finish(at_s, event)
        if not isinstance(event, HostReady | KernelPrepared | TrialStarted):
            self._commit()

    def _start(self, event: RunStarted) -> None:
        self._started_s = self._clock()
        store = open_history(self._path, self._tell, self._now)
        self._store = store
        writer = process_identity.identify_this_process()
        row = {
            "uid": secrets.token_hex(16),
            "started_at": self._now(),
            "state": "running",
            "seed": event.seed,
            "trials_planned": event.trials,
            **summary(event.cases, event.interpreters, event.machine),
            "request": pack(self._request),
            "host": writer.host,
            "place": writer.place,
            "pid": writer.pid,
            "born": writer.born,
        }
        with store.changing() as connection:
            self.run_id = connection.execute(*insertion("runs", row)).lastrowid
            edits.purge_deleted(connection, self._now())
            for case in event.cases:
                self._place(case)
            self._event(0.0, event, Started(tuple(self._positions.values()), event.trials))
            self._write(connection)
        self._waiting.clear()

    def _place(self, case: Case) -> int:
        """The number of a case in this run; one that the run did not announce is given the next."""
        if case not in self._positions:
            self._positions[case] = len(self._positions)
            self._later(*case_row(self.run_id, self._positions[case], case))
            self._later("UPDATE runs SET cases = ? WHERE id = ?", (len(self._positions), self.run_id))
        return self._positions[case]

    def _trial(self, case: Case, trial: Trial) -> None:
        self._later(*trial_row(self.run_id, self._place(case), trial))
        self._later("UPDATE runs SET trials = trials + 1 WHERE id = ?", (self.run_id,))

    def _result(self, at_s: float, event: Event, result: Result, progress: Progress) -> None:
        """The case as it now stands, twice: as the latest word on it, and as it was at this moment, for a replay."""
        figures = figures_of(result)
        self._latest(result, pack(figures))
        self._event(at_s, event, Standing(self._place(result.case), figures, len(result.trials), progress))

    def _latest(self, result: Result, figures: bytes) -> None:
        position = self._place(result.case)
        self._later(
            "UPDATE cases SET status = ?, result = ? WHERE run_id = ? AND position = ?",
            (result.status, figures, self.run_id, position),
        )

    def _finish(self, at_s: float, event: RunFinished) -> None:
        for result in event.results:
            self._latest(result, pack(figures_of(result)))
        positions = tuple(self._place(result.case) for result in event.results)
        self._event(at_s, event, Finished(positions, event.stopped, event.elapsed_s))
        failed = any(result.status == "failed" for result in event.results)
        self._end("stopped" if event.stopped else "failed" if failed else "ok", "")

    def _put_lanes(self) -> None:
        kept = self._lanes.take()
        if kept is not None:
            at_s, last, packed = kept
            self._event(at_s, last, LanesOf(self._place(last.case), last.kind, last.number, last.one_gil))
            self._packed_event(at_s, "Lanes", packed)

    def _end(self, state: str, reason: str, *, only_if_running: bool = False) -> None:
        self._later(
            "UPDATE runs SET state = ?, reason = ?, finished_at = ?, lanes_left_out = ? WHERE id = ?"
            + (" AND state = 'running'" if only_if_running else ""),
            (state, reason, self._now(), self._lanes.left_out, self.run_id),
        )

    # ---- rows

    def _event(self, at_s: float, event: Event, about: Any) -> None:
        self._packed_event(at_s, type(event).__name__, pack(about))

    def _packed_event(self, at_s: float, kind: str, body: bytes) -> None:
        row = {"run_id": self.run_id, "sequence": self._sequence, "at_s": at_s, "kind": kind, "body": body}
        self._sequence += 1
        self._later(*insertion("events", row))

    def _later(self, statement: str, values: tuple[Any, ...]) -> None:
        self._waiting.append((statement, values))

    def _commit(self, *, last: bool = False) -> None:
        """Write what waits. Where another program keeps the file locked, it waits for the next time."""
        if self._store is None or not self._waiting:
            return
        try:
            with self._store.changing() as connection:
                self._write(connection)
        except BusyError:
            if last:
                raise
            return
        self._waiting.clear()

    def _write(self, connection: sqlite3.Connection) -> None:
        for statement, values in self._waiting:
            connection.execute(statement, values)
