"""Values as rows of the history's tables: statements with their values."""

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
"""What of a result is stored beside it."""
_MAX_IN_TITLE = 4


def build_insert(table: str, row: dict[str, Any]) -> Statement:
    """The statement that puts one row into a table, and its values."""
    names, places = ", ".join(row), ", ".join("?" * len(row))
    return f"INSERT INTO {table} ({names}) VALUES ({places})", tuple(map(escape_surrogates, row.values()))


def escape_surrogates(value: Any) -> Any:
    """A value as SQLite holds it: in a text, what UTF-8 has no way to say (an odd file's name) is spelt out."""
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value


def build_trial_insert(run_id: int | None, position: int, trial: Trial) -> Statement:
    """The statement that puts a trial into its table, and its values."""
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
    """The statement that puts a case into its table, and its values."""
    return build_insert("cases", {"run_id": run_id, "position": position, "status": "ok", "body": pack(case)})


def get_figures(result: Result) -> dict[str, Any]:
    """A result without what is stored beside it."""
    return {name: value for name, value in get_fields(result).items() if name not in _STORED_APART}


def summarize_run(cases: Sequence[Case], interpreters: Sequence[Interpreter], machine: Machine) -> dict[str, Any]:
    """What lists show of a run, and what it was measured with."""
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
    """The kernels, each once."""
    return _deduplicate(case.kernel for case in cases)


def _list_modes(cases: Sequence[Case]) -> tuple[str, ...]:
    """The modes, each once."""
    return _deduplicate(case.mode for case in cases)


def _make_title(cases: Sequence[Case]) -> str:
    """Kernels, modes, workers and samples: "python, numba · sequential, threads · 1, 2 workers · 1 000 000 samples"."""
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
    """The first few, and how many more."""
    more = len(words) - _MAX_IN_TITLE
    return ", ".join(words[:_MAX_IN_TITLE]) + (f" and {more} more" if more > 0 else "")
