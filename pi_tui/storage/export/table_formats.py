"""CSV (RFC 4180): a line of names, then one line a result. An empty cell is "not known"."""

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
    """The run's results as CSV, lines ended by CR LF."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(SCALARS)
    for result in run.results:
        writer.writerow([_csv_cell(value) for value in get_scalar_fields(result).values()])
    return text.getvalue()


def _csv_cell(value: Any) -> str:
    """A cell; text that a spreadsheet would take for a formula begins with an apostrophe."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA_STARTS) else value
    return repr(value)


def to_markdown(run: RunRecord) -> str:
    """The run's results as a table of GitHub's flavour; floats with six significant figures."""
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
    """Text on one line that says what it says, whatever is in it."""
    return _MARKDOWN_SPECIAL.sub(r"\\\1", " ".join(text.split()))
