"""Writes a file completely or not at all, and checks beforehand whether writing would succeed."""

from __future__ import annotations

import errno
import os
import secrets
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from pi_tui.engine.errors import LogError


def write_file(data: bytes | Iterable[bytes], path: Path, *, overwrite: bool) -> None:
    """Write `data`, whole or in pieces, to a temporary file beside `path` that then replaces it; no partial file is left.

    Links are followed. A device or a pipe is written to directly, even if it is only an open descriptor (/dev/stdout, a shell's
    >(command)).

    Raises:
        LogError: the file exists and `overwrite` is false, or it cannot be written.
    """
    target = Path(os.path.realpath(path))
    refuse_history_in_use(path)
    pieces = (data,) if isinstance(data, bytes) else data
    try:
        if _is_special(path):
            with os.fdopen(_open_special(path), "wb") as file:
                file.writelines(pieces)
        else:
            _replace(pieces, target, path, overwrite=overwrite)
    except OSError as error:
        raise LogError(f"cannot write {path}: {_reason(error)}") from error


def _open_special(path: Path) -> int:
    """Open a device or a pipe for writing; a pipe without a reader is an error, not a reason to wait."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if error.errno == errno.ENXIO and stat.S_ISFIFO(path.stat().st_mode):
            raise BrokenPipeError(errno.ENXIO, "no program reads from it") from error
        raise
    os.set_blocking(descriptor, True)
    return descriptor


def check_writable(path: Path, *, overwrite: bool) -> None:
    """Check that `write_file` would succeed, without changing anything.

    Raises:
        LogError: it would not.
    """
    target = Path(os.path.realpath(path))
    refuse_history_in_use(path)
    try:
        if _is_special(path):
            if path.is_dir():
                raise IsADirectoryError(None, "it is a folder")
            if not os.access(path, os.W_OK):
                raise PermissionError(None, "permission denied")
            return
        _refuse_existing(target, path, overwrite=overwrite)
        temporary, descriptor = _create_beside(target)
        os.close(descriptor)
        temporary.unlink()
    except OSError as error:
        raise LogError(f"cannot write {path}: {_reason(error)}") from error


def refuse_history_in_use(path: Path) -> None:
    """Refuse to write to the history that pi-tui itself keeps, by whatever links it is named.

    Raises:
        LogError: it is that file, or one that SQLite keeps beside it.
    """
    from pi_tui.storage.history.database import WAL_SUFFIXES, history_path  # with SQLite, which `--help` does without

    history = history_path(os.environ)
    for file in (history, *(history.with_name(history.name + suffix) for suffix in WAL_SUFFIXES)):
        with suppress(OSError):
            same = os.path.realpath(path) == os.path.realpath(file)
            if same or os.path.samefile(path, file):
                raise LogError(f"{path} is the history in use: it would be lost; choose another file")


def _replace(pieces: Iterable[bytes], target: Path, path: Path, *, overwrite: bool) -> None:
    _refuse_existing(target, path, overwrite=overwrite)
    temporary, descriptor = _create_beside(target)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            temporary.chmod(stat.S_IMODE(target.stat().st_mode))
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _create_beside(target: Path) -> tuple[Path, int]:
    """Create a temporary file in the same folder with the default permissions, open for writing."""
    temporary = target.with_name(f".{target.name[:100]}-{secrets.token_hex(4)}.part")
    return temporary, os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666)


def _refuse_existing(target: Path, path: Path, *, overwrite: bool) -> None:
    if not target.exists():
        return
    if not overwrite:
        raise LogError(f"{path} already exists")
    if not os.access(target, os.W_OK):
        raise PermissionError(None, "permission denied")


def _is_special(path: Path) -> bool:
    """Whether the path is something that must not be replaced: a folder, a device or a pipe."""
    return path.exists() and not path.is_file()


def _reason(error: OSError) -> str:
    reason = error.strerror or str(error)
    return reason[:1].lower() + reason[1:]
