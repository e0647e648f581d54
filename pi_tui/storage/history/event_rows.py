"""What the events table stores of each event, besides what other tables hold; written by `recorder`, read by `replay`.

These are dataclasses so that damage is found on reading: the type of every field is checked when one is built.
"""

from __future__ import annotations

from dataclasses import dataclass

from pi_tui.analysis.results import TrialKind
from pi_tui.engine.run.events import Progress

MAX_TICKS_PER_TRIAL = 1_000_000
"""Ticks of all workers together; lanes of a longer trial (many minutes) are not stored."""


@dataclass(frozen=True, slots=True)
class StoredRunStart:
    """Of a RunStarted: the positions of its cases, and the planned number of trials."""

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
    """Of a TrialFinished or a CaseFinished: the case's figures and its number of trials at that moment."""

    position: int
    figures: dict[str, object]
    trials: int
    progress: Progress


@dataclass(frozen=True, slots=True)
class StoredLanesOwner:
    """The trial that the next row's lanes belong to."""

    position: int
    kind: TrialKind
    number: int
    one_gil: bool = False


@dataclass(frozen=True, slots=True)
class StoredRunEnd:
    """Of a RunFinished: the positions of its cases, in the order of its results."""

    positions: tuple[int, ...]
    stopped: bool
    elapsed_s: float
