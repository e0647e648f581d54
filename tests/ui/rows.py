"""Cases, results, rows and events for the tests of the screen's state and drawing."""

from __future__ import annotations

from dataclasses import replace

from pi_tui.analysis.results import Advice, Case, Result
from pi_tui.engine.run.events import CaseFinished, Event, Progress, RunFinished, RunStarted, TrialFinished, TrialStarted
from pi_tui.ui.state.event_reducer import apply_event
from pi_tui.ui.state.session import Row, Session
from tests.ui.scripted import (
    PYTHON,
    machine,
    result_of,
    trial_of,
)

PROGRESS = Progress(3, 12, 1.0, 3.0)


def case(kernel: str = "python", mode: str = "threads", workers: int = 2, samples: int = 1_000_000) -> Case:
    start = "spawn" if mode in ("processes", "pool-map") else None
    return Case(
        kernel, mode, start, "queue" if mode == "processes" else None, "3.11.7", None, workers, workers, samples
    )


def result(of: Case | None = None, measured: int = 3, repeat: int = 5) -> Result:
    of = of or case()
    trials = tuple(trial_of(of, "warmup" if number == 0 else "measured", number) for number in range(measured + 1))
    return result_of(of, trials, repeat)


def row(of: Result, number: int = 1, run: int = 1) -> Row:
    state = of.status if of.finished else "running"
    return Row(number, run, of.case, state, False, of)


def events_of(of: Case) -> list[Event]:
    first = trial_of(of, "warmup", 0)
    second = trial_of(of, "measured", 1)
    early, late = result_of(of, (first,), 1), result_of(of, (first, second), 1)
    return [
        RunStarted(machine(), (PYTHON,), (of,), 2, 7),
        TrialStarted(of, "warmup", 0, 1, PROGRESS),
        TrialFinished(of, first, early, PROGRESS),
        TrialStarted(of, "measured", 1, 1, PROGRESS),
        TrialFinished(of, second, late, PROGRESS),
        CaseFinished(late, PROGRESS),
        RunFinished((late,), False, 1.0),
    ]


CASES = tuple(
    Case(kernel, "threads", None, None, "3.11.7", None, workers, workers, 1000)
    for kernel in ("python", "numba")
    for workers in (2, 16)
)


def done(of: Case) -> Result:
    trials = tuple(trial_of(of, "warmup" if number == 0 else "measured", number) for number in range(6))
    advice = (Advice("gil-turns", f"The {of.workers} threads took turns.", {"waiting": 0.5}),)
    return replace(result_of(of, trials, 5), advice=advice)


def run_once(session: Session, cases: tuple[Case, ...] = CASES) -> None:
    session.begin(in_app=False)
    apply_event(session, RunStarted(machine(), (), cases, 6 * len(cases), 1))
    for each in cases:
        apply_event(session, CaseFinished(done(each), Progress(6, 6, 0.0, 0.0)))
    apply_event(session, RunFinished((), stopped=False, elapsed_s=1.0))
