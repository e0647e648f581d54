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
from pi_tui.storage.history.schema import APPLICATION, VERSION, migrate, version_of

NAME = "history.db"
PATIENCE_S = 5.0
"""How long to wait for another program that is writing."""
_LOOKED_THROUGH_BYTES = 32 << 20
"""A file up to this size is looked through for damage each time it is opened; that takes some hundredths of a second."""
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_COMPANIONS = ("-wal", "-shm")
_SUSPECT = "-suspect"
"""What the name of an empty file beside the history ends in once damage was met: it is looked through when opened next."""

Tell = Callable[[str], object]


class DamagedError(LogError):
    """The file cannot be understood."""


class BusyError(LogError):
    """Another program kept the file locked for longer than anybody waits; later it may do."""


class Store:
    """An open history; for one thread at a time.

    Args:
        connection: to an SQLite file of this version.
        path: where it is.
        foreign: it is not this person's history, and nothing is to be left beside it.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path, *, foreign: bool = False) -> None:
        self.connection = connection
        connection.text_factory = _text
        self.path = path
        self._foreign = foreign

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file; harmless when repeated."""
        with suppress(sqlite3.Error):
            self.connection.close()

    def rows(self, query: str, *values: Any) -> list[Any]:
        """All rows of a query, as tuples.

        Raises:
            LogError: it cannot be read.
        """
        with self.speaking("read"):
            return self.connection.execute(query, values).fetchall()

    @contextmanager
    def changing(self) -> Iterator[sqlite3.Connection]:
        """A transaction: all of what is done in it, or nothing.

        Raises:
            LogError: it could not be written; nothing of it was.
        """
        with self.speaking("write"):
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield self.connection
                self.connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    self.connection.execute("ROLLBACK")
                raise

    @contextmanager
    def speaking(self, doing: str) -> Iterator[None]:
        """Whatever goes wrong with the file becomes one sentence; damage is remembered for the next opening.

        A large file is not looked through each time it is opened, so that damage may be met later.
        """
        try:
            with told(doing, self.path):
                yield
        except DamagedError as error:
            if self._foreign:
                raise
            with suppress(OSError):
                _suspect(self.path).touch()
            raise DamagedError(f"{error}: it is looked through when it is opened next, and set aside") from error


def _text(data: bytes) -> str:
    """A text of the file; bytes that are none are spelt out: by itself SQLite refuses all rows of the query."""
    return data.decode("utf-8", "backslashreplace")


def history_path(environ: Mapping[str, str]) -> Path:
    """Where the history of this person is."""
    return Paths.of(environ).data / NAME


def open_history(path: Path, tell: Tell, now: Callable[[], float] = time.time) -> Store:
    """Open the history for reading and writing; made where there is none.

    A damaged file is renamed, which `tell` is told in a sentence, and a new one begun.

    Raises:
        LogError: it cannot be read or written, or is of a newer version.
    """
    with told("write", path):
        path.parent.mkdir(parents=True, exist_ok=True)
        found = _file_number(path)
    try:
        return _opened(path)
    except DamagedError:
        if _file_number(path) == found:  # unless another program was quicker to set it aside
            aside = set_aside(path, datetime.fromtimestamp(now()))
            tell(
                f"the history was damaged; it is kept as {aside}, and a new one begun "
                f"(`pi-tui log import {shlex.quote(str(aside))}` takes what can be read of it)"
            )
        return _opened(path)


def open_for_reading(path: Path, tell: Tell) -> Store | None:
    """Open the history to look at it, also where nothing can be written; None where there is none yet.

    Raises:
        LogError: as of `open_history`.
    """
    if not path.exists():
        return None
    if os.access(path, os.W_OK) and os.access(path.parent, os.W_OK):
        return open_history(path, tell)
    return open_foreign(path)


