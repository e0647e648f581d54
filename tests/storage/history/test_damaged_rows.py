"""A stored run that was damaged is told in a sentence, whatever of it was damaged and whoever looks at it."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from pi_tui.cli.log.listing import _format_row as row_of
from pi_tui.cli.log.listing import describe_entry, get_entry_fields
from pi_tui.cli.log.replay import describe_event
from pi_tui.cli.table import format_explanation, format_table
from pi_tui.engine.errors import LogError
from pi_tui.engine.run.events import LanesMoved
from pi_tui.host.protocol import LaneState
from pi_tui.storage.export.formats import FORMATS, export_run
from pi_tui.storage.history import edits, queries
from pi_tui.storage.history.codec import pack, unpack
from pi_tui.storage.history.database import Database, open_history
from pi_tui.storage.history.queries import RunEntry
from pi_tui.storage.history.replay import replay_events
from pi_tui.storage.history.service import HistoryService
from pi_tui.storage.run_record import RunRecord
from pi_tui.ui.drawing.results_table import DENSITIES, TableLayout
from pi_tui.ui.history.cells import describe_run
from pi_tui.ui.history.run_list import SORTABLE_COLUMNS, ColumnLayout, RunList
from pi_tui.ui.state.event_reducer import apply_event
from pi_tui.ui.state.row_summary import list_sentences
from pi_tui.ui.state.session import Session
from tests.storage.recorded_runs import record_run, without_nan

KEYS = {"events": "sequence", "cases": "position", "trials": "id", "runs": "id"}
PACKED = (
    *(("events", "body"),) * 4,
    ("cases", "body"),
    ("cases", "result"),
    ("trials", "body"),
    ("runs", "machine"),
    ("runs", "interpreters"),
    ("runs", "request"),
)
"""Where values are stored as JSON; most of it is in the events."""
PLAIN = (
    *(("events", column) for column in ("at_s", "kind", "body")),
    *(("trials", column) for column in ("position", "kind", "number", "started_at", "wall_s", "body")),
    ("cases", "body"),
    ("cases", "result"),
)
LEAVES = (
    some.none()
    | some.booleans()
    | some.integers(-9, 9)
    | some.integers(-(10**400), 10**400)
    | some.floats()
    | some.text()
)
ANYTHING = some.recursive(
    LEAVES,
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=3), inner, max_size=3),
    max_leaves=4,
)
CELL = some.none() | some.integers(-(2**63), 2**63 - 1) | some.floats() | some.text() | some.binary()
often = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture
def whole(tmp_path: Path, run_record: RunRecord) -> Path:
    """A history with one run; a damaged copy is made of it for every example."""
    path = tmp_path / "whole.db"
    record_run(path, without_nan(run_record))
    return path


def damaged(whole: Path, place: tuple[str, str], draw: Callable[..., Any], change: Callable[[Any], Any]) -> Database:
    """A copy in which one cell of a table's column is changed."""
    path = whole.with_name("damaged.db")
    for old in path.parent.glob("damaged.db*"):
        old.unlink()
    shutil.copy(whole, path)
    table_, column = place
    key = KEYS[table_]
    with closing(sqlite3.connect(path)) as connection, connection:
        rows = connection.execute(f"SELECT {key}, {column} FROM {table_} WHERE {column} NOT NULL").fetchall()
        number, cell = draw(some.sampled_from(rows))
        connection.execute(f"UPDATE OR IGNORE {table_} SET {column} = ? WHERE {key} = ?", (change(cell), number))
    return open_history(path, pytest.fail)


def told(database: Database) -> None:
    """Everything that looks at a stored run does so; what it cannot read is one sentence."""
    for look in (_replayed, _on_the_screen, _shown, lambda database: queries.list_trials(database, 1)):
        sentence = ""
        try:
            look(database)
        except LogError as error:
            sentence = f"{error}"
        assert len(sentence.splitlines()) <= 1


def _replayed(database: Database) -> None:
    for moment in replay_events(database, 1):
        assert isinstance(describe_event(moment.event), str)
        assert f"{moment.at_s:9.3f}"


def _on_the_screen(database: Database) -> None:
    session = Session()
    session.begin(in_app=False)
    for moment in replay_events(database, 1):
        apply_event(session, moment.event)
    drawn = TableLayout(usable_cores=4)
    drawn.widen(session.rows)
    for row in session.rows:
        list_sentences(row)
        for density in DENSITIES:
            drawn.draw_row(row, density, current=True)


def _shown(database: Database) -> None:
    record = queries.load_run(database, 1)
    format_table(record, 80, explain=True)
    format_explanation(record, 80)
    for format in FORMATS:
        export_run(record, format)


@often
@given(some.data())
def test_values_that_make_no_sense_are_told_in_a_sentence(whole: Path, data: some.DataObject) -> None:
    def change(cell: bytes) -> bytes:
        return pack(_replaced(unpack(cell), data.draw))

    with damaged(whole, data.draw(some.sampled_from(PACKED)), data.draw, change) as database:
        told(database)


