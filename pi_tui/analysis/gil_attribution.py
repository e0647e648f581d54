"""Whether a kernel held the GIL, of which nobody knew it before: as seen from outside, by those whom it kept waiting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pi_tui.host.protocol import OutsideTicks, PossibleGilWait, WorkerLedger, WorkerTicks

MOSTLY_HELD_SHARE = 0.5
"""From this share on, threads that could not begin are drawn as waiting for the GIL."""


def gil_held_share(outside: OutsideTicks | None) -> float:
    """The share of the time in which threads outside kernel calls had something to do and waited for the GIL.

    0 where nobody looked, and where none of them ever had: what is not seen is not booked.
    """
    looks = 0 if outside is None else outside.gil + outside.running
    return outside.gil / looks if outside is not None and looks else 0.0


def is_gil_mostly_held(outside: OutsideTicks | None) -> bool:
    """Whether they were kept from going on for most of that time."""
    return gil_held_share(outside) >= MOSTLY_HELD_SHARE


def attribute_gil_waits(
    ledgers: Sequence[WorkerLedger],
    maybe: Sequence[PossibleGilWait],
    outside: OutsideTicks | None,
    ticks: Sequence[WorkerTicks] = (),
    tick_s: float = 0.0,
) -> tuple[WorkerLedger, ...]:
    """The ledgers with what was held back booked as waiting, no longer as startup or between; their sums stay the same.

    `maybe` tells how much that is for a kernel that holds the GIL from first to last; the share that was seen is booked, and
    at least what a worker was seen waiting at the door of its call: it had called the roll, so `ticks` counts it.
    """
    share = gil_held_share(outside)
    known = {one.index: one for one in maybe}
    lanes = {(one.pid, one.tid): one for one in ticks}
    booked = []
    for one in ledgers:
        told, lane = known.get(one.index), lanes.get((one.pid or 0, one.tid or 0))
        all_s = 0.0 if told is None else told.startup_s + told.between_s
        at_the_door = (
            min(1.0, _wait_before_call_s(one, lane, tick_s) / all_s) if lane is not None and all_s > 0 else 0.0
        )
        booked.append(_move_to_waiting(one, told, max(share, at_the_door)))
    return tuple(booked)


def _wait_before_call_s(ledger: WorkerLedger, lane: WorkerTicks, tick_s: float) -> float:
    """For how long a worker was seen at the GIL before its kernel calls began: it was seen for longer than it was inside."""
    if ledger.waiting_s is None or ledger.running_s is None:
        return 0.0
    ticks = lane.running + lane.gil + lane.lock + lane.sleep + lane.io + lane.blocked
    beyond_s = ticks * tick_s - (ledger.running_s + (ledger.queued_s or 0.0) + ledger.waiting_s)
    return max(0.0, min(beyond_s, lane.gil * tick_s))


def _move_to_waiting(ledger: WorkerLedger, maybe: PossibleGilWait | None, share: float) -> WorkerLedger:
    if maybe is None or ledger.waiting_s is None or share <= 0:
        return ledger
    at_start, between = share * maybe.startup_s, share * maybe.between_s
    return replace(
        ledger,
        startup_s=ledger.startup_s - at_start,
        between_s=ledger.between_s - between,
        waiting_s=ledger.waiting_s + at_start + between,
        held_back_s=ledger.held_back_s + at_start + between,
    )
