"""The tables of the history as migration steps: version n is the result of the first n steps. A released step never changes.

Not even a comment inside a step changes: SQLite stores the text of CREATE TABLE in the file. Values with many fields (cases,
ledgers, results) are packed by `codec` under their field names; only what lists show or queries select has its own column.
The columns host, place, pid and born identify the writer: see `observe.meters.process_identity`.
"""

from __future__ import annotations

import sqlite3
from typing import Final

APPLICATION_ID: Final = 0x70695475
"""Marks an SQLite file as pi-tui's ("piTu")."""

_RUNS_CASES_TRIALS = """
CREATE TABLE runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    uid TEXT NOT NULL UNIQUE,            -- the same run in another file has the same
    started_at REAL NOT NULL,            -- seconds since the epoch
    finished_at REAL,
    state TEXT NOT NULL,                 -- running, ok (to its end, no case failed), failed, stopped
    reason TEXT NOT NULL DEFAULT '',     -- why it broke off
    title TEXT NOT NULL,
    kernels TEXT NOT NULL,               -- names, one a line
    modes TEXT NOT NULL,
    pythons TEXT NOT NULL,
    processor TEXT NOT NULL,
    usable_cores INTEGER NOT NULL,
    cases INTEGER NOT NULL,
    trials_planned INTEGER NOT NULL,
    trials INTEGER NOT NULL DEFAULT 0,   -- as many as there are rows of it
    seed INTEGER NOT NULL,
    pi_tui TEXT NOT NULL,
    request BLOB,
    machine BLOB NOT NULL,
    interpreters BLOB NOT NULL,
    host TEXT NOT NULL,                  -- the writer: see observe.identity
    place TEXT NOT NULL DEFAULT '',
    pid INTEGER NOT NULL DEFAULT 0,
    born INTEGER NOT NULL DEFAULT 0,
    note TEXT NOT NULL DEFAULT '',
    deleted_at REAL
);
CREATE INDEX runs_by_start ON runs (started_at);
CREATE TABLE cases (
    run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,           -- in the order of the run
    status TEXT NOT NULL,
    body BLOB NOT NULL,                  -- the case
    result BLOB,                         -- the latest figures, without the trials
    PRIMARY KEY (run_id, position)
) WITHOUT ROWID;
CREATE TABLE trials (
    id INTEGER PRIMARY KEY,
    run_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    kind TEXT NOT NULL,
    number INTEGER NOT NULL,
    started_at REAL NOT NULL,
    wall_s REAL NOT NULL,
    body BLOB NOT NULL,                  -- the trial, with every worker's ledger
    FOREIGN KEY (run_id, position) REFERENCES cases (run_id, position) ON DELETE CASCADE
);
CREATE INDEX trials_by_case ON trials (run_id, position);
"""

_EVENTS_AND_REFERENCE = """
CREATE TABLE events (
    run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    sequence INTEGER NOT NULL,
    at_s REAL NOT NULL,                  -- seconds since the run's start
    kind TEXT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (run_id, sequence)
) WITHOUT ROWID;
-- trials whose lanes were too many to keep
ALTER TABLE runs ADD COLUMN lanes_left_out INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN reference INTEGER NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX one_reference ON runs (reference) WHERE reference = 1;
"""

STEPS: Final = (_RUNS_CASES_TRIALS, _EVENTS_AND_REFERENCE)
SCHEMA_VERSION: Final = len(STEPS)


def migrate(connection: sqlite3.Connection, steps: tuple[str, ...] = STEPS) -> None:
    """Apply the steps that the file lacks, all or none. If several programs open it at once, only one applies them."""
    if read_version(connection) >= len(steps):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        for step in steps[read_version(connection) :]:
            for statement in step.split(";\n"):
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {len(steps)}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def read_version(connection: sqlite3.Connection) -> int:
    """Return the version of a file; 0 if it is empty."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
