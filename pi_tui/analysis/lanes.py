"""What lanes tell in numbers: waiting divided by its kind, shares of a lane, and hand-offs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from pi_tui.host.protocol import LaneState, WorkerLedger, WorkerTicks

MIN_SEEN_SHARE = 0.1
"""Waiting is divided only where ticks saw at least this share of what the ledger's clocks booked as waiting.

Waits that are much shorter than a tick, as in a convoy, are seen less often than they take time: whoever is woken shows as
running before it has taken up its work.
"""

NEGLIGIBLE_SHARE = 0.05
"""Waiting inside kernel calls that no tick met is put to the certain waiting outside if it is no more than this of it."""

FEW_TICKS = 10.0
"""Below so many expected ticks of waiting, one that was seen is enough to go by."""

_NOT_SAMPLED = (LaneState.ABSENT, LaneState.MISSED)


def divide_waiting(ledger: WorkerLedger, ticks: WorkerTicks | None, tick_s: float | None = None) -> WorkerLedger:
    """The ledger with its exact waiting divided in the proportion of what the lanes saw inside kernel calls.

    What lies outside kernel calls is the GIL's for certain. Sleep counts as I/O. The three parts sum to the waiting; they
    stay None where the lanes cannot tell: not seen, only the scheduler's state seen, or ticks that contradict the clocks.
    `tick_s` is the time from one tick to the next, where the ticks are this worker's own.
    """
    if ticks is None or ledger.waiting_s is None:
        return ledger
    known = ticks.gil + ticks.lock + ticks.sleep + ticks.io
    if not _has_enough_ticks(ledger, ticks, known):
        return ledger
    inside_s = ledger.waiting_s - ledger.held_back_s
    of_all = known - _count_ticks_outside(ledger, ticks, tick_s)
    lock_s = inside_s * ticks.lock / of_all if of_all else 0.0
    io_s = inside_s * (ticks.sleep + ticks.io) / of_all if of_all else 0.0
    return replace(ledger, gil_wait_s=ledger.waiting_s - lock_s - io_s, lock_wait_s=lock_s, io_wait_s=io_s)


def _has_enough_ticks(ledger: WorkerLedger, ticks: WorkerTicks, known: int) -> bool:
    """Whether there are ticks enough of a known kind for the waiting inside kernel calls."""
    if ledger.waiting_s is None or ledger.running_s is None:
        return False
    waiting_s = ledger.waiting_s - ledger.held_back_s
    inside_s = ledger.running_s + (ledger.queued_s or 0.0) + waiting_s
    looks = known + ticks.running + ticks.blocked
    if inside_s <= 0 or looks == 0 or ticks.blocked > known:
        return False
    expected = max(0.0, waiting_s) / inside_s * looks
    if known == 0:  # all waiting lies outside, but for so little that no tick met it
        return ledger.held_back_s > 0 and waiting_s <= NEGLIGIBLE_SHARE * ledger.held_back_s
    return expected < FEW_TICKS or known >= MIN_SEEN_SHARE * expected


def _count_ticks_outside(ledger: WorkerLedger, ticks: WorkerTicks, tick_s: float | None) -> float:
    """How many of the ticks at the GIL were just before a kernel call: a worker calls the roll, and may then have to wait.

    It was seen for longer than it was inside its calls. Of use only where it waited for something else inside.
    """
    others = ticks.lock + ticks.sleep + ticks.io
    if tick_s is None or ledger.held_back_s <= 0 or others == 0 or ledger.waiting_s is None:
        return 0.0
    looks = ticks.running + ticks.blocked + ticks.gil + others
    seen_s = (looks + ticks.missed) * tick_s
    inside_s = (ledger.running_s or 0.0) + (ledger.queued_s or 0.0) + ledger.waiting_s - ledger.held_back_s
    outside_s = min(max(0.0, seen_s - inside_s), ledger.held_back_s)
    return min(outside_s / seen_s * looks, ticks.gil)


def divide_all_waiting(
    ledgers: Sequence[WorkerLedger], ticks: Sequence[WorkerTicks], tick_s: float | None = None
) -> tuple[WorkerLedger, ...]:
    """`divide_waiting` for every worker of a trial; a worker is known by its process and thread.

    One whose own ticks are too few to tell is judged by those of all workers together: they do the same work at the same
    time, and wait for each other.
    """
    seen = {(one.pid, one.tid): one for one in ticks}
    together = _add_ticks(ticks)
    divided = []
    for ledger in ledgers:
        own = None if ledger.pid is None or ledger.tid is None else seen.get((ledger.pid, ledger.tid))
        one = divide_waiting(ledger, own, tick_s)
        divided.append(divide_waiting(ledger, together) if one.gil_wait_s is None and own is not None else one)
    return tuple(divided)


def _add_ticks(ticks: Sequence[WorkerTicks]) -> WorkerTicks | None:
    """The ticks of all workers added up: the proportions are what counts."""
    if not ticks:
        return None
    return WorkerTicks(
        index=-1,
        pid=ticks[0].pid,
        tid=ticks[0].tid,
        running=sum(one.running for one in ticks),
        gil=sum(one.gil for one in ticks),
        lock=sum(one.lock for one in ticks),
        sleep=sum(one.sleep for one in ticks),
        io=sum(one.io for one in ticks),
        blocked=sum(one.blocked for one in ticks),
    )


def mark_blocked_starts(lanes: Sequence[str], *, ended: bool) -> tuple[str, ...]:
    """Lanes of threads that share one GIL, with the GIL's letter where a thread could not come to its kernel call for it.

    The ledger books the same (see `host.ledger`): before a thread's first call and between two, while another thread is
    inside one. A lane is all ABSENT for a thread that has not come yet; once the trial has `ended`, it never will. Lanes are
    of one length.
    """
    found = []
    for own, lane in enumerate(lanes):
        others = (*lanes[:own], *lanes[own + 1 :])
        until = len(lane.rstrip(LaneState.ABSENT)) or (0 if ended else len(lane))
        found.append(_GAP.sub(partial(_fill_gap, others=others), lane[:until]) + lane[until:])
    return tuple(found)


_GAP = re.compile(re.escape(LaneState.ABSENT) + "+")


def _fill_gap(gap: re.Match[str], *, others: Sequence[str]) -> str:
    """A stretch outside kernel calls: the GIL's where another thread is inside one."""
    beside = [other[gap.start() : gap.end()] for other in others]
    if any(LaneState.ABSENT not in letters for letters in beside):
        return LaneState.GIL * len(gap[0])
    columns = zip(*beside, strict=True)
    return (
        "".join(LaneState.ABSENT if set(column) == {LaneState.ABSENT} else LaneState.GIL for column in columns)
        or gap[0]
    )


