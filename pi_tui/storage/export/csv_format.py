"""CSV (RFC 4180): a line of names, then one line a result. An empty cell is "not known"."""

from __future__ import annotations

import csv
import io
from typing import Any

from pi_tui.storage.export.result_fields import SCALARS, scalar_fields
from pi_tui.storage.run_record import RunRecord

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def to_csv(run: RunRecord) -> str:
    """The run's results as CSV, lines ended by CR LF."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(SCALARS)
    for result in run.results:
        writer.writerow([_cell(value) for value in scalar_fields(result).values()])
    return text.getvalue()


def _cell(value: Any) -> str:
    """A cell; text that a spreadsheet would take for a formula begins with an apostrophe."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value
    return repr(value)
