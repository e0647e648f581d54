"""What is stored of each event besides what stands in tables of its own: written by `recorder`, read by `replay`.

They are dataclasses so that what was damaged is found where it is read: every field is checked as it is built.
"""

from __future__ import annotations

from dataclasses import dataclass

from pi_tui.analysis.results import TrialKind
from pi_tui.engine.run.events import Progress

MAX_TICKS_PER_TRIAL = 1_000_000
"""Ticks of all workers of one trial beyond which its lanes are left out: a trial of many minutes."""


@dataclass(frozen=True, slots=True)
class StoredRunStart:
    """Of a RunStarted: the numbers of its cases, and how many trials there were to be."""

    positions: tuple[int, ...]
    trials: int


@dataclass(frozen=True, slots=True)
class StoredTrialStart:
    """Of a TrialStarted."""

    position: int
    kind: TrialKind
    number: int
    host_pid: int
    progress: Progress


@dataclass(frozen=True, slots=True)
class StoredCaseState:
    """Of a TrialFinished or a CaseFinished: the case's figures at that moment, and how many trials it then had."""

    position: int
    figures: dict[str, object]
    trials: int
    progress: Progress


@dataclass(frozen=True, slots=True)
class StoredLanesOwner:
    """Whose lanes come next."""

    position: int
    kind: TrialKind
    number: int
    one_gil: bool = False


@dataclass(frozen=True, slots=True)
class StoredRunEnd:
    """Of a RunFinished: the numbers of its cases in the order of its results."""

    positions: tuple[int, ...]
    stopped: bool
    elapsed_s: float
