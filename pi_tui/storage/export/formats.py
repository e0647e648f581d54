"""A run to a file, in any format: whole or not at all."""

from __future__ import annotations

import errno
import os
import secrets
import stat
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Literal, get_args

from pi_tui.engine.errors import LogError, UsageError
from pi_tui.storage.export.csv_format import to_csv
from pi_tui.storage.export.json_format import json_line_pieces, json_pieces
from pi_tui.storage.export.markdown import to_markdown
from pi_tui.storage.run_record import RunRecord

__all__ = [
    "FORMATS",
    "Format",
    "RunRecord",
    "check_writable",
    "encoded",
    "export",
    "format_of",
    "save",
    "suffix_of",
    "with_suffix",
    "write",
]

Format = Literal["json", "jsonl", "csv", "md", "html", "pyperf"]
FORMATS: tuple[Format, ...] = get_args(Format)


def _to_csv(run: RunRecord) -> Iterable[str]:
    return (to_csv(run),)


def _to_markdown(run: RunRecord) -> Iterable[str]:
    return (to_markdown(run),)


def _to_html(run: RunRecord) -> Iterable[str]:
    from pi_tui.storage.export.html_format import to_html  # with charts, which the others do without

    return (to_html(run),)


def _to_pyperf(run: RunRecord) -> Iterable[str]:
    from pi_tui.storage.export.pyperf_format import to_pyperf

    return (to_pyperf(run),)


_EXPORTERS: dict[Format, Callable[[RunRecord], Iterable[str]]] = {
    "json": json_pieces,
    "jsonl": json_line_pieces,
    "csv": _to_csv,
    "md": _to_markdown,
    "html": _to_html,
    "pyperf": _to_pyperf,
}
_SUFFIXES: dict[str, Format] = {
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".md": "md",
    ".markdown": "md",
    ".html": "html",
    ".htm": "html",
    ".pyperf.json": "pyperf",
}


def export(run: RunRecord, format: Format) -> bytes:
    """The run in a format, as UTF-8.

    Raises:
        UsageError, LogError: as of `exported`.
    """
    return b"".join(exported(run, format))


def exported(run: RunRecord, format: Format) -> Iterable[bytes]:
    """The same in pieces, each made when it is asked for.

    Raises:
        UsageError: there is no such format.
        LogError: the format has no way to say what the run is.
    """
    exporter = _EXPORTERS.get(format)
    if exporter is None:
        raise UsageError(f"there is no format {format!r}: {', '.join(FORMATS)}")
    return map(encoded, exporter(run))


def encoded(text: str) -> bytes:
    """A text for a file or a pipe: UTF-8; what that has no way to say (an odd file's name) is spelt out."""
    return text.encode("utf-8", errors="backslashreplace")


def format_of(path: Path) -> Format:
    """The format that a file's suffix stands for.

    Raises:
        UsageError: it stands for none.
    """
    return _SUFFIXES[_suffix(path)]


def with_suffix(path: Path, format: Format) -> Path:
    """The path with the suffix of another format, in place of the one it has; one without a known suffix stays as it is."""
    try:
        before = _suffix(path)
    except UsageError:
        return path
    return path.with_name(path.name[: -len(before)] + suffix_of(format))


def suffix_of(format: Format) -> str:
    """The suffix that stands for a format."""
    return next(suffix for suffix, each in _SUFFIXES.items() if each == format)


def _suffix(path: Path) -> str:
    name = path.name.lower()
    found = [suffix for suffix in _SUFFIXES if name.endswith(suffix) and len(name) > len(suffix)]
    if not found:
        raise UsageError(f"no format goes with the name {path.name!r}; its suffix may be {', '.join(_SUFFIXES)}")
    return max(found, key=len)


def write(run: RunRecord, format: Format, path: Path, *, overwrite: bool) -> None:
    """Write the run to a file.

    Raises:
        UsageError: there is no such format.
        LogError: as of `save`.
    """
    save(exported(run, format), path, overwrite=overwrite)


def save(data: bytes | Iterable[bytes], path: Path, *, overwrite: bool) -> None:
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
    """Find out whether `save` would succeed, and leave everything as it is.

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
