"""Lists, one run whole, what a person changes, and runs in files of their own."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from stories import record_run, recorder, without_nan

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
from pi_tui.engine.errors import LogError, UsageError
from pi_tui.engine.run.events import CaseFinished, Progress, RunFinished, RunStarted, TrialFinished
from pi_tui.host.protocol import Failure, WorkerLedger
from pi_tui.storage.export.formats import export
from pi_tui.storage.history import edits, queries, transfer
from pi_tui.storage.history.codec import pack, unpack, unpack_as
from pi_tui.storage.history.database import Store, open_history
from pi_tui.storage.history.replay import moments
from pi_tui.storage.run_record import RunRecord

NOW = 1.8e9


def nothing(sentence: str) -> None:
    pytest.fail(sentence)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.db"


def opened(path: Path) -> Store:
    return open_history(path, nothing)


# ---- lists and words


def test_the_latest_run_comes_first_and_is_the_last(path: Path, run_record: RunRecord) -> None:
    for started_s in (2e9, 3e9, 1e9):
        record_run(path, run_record, now_s=started_s)
    with opened(path) as store:
        assert [line.id for line in queries.runs(store)] == [2, 1, 3]
        assert queries.find(store, "last") == 2
        assert queries.find(store, "3") == 3


@pytest.mark.parametrize("word", ["last", "reference", "1", "0", "-1", "first", "", "1e3", "9" * 30, "²"])
def test_a_run_that_is_not_there_is_one_sentence(path: Path, word: str) -> None:
    with opened(path) as store, pytest.raises(UsageError):
        queries.find(store, word)


def test_a_hundred_thousand_trials_are_listed_from_the_runs_alone(path: Path, run_record: RunRecord) -> None:
    """Time is no promise of a test on a busy machine; that no trial is read, whatever their number, is."""
    for _ in range(3):
        record_run(path, run_record)
    with opened(path) as store:
        statements: list[str] = []
        store.connection.set_trace_callback(statements.append)
        assert len(queries.runs(store)) == 3
        assert len(statements) == 1
        assert "trials " not in statements[0].partition("FROM")[2]


def test_the_trials_of_a_run_in_order(path: Path, run_record: RunRecord) -> None:
    record_run(path, run_record)
    with opened(path) as store:
        lines = queries.trial_lines(store, 1)
    assert [(line.position, line.number) for line in lines] == [(0, 0), (1, 0), (0, 1), (1, 1), (0, 2), (1, 2)]
    assert [line.wall_s for line in lines] == [0.40, 0.66, 0.30, 0.62, 0.32, 0.64]


def test_a_writer_that_cannot_be_seen_is_believed_for_a_day(path: Path, run_record: RunRecord) -> None:
    writer = recorder(path, now_s=NOW)
    writer.take(RunStarted(run_record.machine, run_record.interpreters, (), 0, 7))
    with opened(path) as store:
        store.connection.execute("UPDATE runs SET host = 'another machine'")
        assert queries.runs(store, now=lambda: NOW + 3600)[0].state == "running"
        assert queries.runs(store, now=lambda: NOW + 25 * 3600)[0].state == "interrupted"


# ---- what a person changes


def test_a_note(path: Path, run_record: RunRecord) -> None:
    record_run(path, run_record)
    with opened(path) as store:
        edits.set_note(store, 1, "on battery; π")
        assert queries.line_of(store, 1).note == "on battery; π"
        with pytest.raises(UsageError, match="no run 2"):
            edits.set_note(store, 2, "x")


def test_one_reference_at_a_time(path: Path, run_record: RunRecord) -> None:
    for _ in range(3):
        record_run(path, run_record)
    with opened(path) as store:
        for run_id in (1, 3, 2):
            edits.set_reference(store, run_id)
            assert [line.id for line in queries.runs(store) if line.reference] == [run_id]
        with pytest.raises(UsageError):
            edits.set_reference(store, 9)
        assert queries.find(store, "reference") == 2
        edits.set_reference(store, None)
        assert not any(line.reference for line in queries.runs(store))


def test_deleting_can_be_undone(path: Path, run_record: RunRecord) -> None:
    record_run(path, without_nan(run_record))
    with opened(path) as store:
        edits.set_reference(store, 1)
        edits.delete(store, 1, NOW)
        assert queries.runs(store) == []
        assert [line.deleted_at for line in queries.runs(store, deleted=True)] == [NOW]
        edits.undelete(store, 1)
        assert [line.reference for line in queries.runs(store)] == [False]
        assert queries.load(store, 1) == without_nan(run_record)


def test_what_is_under_way_is_neither_deleted_nor_cleared(path: Path, run_record: RunRecord) -> None:
    writer = recorder(path)
    writer.take(RunStarted(run_record.machine, run_record.interpreters, (), 0, 7))
    with opened(path) as store:
        with pytest.raises(UsageError, match="run 1 is under way"):
            edits.delete(store, 1, NOW)
        assert edits.clearable(store) == []
        writer.close()
        assert len(edits.clearable(store)) == 1


def test_clear_takes_what_is_older_and_all_that_belongs_to_it(path: Path, run_record: RunRecord) -> None:
    for started_s in (1e9, 2e9, 3e9):
        record_run(path, run_record, now_s=started_s)
    with opened(path) as store:
        edits.delete(store, 1, NOW)
        edits.clear(store, edits.clearable(store, 2.5e9))
        assert [line.id for line in queries.runs(store)] == [3]
        assert queries.runs(store, deleted=True) == []
        for table in ("cases", "trials", "events"):
            assert store.rows(f"SELECT DISTINCT run_id FROM {table}") == [(3,)]


# ---- runs in files


def test_a_json_export_comes_back(path: Path, tmp_path: Path, run_record: RunRecord) -> None:
    record = without_nan(run_record)
    known = replace(record, results=(*record.results[:2], replace(record.results[2], z=None), record.results[3]))
    file = tmp_path / "run.json"
    file.write_bytes(export(known, "json"))
    with opened(path) as store:
        assert transfer.from_file(store, file, NOW) == [1]
        assert queries.load(store, 1) == known
        (line,) = queries.runs(store)
        assert (line.state, line.trials, line.started_at, line.note) == ("failed", 6, 1.7e9, "imported from run.json")
        story = [moment.event for moment in moments(store, 1)]
        assert [type(event) for event in story] == [RunStarted, *[CaseFinished] * 4, RunFinished]
        with pytest.raises(transfer.AlreadyThereError, match="as run 1"):
            transfer.from_file(store, file, NOW)
        assert len(queries.runs(store)) == 1


def test_a_history_file_comes_back_whole(path: Path, tmp_path: Path, run_record: RunRecord) -> None:
    events = record_run(path, without_nan(run_record))
    record_run(path, without_nan(run_record))
    file = tmp_path / "some.db"
    with opened(path) as store:
        edits.set_note(store, 1, "kept")
        edits.set_reference(store, 1)
        file.write_bytes(transfer.to_file(store, [1]))
        with pytest.raises(transfer.AlreadyThereError):
            transfer.from_file(store, file, NOW)
    with opened(tmp_path / "other" / "history.db") as other:
        record_run(tmp_path / "other" / "history.db", run_record)
        assert transfer.from_file(other, file, NOW) == [2]
        line = queries.line_of(other, 2)
        assert (line.note, line.reference, line.trials) == ("kept", False, 6)
        assert [moment.event for moment in moments(other, 2)] == events
        assert other.rows("PRAGMA foreign_key_check") == []


def _damaged(document: dict[str, object], what: str) -> object:
    match what:
        case "newer":
            return document | {"version": 99}
        case "lacks":
            return {name: value for name, value in document.items() if name != "machine"}
        case "results":
            return document | {"results": [{"kernel": "python"}]}
        case "twice":
            results = document["results"]
            assert isinstance(results, list)
            return document | {"results": [results[0], results[0]]}
        case "machine":
            return document | {"machine": []}
        case "words":
            return document | {"results": ["python"]}
        case "cores":
            return json.loads(
                json.dumps(document).replace('"usable_cores": 3', '"usable_cores": 1180591620717411303424')
            )
        case "time":
            return json.loads(json.dumps(document).replace('"wall_s": 0.4,', '"wall_s": 1e300,'))
        case "wall":
            return json.loads(json.dumps(document).replace('"wall_s": 0.4,', '"wall_s": "fast",'))
        case _:
            return [what]


@pytest.mark.parametrize(
    "what", ["newer", "lacks", "results", "twice", "machine", "words", "cores", "time", "wall", "list"]
)
def test_a_damaged_json_is_refused_and_nothing_taken(
    path: Path, tmp_path: Path, run_record: RunRecord, what: str
) -> None:
    file = tmp_path / "run.json"
    file.write_text(json.dumps(_damaged(json.loads(export(run_record, "json")), what)))
    with opened(path) as store:
        with pytest.raises(UsageError, match=r"run\.json"):
            transfer.from_file(store, file, NOW)
        assert queries.runs(store) == []


@pytest.mark.parametrize("data", [b"", b"\x00\xff", b"{", b"SQLite format 3\x00" + b"x" * 5000, b"[" * 100_000])
def test_a_foreign_file_is_refused(path: Path, tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "foreign"
    file.write_bytes(data)
    with opened(path) as store, pytest.raises(UsageError, match="foreign"):
        transfer.from_file(store, file, NOW)
    assert file.read_bytes() == data
    with opened(path) as store, pytest.raises(UsageError, match="no such file"):
        transfer.from_file(store, tmp_path / "nowhere", NOW)


# ---- every value there is

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


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(records)
def test_whatever_a_run_comes_to_is_read_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, made: RunRecord
) -> None:
    file = tmp_path_factory.mktemp("any") / "history.db"
    progress = Progress(0, 0, 0.0, 0.0)
    writer = recorder(file)
    writer.take(RunStarted(made.machine, made.interpreters, tuple(each.case for each in made.results), 0, 7))
    for result in made.results:
        for number, trial in enumerate(result.trials):
            so_far = replace(result, trials=result.trials[: number + 1])
            writer.take(TrialFinished(result.case, trial, so_far, progress))
        writer.take(CaseFinished(result, progress))
    writer.take(RunFinished(made.results, False, 0.0))
    writer.close()
    with opened(file) as store:
        assert repr(queries.load(store, 1)) == repr(made)


@given(some.recursive(some.none() | some.booleans() | whole | finite | words, lambda inner: some.lists(inner)))
def test_plain_values_are_packed_and_unpacked(value: object) -> None:
    assert unpack(pack([value])) == [value]


def test_a_stored_value_that_makes_no_sense_is_one_sentence() -> None:
    for data in (b"", b"{", b"x\x9cgarbage", b"[]", b"{}"):
        with pytest.raises(LogError, match="cannot be read"):
            unpack_as(Machine, data)


@pytest.mark.parametrize(("out_of", "state"), [((2, 3), "partial"), ((3,), "unavailable")])
def test_a_run_that_could_not_run_cases_is_not_told_as_if_all_were_well(
    path: Path, run_record: RunRecord, out_of: tuple[int, ...], state: str
) -> None:
    """The record's third case failed in its time, its fourth was unavailable; here neither is there."""
    missing = run_record.results[3]
    results = tuple(replace(run_record.results[place], status=missing.status) for place in out_of)
    ran = () if state == "unavailable" else run_record.results[:2]
    record_run(path, replace(run_record, results=(*ran, *results)))
    with opened(path) as store:
        (line,) = queries.runs(store)
    assert (line.state, line.unavailable, line.whole) == (state, len(out_of), True)
