"""Which rows are shown and in what order."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from pi_tui.ui.state import row_fields
from pi_tui.ui.state.session import Row

DEFAULT_SORT = "number"

Key = Callable[[Row], Any]

_KEYS: dict[str, Key] = {
    "kernel": lambda row: row.case.kernel,
    "mode": lambda row: (row.case.mode, row.case.start_method or "", row.case.transport or ""),
    "python": row_fields.format_python,
    "from": lambda row: (row.origin.when, row.origin.run_id) if row.origin is not None else None,
    "workers": lambda row: (row.case.workers, row.case.tasks),
    "samples": lambda row: row.case.total_samples,
    "wall": lambda row: row.result.wall_s.median if row.result and row.result.wall_s else None,
    "speedup": lambda row: row.result.speedup if row.result and not row.in_app else None,
    "waiting": lambda row: row.waiting,
    "estimate": lambda row: row.result.estimate if row.result else None,
    "z": lambda row: abs(row.result.z) if row.result and row.result.z is not None else None,
}


def sort_rows(rows: Iterable[Row], sort: str, *, reverse: bool, wanted: str) -> list[Row]:
    """Return the rows that match the filter, sorted; rows without a value are last in either direction.

    By number, the newest run is first and its rows are in ascending order; reversed, all rows are in ascending order.
    """
    shown = [row for row in rows if matches_filter(row, wanted)]
    if sort == DEFAULT_SORT:
        return sorted(shown, key=lambda row: row.number if reverse else (-row.run, row.number))
    key = _KEYS[sort]
    known = [row for row in shown if key(row) is not None]
    unknown = [row for row in shown if key(row) is None]
    return sorted(known, key=key, reverse=reverse) + unknown


def find_notable_row(rows: Iterable[Row], run: int) -> Row | None:
    """Return the row of a run to select first: one that failed, else the one with the lowest speed-up per worker."""
    of_run = [row for row in rows if row.run == run]
    failed = next((row for row in of_run if row.state == "failed"), None)
    if failed is not None:
        return failed
    known = [(row.result.efficiency, row) for row in of_run if row.result is not None and not row.baseline]
    short = [(efficiency, row) for efficiency, row in known if efficiency is not None]
    return min(short, key=lambda pair: pair[0])[1] if short else None


def matches_filter(row: Row, wanted: str) -> bool:
    """Return whether every word of the filter occurs in the row's text."""
    words = wanted.lower().split()
    if not words:
        return True
    text = _filter_text(row)
    return all(word in text for word in words)


def _filter_text(row: Row) -> str:
    case = row.case
    words = [
        case.kernel,
        case.mode,
        case.start_method or "",
        case.transport or "",
        case.python,
        row_fields.format_python(row),
        f"workers={case.workers}",
        f"samples={case.samples}",
        f"run={row.run}",
        row.state,
        "baseline" if row.baseline else "",
        "in-app" if row.in_app else "",
        f"history {row.origin.label}" if row.origin is not None else "",
        row_fields.describe_failure(row),
    ]
    return " ".join(words).lower()
