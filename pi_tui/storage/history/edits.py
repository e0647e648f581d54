"""What a person does with runs that are there: a note, the reference, deleting and bringing back."""

from __future__ import annotations

import sqlite3

from pi_tui.engine.errors import UsageError
from pi_tui.storage.history.database import Database
from pi_tui.storage.history.queries import RunEntry, get_run_entry, list_runs
from pi_tui.storage.history.rows import escape_surrogates

UNDELETE_WITHIN_S = 30 * 24 * 3600.0
"""A deleted run can be brought back for so long."""


def set_note(database: Database, run_id: int, text: str) -> None:
    """Give a run a note; an empty one takes it away."""
    _update(database, run_id, "note = ?", text)


def set_reference(database: Database, run_id: int | None) -> None:
    """Mark a run as the one that others are compared with, and no other any more; None unmarks."""
    if run_id is not None:
        get_run_entry(database, run_id)
    with database.transaction() as connection:
        connection.execute("UPDATE runs SET reference = 0 WHERE reference = 1")
        if run_id is not None:
            connection.execute("UPDATE runs SET reference = 1 WHERE id = ?", (run_id,))


def delete(database: Database, run_id: int, now: float) -> None:
    """Take a run out of sight; `undelete` brings it back within `UNDELETE_WITHIN_S`. `now` is seconds since the epoch.

    Raises:
        UsageError: it is under way, or there is none.
    """
    if get_run_entry(database, run_id).state == "running":
        raise UsageError(f"run {run_id} is under way")
    _update(database, run_id, "reference = 0, deleted_at = ?", now)


def undelete(database: Database, run_id: int) -> None:
    """Bring a deleted run back."""
    _update(database, run_id, "deleted_at = ?", None)


def list_clearable(database: Database, before: float | None = None) -> list[RunEntry]:
    """What `clear` would remove: every run that is over, deleted ones too; those started before a moment where one is given.

    When an unreadable run was started may not be known: it is not taken for an old one.
    """
    found = [*list_runs(database), *list_runs(database, deleted=True)]
    over = [line for line in found if line.state != "running"]
    return [line for line in over if before is None or (line.state != "unreadable" and line.started_at < before)]


def clear(database: Database, lines: list[RunEntry]) -> None:
    """Remove runs for good."""
    with database.transaction() as connection:
        connection.executemany("DELETE FROM runs WHERE id = ?", [(line.id,) for line in lines])


def purge_deleted(connection: sqlite3.Connection, now: float) -> None:
    """Remove for good what was deleted long ago; `now` is seconds since the epoch."""
    connection.execute("DELETE FROM runs WHERE deleted_at < ?", (now - UNDELETE_WITHIN_S,))


def _update(database: Database, run_id: int, what: str, value: object) -> None:
    get_run_entry(database, run_id)
    with database.transaction() as connection:
        connection.execute(f"UPDATE runs SET {what} WHERE id = ?", (escape_surrogates(value), run_id))
