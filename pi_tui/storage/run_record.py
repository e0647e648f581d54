"""A run as it is kept: its results with the machine and the interpreters that made them."""

from __future__ import annotations

from dataclasses import dataclass

from pi_tui.analysis.results import Interpreter, Machine, Result


@dataclass(frozen=True, slots=True)
class RunRecord:
    """What every exporter is given. Results are written in this order."""

    machine: Machine
    interpreters: tuple[Interpreter, ...]
    results: tuple[Result, ...]
