"""The history's file: opened, brought up to date, refused where it is newer, set aside where it is damaged; never overwritten.

Several programs may have it open at once. What goes wrong is one `LogError` of one sentence.
"""

from __future__ import annotations

import os
import shlex
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from pi_tui.engine.errors import LogError
from pi_tui.engine.paths import Paths
from pi_tui.storage.history.schema import APPLICATION_ID, SCHEMA_VERSION, migrate, read_version

FILE_NAME = "history.db"
BUSY_TIMEOUT_S = 5.0
"""How long to wait for another program that is writing."""
_ALWAYS_CHECKED_BYTES = 32 << 20
"""A file up to this size is looked through for damage each time it is opened; that takes some hundredths of a second."""
_DAMAGE_CODES = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_WAL_SUFFIXES = ("-wal", "-shm")
_SUSPECT_SUFFIX = "-suspect"
"""What the name of an empty file beside the history ends in once damage was met: it is looked through when opened next."""

Warn = Callable[[str], object]


class DamagedError(LogError):
    """The file cannot be understood."""


class BusyError(LogError):
    """Another program kept the file locked for longer than anybody waits; later it may do."""


class Database:
    """An open history; for one thread at a time.

    Args:
        connection: to an SQLite file of this version.
        path: where it is.
        read_only: it is not this person's history, and nothing is to be left beside it.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path, *, read_only: bool = False) -> None:
        self.connection = connection
        connection.text_factory = _decode_text
        self.path = path
        self._read_only = read_only

    def __enter__(self) -> Database:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file; harmless when repeated."""
        with suppress(sqlite3.Error):
            self.connection.close()

    def query(self, statement: str, *values: Any) -> list[Any]:
        """All rows of a query, as tuples.

        Raises:
            LogError: it cannot be read.
        """
        with self.translate_errors("read"):
            return self.connection.execute(statement, values).fetchall()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """A transaction: all of what is done in it, or nothing.

        Raises:
            LogError: it could not be written; nothing of it was.
        """
        with self.translate_errors("write"):
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield self.connection
                self.connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    self.connection.execute("ROLLBACK")
                raise

    @contextmanager
    def translate_errors(self, action: str) -> Iterator[None]:
        """Whatever goes wrong with the file becomes one sentence; damage is remembered for the next opening.

        A large file is not looked through each time it is opened, so that damage may be met later.
        """
        try:
            with translate_errors(action, self.path):
                yield
        except DamagedError as error:
            if self._read_only:
                raise
            with suppress(OSError):
                _suspect_marker(self.path).touch()
            raise DamagedError(f"{error}: it is looked through when it is opened next, and set aside") from error


def _decode_text(data: bytes) -> str:
    """A text of the file; bytes that are none are spelt out: by itself SQLite refuses all rows of the query."""
    return data.decode("utf-8", "backslashreplace")


def history_path(environ: Mapping[str, str]) -> Path:
    """Where the history of this person is."""
    return Paths.from_environment(environ).data / FILE_NAME


def open_history(path: Path, warn: Warn, now: Callable[[], float] = time.time) -> Database:
    """Open the history for reading and writing; made where there is none.

    A damaged file is renamed, which `tell` is told in a sentence, and a new one begun.

    Raises:
        LogError: it cannot be read or written, or is of a newer version.
    """
    with translate_errors("write", path):
        path.parent.mkdir(parents=True, exist_ok=True)
        found = _get_inode(path)
    try:
        return _open_writable(path)
    except DamagedError:
        if _get_inode(path) == found:  # unless another program was quicker to set it aside
            aside = set_aside(path, datetime.fromtimestamp(now()))
            warn(
                f"the history was damaged; it is kept as {aside}, and a new one begun "
                f"(`pi-tui log import {shlex.quote(str(aside))}` takes what can be read of it)"
            )
        return _open_writable(path)


def open_for_reading(path: Path, warn: Warn) -> Database | None:
    """Open the history to look at it, also where nothing can be written; None where there is none yet.

    Raises:
        LogError: as of `open_history`.
    """
    if not path.exists():
        return None
    if os.access(path, os.W_OK) and os.access(path.parent, os.W_OK):
        return open_history(path, warn)
    return open_read_only(path)


