"""A stored run's events, as they were told, with the moments at which they came.

They are the engine's own dataclasses, so whatever consumes a run consumes a replay. Lanes are told where they were kept.
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
"""Thirty years: what came later after a run's start is no moment of it, and nobody can wait for it."""
_PERIODS_NS = range(1_000, 1_000_000_001)
"""From one tick to the next: lanes are looked at a thousand times a second at most, and once a second at least."""
_MAX_MISSED_TICKS = MAX_TICKS_PER_TRIAL
"""Ticks that may lack between two messages; whoever draws them fills the lanes up with as many letters."""
_LETTERS = frozenset(LaneState)


@dataclass(frozen=True, slots=True)
class TimedEvent:
    """An event and when it came, in seconds since the run's start."""

    at_s: float
    event: Event


def replay_events(database: Database, run_id: int) -> Iterator[TimedEvent]:
    """The events of a stored run, in the recorded order. A run that was interrupted ends without a RunFinished.

    A run that came from a file has no moments of its own: it is told case by case, each when its trials were started.

    Raises:
        UsageError: there is no such run.
        LogError: it cannot be read.
    """
    stored = database.query("SELECT at_s, kind, body FROM events WHERE run_id = ? ORDER BY sequence", run_id)
    if not stored:
        yield from _make_events(database, run_id)
        return
    builder = _EventBuilder(database, run_id)
    lanes_of: StoredLanesOwner | None = None
    for at_s, kind, body in stored:
        if kind == "LanesMoved":
            lanes_of = unpack_as(StoredLanesOwner, body)
        elif kind == "Lanes":
            yield from builder.lanes(lanes_of, unpack(body))
        else:
            yield TimedEvent(_check_time(at_s, run_id), builder.event(kind, unpack(body)))


class _EventBuilder:
    """Makes events again from what is stored of them."""

    def __init__(self, database: Database, run_id: int) -> None:
        self._database, self._run_id = database, run_id
        self._entry = get_readable_entry(database, run_id)
        self._cases: dict[int, Case] = load_cases(database, run_id)
        self._trials: dict[int, list[Trial]] = load_trials(database, run_id)
        self._replayed: dict[int, int] = {}

    def lanes(self, of: StoredLanesOwner | None, seen: Any) -> Iterator[TimedEvent]:
        """What was seen of one trial's lanes, each at its moment."""
        if of is None or not isinstance(seen, list):
            raise _damaged(self._run_id)
        case = self._case(of.position)
        due = 0
        for each in seen:
            if not (isinstance(each, list) and len(each) == 2):
                raise _damaged(self._run_id)
            at_s, fields = each
            lanes = build_as(LanesSeen, fields)
            if case.workers > MAX_WORKERS or not _is_plausible(lanes, due):
                raise _damaged(self._run_id)
            due = lanes.first_tick + _ticks(lanes)
            yield TimedEvent(_check_time(at_s, self._run_id), LanesMoved(case, of.kind, of.number, lanes, of.one_gil))

    def event(self, kind: str, about: Any) -> Event:
        """One event from what is stored of it."""
        match kind:
            case "RunStarted":
                return self._started(build_as(StoredRunStart, about))
            case "HostReady":
                return build_as(HostReady, about)
            case "KernelPrepared":
                return build_as(KernelPrepared, about)
            case "TrialStarted":
                begun = build_as(StoredTrialStart, about)
                return TrialStarted(
                    self._case(begun.position), begun.kind, begun.number, begun.host_pid, begun.progress
                )
            case "TrialFinished":
                standing = build_as(StoredCaseState, about)
                result = self._result(standing)
                return TrialFinished(result.case, self._next_trial(standing.position), result, standing.progress)
            case "CaseFinished":
                standing = build_as(StoredCaseState, about)
                return CaseFinished(self._result(standing), standing.progress)
            case "RunFinished":
                finished = build_as(StoredRunEnd, about)
                return RunFinished(load_run(self._database, self._run_id).results, finished.stopped, finished.elapsed_s)
        raise LogError(f"run {self._run_id} holds an event that this pi-tui does not know: {reprlib.repr(kind)}")

    def _started(self, started: StoredRunStart) -> RunStarted:
        machine, interpreters = load_machine(self._database, self._run_id)
        cases = tuple(map(self._case, started.positions))
        return RunStarted(machine, interpreters, cases, started.trials, self._entry.seed)

    def _result(self, standing: StoredCaseState) -> Result:
        trials = self._trials.get(standing.position, [])[: standing.trials]
        return build_result(standing.figures, self._case(standing.position), tuple(trials))

    def _case(self, position: int) -> Case:
        if position not in self._cases:
            raise _damaged(self._run_id)
        return self._cases[position]

    def _next_trial(self, position: int) -> Trial:
        """The trials of a case are told in the order in which they are stored."""
        trials, told = self._trials.get(position, []), self._replayed.get(position, 0)
        if told >= len(trials):
            raise _damaged(self._run_id)
        self._replayed[position] = told + 1
        return trials[told]


def _check_time(at_s: Any, run_id: int) -> float:
    if not (isinstance(at_s, int | float) and 0 <= at_s <= _LONGEST_S):
        raise _damaged(run_id)
    return float(at_s)


def _ticks(seen: LanesSeen) -> int:
    return len(seen.lanes[0].letters) if seen.lanes else 0


def _is_plausible(seen: LanesSeen, due: int) -> bool:
    """Whether the numbers of a message make sense, of which only the kinds are known; `due` is the tick that comes next."""
    counts = [seen.made, seen.missed]
    for each in seen.ticks:
        counts += (each.running, each.gil, each.lock, each.sleep, each.io, each.blocked, each.missed)
    return (
        seen.period_ns in _PERIODS_NS
        and 0 <= seen.first_tick <= due + _MAX_MISSED_TICKS
        and min(counts) >= 0
        and all(len(piece.letters) == _ticks(seen) and _LETTERS.issuperset(piece.letters) for piece in seen.lanes)
    )


def _damaged(run_id: int) -> LogError:
    return LogError(f"a stored event of run {run_id} cannot be read")


def _make_events(database: Database, run_id: int) -> Iterator[TimedEvent]:
    """The story of a run of which only the results are known."""
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
