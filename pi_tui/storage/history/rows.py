"""Values as rows of the history's tables: statements with their values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pi_tui
from pi_tui.analysis.results import Case, Interpreter, Machine, Result, Trial
from pi_tui.storage.history.codec import fields_of, pack
from pi_tui.storage.history.run_titles import kernels_of, modes_of, title_of

Statement = tuple[str, tuple[Any, ...]]

_OWN_COLUMNS = ("case", "trials")
"""What of a result is stored beside it."""


def insertion(table: str, row: dict[str, Any]) -> Statement:
    """The statement that puts one row into a table, and its values."""
    names, places = ", ".join(row), ", ".join("?" * len(row))
    return f"INSERT INTO {table} ({names}) VALUES ({places})", tuple(map(storable, row.values()))


def storable(value: Any) -> Any:
    """A value as SQLite holds it: in a text, what UTF-8 has no way to say (an odd file's name) is spelt out."""
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value


def trial_row(run_id: int | None, position: int, trial: Trial) -> Statement:
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
    return insertion("trials", row)


def case_row(run_id: int | None, position: int, case: Case) -> Statement:
    """The statement that puts a case into its table, and its values."""
    return insertion("cases", {"run_id": run_id, "position": position, "status": "ok", "body": pack(case)})


def figures_of(result: Result) -> dict[str, Any]:
    """A result without what is stored beside it."""
    return {name: value for name, value in fields_of(result).items() if name not in _OWN_COLUMNS}


def summary(cases: Sequence[Case], interpreters: Sequence[Interpreter], machine: Machine) -> dict[str, Any]:
    """What lists show of a run, and what it was measured with."""
    return {
        "title": title_of(cases),
        "kernels": "\n".join(kernels_of(cases)),
        "modes": "\n".join(modes_of(cases)),
        "pythons": "\n".join(each.id for each in interpreters),
        "processor": machine.processor,
        "usable_cores": machine.usable_cores,
        "cases": len(cases),
        "pi_tui": pi_tui.__version__,
        "machine": pack(machine),
        "interpreters": pack(list(interpreters)),
    }