def open_foreign(path: Path, *, damaged: bool = False) -> Store:
    """Open a history file that is not to be changed in any way; also one that is known to be `damaged`, as far as it goes.

    Raises:
        LogError: it is no history, of another version, or damaged.
    """
    with told("read", path):
        if not path.is_file():
            raise LogError(f"cannot read {path}: there is no such file")
        # What another program is still writing beside the file can only be read together with that.
        immutable = (
            "" if path.with_name(f"{path.name}-wal").exists() and os.access(path.parent, os.W_OK) else "&immutable=1"
        )
        uri = f"{path.absolute().as_uri()}?mode=ro{immutable}"
        connection = sqlite3.connect(uri, uri=True, timeout=PATIENCE_S, isolation_level=None)
    try:
        with told("read", path):
            _check(connection, path, look_through=not damaged)
            if version_of(connection) != VERSION:
                raise LogError(f"{path} is of an older version of the history, and cannot be brought up to date there")
    except BaseException:
        connection.close()
        raise
    return Store(connection, path, foreign=True)


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
    with told("write", path):
        path.rename(aside)
        for companion in _COMPANIONS:
            beside = path.with_name(path.name + companion)
            if beside.exists():
                beside.rename(aside.with_name(aside.name + companion))
        _suspect(path).unlink(missing_ok=True)
    return aside


@contextmanager
def told(doing: str, path: Path) -> Iterator[None]:
    """Whatever goes wrong with the file becomes one sentence."""
    try:
        yield
    except sqlite3.Error as error:
        raise _said(error, doing, path) from error
    except OSError as error:
        raise LogError(f"cannot {doing} the history {path}: {(error.strerror or str(error)).lower()}") from error


def _file_number(path: Path) -> int | None:
    """What tells a file from another of the same name; None where there is none."""
    with suppress(FileNotFoundError):
        return path.stat().st_ino
    return None


def _opened(path: Path) -> Store:
    with told("write", path):
        connection = sqlite3.connect(path, timeout=PATIENCE_S, isolation_level=None, check_same_thread=False)
    try:
        with told("write", path):
            _check(connection, path)
            _write_ahead(connection)
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA foreign_keys = ON")
            migrate(connection)
    except BaseException:
        connection.close()
        raise
    return Store(connection, path)


def _suspect(path: Path) -> Path:
    return path.with_name(path.name + _SUSPECT)


def _check(connection: sqlite3.Connection, path: Path, *, look_through: bool = True) -> None:
    """Look whether it is a history that this program understands, before anything is changed."""
    connection.execute("BEGIN")  # one look: another program may be making the file at this moment
    version = version_of(connection)
    marked = connection.execute("PRAGMA application_id").fetchone()[0] == APPLICATION
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if tables and not marked:
        raise LogError(f"{path} is another program's file, not a history of pi-tui")
    if version > VERSION:
        raise LogError(
            f"the history {path} was written by a newer pi-tui (its version is {version}, this program knows {VERSION}): "
            "it is left as it is"
        )
    if tables and look_through:
        _look_through(connection, path)
    connection.execute("COMMIT")


def _look_through(connection: sqlite3.Connection, path: Path) -> None:
    """Look for damage: in a file that takes a moment alone, or in which some was met before."""
    suspect = _suspect(path).exists()
    if not suspect and path.stat().st_size > _LOOKED_THROUGH_BYTES:
        return
    look = "integrity_check" if suspect else "quick_check"
    if connection.execute(f"PRAGMA {look}(1)").fetchone()[0] != "ok":
        raise DamagedError(f"the history {path} is damaged")
    if suspect:
        with suppress(OSError):
            _suspect(path).unlink(missing_ok=True)


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Readers and one writer at once. SQLite does not wait by itself where two programs ask for it at the same moment."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _said(error: sqlite3.Error, doing: str, path: Path) -> LogError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _DAMAGED:
        return DamagedError(f"the history {path} is damaged")
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return BusyError(f"cannot {doing} the history {path}: another program keeps it locked")
    reason = {
        sqlite3.SQLITE_FULL: "the disk is full",
        sqlite3.SQLITE_CONSTRAINT: "the run was removed meanwhile",
        sqlite3.SQLITE_READONLY: "permission denied",
        sqlite3.SQLITE_CANTOPEN: "it cannot be opened",
        sqlite3.SQLITE_IOERR: "the disk does not answer as it should",
    }.get(code, str(error))
    return LogError(f"cannot {doing} the history {path}: {reason}")
