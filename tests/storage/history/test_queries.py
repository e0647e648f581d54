"""The list of runs, and runs loaded whole."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from pi_tui.analysis.results import (
    Advice,
    Case,
    Interpreter,
    Losses,
    Machine,
    Result,
    Spread,
    Trial,
)
from pi_tui.analysis.text.strip_escapes import strip_deep
from pi_tui.engine.errors import UsageError
from pi_tui.engine.run.events import CaseFinished, Progress, RunFinished, RunStarted, TrialFinished
from pi_tui.host.protocol import Failure, WorkerLedger
from pi_tui.storage.history import queries
from pi_tui.storage.history.database import Database, open_history
from pi_tui.storage.run_record import RunRecord
from tests.storage.recorded_runs import record_run, recorder

NOW = 1.8e9


def nothing(sentence: str) -> None:
    pytest.fail(sentence)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.db"


def opened(path: Path) -> Database:
    return open_history(path, nothing)


def test_the_latest_run_comes_first_and_is_the_last(path: Path, run_record: RunRecord) -> None:
    for started_s in (2e9, 3e9, 1e9):
        record_run(path, run_record, now_s=started_s)
    with opened(path) as database:
        assert [line.id for line in queries.list_runs(database)] == [2, 1, 3]
        assert queries.resolve_run_id(database, "last") == 2
        assert queries.resolve_run_id(database, "3") == 3


@pytest.mark.parametrize("word", ["last", "reference", "1", "0", "-1", "first", "", "1e3", "9" * 30, "²"])
def test_a_run_that_is_not_there_is_one_sentence(path: Path, word: str) -> None:
    with opened(path) as database, pytest.raises(UsageError):
        queries.resolve_run_id(database, word)


def test_a_hundred_thousand_trials_are_listed_from_the_runs_alone(path: Path, run_record: RunRecord) -> None:
    """Time is no promise of a test on a busy machine; that no trial is read, whatever their number, is."""
    for _ in range(3):
        record_run(path, run_record)
    with opened(path) as database:
        statements: list[str] = []
        database.connection.set_trace_callback(statements.append)
        assert len(queries.list_runs(database)) == 3
        assert len(statements) == 1
        assert "trials " not in statements[0].partition("FROM")[2]


def test_the_trials_of_a_run_in_order(path: Path, run_record: RunRecord) -> None:
    record_run(path, run_record)
    with opened(path) as database:
        lines = queries.list_trials(database, 1)
    assert [(line.position, line.number) for line in lines] == [(0, 0), (1, 0), (0, 1), (1, 1), (0, 2), (1, 2)]
    assert [line.wall_s for line in lines] == [0.40, 0.66, 0.30, 0.62, 0.32, 0.64]


def test_a_writer_that_cannot_be_seen_is_believed_for_a_day(path: Path, run_record: RunRecord) -> None:
    writer = recorder(path, now_s=NOW)
    writer.record(RunStarted(run_record.machine, run_record.interpreters, (), 0, 7))
    with opened(path) as database:
        database.connection.execute("UPDATE runs SET host = 'another machine'")
        assert queries.list_runs(database, now=lambda: NOW + 3600)[0].state == "running"
        assert queries.list_runs(database, now=lambda: NOW + 25 * 3600)[0].state == "interrupted"


finite = some.floats(allow_nan=False)
whole = some.integers(-(10**20), 10**20)
words = some.text(max_size=20)
cases = some.builds(
    Case, words, words, some.none() | words, some.none() | words, words, some.none() | some.booleans(),
    whole, whole, whole, some.booleans(), some.none() | whole,
)  # fmt: skip
ledgers = some.builds(WorkerLedger)
trials = some.builds(
    Trial,
    number=some.integers(-(2**62), 2**62),
    started_at=some.floats(-1e10, 5e10),
    wall_s=some.floats(0, allow_infinity=False),
)
results = some.builds(
    Result,
    case=cases,
    finished=some.just(True),
    trials=some.lists(trials, max_size=3).map(tuple),
    wall_s=some.none() | some.builds(Spread),
    losses=some.none() | some.builds(Losses),
    error=some.none() | some.builds(Failure),
    advice=some.lists(some.builds(Advice), max_size=2).map(tuple),
)
records = some.builds(
    RunRecord,
    some.builds(Machine, usable_cores=some.integers(1, 4096)),
    some.lists(some.builds(Interpreter, packages=some.dictionaries(words, words, max_size=3)), max_size=2).map(tuple),
    some.lists(results, max_size=4, unique_by=lambda result: result.case).map(tuple),
)


def clean(value: Any) -> Any:
    """A value as the gate leaves it: no text of it holds a control character."""
    if isinstance(value, tuple):
        return tuple(map(clean, value))
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{field.name: clean(getattr(value, field.name)) for field in fields(value)})
    if isinstance(value, dict):
        return {strip_deep(key): clean(each) for key, each in value.items()}
    return strip_deep(value) if type(value) is str else value


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(records)
def test_whatever_a_run_comes_to_is_read_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, made: RunRecord
) -> None:
    file = tmp_path_factory.mktemp("any") / "history.db"
    progress = Progress(0, 0, 0.0, 0.0)
    writer = recorder(file)
    writer.record(RunStarted(made.machine, made.interpreters, tuple(each.case for each in made.results), 0, 7))
    for result in made.results:
        for number, trial in enumerate(result.trials):
            so_far = replace(result, trials=result.trials[: number + 1])
            writer.record(TrialFinished(result.case, trial, so_far, progress))
        writer.record(CaseFinished(result, progress))
    writer.record(RunFinished(made.results, False, 0.0))
    writer.close()
    with opened(file) as database:
        assert repr(queries.load_run(database, 1)) == repr(clean(made))


@pytest.mark.parametrize(("out_of", "state"), [((2, 3), "partial"), ((3,), "unavailable")])
def test_a_run_that_could_not_run_cases_is_not_told_as_if_all_were_well(
    path: Path, run_record: RunRecord, out_of: tuple[int, ...], state: str
) -> None:
    """The record's third case failed in its time, its fourth was unavailable; here neither is there."""
    missing = run_record.results[3]
    results = tuple(replace(run_record.results[place], status=missing.status) for place in out_of)
    ran = () if state == "unavailable" else run_record.results[:2]
    record_run(path, replace(run_record, results=(*ran, *results)))
    with opened(path) as database:
        (line,) = queries.list_runs(database)
    assert (line.state, line.unavailable, line.completed) == (state, len(out_of), True)
