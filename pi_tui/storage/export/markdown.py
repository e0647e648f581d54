"""Markdown: one table, one row a result, for a report or an issue. An empty cell is "not known"."""

from __future__ import annotations

import re
from typing import Any

from pi_tui.storage.export.result_fields import SCALARS, scalar_fields
from pi_tui.storage.run_record import RunRecord

_SPECIAL = re.compile(r"([\\`*_\[\]<>|~#&])")


def to_markdown(run: RunRecord) -> str:
    """The run's results as a table of GitHub's flavour; floats with six significant figures."""
    rows = [list(SCALARS), *([_cell(value) for value in scalar_fields(result).values()] for result in run.results)]
    rows[0] = [_text(name) for name in rows[0]]
    rows.insert(1, ["---"] * len(SCALARS))
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}"
    return _text(str(value))


def _text(text: str) -> str:
    """Text on one line that says what it says, whatever is in it."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