def open_read_only(path: Path, *, damaged: bool = False) -> Database:
    """Open a history file that is not to be changed in any way; also one that is known to be `damaged`, as far as it goes.

    Raises:
        LogError: it is no history, of another version, or damaged.
    """
    with translate_errors("read", path):
        if not path.is_file():
            raise LogError(f"cannot read {path}: there is no such file")
        # What another program is still writing beside the file can only be read together with that.
        immutable = (
            "" if path.with_name(f"{path.name}-wal").exists() and os.access(path.parent, os.W_OK) else "&immutable=1"
        )
        uri = f"{path.absolute().as_uri()}?mode=ro{immutable}"
        connection = sqlite3.connect(uri, uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None)
    try:
        with translate_errors("read", path):
            _check_header(connection, path, check_integrity=not damaged)
            if read_version(connection) != SCHEMA_VERSION:
                raise LogError(f"{path} is of an older version of the history, and cannot be brought up to date there")
    except BaseException:
        connection.close()
        raise
    return Database(connection, path, read_only=True)


def set_aside(path: Path, when: datetime) -> Path:
    """Rename a damaged file, with everything that belongs to it, to a name that is free: the new name.

    Raises:
        LogError: it cannot be renamed.
    """
    stem = f"{path.stem}-damaged-{when:%Y%m%d-%H%M%S}"
    aside = path.with_name(f"{stem}{path.suffix}")
    number = 1
    while aside.exists():
        number += 1
        aside = path.with_name(f"{stem}-{number}{path.suffix}")
    with translate_errors("write", path):
        path.rename(aside)
        for suffix in _WAL_SUFFIXES:
            beside = path.with_name(path.name + suffix)
            if beside.exists():
                beside.rename(aside.with_name(aside.name + suffix))
        _suspect_marker(path).unlink(missing_ok=True)
    return aside


@contextmanager
def translate_errors(action: str, path: Path) -> Iterator[None]:
    """Whatever goes wrong with the file becomes one sentence."""
    try:
        yield
    except sqlite3.Error as error:
        raise _to_log_error(error, action, path) from error
    except OSError as error:
        raise LogError(f"cannot {action} the history {path}: {(error.strerror or str(error)).lower()}") from error


def _get_inode(path: Path) -> int | None:
    """What tells a file from another of the same name; None where there is none."""
    with suppress(FileNotFoundError):
        return path.stat().st_ino
    return None


def _open_writable(path: Path) -> Database:
    with translate_errors("write", path):
        connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
    try:
        with translate_errors("write", path):
            _check_header(connection, path)
            _enable_wal(connection)
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA foreign_keys = ON")
            migrate(connection)
    except BaseException:
        connection.close()
        raise
    return Database(connection, path)


def _suspect_marker(path: Path) -> Path:
    return path.with_name(path.name + _SUSPECT_SUFFIX)


def _check_header(connection: sqlite3.Connection, path: Path, *, check_integrity: bool = True) -> None:
    """Look whether it is a history that this program understands, before anything is changed."""
    connection.execute("BEGIN")  # one look: another program may be making the file at this moment
    version = read_version(connection)
    marked = connection.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if tables and not marked:
        raise LogError(f"{path} is another program's file, not a history of pi-tui")
    if version > SCHEMA_VERSION:
        raise LogError(
            f"the history {path} was written by a newer pi-tui (its version is {version}, "
            f"this program knows {SCHEMA_VERSION}): it is left as it is"
        )
    if tables and check_integrity:
        _check_integrity(connection, path)
    connection.execute("COMMIT")


def _check_integrity(connection: sqlite3.Connection, path: Path) -> None:
    """Look for damage: in a file that takes a moment alone, or in which some was met before."""
    suspect = _suspect_marker(path).exists()
    if not suspect and path.stat().st_size > _ALWAYS_CHECKED_BYTES:
        return
    look = "integrity_check" if suspect else "quick_check"
    if connection.execute(f"PRAGMA {look}(1)").fetchone()[0] != "ok":
        raise DamagedError(f"the history {path} is damaged")
    if suspect:
        with suppress(OSError):
            _suspect_marker(path).unlink(missing_ok=True)


def _enable_wal(connection: sqlite3.Connection) -> None:
    """Readers and one writer at once. SQLite does not wait by itself where two programs ask for it at the same moment."""
    deadline = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _to_log_error(error: sqlite3.Error, action: str, path: Path) -> LogError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _DAMAGE_CODES:
        return DamagedError(f"the history {path} is damaged")
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return BusyError(f"cannot {action} the history {path}: another program keeps it locked")
    reason = {
        sqlite3.SQLITE_FULL: "the disk is full",
        sqlite3.SQLITE_CONSTRAINT: "the run was removed meanwhile",
        sqlite3.SQLITE_READONLY: "permission denied",
        sqlite3.SQLITE_CANTOPEN: "it cannot be opened",
        sqlite3.SQLITE_IOERR: "the disk does not answer as it should",
    }.get(code, str(error))
    return LogError(f"cannot {action} the history {path}: {reason}")
