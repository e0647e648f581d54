"""Exports runs to a history file of their own, and imports runs from such a file or from a JSON export."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from pi_tui.analysis.results import Case, Interpreter, Machine, Result, Trial
from pi_tui.analysis.text.strip_escapes import strip_deep
from pi_tui.engine.errors import LogError, UsageError
from pi_tui.host.dataclass_codec import ShapeError, build_dataclass
from pi_tui.storage.export.result_fields import FORMAT_VERSION as JSON_VERSION
from pi_tui.storage.history.codec import pack
from pi_tui.storage.history.database import DamagedError, Database, Warn, open_read_only, translate_errors
from pi_tui.storage.history.record_check import check_record
from pi_tui.storage.history.rows import build_case_insert, build_insert, build_trial_insert, get_figures, summarize_run
from pi_tui.storage.history.schema import migrate
from pi_tui.storage.run_record import RunRecord

_SQLITE_MAGIC = b"SQLite format 3\x00"
_RUN_TABLES = ("cases", "trials", "events")
_NULL_GROUPS = ("wall_s", "losses", "error")
_MAX_JSON_BYTES = 1 << 30

RunRows = dict[str, list[dict[str, Any]]]


class AlreadyImportedError(UsageError):
    """The history already has every run of the file."""


def export_history(database: Database, run_ids: Sequence[int]) -> bytes:
    """Return the bytes of a history file that holds these runs alone, with notes and events.

    Raises:
        LogError: the runs cannot be read.
    """
    with tempfile.TemporaryDirectory(prefix="pi-tui-") as folder:
        path = Path(folder) / "runs.db"
        with translate_errors("write", path), closing(sqlite3.connect(path, isolation_level=None)) as target:
            migrate(target)
            target.execute("BEGIN")
            for run_id in run_ids:
                _insert_rows(target, _read_rows(database, run_id))
            target.execute("COMMIT")
        return path.read_bytes()


def carry_over(source: Database, target: Database, run_id: int) -> tuple[int, bool]:
    """Copy what an open history holds into the one that is now in its place.

    An empty target gets all runs, with their numbers; otherwise the run `run_id` alone is copied.

    Returns:
        The run's number in the target, and whether all runs were copied.

    Raises:
        LogError: the source cannot be read, or the target cannot be written; nothing was copied.
    """
    with target.transaction() as connection:
        if connection.execute("SELECT 1 FROM runs LIMIT 1").fetchone() is None:
            for table in ("runs", *_RUN_TABLES):
                with source.translate_errors("read"):
                    cursor = source.connection.execute(f"SELECT * FROM {table}")
                    names = [column[0] for column in cursor.description]
                for row in cursor:
                    connection.execute(*build_insert(table, dict(zip(names, row, strict=True))))
            return run_id, True
        rows = _read_rows(source, run_id)
        connection.execute("DELETE FROM runs WHERE uid = ?", (rows["runs"][0]["uid"],))
        return _insert_rows(connection, rows) or run_id, False


def import_file(database: Database, path: Path, now: float, warn: Warn = lambda _: None) -> list[int]:
    """Import the runs of a file and return their new numbers. Runs that the history already has are skipped.

    Args:
        path: a history of the current version, or a run exported as JSON.
        now: seconds since the epoch, for a run that does not say when it started.
        warn: called with a sentence for each run of a damaged history that cannot be read completely.

    Raises:
        AlreadyImportedError: the file has no new runs.
        UsageError: the file is neither of the two, or is damaged; nothing was imported.
        LogError: the history cannot be written.
    """
    data = _read_file(path)
    if data.startswith(_SQLITE_MAGIC):
        return _import_history(database, path, warn)
    return [_import_json(database, path, data, now)]


def _read_file(path: Path) -> bytes:
    try:
        if path.is_file() and path.stat().st_size > _MAX_JSON_BYTES:
            with path.open("rb") as file:
                data = file.read(len(_SQLITE_MAGIC))
            if not data.startswith(_SQLITE_MAGIC):
                raise UsageError(f"cannot read {path}: it is too large to be a run")
            return data
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {path}: {(error.strerror or str(error)).lower()}") from error


# ---- history files


def _import_history(database: Database, path: Path, warn: Warn) -> list[int]:
    try:
        with open_read_only(path, damaged=True) as source:
            found = [run_id for (run_id,) in source.query("SELECT id FROM runs WHERE deleted_at IS NULL ORDER BY id")]
            runs = [_recover_rows(source, run_id, warn) for run_id in found]
    except LogError as error:
        raise UsageError(str(error)) from error
    with database.transaction() as connection:
        run_ids = [_insert_rows(connection, rows) for rows in runs if rows is not None]
    imported = [run_id for run_id in run_ids if run_id is not None]
    if found and not any(runs):
        raise UsageError(f"{path} is damaged: none of its runs can be read")
    if not imported:
        raise AlreadyImportedError(
            f"everything in {path} is in the history already" if found else f"{path} holds no runs"
        )
    return imported


def _read_rows(source: Database, run_id: int) -> RunRows:
    """Read all rows of one run by table, without the numbers that are valid only in that file."""
    with source.translate_errors("read"):
        (run,) = _select_dicts(source.connection, "runs", "id", run_id)
        rows = {table: _select_dicts(source.connection, table, "run_id", run_id) for table in _RUN_TABLES}
    del run["id"]
    for trial in rows["trials"]:
        del trial["id"]
    return {"runs": [run | {"reference": 0}], **rows}


def _recover_rows(source: Database, run_id: int, warn: Warn) -> RunRows | None:
    """Read the rows of one run as far as possible, and `warn` if some are missing; None if nothing can be read.

    A run that lost trials loses its events as well: a replay needs every trial that the events mention.
    """
    with suppress(DamagedError):
        return _read_rows(source, run_id)
    try:
        with source.translate_errors("read"):
            (run,) = _select_dicts(source.connection, "runs", "id", run_id)
            cases = _select_dicts(source.connection, "cases", "run_id", run_id)
    except DamagedError:
        warn(f"run {run_id} of {source.path} is damaged and cannot be read")
        return None
    trials = list(_recover_trials(source, run_id))
    warn(f"run {run_id} of {source.path} is damaged: {len(trials)} of its {run['trials']} trials can be read")
    del run["id"]
    for trial in trials:
        del trial["id"]
    return {"runs": [run | {"reference": 0, "trials": len(trials)}], "cases": cases, "trials": trials, "events": []}


def _recover_trials(source: Database, run_id: int) -> Iterator[dict[str, Any]]:
    """Yield each readable trial, one query each: by the ids in the index, or by every possible id if the index is damaged."""
    ids: Iterable[int]
    try:
        ids = [row[0] for row in source.query("SELECT id FROM trials WHERE run_id = ? ORDER BY id", run_id)]
    except DamagedError:
        ids = range(1, _guess_last_trial_id(source) + 1)
    for trial_id in ids:
        with suppress(DamagedError), source.translate_errors("read"):
            yield from (
                row for row in _select_dicts(source.connection, "trials", "id", trial_id) if row["run_id"] == run_id
            )


def _guess_last_trial_id(source: Database) -> int:
    """Return the greatest id of a trial; if it cannot be read, a guess that is usually large enough."""
    with suppress(DamagedError):
        return int(source.query("SELECT max(id) FROM trials")[0][0] or 0)
    return 2 * int(source.query("SELECT sum(trials) FROM runs")[0][0] or 0)


def _insert_rows(target: sqlite3.Connection, rows: RunRows) -> int | None:
    """Insert the rows of one run and return its new number; None if the file already has the run."""
    (run,) = rows["runs"]
    if target.execute("SELECT 1 FROM runs WHERE uid = ?", (run["uid"],)).fetchone():
        return None
    run_id = target.execute(*build_insert("runs", run)).lastrowid
    for table in _RUN_TABLES:
        for row in rows[table]:
            target.execute(*build_insert(table, row | {"run_id": run_id}))
    return run_id


def _select_dicts(source: sqlite3.Connection, table: str, key: str, value: int) -> list[dict[str, Any]]:
    cursor = source.execute(f"SELECT * FROM {table} WHERE {key} = ? ORDER BY 1, 2", (value,))
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


# ---- JSON exports


def _import_json(database: Database, path: Path, data: bytes, now: float) -> int:
    document = strip_deep(_parse_document(path, data))
    record = parse_run_record(path, document)
    uid = f"json-{hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()[:32]}"
    existing = database.query("SELECT id FROM runs WHERE uid = ?", uid)
    if existing:
        raise AlreadyImportedError(f"{path} is in the history already, as run {existing[0][0]}")
    starts = [trial.started_at for result in record.results for trial in result.trials]
    ends = [trial.started_at + trial.wall_s for result in record.results for trial in result.trials]
    statuses = {result.status for result in record.results}
    row = {
        "uid": uid,
        "started_at": min(starts, default=now),
        "finished_at": max(ends, default=now),
        "state": "stopped" if "stopped" in statuses else "failed" if "failed" in statuses else "ok",
        "seed": record.results[0].seed if record.results else 0,
        "trials_planned": len(starts),
        "trials": len(starts),
        **summarize_run([result.case for result in record.results], record.interpreters, record.machine),
        "pi_tui": str(document.get("pi_tui", "")),
        "host": "",
        "note": f"imported from {path.name}",
    }
    try:
        for moment in (row["started_at"], row["finished_at"]):
            datetime.fromtimestamp(moment)  # the list of runs shows it
        return _insert_record(database, row, record)
    except (ValueError, OverflowError, OSError) as error:
        raise UsageError(f"{path} is damaged: {error}") from error


def _insert_record(database: Database, row: dict[str, Any], record: RunRecord) -> int:
    """Insert a run without events and return its number.

    Raises:
        ValueError, OverflowError: SQLite cannot hold one of its texts or numbers.
    """
    with database.transaction() as connection:
        run_id = connection.execute(*build_insert("runs", row)).lastrowid
        for position, result in enumerate(record.results):
            connection.execute(*build_case_insert(run_id, position, result.case))
            connection.execute(
                "UPDATE cases SET status = ?, result = ? WHERE run_id = ? AND position = ?",
                (result.status, pack(get_figures(result)), run_id, position),
            )
        trials = [(position, trial) for position, result in enumerate(record.results) for trial in result.trials]
        for position, trial in sorted(trials, key=lambda pair: pair[1].started_at):
            connection.execute(*build_trial_insert(run_id, position, trial))
    return int(run_id or 0)


def _parse_document(path: Path, data: bytes) -> dict[str, Any]:
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path} is neither a pi-tui run as JSON nor a pi-tui history") from error
    if not isinstance(document, dict) or not {"version", "machine", "interpreters", "results"} <= document.keys():
        raise UsageError(f"{path} is JSON, but not a pi-tui run")
    if document["version"] != JSON_VERSION:
        raise UsageError(
            f"{path} is a run in format version {document['version']}; this pi-tui reads version {JSON_VERSION}"
        )
    return document


def parse_run_record(path: Path, document: dict[str, Any]) -> RunRecord:
    """Build a run from its JSON export.

    Raises:
        UsageError: the document is damaged.
    """
    try:
        interpreters = [
            build_dataclass(Interpreter, {**each, "id": name}) for name, each in document["interpreters"].items()
        ]
        if not isinstance(document["results"], list) or not isinstance(document["interpreters"], dict):
            raise ShapeError("results is not a list, or interpreters is not an object")
        results = tuple(_parse_result(each) for each in document["results"])
        if len({result.case for result in results}) != len(results):
            raise ShapeError("a case appears twice")
        record = RunRecord(build_dataclass(Machine, document["machine"]), tuple(interpreters), results)
        check_record(record)
        return record
    except (ValueError, AttributeError, TypeError, KeyError) as error:
        raise UsageError(f"{path} is damaged: {error}") from error


def _parse_result(fields: dict[str, Any]) -> Result:
    """Build a result from its exported fields; a group whose fields are all null is itself unknown."""
    known = dict(fields)
    for name in _NULL_GROUPS:
        if isinstance(known.get(name), dict) and all(value is None for value in known[name].values()):
            known[name] = None
    known["advice"] = [_parse_advice(each) for each in known.get("advice", [])]
    known["trials"] = [_parse_trial(each) for each in known.get("trials", [])]
    return build_dataclass(Result, {**known, "case": select_fields(Case, fields), "finished": True})


def select_fields(kind: type, fields: dict[str, Any]) -> dict[str, Any]:
    """Select the fields of the dataclass `kind` from among others."""
    return {name: fields[name] for name in kind.__dataclass_fields__ if name in fields}  # type: ignore[attr-defined]


def _parse_advice(fields: dict[str, Any]) -> dict[str, Any]:
    evidence = {name: value for name, value in fields.get("evidence", {}).items() if value is not None}
    return {**fields, "evidence": evidence}


def _parse_trial(fields: dict[str, Any]) -> dict[str, Any]:
    return select_fields(Trial, fields)
