"""Write a file whole or not at all, and find out beforehand whether that would succeed."""

from __future__ import annotations

import errno
import os
import secrets
import stat
from collections.abc import Iterable
from pathlib import Path

from pi_tui.engine.errors import LogError


def write_file(data: bytes | Iterable[bytes], path: Path, *, overwrite: bool) -> None:
    """Put `data`, whole or in pieces, into a file: written beside it and renamed, so that the file is old or new, never half.

    A link is followed; a device or a pipe is written to as it is, also where it has no name but that of an open descriptor
    (/dev/stdout, a shell's >(command)).

    Raises:
        LogError: the file is there and `overwrite` is false, or it cannot be written.
    """
    target = Path(os.path.realpath(path))
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
    """A device or a pipe, open for writing; a pipe without a reader is an error rather than a wait for one."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if error.errno == errno.ENXIO and stat.S_ISFIFO(path.stat().st_mode):
            raise BrokenPipeError(errno.ENXIO, "nobody reads from it") from error
        raise
    os.set_blocking(descriptor, True)
    return descriptor


def check_writable(path: Path, *, overwrite: bool) -> None:
    """Find out whether `write_file` would succeed, and leave everything as it is.

    Raises:
        LogError: it would not.
    """
    target = Path(os.path.realpath(path))
    try:
        if _is_special(path):
            if path.is_dir():
                raise IsADirectoryError(None, "it is a folder")
            if not os.access(path, os.W_OK):
                raise PermissionError(None, "permission denied")
            return
        _refuse_existing(target, path, overwrite=overwrite)
        beside, descriptor = _create_beside(target)
        os.close(descriptor)
        beside.unlink()
    except OSError as error:
        raise LogError(f"cannot write {path}: {_reason(error)}") from error


def _replace(pieces: Iterable[bytes], target: Path, path: Path, *, overwrite: bool) -> None:
    _refuse_existing(target, path, overwrite=overwrite)
    beside, descriptor = _create_beside(target)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            beside.chmod(stat.S_IMODE(target.stat().st_mode))
        beside.replace(target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _create_beside(target: Path) -> tuple[Path, int]:
    """A new file in the same folder, with the permissions that new files get there, open for writing."""
    beside = target.with_name(f".{target.name[:100]}-{secrets.token_hex(4)}.part")
    return beside, os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666)


def _refuse_existing(target: Path, path: Path, *, overwrite: bool) -> None:
    if not target.exists():
        return
    if not overwrite:
        raise LogError(f"{path} is there already")
    if not os.access(target, os.W_OK):
        raise PermissionError(None, "permission denied")


def _is_special(path: Path) -> bool:
    """Whether there is something that must not be replaced: a folder, a device, a pipe."""
    return path.exists() and not path.is_file()


def _reason(error: OSError) -> str:
    reason = error.strerror or str(error)
    return reason[:1].lower() + reason[1:]