@dataclass(frozen=True, slots=True)
class LaneShares:
    """A lane's letters as shares of the ticks at which the worker was looked at inside a kernel call."""

    running: float
    gil: float
    lock: float
    io: float
    blocked: float


def measure_lane_shares(letters: str) -> LaneShares | None:
    """The shares of a lane; None where the worker was never looked at."""
    counts = Counter(letters)
    looked = len(letters) - sum(counts[unseen] for unseen in _NOT_SAMPLED)
    if looked == 0:
        return None
    return LaneShares(
        running=counts[LaneState.RUNNING] / looked,
        gil=counts[LaneState.GIL] / looked,
        lock=counts[LaneState.LOCK] / looked,
        io=(counts[LaneState.SLEEP] + counts[LaneState.IO]) / looked,
        blocked=counts[LaneState.BLOCKED] / looked,
    )


def count_handoffs(lanes: Sequence[str]) -> int:
    """How often the one worker that ran was followed by another one.

    Ticks at which none or several ran are passed over: while a thread hands over the GIL, both may be seen running.
    """
    count = 0
    last: int | None = None
    for column in zip(*lanes, strict=True):
        if column.count(LaneState.RUNNING) != 1:
            continue
        runner = column.index(LaneState.RUNNING)
        count += last is not None and runner != last
        last = runner
    return count
