"""Attribute time outside kernel calls to the GIL, for kernels of which it is unknown whether they hold it.

The evidence is what the observer saw: whether threads that had something to do were blocked on the GIL.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pi_tui.host.protocol import OutsideTicks, PossibleGilWait, WorkerLedger, WorkerTicks

MOSTLY_HELD_SHARE = 0.5
"""Threads that could not begin are drawn as waiting for the GIL from this held share on."""


def gil_held_share(outside: OutsideTicks | None) -> float:
    """Return the share of ready time outside kernel calls that threads spent waiting for the GIL.

    0 if nobody observed it or no thread outside a call was ready: time that was not observed is not attributed.
    """
    ticks = 0 if outside is None else outside.gil + outside.running
    return outside.gil / ticks if outside is not None and ticks else 0.0


def is_gil_mostly_held(outside: OutsideTicks | None) -> bool:
    """Return whether the GIL kept threads from running for most of that time."""
    return gil_held_share(outside) >= MOSTLY_HELD_SHARE


def attribute_gil_waits(
    ledgers: Sequence[WorkerLedger],
    possible_waits: Sequence[PossibleGilWait],
    outside: OutsideTicks | None,
    ticks: Sequence[WorkerTicks] = (),
    tick_s: float = 0.0,
) -> tuple[WorkerLedger, ...]:
    """Return the ledgers with GIL waits outside kernel calls moved from startup and between to waiting; each sum is unchanged.

    `possible_waits` holds the seconds that would be GIL waits if the kernel held the GIL throughout. The observed share of
    them is moved, and at least the time that a worker was seen waiting between announcing itself and entering its call.
    """
    held_share = gil_held_share(outside)
    waits = {wait.index: wait for wait in possible_waits}
    lanes = {(lane.pid, lane.tid): lane for lane in ticks}
    adjusted = []
    for ledger in ledgers:
        wait, lane = waits.get(ledger.index), lanes.get((ledger.pid or 0, ledger.tid or 0))
        possible_s = 0.0 if wait is None else wait.startup_s + wait.between_s
        seen_share = 0.0
        if lane is not None and possible_s > 0:
            seen_share = min(1.0, _wait_before_call_s(ledger, lane, tick_s) / possible_s)
        adjusted.append(_move_to_waiting(ledger, wait, max(held_share, seen_share)))
    return tuple(adjusted)


def _wait_before_call_s(ledger: WorkerLedger, lane: WorkerTicks, tick_s: float) -> float:
    """Return the seconds that a worker was seen at the GIL before its kernel calls: observed time beyond the time in calls."""
    if ledger.waiting_s is None or ledger.running_s is None:
        return 0.0
    ticks = lane.running + lane.gil + lane.lock + lane.sleep + lane.io + lane.blocked
    beyond_s = ticks * tick_s - (ledger.running_s + (ledger.queued_s or 0.0) + ledger.waiting_s)
    return max(0.0, min(beyond_s, lane.gil * tick_s))


def _move_to_waiting(ledger: WorkerLedger, wait: PossibleGilWait | None, share: float) -> WorkerLedger:
    if wait is None or ledger.waiting_s is None or share <= 0:
        return ledger
    at_start, between = share * wait.startup_s, share * wait.between_s
    return replace(
        ledger,
        startup_s=ledger.startup_s - at_start,
        between_s=ledger.between_s - between,
        waiting_s=ledger.waiting_s + at_start + between,
        held_back_s=ledger.held_back_s + at_start + between,
    )