@often
@given(some.data())
def test_cells_that_hold_something_else_are_told_in_a_sentence(whole: Path, data: some.DataObject) -> None:
    with damaged(whole, data.draw(some.sampled_from(PLAIN)), data.draw, lambda _: data.draw(CELL)) as database:
        told(database)


@often
@given(some.data())
def test_bytes_that_were_cut_or_changed_are_told_in_a_sentence(whole: Path, data: some.DataObject) -> None:
    def change(cell: bytes) -> bytes:
        at = data.draw(some.integers(0, len(cell) - 1))
        return cell[:at] + data.draw(some.binary(max_size=3)) + cell[at + data.draw(some.integers(0, 3)) :]

    with damaged(whole, data.draw(some.sampled_from(PACKED)), data.draw, change) as database:
        told(database)


def _replaced(value: Any, draw: Callable[..., Any]) -> Any:
    """A value of JSON in which one part, however deep, is another or is gone."""
    inside = list(value) if isinstance(value, dict) else list(range(len(value))) if isinstance(value, list) else []
    if not inside or draw(some.integers(0, 3)) == 0:
        return draw(ANYTHING)
    at = draw(some.sampled_from(inside))
    changed = dict(value) if isinstance(value, dict) else list(value)
    if draw(some.integers(0, 3)) == 0:
        del changed[at]
    else:
        changed[at] = _replaced(changed[at], draw)
    return changed


# ---- what was found once, by hand


def with_cell(whole: Path, column: str, value: Any, where: str = "") -> Database:
    """The history with something else in a column, as `table.column`."""
    table_, _, name = column.partition(".")
    with closing(sqlite3.connect(whole)) as connection, connection:
        connection.execute(f"UPDATE {table_} SET {name} = ? {where and f'WHERE {where}'}", (value,))
    return open_history(whole, pytest.fail)


def with_lanes(whole: Path, *changes: dict[str, Any]) -> Database:
    """The history in which the first trial's lanes came in so many messages, each with something else in it."""
    with closing(sqlite3.connect(whole)) as connection:
        query = "SELECT sequence, body FROM events WHERE kind = 'Lanes' ORDER BY sequence LIMIT 1"
        ((sequence, body),) = connection.execute(query).fetchall()
    ((at_s, fields),) = unpack(body)
    stored = [[at_s, {**fields, "ended": False, **change}] for change in changes]
    return with_cell(whole, "events.body", pack(stored), f"sequence = {sequence}")


def lane(letters: str, tid: int = 200) -> dict[str, Any]:
    return {"index": 0, "pid": 100, "tid": tid, "letters": letters}


@pytest.mark.parametrize(
    "changes",
    [
        [{"period_ns": 0}],
        [{"period_ns": -1_000_000}],
        [{"period_ns": 10**400}],
        [{"first_tick": -1}],
        [{"first_tick": 10**17}],
        [{}, {"first_tick": 10**17}],
        [{"lanes": [lane("é")]}],
        [{"lanes": [lane("RRX")]}],
        [{"lanes": [lane("RR"), lane("R", 201)]}],
        [{"made": -1}],
        [{"missed": -1}],
        [{"ticks": [{"index": 0, "pid": 100, "tid": 200, "gil": -1}]}],
    ],
)
def test_lanes_that_nobody_can_draw_are_told_in_a_sentence(whole: Path, changes: list[dict[str, Any]]) -> None:
    with with_lanes(whole, *changes) as database:
        with pytest.raises(LogError, match="a stored event of run 1 cannot be read"):
            _on_the_screen(database)
        told(database)


def test_lanes_may_have_gaps_and_come_late(whole: Path) -> None:
    """Nobody is seen at first; then what was seen is not read for a while."""
    pieces: list[dict[str, Any]] = [
        {"lanes": []},
        {"first_tick": 900, "lanes": [lane("".join(LaneState))]},
        {"first_tick": 600_000, "lanes": [lane("RG"), lane("GR", 201)], "ended": True},
    ]
    with with_lanes(whole, *pieces) as database:
        _on_the_screen(database)
        lanes = [moment.event.lanes for moment in replay_events(database, 1) if isinstance(moment.event, LanesMoved)]
    assert [each.first_tick for each in lanes[:3]] == [0, 900, 600_000]


@pytest.mark.parametrize("position", [99, -1])
def test_a_trial_of_a_case_that_is_not_there_is_told_in_a_sentence(whole: Path, position: int) -> None:
    with with_cell(whole, "trials.position", position, "id = 1") as database:
        told(database)
    with pytest.raises(LogError, match="a trial of run 1 belongs to a missing case"):
        HistoryService(whole).list_trials(1)


