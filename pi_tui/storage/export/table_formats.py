"""CSV (RFC 4180) and Markdown: one row per result, one column per scalar field. An empty cell means "not known"."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

from pi_tui.storage.export.result_fields import SCALARS, get_scalar_fields
from pi_tui.storage.run_record import RunRecord

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_MARKDOWN_SPECIAL = re.compile(r"([\\`*_\[\]<>|~#&])")


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


def to_markdown(run: RunRecord) -> str:
    """Format the run's results as a table in GitHub's Markdown; floats have six significant figures."""
    rows = [
        list(SCALARS),
        *([_markdown_cell(value) for value in get_scalar_fields(result).values()] for result in run.results),
    ]
    rows[0] = [_escape_markdown(name) for name in rows[0]]
    rows.insert(1, ["---"] * len(SCALARS))
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _markdown_cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}"
    return _escape_markdown(str(value))


def _escape_markdown(text: str) -> str:
    """Put text on one line and escape what Markdown would interpret."""
    return _MARKDOWN_SPECIAL.sub(r"\\\1", " ".join(text.split()))
