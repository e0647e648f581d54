"""CSV (RFC 4180) and Markdown: one row per result, one column per scalar field. An empty cell means "not known".

CSV has every scalar field; Markdown, unless all fields are wanted, those that a reader wants.
"""

from __future__ import annotations

import csv
import io
import re
from typing import Any

from pi_tui.storage.export.result_fields import SCALARS, get_scalar_fields
from pi_tui.storage.run_record import RunRecord

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_MARKDOWN_SPECIAL = re.compile(r"([\\`*_\[\]<>|~#&])")


READER_FIELDS = (
    "kernel",
    "mode",
    "start_method",
    "transport",
    "python",
    "gil_enabled",
    "workers",
    "tasks",
    "samples",
    "status",
    "error.message",
    "wall_s.median",
    "wall_s.mad",
    "speedup",
    "speedup_interval.low",
    "speedup_interval.high",
    "losses.waiting",
)
"""The columns of a Markdown table for a reader; one that is empty in every row is left out."""


def to_csv(run: RunRecord) -> str:
    """Format the run's results as CSV, with CRLF line ends."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(SCALARS)
    for result in run.results:
        writer.writerow([_csv_cell(value) for value in get_scalar_fields(result).values()])
    return text.getvalue()


def _csv_cell(value: Any) -> str:
    """Format a cell. Text that a spreadsheet would take for a formula gets a leading apostrophe."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA_STARTS) else value
    return repr(value)


def to_markdown(run: RunRecord, *, all_fields: bool = False) -> str:
    """Format the run's results as a table in GitHub's Markdown.

    With `all_fields` it has the columns of CSV and floats of six significant digits, else `READER_FIELDS` and floats of four.
    """
    results = [get_scalar_fields(result) for result in run.results]
    names: tuple[str, ...] = SCALARS
    if not all_fields:
        names = tuple(name for name in READER_FIELDS if any(fields[name] is not None for fields in results))
    digits = 6 if all_fields else 4
    rows = [
        [_escape_markdown(name) for name in names],
        ["---"] * len(names),
        *([_markdown_cell(fields[name], digits) for name in names] for fields in results),
    ]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _markdown_cell(value: Any, digits: int) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.{digits}g}"
    return _escape_markdown(str(value))


def _escape_markdown(text: str) -> str:
    """Put text on one line and escape what Markdown would interpret."""
    return _MARKDOWN_SPECIAL.sub(r"\\\1", " ".join(text.split()))
