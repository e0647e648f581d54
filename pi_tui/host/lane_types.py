"""The parts of lanes: the state at one tick, a piece of one worker's lane, and a trial's totals."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class LaneState(StrEnum):
    """The state of a worker at one tick, as one letter; a lane is a string of such letters.

    BLOCKED means that the worker waited for something unknown, ABSENT that it was outside all kernel calls, MISSED that the
    sampler was late for this tick.
    """

    RUNNING = "R"
    GIL = "G"
    LOCK = "L"
    SLEEP = "S"
    IO = "I"
    BLOCKED = "?"
    ABSENT = "."
    MISSED = "-"


GIL_WAIT = "GIL"
"""The name of a wait for the GIL."""

PAGE_FAULT = "page fault"
"""The name of a wait for a page of memory, as a rule for the disk."""

UNKNOWN_WAITS = frozenset({"timed futex", "stopped"})
"""Names of waits that count as BLOCKED: for the GIL or for a lock, which of them is unknown; or for a signal to go on."""


@dataclass(frozen=True, slots=True)
class WaitTarget:
    """The number of ticks at which a worker was blocked in one system call or at one lock."""

    name: str
    ticks: int


@dataclass(frozen=True, slots=True)
class NamedWait:
    """The seconds that one worker of a trial waited in one system call or at one lock other than the GIL."""

    name: str
    seconds: float


@dataclass(frozen=True, slots=True)
class WorkerTicks:
    """The number of ticks that one worker of a trial spent in each state, inside its kernel calls.

    `gil_queued_s` and `gil_handover_s` are seconds, as in `WorkerLedger`.
    """

    index: int
    pid: int
    tid: int
    running: int = 0
    gil: int = 0
    lock: int = 0
    sleep: int = 0
    io: int = 0
    blocked: int = 0
    missed: int = 0
    waited_for: tuple[WaitTarget, ...] = ()
    gil_queued_s: float = 0.0
    gil_handover_s: float = 0.0


@dataclass(frozen=True, slots=True)
class OutsideTicks:
    """The threads outside kernel calls, at ticks at which another worker of their process was inside one.

    Attributes:
        gil: the number of ticks at which at least one of these threads waited for the GIL.
        running: the number of ticks at which none of them waited for the GIL and at least one ran.
    """

    gil: int
    running: int


@dataclass(frozen=True, slots=True)
class LanePiece:
    """A piece of one worker's lane: one letter of `LaneState` per tick. `index` is -1 for a worker of a pool."""

    index: int
    pid: int
    tid: int
    letters: str


Certainty = Literal["system call", "state", "none"]
"""The source of the lanes: the system call that blocks a thread, only the scheduler's state of it, or nothing."""
