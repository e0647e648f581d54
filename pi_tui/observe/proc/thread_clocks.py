"""A thread's clocks in `/proc`, and how long it queued for a core next to its waits for the GIL."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import pairwise, takewhile
from operator import sub
from typing import NamedTuple

from pi_tui.observe.proc.process_tree import PROC

_MAX_LINE_BYTES = 128

_BRIEF_NS = 500_000
"""A thread that asks for the GIL and is refused runs for 20 to 50 microseconds between two waits; one that got it, longer."""

_DETAILED_NS = 500_000
"""Queueing between two waits from which on the clocks are read at every tick, to find its parts."""


class Clocks(NamedTuple):
    """The numbers of `/proc/<pid>/task/<tid>/schedstat`: time on a core, time queued for one, and times it was put on one."""

    cpu_ns: int
    queued_ns: int
    slices: int


def open_clocks(pid: int, tid: int, proc: str = PROC) -> int | None:
    """Open a thread's `schedstat`; return its descriptor, None if it cannot be opened."""
    try:
        return os.open(f"{proc}/{pid}/task/{tid}/schedstat", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None


def read_clocks(descriptor: int) -> Clocks | None:
    """Read a thread's clocks; None if the thread has ended."""
    try:
        cpu, queued, slices = os.pread(descriptor, _MAX_LINE_BYTES, 0).split()
    except (OSError, ValueError):
        return None
    return Clocks(int(cpu), int(queued), int(slices))


class GilQueueing:
    """Measures how long one thread queued for a core next to its waits for the GIL.

    While the cores are short, a thread that waits for the GIL is not always blocked: it is woken after each switch interval
    to ask for the GIL, and when the GIL is free, and queues for a core first. Its clock of queueing alone does not tell this
    from queueing with the GIL in hand. What it did between two ticks at which it was blocked at the GIL does.

    Attributes:
        between_ns: queued between two waits without doing anything in between: a part of its waiting for the GIL.
        detailed: its last queueing was long enough that its clocks are read at every tick.
        handover_ns: queued before it ran with the GIL, and after it had given it up: at most, as a few of these were queues
            with the GIL in hand.
    """

    def __init__(self, descriptor: int | None, read: Callable[[int], Clocks | None] = read_clocks) -> None:
        self._descriptor = descriptor
        self._read = read
        self._blocked = False
        self.detailed = False
        self._last_wait: Clocks | None = None
        self._steps: list[Clocks] = []
        self.between_ns = 0
        self.handover_ns = 0

    def see(self, *, blocked: bool, ready: bool) -> None:
        """Record a tick at which the thread is blocked at the GIL, or `ready`: it runs or queues; or neither."""
        if blocked:
            if not self._blocked:  # while it is blocked, its clocks stand still
                self._begin_wait()
        elif not ready:
            self.interrupt()
        elif self.detailed and self._last_wait is not None and self._descriptor is not None:
            clocks = self._read(self._descriptor)
            if clocks is not None and clocks != (self._steps[-1] if self._steps else self._last_wait):
                self._steps.append(clocks)
        self._blocked = blocked

    def interrupt(self) -> None:
        """Forget the last wait: the thread has since waited for something else, or was not sampled."""
        self._blocked = False
        self._last_wait = None
        self._steps.clear()

    def close(self) -> None:
        """Close the descriptor."""
        if self._descriptor is not None:
            with suppress(OSError):
                os.close(self._descriptor)
            self._descriptor = None

    def _begin_wait(self) -> None:
        clocks = None if self._descriptor is None else self._read(self._descriptor)
        if clocks is not None and self._last_wait is not None:
            self._add([self._last_wait, *self._steps, clocks])
        self._last_wait = clocks
        self._steps.clear()

    def _add(self, clocks: list[Clocks]) -> None:
        """Add the time between two waits: the clocks in the first, at each change, and in the second."""
        changes = [Clocks(*map(sub, now, before)) for before, now in pairwise(clocks) if now != before]
        queued_ns = clocks[-1].queued_ns - clocks[0].queued_ns
        detailed, self.detailed = self.detailed, queued_ns >= _DETAILED_NS
        if clocks[-1].cpu_ns - clocks[0].cpu_ns < _BRIEF_NS:
            self.between_ns += queued_ns
        elif detailed:
            self._add_turn(changes)

    def _add_turn(self, changes: Sequence[Clocks]) -> None:
        """Add the queueing of one turn with the GIL, given the changes of its clocks.

        Until it runs for longer, it does not have the GIL: it is put on a core to ask for it, and at last to take it. After it
        has run, it is put on a core to give up the GIL, which it has until then, and once more to ask for it. Further times it
        is refused, with waits that the ticks missed. A change of several slices is divided evenly among them.
        """
        first = list(takewhile(lambda change: change.cpu_ns < _BRIEF_NS, changes))
        last = list(takewhile(lambda change: change.cpu_ns < _BRIEF_NS, reversed(changes[len(first) :])))[::-1]
        taking = first[-1] if first else changes[0]
        taking_ns = taking.queued_ns // max(1, taking.slices)
        self.handover_ns += taking_ns + sum(change.queued_ns // max(1, change.slices) for change in last[:2][-1:])
        self.between_ns += sum(change.queued_ns for change in (*first, *last[2:])) - (taking_ns if first else 0)
