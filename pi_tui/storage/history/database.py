"""The history's SQLite file: created, migrated, refused if a newer version wrote it, renamed if damaged; never overwritten.

Several programs may have the file open at once. Every error is a `LogError` with a one-sentence message.
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

from pi_tui.analysis.text.strip_escapes import strip_deep
from pi_tui.engine.errors import LogError
from pi_tui.engine.paths import Paths
from pi_tui.storage.history.schema import APPLICATION_ID, SCHEMA_VERSION, migrate, read_version

FILE_NAME = "history.db"
BUSY_TIMEOUT_S = 5.0
"""How long to wait while another program is writing."""
_ALWAYS_CHECKED_BYTES = 32 << 20
"""A file up to this size is checked for damage each time it is opened, which takes some hundredths of a second."""
_DAMAGE_CODES = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
WAL_SUFFIXES = ("-wal", "-shm")
_SUSPECT_SUFFIX = "-suspect"
"""Ends the name of an empty marker file beside the history: damage was met, so the next opening checks the whole file."""

_FULL_DISK_CODES = (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)
_FULL_DISK_BYTES = 64 << 10
"""With less room, SQLite cannot even open a WAL file: it reports one of `_FULL_DISK_CODES`."""

Warn = Callable[[str], object]


class DamagedError(LogError):
    """SQLite reports that the file is damaged or is not a database."""


class BusyError(LogError):
    """Another program kept the file locked for longer than `BUSY_TIMEOUT_S`; a later attempt may succeed."""


class DiskError(LogError):
    """The disk is full, or reported an error; what is stored may still be readable."""


class Database:
    """An open history; to be used by one thread at a time.

    Args:
        connection: to an SQLite file of the current version.
        path: of the file.
        read_only: leave no marker file beside it, because it is not this user's history or cannot be written.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path, *, read_only: bool = False) -> None:
        self.connection = connection
        connection.text_factory = _decode_text
        self.path = path
        self._read_only = read_only
        self._identities = {suffix: _get_identity(_add_suffix(path, suffix)) for suffix in ("", *WAL_SUFFIXES)}
        self._size = 0

    def __enter__(self) -> Database:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def is_in_place(self) -> bool:
        """Return whether the open file still has its name: another program may remove or replace it at any time.

        Raises:
            DamagedError: the file became shorter, which SQLite never makes it.
        """
        try:
            if _get_identity(self.path) != self._identities[""]:
                return False
            size = self.path.stat().st_size
        except OSError:  # its folder may not be read any more: the open file can still be written
            return True
        if size < self._size:
            raise DamagedError(f"another program cut the history {self.path} short")
        self._size = size
        return True

    def remove_wal_files(self) -> None:
        """Remove the open file's WAL files, once it has lost its name: SQLite would apply them to the file now in its place."""
        for suffix in WAL_SUFFIXES:
            wal_file = _add_suffix(self.path, suffix)
            with suppress(OSError):
                if _get_identity(wal_file) == self._identities[suffix]:
                    wal_file.unlink(missing_ok=True)

    def close(self) -> None:
        """Close the file; may be called more than once."""
        with suppress(sqlite3.Error):
            self.connection.close()

    def query(self, statement: str, *values: Any) -> list[Any]:
        """Return all rows of a query, as tuples.

        Raises:
            LogError: the file cannot be read.
        """
        with self.translate_errors("read"):
            return self.connection.execute(statement, values).fetchall()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Run the body in one transaction: either all of its changes are stored, or none.

        Raises:
            LogError: the file could not be written; nothing was stored.
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
        """Re-raise sqlite3 and OS errors as LogError, and mark a damaged file so that the next opening checks it.

        Large files are not checked at every opening, so damage may first be met in a query.
        """
        try:
            with translate_errors(action, self.path):
                yield
        except DamagedError as error:
            if self._read_only:
                raise
            with suppress(OSError):
                _suspect_marker(self.path).touch()
            raise DamagedError(f"{error}: the next time it is opened, it will be checked and renamed") from error


def _decode_text(data: bytes) -> str:
    """Decode a text column, without what would command a terminal, and with invalid UTF-8 escaped.

    By default SQLite would refuse all rows of a query for one invalid text.
    """
    text: str = strip_deep(data.decode("utf-8", "backslashreplace"))
    return text


def history_path(environ: Mapping[str, str]) -> Path:
    """Return the path of this user's history."""
    return Paths.from_environment(environ).data / FILE_NAME


def open_history(path: Path, warn: Warn, now: Callable[[], float] = time.time) -> Database:
    """Open the history for reading and writing, and create it if it does not exist.

    A damaged file is renamed and a new one is started; `warn` is called with a sentence that says so.

    Raises:
        LogError: the file cannot be read or written, or a newer version wrote it.
    """
    with translate_errors("write", path):
        path.parent.mkdir(parents=True, exist_ok=True)
        identity = _get_identity(path)
    try:
        return _open_writable(path)
    except DamagedError:
        if _get_identity(path) == identity:  # otherwise another program has already renamed it
            renamed = set_aside(path, datetime.fromtimestamp(now()))
            warn(
                f"the history was damaged; it was renamed to {renamed}, and a new one was started "
                f"(`pi-tui log import {shlex.quote(str(renamed))}` recovers what can be read)"
            )
        return _open_writable(path)


