"""Replays a stored run: its events as they were sent, with their times.

The events are the engine's own dataclasses, so code that consumes a run can consume a replay. Lanes are included where they
were stored.
"""

from __future__ import annotations

import reprlib
from collections.abc import Iterator
from dataclasses import dataclass
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
from pi_tui.engine.run.limits import MAX_WORKERS
from pi_tui.host.protocol import LanesSeen, LaneState
from pi_tui.storage.history.codec import build_as, unpack, unpack_as
from pi_tui.storage.history.database import Database
from pi_tui.storage.history.event_rows import (
    MAX_TICKS_PER_TRIAL,
    StoredCaseState,
    StoredLanesOwner,
    StoredRunEnd,
    StoredRunStart,
    StoredTrialStart,
)
from pi_tui.storage.history.queries import (
    build_result,
    get_readable_entry,
    get_run_entry,
    load_cases,
    load_machine,
    load_run,
    load_trials,
)

_UNKNOWN = Progress(0, 0, 0.0, 0.0)
_LONGEST_S = 1e9
"""Thirty years after the run's start; a later event is damage."""
_PERIODS_NS = range(1_000, 1_000_000_001)
"""Valid sampling periods: from a thousand samples per second to one."""
_MAX_MISSED_TICKS = MAX_TICKS_PER_TRIAL
"""Largest gap between two messages; a lane is filled up with that many letters when it is drawn."""
_LETTERS = frozenset(LaneState)


@dataclass(frozen=True, slots=True)
class TimedEvent:
    """An event and its time in seconds since the run's start."""

    at_s: float
    event: Event


def replay_events(database: Database, run_id: int) -> Iterator[TimedEvent]:
    """Yield the events of a stored run in the recorded order. An interrupted run ends without a RunFinished.

    An imported run without events yields one CaseFinished per case, in the order in which the cases ended.

    Raises:
        UsageError: there is no such run.
        LogError: the run cannot be read.
    """
    stored = database.query("SELECT at_s, kind, body FROM events WHERE run_id = ? ORDER BY sequence", run_id)
    if not stored:
        yield from _make_events(database, run_id)
        return
    builder = _EventBuilder(database, run_id)
    lanes_owner: StoredLanesOwner | None = None
    for at_s, kind, body in stored:
        if kind == "LanesMoved":
            lanes_owner = unpack_as(StoredLanesOwner, body)
        elif kind == "Lanes":
            yield from builder.build_lanes(lanes_owner, unpack(body))
        else:
            yield TimedEvent(_check_time(at_s, run_id), builder.build_event(kind, unpack(body)))


