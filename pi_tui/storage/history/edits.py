"""Changes to stored runs: notes, the reference run, deleting, undeleting and clearing."""

from __future__ import annotations

import sqlite3

from pi_tui.analysis.text.strip_escapes import strip_escapes
from pi_tui.engine.errors import UsageError
from pi_tui.storage.history.database import Database
from pi_tui.storage.history.queries import RunEntry, get_run_entry, list_runs
from pi_tui.storage.history.rows import escape_surrogates

UNDELETE_WITHIN_S = 30 * 24 * 3600.0
"""How long a deleted run can be brought back."""


def set_note(database: Database, run_id: int, text: str) -> None:
    """Set a run's note; an empty text removes it."""
    _update(database, run_id, "note = ?", strip_escapes(text))


def set_reference(database: Database, run_id: int | None) -> None:
    """Make a run the reference that others are compared with, instead of any other run; None removes the mark."""
    if run_id is not None:
        get_run_entry(database, run_id)
    with database.transaction() as connection:
        connection.execute("UPDATE runs SET reference = 0 WHERE reference = 1")
        if run_id is not None:
            connection.execute("UPDATE runs SET reference = 1 WHERE id = ?", (run_id,))


def delete(database: Database, run_id: int, now: float) -> None:
    """Hide a run; `undelete` brings it back within `UNDELETE_WITHIN_S`. `now` is in seconds since the epoch.

    Raises:
        UsageError: the run is still running, or does not exist.
    """
    if get_run_entry(database, run_id).state == "running":
        raise UsageError(f"run {run_id} is still running")
    _update(database, run_id, "reference = 0, deleted_at = ?", now)


def undelete(database: Database, run_id: int) -> None:
    """Bring a deleted run back."""
    _update(database, run_id, "deleted_at = ?", None)


def list_clearable(database: Database, before: float | None = None) -> list[RunEntry]:
    """List what `clear` would remove: all finished runs, deleted ones included; if given, only those started before `before`.

    The start of an unreadable run may be unknown, so `before` never selects one.
    """
    found = [*list_runs(database), *list_runs(database, deleted=True)]
    finished = [line for line in found if line.state != "running"]
    return [line for line in finished if before is None or (line.state != "unreadable" and line.started_at < before)]


def clear(database: Database, lines: list[RunEntry]) -> None:
    """Remove runs permanently."""
    with database.transaction() as connection:
        connection.executemany("DELETE FROM runs WHERE id = ?", [(line.id,) for line in lines])


def purge_deleted(connection: sqlite3.Connection, now: float) -> None:
    """Remove runs whose time to undelete is over; `now` is in seconds since the epoch."""
    connection.execute("DELETE FROM runs WHERE deleted_at < ?", (now - UNDELETE_WITHIN_S,))


def _update(database: Database, run_id: int, assignment: str, value: object) -> None:
    get_run_entry(database, run_id)
    with database.transaction() as connection:
        connection.execute(f"UPDATE runs SET {assignment} WHERE id = ?", (escape_surrogates(value), run_id))