@pytest.mark.parametrize("wall_s", [-1.0, float("inf"), float("-inf"), "long"])
def test_a_trial_that_took_no_time_of_this_world_is_told_in_a_sentence(whole: Path, wall_s: Any) -> None:
    with with_cell(whole, "trials.wall_s", wall_s, "id = 1") as database:
        told(database)
        with pytest.raises(LogError, match="a stored trial of run 1 cannot be read"):
            queries.list_trials(database, 1)


@pytest.mark.parametrize(("column", "value"), [("wall_s", 1e300), ("started_at", 5e10)])
def test_a_run_without_events_that_ends_at_no_moment_is_told_in_a_sentence(
    whole: Path, column: str, value: float
) -> None:
    with with_cell(whole, f"trials.{column}", value, "id = 1") as database:
        with database.transaction() as connection:
            connection.execute("DELETE FROM events")
        told(database)
        with pytest.raises(LogError, match="of run 1 cannot be read"):
            _replayed(database)


DAMAGED_RUNS = [
    ("started_at", 1e300),
    ("started_at", float("-inf")),
    ("started_at", "abc"),
    ("started_at", b"abc"),
    ("finished_at", 1e300),
    ("finished_at", "abc"),
    ("kernels", b"python"),
    ("modes", b""),
    ("title", b"\xff"),
    ("note", b"\xff"),
    ("host", b""),
    ("trials", "x"),
    ("trials", 1.5),
    ("cases", -1),
    ("usable_cores", b""),
    ("seed", "x"),
    ("pid", "x"),
    ("lanes_left_out", 0.5),
]


@pytest.mark.parametrize(("column", "value"), DAMAGED_RUNS)
def test_a_damaged_run_hides_no_other(whole: Path, run_record: RunRecord, column: str, value: Any) -> None:
    record_run(whole, without_nan(run_record))
    with with_cell(whole, f"runs.{column}", value, "id = 2") as database:
        bad, good = sorted(queries.list_runs(database), key=lambda line: -line.id)
        assert (bad.id, bad.state, good.id, good.state != "unreadable") == (2, "unreadable", 1, True)
        assert column.replace("_", " ") in bad.reason
        if column == "started_at":
            assert queries.resolve_run_id(database, "last") == 1
        for look in (queries.load_run, lambda *of: list(replay_events(*of))):
            with pytest.raises(LogError, match="run 2 cannot be read"):
                look(database, 2)
        told(database)
    _in_the_list(whole, bad)
    with pytest.raises(LogError, match="run 2 cannot be read"):
        HistoryService(whole).list_trials(2)
    HistoryService(whole).delete(2)
    assert [line.id for line in HistoryService(whole).list_runs().lines] == [1]
    assert HistoryService(whole).undelete() == 2


def _in_the_list(path: Path, bad: RunEntry) -> None:
    """The list on the screen and on the command line."""
    lines = HistoryService(path).list_runs().lines
    assert bad in lines
    listed = RunList(datetime.fromtimestamp)
    listed.take(lines)
    columns = ColumnLayout(datetime.fromtimestamp)
    columns.measure(lines)
    for name in SORTABLE_COLUMNS:
        for line in listed.arranged((name, True), "run="):
            assert all(columns.draw_row(line, room) for room in (40, 80, 200))
    about = "".join(span.text for line in describe_run(bad, datetime.fromtimestamp) for span in line)
    assert bad.reason in about
    assert "cannot be read" in describe_entry(bad)
    assert json.dumps(get_entry_fields(bad))
    assert "1970" not in about + describe_entry(bad) + "".join(row_of(bad))


def test_what_began_at_no_known_time_is_not_cleared_as_old(whole: Path) -> None:
    with with_cell(whole, "runs.started_at", "abc") as database:
        assert edits.list_clearable(database, before=4e9) == []
        assert [line.id for line in edits.list_clearable(database)] == [1]


def test_a_run_of_another_machine_with_a_damaged_trial_is_listed(whole: Path) -> None:
    with with_cell(whole, "trials.started_at", "abc", "id = 1") as database:
        with database.transaction() as connection:
            connection.execute("UPDATE runs SET state = 'running', host = 'another'")
        assert [line.id for line in queries.list_runs(database)] == [1]


@pytest.mark.parametrize("column", ["title", "note", "kernels", "state"])
def test_a_text_that_is_none_is_spelt_out_and_hides_no_other(whole: Path, run_record: RunRecord, column: str) -> None:
    record_run(whole, without_nan(run_record))
    with closing(sqlite3.connect(whole)) as connection, connection:
        connection.execute(f"UPDATE runs SET {column} = CAST(x'61ff' AS TEXT) WHERE id = 2")
    with open_history(whole, pytest.fail) as database:
        assert [line.id for line in queries.list_runs(database)] == [2, 1]
        told(database)
        if column == "title":
            assert queries.get_run_entry(database, 2).title == "a\\xff"
