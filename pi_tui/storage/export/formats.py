"""The formats a run can be exported in: their names, suffixes and exporters."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Literal, get_args

from pi_tui.engine.errors import UsageError
from pi_tui.storage.export.files import write_file
from pi_tui.storage.export.json_format import json_in_pieces, json_lines_in_pieces
from pi_tui.storage.export.table_formats import to_csv, to_markdown
from pi_tui.storage.run_record import RunRecord

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
    "json": json_in_pieces,
    "jsonl": json_lines_in_pieces,
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


def export_run(run: RunRecord, format: Format) -> bytes:
    """The run in a format, as UTF-8.

    Raises:
        UsageError, LogError: as of `export_in_pieces`.
    """
    return b"".join(export_in_pieces(run, format))


def export_in_pieces(run: RunRecord, format: Format) -> Iterable[bytes]:
    """The same in pieces, each made when it is asked for.

    Raises:
        UsageError: there is no such format.
        LogError: the format has no way to say what the run is.
    """
    exporter = _EXPORTERS.get(format)
    if exporter is None:
        raise UsageError(f"there is no format {format!r}: {', '.join(FORMATS)}")
    return map(encode_text, exporter(run))


def encode_text(text: str) -> bytes:
    """A text for a file or a pipe: UTF-8; what that has no way to say (an odd file's name) is spelt out."""
    return text.encode("utf-8", errors="backslashreplace")


def get_format(path: Path) -> Format:
    """The format that a file's suffix stands for.

    Raises:
        UsageError: it stands for none.
    """
    return _SUFFIXES[_find_suffix(path)]


def replace_suffix(path: Path, format: Format) -> Path:
    """The path with the suffix of another format, in place of the one it has; one without a known suffix stays as it is."""
    try:
        before = _find_suffix(path)
    except UsageError:
        return path
    return path.with_name(path.name[: -len(before)] + get_suffix(format))


def get_suffix(format: Format) -> str:
    """The suffix that stands for a format."""
    return next(suffix for suffix, each in _SUFFIXES.items() if each == format)


def _find_suffix(path: Path) -> str:
    name = path.name.lower()
    found = [suffix for suffix in _SUFFIXES if name.endswith(suffix) and len(name) > len(suffix)]
    if not found:
        raise UsageError(f"no format goes with the name {path.name!r}; its suffix may be {', '.join(_SUFFIXES)}")
    return max(found, key=len)


def write_run(run: RunRecord, format: Format, path: Path, *, overwrite: bool) -> None:
    """Write the run to a file.

    Raises:
        UsageError: there is no such format.
        LogError: as of `save`.
    """
    write_file(export_in_pieces(run, format), path, overwrite=overwrite)