def open_for_reading(path: Path, warn: Warn) -> Database | None:
    """Open the history to read it, even where it cannot be written or the disk is full; return None if there is none yet.

    Raises:
        LogError: as for `open_history`.
    """
    with translate_errors("read", path):
        try:
            path.stat()
        except FileNotFoundError:
            if path.parent.is_symlink() or (path.parent.exists() and not path.parent.is_dir()):
                raise LogError(f"cannot read the history {path}: its folder is not a folder") from None
            return None
    if os.access(path, os.W_OK) and os.access(path.parent, os.W_OK):
        with suppress(DiskError):
            return open_history(path, warn)
    return open_read_only(path)


def open_read_only(path: Path, *, damaged: bool = False) -> Database:
    """Open a history file without changing anything; with `damaged`, skip the check for damage, to recover what can be read.

    Raises:
        LogError: the file is not a history, has another version, or is damaged.
    """
    with translate_errors("read", path):
        if not path.is_file():
            raise LogError(f"cannot read {path}: there is no such file")
        # While another program writes, part of the data is in the WAL file, which `immutable` would ignore.
        wal_file = _add_suffix(path, "-wal")
        wal_used = wal_file.exists() and wal_file.stat().st_size > 0 and os.access(path.parent, os.W_OK)
        immutable = "" if wal_used else "&immutable=1"
        uri = f"{path.absolute().as_uri()}?mode=ro{immutable}"
        connection = sqlite3.connect(uri, uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None)
    try:
        with translate_errors("read", path):
            _check_header(connection, path, check_integrity=not damaged)
            if read_version(connection) != SCHEMA_VERSION:
                raise LogError(f"{path} is a history of an older version, and cannot be upgraded there")
    except BaseException:
        connection.close()
        raise
    return Database(connection, path, read_only=True)


def set_aside(path: Path, when: datetime) -> Path:
    """Rename a damaged file and its WAL files to a free name, and return that name.

    Raises:
        LogError: the file cannot be renamed.
    """
    stem = f"{path.stem}-damaged-{when:%Y%m%d-%H%M%S}"
    new_path = path.with_name(f"{stem}{path.suffix}")
    number = 1
    while new_path.exists():
        number += 1
        new_path = path.with_name(f"{stem}-{number}{path.suffix}")
    with translate_errors("write", path):
        path.rename(new_path)
        for suffix in WAL_SUFFIXES:
            wal_file = _add_suffix(path, suffix)
            if wal_file.exists():
                wal_file.rename(_add_suffix(new_path, suffix))
        _suspect_marker(path).unlink(missing_ok=True)
    return new_path


@contextmanager
def translate_errors(action: str, path: Path) -> Iterator[None]:
    """Re-raise sqlite3 and OS errors as LogError with a one-sentence message."""
    try:
        yield
    except sqlite3.Error as error:
        raise _to_log_error(error, action, path) from error
    except OSError as error:
        raise LogError(f"cannot {action} the history {path}: {(error.strerror or str(error)).lower()}") from error


def _get_identity(path: Path) -> tuple[int, int] | None:
    """Return device and inode, which distinguish a file from a later one of the same name; None if there is no file."""
    with suppress(FileNotFoundError, NotADirectoryError):
        status = path.stat()
        return status.st_dev, status.st_ino
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
    return _add_suffix(path, _SUSPECT_SUFFIX)


def _add_suffix(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _check_header(connection: sqlite3.Connection, path: Path, *, check_integrity: bool = True) -> None:
    """Refuse a file that this program cannot use, before anything in it is changed."""
    connection.execute("BEGIN")  # read one state: another program may be creating the file
    version = read_version(connection)
    marked = connection.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if tables and not marked:
        raise LogError(f"{path} belongs to another program; it is not a pi-tui history")
    if version > SCHEMA_VERSION:
        raise LogError(
            f"the history {path} was written by a newer pi-tui (its version is {version}; "
            f"this pi-tui reads {SCHEMA_VERSION}): it was not changed"
        )
    if tables and check_integrity:
        _check_integrity(connection, path)
    connection.execute("COMMIT")


def _check_integrity(connection: sqlite3.Connection, path: Path) -> None:
    """Check for damage if the file is small, or if damage was met in it before."""
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
    """Switch to write-ahead logging: many readers and one writer at once.

    SQLite's busy timeout does not cover two programs that switch at the same moment, so this retries.
    """
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
    full = code == sqlite3.SQLITE_FULL or (code in _FULL_DISK_CODES and _is_disk_full(path.parent))
    if full or code == sqlite3.SQLITE_IOERR:
        return DiskError(f"cannot {action} the history {path}: the disk {'is full' if full else 'reported an error'}")
    reason = {
        sqlite3.SQLITE_CONSTRAINT: "the run has been removed",
        sqlite3.SQLITE_READONLY: "permission denied",
        sqlite3.SQLITE_CANTOPEN: "it cannot be opened",
    }.get(code, str(error))
    return LogError(f"cannot {action} the history {path}: {reason}")


def _is_disk_full(folder: Path) -> bool:
    try:
        room = os.statvfs(folder)
    except OSError:
        return False
    return room.f_bavail * room.f_frsize < _FULL_DISK_BYTES
