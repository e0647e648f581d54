"""A stored run that was damaged is told in a sentence, whatever of it was damaged and whoever looks at it."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from stories import record_run, without_nan

from pi_tui.cli.log.replaying import story
from pi_tui.cli.table import explained, table
from pi_tui.engine.errors import LogError
from pi_tui.log.export import FORMATS, export
from pi_tui.log.history import reading
from pi_tui.log.history.packing import pack, unpack
from pi_tui.log.history.replay import moments
from pi_tui.log.history.store import Store, open_history
from pi_tui.log.record import RunRecord
from pi_tui.ui.intake import take
from pi_tui.ui.renderables.table import STYLES, Table
from pi_tui.ui.sentences import sentences
from pi_tui.ui.session import Session

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
often = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture
def whole(tmp_path: Path, run_record: RunRecord) -> Path:
    """A history with one run; a damaged copy is made of it for every example."""
    path = tmp_path / "whole.db"
    record_run(path, without_nan(run_record))
    return path


def damaged(whole: Path, place: tuple[str, str], draw: Callable[..., Any], change: Callable[[Any], Any]) -> Store:
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


def told(store: Store) -> None:
    """Everything that looks at a stored run does so; what it cannot read is one sentence."""
    for look in (_replayed, _on_the_screen, _shown, lambda store: reading.trial_lines(store, 1)):
        sentence = ""
        try:
            look(store)
        except LogError as error:
            sentence = f"{error}"
        assert len(sentence.splitlines()) <= 1


def _replayed(store: Store) -> None:
    for moment in moments(store, 1):
        assert isinstance(story(moment.event), str)
        assert f"{moment.at_s:9.3f}"


def _on_the_screen(store: Store) -> None:
    session = Session()
    session.begin(in_app=False)
    for moment in moments(store, 1):
        take(session, moment.event)
    drawn = Table(usable_cores=4)
    drawn.widen(session.rows)
    for row in session.rows:
        sentences(row)
        for style in STYLES:
            drawn.line(row, style, current=True)


def _shown(store: Store) -> None:
    record = reading.load(store, 1)
    table(record, 80, explain=True)
    explained(record, 80)
    for format in FORMATS:
        export(record, format)


@often
@given(some.data())
def test_values_that_make_no_sense_are_told_in_a_sentence(whole: Path, data: some.DataObject) -> None:
    def change(cell: bytes) -> bytes:
        return pack(_replaced(unpack(cell), data.draw))

    with damaged(whole, data.draw(some.sampled_from(PACKED)), data.draw, change) as store:
        told(store)


@often
@given(some.data())
def test_cells_that_hold_something_else_are_told_in_a_sentence(whole: Path, data: some.DataObject) -> None:
    with damaged(whole, data.draw(some.sampled_from(PLAIN)), data.draw, lambda _: data.draw(CELL)) as store:
        told(store)


@often
@given(some.data())
def test_bytes_that_were_cut_or_changed_are_told_in_a_sentence(whole: Path, data: some.DataObject) -> None:
    def change(cell: bytes) -> bytes:
        at = data.draw(some.integers(0, len(cell) - 1))
        return cell[:at] + data.draw(some.binary(max_size=3)) + cell[at + data.draw(some.integers(0, 3)) :]

    with damaged(whole, data.draw(some.sampled_from(PACKED)), data.draw, change) as store:
        told(store)


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
