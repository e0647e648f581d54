"""The formats of an exported run: their names, file extensions and exporters."""

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


def _to_full_markdown(run: RunRecord) -> Iterable[str]:
    return (to_markdown(run, all_fields=True),)


def _to_html(run: RunRecord) -> Iterable[str]:
    from pi_tui.storage.export.html_format import to_html  # imports the charts, which the other formats do not need

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


def export_run(run: RunRecord, format: Format, *, all_fields: bool = False) -> bytes:
    """Export a run as UTF-8.

    Raises:
        UsageError, LogError: as for `export_in_pieces`.
    """
    return b"".join(export_in_pieces(run, format, all_fields=all_fields))


def export_in_pieces(run: RunRecord, format: Format, *, all_fields: bool = False) -> Iterable[bytes]:
    """Export a run as pieces of UTF-8, each made when it is asked for.

    `all_fields` gives Markdown the columns of CSV; the other formats always have all fields.

    Raises:
        UsageError: there is no such format.
        LogError: the format cannot represent the run.
    """
    exporter = _to_full_markdown if all_fields and format == "md" else _EXPORTERS.get(format)
    if exporter is None:
        raise UsageError(f"unknown format {format!r}; use one of {', '.join(FORMATS)}")
    return map(encode_text, exporter(run))


def encode_text(text: str) -> bytes:
    """Encode text as UTF-8 for a file or a pipe; what UTF-8 cannot encode (an odd file name) is escaped."""
    return text.encode("utf-8", errors="backslashreplace")


def get_format(path: Path) -> Format:
    """Return the format that a file's extension stands for.

    Raises:
        UsageError: the extension is unknown.
    """
    return _SUFFIXES[_find_suffix(path)]


def replace_suffix(path: Path, format: Format) -> Path:
    """Return the path with the extension of another format; a path without a known extension is returned unchanged."""
    try:
        before = _find_suffix(path)
    except UsageError:
        return path
    return path.with_name(path.name[: -len(before)] + get_suffix(format))


def get_suffix(format: Format) -> str:
    """Return the extension that stands for a format."""
    return next(suffix for suffix, each in _SUFFIXES.items() if each == format)


def _find_suffix(path: Path) -> str:
    name = path.name.lower()
    found = [suffix for suffix in _SUFFIXES if name.endswith(suffix) and len(name) > len(suffix)]
    if not found:
        raise UsageError(f"{path.name!r} has an unknown extension; use one of {', '.join(_SUFFIXES)}")
    return max(found, key=len)


def write_run(run: RunRecord, format: Format, path: Path, *, overwrite: bool) -> None:
    """Write a run to a file.

    Raises:
        UsageError: there is no such format.
        LogError: as for `write_file`.
    """
    write_file(export_in_pieces(run, format), path, overwrite=overwrite)
