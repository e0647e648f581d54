"""A history made of scripted runs, with everything that differs from machine to machine set by hand."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pi_tui.engine.run.request import RunRequest
from pi_tui.storage.history.database import open_history
from pi_tui.storage.history.recorder import Recorder
from pi_tui.storage.history.service import HistoryService
from tests.ui.scripted import CRASH, Bench

STARTED_S = datetime(2026, 1, 1, 12, tzinfo=UTC).timestamp()
DAY_S = 24 * 3600.0
REQUESTS = (
    RunRequest(("python", "numba"), workers=(1, 2), seed=7),
    RunRequest(("numba", "numba-nogil"), modes=("threads",), workers=(2,), samples=(100_000,), seed=7),
    RunRequest(("numpy",), modes=("processes",), workers=(2,), repeat=2, seed=7),
)


def local(seconds: float) -> datetime:
    """A moment as a person in Greenwich reads it."""
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)


def record(path: Path, request: RunRequest, started_s: float, *, events: int | None = None, failing: str = "") -> int:
    """Record a scripted run, or its first events as a program that was killed leaves them; its number.

    A second passes with every look at a clock.
    """
    bench = Bench()
    bench.laboratory.permit()
    if failing:
        bench.laboratory.failing[failing] = CRASH
    clock, now = itertools.count(0.0), itertools.count(started_s)
    recorder = Recorder(path, request, pytest.fail, clock=lambda: next(clock), now=lambda: next(now))
    plan = bench.laboratory.plan(request)
    for event in itertools.islice(bench.laboratory.run(plan), events):
        recorder.record(event)
    assert recorder.run_id is not None
    if events is None:
        recorder.close()
    elif recorder._database is not None:
        recorder._database.close()  # as the system does to a program that is killed
    with open_history(path, pytest.fail) as database, database.transaction() as connection:
        connection.execute("UPDATE runs SET host = 'a-machine', pi_tui = '1.2.3'")
    return recorder.run_id


def some_runs(path: Path) -> None:
    """Four runs on four days: well, failed, broken off, and the first once more."""
    record(path, REQUESTS[0], STARTED_S)
    record(path, REQUESTS[1], STARTED_S + DAY_S, failing="numba")
    record(path, REQUESTS[2], STARTED_S + 2 * DAY_S, events=8)
    record(path, REQUESTS[0], STARTED_S + 3 * DAY_S)


def many_runs(path: Path, count: int) -> None:
    """One run and copies of it, an hour apart."""
    record(path, REQUESTS[2], STARTED_S)
    with open_history(path, pytest.fail) as database, database.transaction() as connection:
        names = [row[1] for row in connection.execute("PRAGMA table_info(runs)")]
        same = ", ".join(name for name in names if name not in ("id", "uid", "started_at"))
        connection.executemany(
            f"INSERT INTO runs (uid, started_at, {same}) SELECT ?, started_at + ?, {same} FROM runs WHERE id = 1",
            [(f"copy {number}", 3600.0 * number) for number in range(1, count)],
        )


def give(bench: Bench, path: Path) -> HistoryService:
    """Let the app read this history."""
    history = HistoryService(path, now=lambda: STARTED_S + 10 * DAY_S, to_local_time=local)
    bench.give(history=lambda: history)
    return history
