"""Runs as the engine tells them, made up: events to record, and what they come to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from pi_tui.analysis.results import Result
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
from pi_tui.host.protocol import LanePiece, LanesSeen, WorkerTicks
from pi_tui.storage.history.recorder import Recorder
from pi_tui.storage.run_record import RunRecord

REQUEST = RunRequest(("python", "numba", "numpy"), samples=(1_000_000,), repeat=2, seed=7, gils=(None, False))
STARTED_AT = 1.7e9
LETTERS = "RRGG" * 50


class Ticking:
    """A clock that moves on by itself, a little at every look."""

    def __init__(self, start_s: float = 0.0, step_s: float = 0.125) -> None:
        self.now_s, self._step_s = start_s, step_s

    def __call__(self) -> float:
        self.now_s += self._step_s
        return self.now_s


def without_nan(record: RunRecord) -> RunRecord:
    """The record with such numbers alone as are equal to themselves."""
    return replace(record, results=tuple(_without_nan(result) for result in record.results))


def _without_nan(result: Result) -> Result:
    advice = tuple(
        replace(each, evidence={name: value for name, value in each.evidence.items() if value == value})
        for each in result.advice
    )
    return replace(result, advice=advice)


def events_of(record: RunRecord, *, stopped: bool = False) -> list[Event]:
    """A run that comes to the results of `record`: trials in rounds, each case as it then stands."""
    return list(_events(record, stopped))


def _events(record: RunRecord, stopped: bool) -> Iterator[Event]:
    results = record.results
    total = sum(len(result.trials) for result in results)
    done = 0
    yield RunStarted(record.machine, record.interpreters, tuple(result.case for result in results), total, 7)
    yield HostReady("3.11.7", 100, 99, True)
    yield KernelPrepared("python", "3.11.7", 0.1, 0.0)
    for result in results:
        if not result.trials:
            yield CaseFinished(result, Progress(done, total, 0.5, 1.0))
    for number in range(max(len(result.trials) for result in results)):
        for result in results:
            if number >= len(result.trials):
                continue
            trial = result.trials[number]
            yield TrialStarted(result.case, trial.kind, trial.number, 100, Progress(done, total, done * 0.5, 2.0))
            yield _lanes(result, number)
            done += 1
            is_last = number + 1 == len(result.trials)
            so_far = result if is_last else _interim(result, number)
            progress = Progress(done, total, done * 0.5, 2.0)
            yield TrialFinished(result.case, trial, so_far, progress)
            if is_last:
                yield CaseFinished(so_far, progress)
    yield RunFinished(results, stopped, total * 0.5)


def _interim(result: Result, number: int) -> Result:
    return replace(result, finished=False, trials=result.trials[: number + 1], speedup=None, advice=())


def _lanes(result: Result, number: int) -> LanesMoved:
    piece = LanePiece(0, 100, 200, LETTERS)
    ticks = (WorkerTicks(0, 100, 200, running=100, gil=100),)
    seen = LanesSeen(number, 5000, 1_000_000, 0, 200, 0, "system call", (piece,), ticks, True)
    trial = result.trials[number]
    return LanesMoved(result.case, trial.kind, trial.number, seen)


def recorder(path: Path, complaints: list[str] | None = None, now_s: float = STARTED_AT) -> Recorder:
    """A recorder on clocks of its own; what it complains of is added to the list, or fails the test."""

    def fail(sentence: str) -> None:
        raise AssertionError(sentence)

    tell = fail if complaints is None else complaints.append
    return Recorder(path, REQUEST, tell, clock=Ticking(), now=Ticking(now_s))


def record_run(path: Path, record: RunRecord, now_s: float = STARTED_AT) -> list[Event]:
    """Record a whole run; its events."""
    events = events_of(record)
    writer = recorder(path, now_s=now_s)
    for event in events:
        writer.record(event)
    writer.close()
    return events
