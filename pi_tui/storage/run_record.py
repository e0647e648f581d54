"""A run's results with the machine and the interpreters that produced them."""

from __future__ import annotations

from dataclasses import dataclass

from pi_tui.analysis.results import Interpreter, Machine, Result


@dataclass(frozen=True, slots=True)
class RunRecord:
    """The input of every exporter. Exporters write the results in this order."""

    machine: Machine
    interpreters: tuple[Interpreter, ...]
    results: tuple[Result, ...]
