"""A stored run's events, as they were told, with the moments at which they came.

They are the engine's own dataclasses, so whatever consumes a run consumes a replay. Lanes are told where they were kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pi_tui.analysis.results import Case, Result, Trial
from pi_tui.engine.errors import LogError
from pi_tui.engine.events import (
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
from pi_tui.host.protocol import LanesSeen
from pi_tui.log.history.packing import built, unpack
from pi_tui.log.history.reading import cases_of, line_of, load, machine_of, result_from, trials_of
from pi_tui.log.history.store import Store

_UNKNOWN = Progress(0, 0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Moment:
    """An event and when it came, in seconds since the run's start."""

    at_s: float
    event: Event


def moments(store: Store, run_id: int) -> Iterator[Moment]:
    """The events of a stored run, in the recorded order. A run that was interrupted ends without a RunFinished.

    A run that came from a file has no moments of its own: it is told case by case, each when its trials were started.

    Raises:
        UsageError: there is no such run.
        LogError: it cannot be read.
    """
    stored = store.rows("SELECT at_s, kind, body FROM events WHERE run_id = ? ORDER BY sequence", run_id)
    if not stored:
        yield from _without_events(store, run_id)
        return
    teller = _Teller(store, run_id)
    lanes_of: Any = None
    for at_s, kind, body in stored:
        about = unpack(body)
        if kind == "LanesMoved":
            lanes_of = about
        elif kind == "Lanes":
            yield from teller.lanes(lanes_of, about)
        else:
            yield Moment(at_s, teller.event(kind, about))


class _Teller:
    """Makes events again from what is stored of them."""

    def __init__(self, store: Store, run_id: int) -> None:
        self._store, self._run_id = store, run_id
        self._line = line_of(store, run_id)
        self._cases: dict[int, Case] = cases_of(store, run_id)
        self._trials: dict[int, list[Trial]] = trials_of(store, run_id)
        self._told: dict[int, int] = {}

    def event(self, kind: str, about: Any) -> Event:
        try:
            return self._event(kind, about)
        except (KeyError, IndexError, TypeError) as error:
            raise LogError(f"a stored event of run {self._run_id} cannot be read") from error

    def lanes(self, about: Any, seen: Any) -> Iterator[Moment]:
        case, kind, number = self._cases[about["position"]], about["kind"], about["number"]
        one_gil = about.get("one_gil", False)
        for at_s, fields in seen:
            yield Moment(at_s, LanesMoved(case, kind, number, built(LanesSeen, fields), one_gil))

    def _event(self, kind: str, about: Any) -> Event:
        match kind:
            case "RunStarted":
                machine, interpreters = machine_of(self._store, self._run_id)
                cases = tuple(self._cases[position] for position in about["positions"])
                return RunStarted(machine, interpreters, cases, about["trials"], self._line.seed)
            case "HostReady":
                return built(HostReady, about)
            case "KernelPrepared":
                return built(KernelPrepared, about)
            case "TrialStarted":
                case, progress = self._cases[about["position"]], built(Progress, about["progress"])
                return TrialStarted(case, about["kind"], about["number"], about["host_pid"], progress)
            case "TrialFinished":
                position, result = about["position"], self._result(about)
                trial = self._trials[position][self._told.get(position, 0)]
                self._told[position] = self._told.get(position, 0) + 1
                return TrialFinished(result.case, trial, result, built(Progress, about["progress"]))
            case "CaseFinished":
                return CaseFinished(self._result(about), built(Progress, about["progress"]))
            case "RunFinished":
                results = load(self._store, self._run_id).results
                return RunFinished(results, about["stopped"], about["elapsed_s"])
        raise LogError(f"run {self._run_id} holds an event that this pi-tui does not know: {kind}")

    def _result(self, about: Any) -> Result:
        position = about["position"]
        trials = self._trials.get(position, [])[: about["trials"]]
        return result_from(about["figures"], self._cases[position], tuple(trials))


def _without_events(store: Store, run_id: int) -> Iterator[Moment]:
    """The story of a run of which only the results are known."""
    record, line = load(store, run_id), line_of(store, run_id)
    cases = tuple(result.case for result in record.results)
    yield Moment(0.0, RunStarted(record.machine, record.interpreters, cases, line.trials, line.seed))
    last_s = 0.0
    for result in sorted(record.results, key=lambda each: _end_s(each, line.started_at)):
        last_s = max(last_s, _end_s(result, line.started_at))
        yield Moment(last_s, CaseFinished(result, _UNKNOWN))
    yield Moment(last_s, RunFinished(record.results, line.state == "stopped", last_s))


def _end_s(result: Result, started_at: float) -> float:
    return max((trial.started_at + trial.wall_s - started_at for trial in result.trials), default=0.0)
