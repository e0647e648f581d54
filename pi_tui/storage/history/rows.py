"""Values as rows of the history's tables: INSERT statements with their parameters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pi_tui
from pi_tui.analysis.results import Case, Interpreter, Machine, Result, Trial
from pi_tui.analysis.text.formatting import human_count
from pi_tui.analysis.text.short_names import shorten_kernel_name
from pi_tui.storage.history.codec import get_fields, pack

Statement = tuple[str, tuple[Any, ...]]

_STORED_APART = ("case", "trials")
"""Fields of a result that other columns or tables hold."""
_MAX_IN_TITLE = 4


def build_insert(table: str, row: dict[str, Any]) -> Statement:
    """Return the statement that inserts one row into a table, and its parameters."""
    names, placeholders = ", ".join(row), ", ".join("?" * len(row))
    return f"INSERT INTO {table} ({names}) VALUES ({placeholders})", tuple(map(escape_surrogates, row.values()))


def escape_surrogates(value: Any) -> Any:
    """Escape what UTF-8 cannot encode (an odd file name): SQLite stores text as UTF-8. Return other values as they are."""
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value


def build_trial_insert(run_id: int | None, position: int, trial: Trial) -> Statement:
    """Return the statement that inserts a trial, and its parameters."""
    row = {
        "run_id": run_id,
        "position": position,
        "kind": trial.kind,
        "number": trial.number,
        "started_at": trial.started_at,
        "wall_s": trial.wall_s,
        "body": pack(trial),
    }
    return build_insert("trials", row)


def build_case_insert(run_id: int | None, position: int, case: Case) -> Statement:
    """Return the statement that inserts a case, and its parameters."""
    return build_insert("cases", {"run_id": run_id, "position": position, "status": "ok", "body": pack(case)})


def get_figures(result: Result) -> dict[str, Any]:
    """Return a result's fields except those in `_STORED_APART`."""
    return {name: value for name, value in get_fields(result).items() if name not in _STORED_APART}


def summarize_run(cases: Sequence[Case], interpreters: Sequence[Interpreter], machine: Machine) -> dict[str, Any]:
    """Return the columns that lists show of a run, and what it was measured with."""
    return {
        "title": _make_title(cases),
        "kernels": "\n".join(_list_kernels(cases)),
        "modes": "\n".join(_list_modes(cases)),
        "pythons": "\n".join(each.id for each in interpreters),
        "processor": machine.processor,
        "usable_cores": machine.usable_cores,
        "cases": len(cases),
        "pi_tui": pi_tui.__version__,
        "machine": pack(machine),
        "interpreters": pack(list(interpreters)),
    }


def _list_kernels(cases: Sequence[Case]) -> tuple[str, ...]:
    """Return the distinct kernels."""
    return _deduplicate(case.kernel for case in cases)


def _list_modes(cases: Sequence[Case]) -> tuple[str, ...]:
    """Return the distinct modes."""
    return _deduplicate(case.mode for case in cases)


def _make_title(cases: Sequence[Case]) -> str:
    """Return a title such as "python, numba · sequential, threads · 1, 2 workers · 1 000 000 samples"."""
    workers = _deduplicate(f"{case.workers}" for case in sorted(cases, key=lambda case: case.workers))
    samples = _deduplicate(human_count(case.samples, " ") for case in sorted(cases, key=lambda case: case.samples))
    parts = [
        _join_first(_deduplicate(shorten_kernel_name(kernel) for kernel in _list_kernels(cases))),
        _join_first(_list_modes(cases)),
        f"{_join_first(workers)} worker{'' if workers == ('1',) else 's'}",
        f"{_join_first(samples)} sample{'' if samples == ('1',) else 's'}",
    ]
    return " · ".join(parts) if cases else "nothing"


def _deduplicate(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))


def _join_first(words: Sequence[str]) -> str:
    """Join the first few words, and say how many more there are."""
    more = len(words) - _MAX_IN_TITLE
    return ", ".join(words[:_MAX_IN_TITLE]) + (f" and {more} more" if more > 0 else "")