class _EventBuilder:
    """Builds events from their stored rows."""

    def __init__(self, database: Database, run_id: int) -> None:
        self._database, self._run_id = database, run_id
        self._entry = get_readable_entry(database, run_id)
        self._cases: dict[int, Case] = load_cases(database, run_id)
        self._trials: dict[int, list[Trial]] = load_trials(database, run_id)
        self._replayed: dict[int, int] = {}

    def build_lanes(self, owner: StoredLanesOwner | None, seen: Any) -> Iterator[TimedEvent]:
        """Yield the lane events of one trial, each at its time."""
        if owner is None or not isinstance(seen, list):
            raise _damaged_event_error(self._run_id)
        case = self._case(owner.position)
        next_tick = 0
        for each in seen:
            if not (isinstance(each, list) and len(each) == 2):
                raise _damaged_event_error(self._run_id)
            at_s, fields = each
            lanes = build_as(LanesSeen, fields)
            if case.workers > MAX_WORKERS or not _is_plausible(lanes, next_tick):
                raise _damaged_event_error(self._run_id)
            next_tick = lanes.first_tick + _ticks(lanes)
            yield TimedEvent(
                _check_time(at_s, self._run_id), LanesMoved(case, owner.kind, owner.number, lanes, owner.one_gil)
            )

    def build_event(self, kind: str, fields: Any) -> Event:
        """Build one event from its stored fields."""
        match kind:
            case "RunStarted":
                return self._started(build_as(StoredRunStart, fields))
            case "HostReady":
                return build_as(HostReady, fields)
            case "KernelPrepared":
                return build_as(KernelPrepared, fields)
            case "TrialStarted":
                trial_start = build_as(StoredTrialStart, fields)
                return TrialStarted(
                    self._case(trial_start.position),
                    trial_start.kind,
                    trial_start.number,
                    trial_start.host_pid,
                    trial_start.progress,
                )
            case "TrialFinished":
                case_state = build_as(StoredCaseState, fields)
                result = self._result(case_state)
                return TrialFinished(result.case, self._next_trial(case_state.position), result, case_state.progress)
            case "CaseFinished":
                case_state = build_as(StoredCaseState, fields)
                return CaseFinished(self._result(case_state), case_state.progress)
            case "RunFinished":
                finished = build_as(StoredRunEnd, fields)
                return RunFinished(load_run(self._database, self._run_id).results, finished.stopped, finished.elapsed_s)
        raise LogError(f"run {self._run_id} contains an event that this pi-tui does not know: {reprlib.repr(kind)}")

    def _started(self, started: StoredRunStart) -> RunStarted:
        machine, interpreters = load_machine(self._database, self._run_id)
        cases = tuple(map(self._case, started.positions))
        return RunStarted(machine, interpreters, cases, started.trials, self._entry.seed)

    def _result(self, case_state: StoredCaseState) -> Result:
        trials = self._trials.get(case_state.position, [])[: case_state.trials]
        return build_result(case_state.figures, self._case(case_state.position), tuple(trials))

    def _case(self, position: int) -> Case:
        if position not in self._cases:
            raise _damaged_event_error(self._run_id)
        return self._cases[position]

    def _next_trial(self, position: int) -> Trial:
        """Return the next trial of a case; trials are replayed in the order they are stored."""
        trials, count = self._trials.get(position, []), self._replayed.get(position, 0)
        if count >= len(trials):
            raise _damaged_event_error(self._run_id)
        self._replayed[position] = count + 1
        return trials[count]


def _check_time(at_s: Any, run_id: int) -> float:
    if not (isinstance(at_s, int | float) and 0 <= at_s <= _LONGEST_S):
        raise _damaged_event_error(run_id)
    return float(at_s)


def _ticks(seen: LanesSeen) -> int:
    return len(seen.lanes[0].letters) if seen.lanes else 0


def _is_plausible(seen: LanesSeen, next_tick: int) -> bool:
    """Return whether lanes can be drawn: `build_as` checked only types. `next_tick` is the expected next tick."""
    counts = [seen.made, seen.missed]
    for each in seen.ticks:
        counts += (each.running, each.gil, each.lock, each.sleep, each.io, each.blocked, each.missed)
    return (
        seen.period_ns in _PERIODS_NS
        and 0 <= seen.first_tick <= next_tick + _MAX_MISSED_TICKS
        and min(counts) >= 0
        and all(len(piece.letters) == _ticks(seen) and _LETTERS.issuperset(piece.letters) for piece in seen.lanes)
    )


def _damaged_event_error(run_id: int) -> LogError:
    return LogError(f"a stored event of run {run_id} cannot be read")


def _make_events(database: Database, run_id: int) -> Iterator[TimedEvent]:
    """Yield events for a run of which only the results are stored."""
    record, line = load_run(database, run_id), get_run_entry(database, run_id)
    cases = tuple(result.case for result in record.results)
    yield TimedEvent(0.0, RunStarted(record.machine, record.interpreters, cases, line.trials, line.seed))
    last_s = 0.0
    for result in sorted(record.results, key=lambda each: _end_s(each, line.started_at)):
        last_s = _check_time(max(last_s, _end_s(result, line.started_at)), run_id)
        yield TimedEvent(last_s, CaseFinished(result, _UNKNOWN))
    yield TimedEvent(last_s, RunFinished(record.results, line.state == "stopped", last_s))


def _end_s(result: Result, started_at: float) -> float:
    return max((trial.started_at + trial.wall_s - started_at for trial in result.trials), default=0.0)
