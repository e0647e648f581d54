"""What is stored of each event besides what stands in tables of its own: written by `recorder`, read by `replay`.

They are dataclasses so that what was damaged is found where it is read: every field is checked as it is built.
"""

from __future__ import annotations

from dataclasses import dataclass

from pi_tui.analysis.results import TrialKind
from pi_tui.engine.run.events import Progress


@dataclass(frozen=True, slots=True)
class Started:
    """Of a RunStarted: the numbers of its cases, and how many trials there were to be."""

    positions: tuple[int, ...]
    trials: int


@dataclass(frozen=True, slots=True)
class TrialBegun:
    """Of a TrialStarted."""

    position: int
    kind: TrialKind
    number: int
    host_pid: int
    progress: Progress


@dataclass(frozen=True, slots=True)
class Standing:
    """Of a TrialFinished or a CaseFinished: the case's figures at that moment, and how many trials it then had."""

    position: int
    figures: dict[str, object]
    trials: int
    progress: Progress


@dataclass(frozen=True, slots=True)
class LanesOf:
    """Whose lanes come next."""

    position: int
    kind: TrialKind
    number: int
    one_gil: bool = False


@dataclass(frozen=True, slots=True)
class Finished:
    """Of a RunFinished: the numbers of its cases in the order of its results."""

    positions: tuple[int, ...]
    stopped: bool
    elapsed_s: float
