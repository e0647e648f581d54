"""What lanes are told in: the letter of a tick, a stretch of one worker's, and a trial's totals."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class LaneState(StrEnum):
    """What the lane of a worker shows at one tick, as one letter: lanes are strings of these.

    BLOCKED is waiting that nobody could tell the kind of, ABSENT is outside all kernel calls, MISSED is a tick at which the
    sampler was late.
    """

    RUNNING = "R"
    GIL = "G"
    LOCK = "L"
    SLEEP = "S"
    IO = "I"
    BLOCKED = "?"
    ABSENT = "."
    MISSED = "-"


@dataclass(frozen=True, slots=True)
class WaitTarget:
    """At how many ticks a worker was blocked at one thing: a system call or a lock, by name."""

    name: str
    ticks: int


@dataclass(frozen=True, slots=True)
class WorkerTicks:
    """What one worker of a trial was seen at, inside its kernel calls: how many ticks of each kind."""

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


@dataclass(frozen=True, slots=True)
class OutsideTicks:
    """At how many ticks, while a worker was inside a kernel call, threads of its process that were not waited for the GIL.

    Attributes:
        gil: at least one of them did.
        running: none of them did, and at least one ran.
    """

    gil: int
    running: int


@dataclass(frozen=True, slots=True)
class LanePiece:
    """A stretch of one worker's lane: a letter of `LaneState` a tick. `index` is -1 for a worker of a pool."""

    index: int
    pid: int
    tid: int
    letters: str


Certainty = Literal["system call", "state", "none"]
"""How lanes were seen: by the call that a thread is blocked in, by the scheduler's state alone, or not at all."""
