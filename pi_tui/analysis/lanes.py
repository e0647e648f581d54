"""Figures from lanes: waiting divided by its kind, shares of a lane, and hand-offs between workers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from pi_tui.host.lane_types import GIL_WAIT, UNKNOWN_WAITS
from pi_tui.host.protocol import LaneState, NamedWait, WaitTarget, WorkerLedger, WorkerTicks

MIN_SEEN_SHARE = 0.1
"""Waiting is divided only if ticks saw at least this share of the waiting that the ledger's clocks measured.

Waits much shorter than a tick, as in a convoy, are seen less often than they take time: a thread that was woken shows as
running before it has resumed its work.
"""

NEGLIGIBLE_SHARE = 0.05
"""Waiting inside kernel calls that no tick saw is added to the certain waiting outside if it is at most this share of it."""

FEW_TICKS = 10.0
"""Below this many expected ticks of waiting, a single seen tick is enough."""

MAX_NAMED_WAITS = 5
MIN_NAMED_SHARE = 0.01
"""So many of a worker's waits are named, each of at least this share of its waiting inside kernel calls."""

_NOT_SAMPLED = (LaneState.ABSENT, LaneState.MISSED)


def divide_waiting(ledger: WorkerLedger, ticks: WorkerTicks | None, tick_s: float | None = None) -> WorkerLedger:
    """Return the ledger with its measured waiting divided in the proportions that the lanes saw inside kernel calls.

    Waiting outside kernel calls is certainly for the GIL. Sleep counts as I/O. The three parts sum to the waiting. They stay
    None if the lanes cannot tell: no ticks, only the scheduler's state was readable, or ticks contradict the clocks.
    `tick_s` is the time between two ticks, given if the ticks are this worker's own.
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
    return replace(
        ledger,
        gil_wait_s=ledger.waiting_s - lock_s - io_s,
        lock_wait_s=lock_s,
        io_wait_s=io_s,
        waited_for=_name_waits(ticks.waited_for, inside_s, of_all),
        gil_queued_s=ticks.gil_queued_s,
        gil_handover_s=ticks.gil_handover_s,
    )


QUEUED_SHARE = 0.1
"""Queueing for a core from this share of the wall on hides waits for the GIL: a thread that queues does not ask for the GIL."""


def find_gil_wait_range(
    wall_s: float,
    gil_wait_s: float | None,
    queued_s: float | None,
    gil_queued_s: float | None,
    gil_handover_s: float | None,
) -> tuple[float, float] | None:
    """Return the least and the greatest share of the wall that a thread waited for the GIL, queueing for a core to ask for it
    included; None where there was little queueing, so that the ledger's figure is exact, or where it is not known.

    The least counts queueing between two waits in which it did not get the GIL; the greatest, also queueing next to its turns,
    during which the GIL was free or the thread had it.
    """
    if gil_wait_s is None or queued_s is None or wall_s <= 0 or queued_s <= QUEUED_SHARE * wall_s:
        return None
    least_s = gil_wait_s + min(gil_queued_s or 0.0, queued_s)
    most_s = min(least_s + (gil_handover_s or 0.0), gil_wait_s + queued_s, wall_s)
    return least_s / wall_s, most_s / wall_s


def _name_waits(targets: Sequence[WaitTarget], inside_s: float, of_all: float) -> tuple[NamedWait, ...]:
    """Return the largest waits for anything but the GIL, in proportion to their ticks."""
    known = [each for each in targets if each.name != GIL_WAIT and each.name not in UNKNOWN_WAITS]
    largest = sorted(known, key=lambda each: -each.ticks)[:MAX_NAMED_WAITS]
    return tuple(
        NamedWait(each.name, inside_s * each.ticks / of_all)
        for each in largest
        if each.ticks >= MIN_NAMED_SHARE * of_all > 0
    )


def measure_named_wait_s(ledger: WorkerLedger, name: str) -> float:
    """Return the seconds that a worker waited in the system call or at the lock of this name; 0 if that is not known."""
    return sum(each.seconds for each in ledger.waited_for or () if each.name == name)


def _has_enough_ticks(ledger: WorkerLedger, ticks: WorkerTicks, known: int) -> bool:
    """Return whether enough ticks of a known kind were seen for the waiting inside kernel calls."""
    if ledger.waiting_s is None or ledger.running_s is None:
        return False
    waiting_s = ledger.waiting_s - ledger.held_back_s
    inside_s = ledger.running_s + (ledger.queued_s or 0.0) + waiting_s
    observed = known + ticks.running + ticks.blocked
    if inside_s <= 0 or observed == 0 or ticks.blocked > known:
        return False
    expected = max(0.0, waiting_s) / inside_s * observed
    if known == 0:  # all waiting lies outside, except too little for a tick to see
        return ledger.held_back_s > 0 and waiting_s <= NEGLIGIBLE_SHARE * ledger.held_back_s
    return expected < FEW_TICKS or known >= MIN_SEEN_SHARE * expected


def _count_ticks_outside(ledger: WorkerLedger, ticks: WorkerTicks, tick_s: float | None) -> float:
    """Return how many ticks at the GIL fell before a kernel call: a worker announces itself first and may then have to wait.

    Its observed time minus its time in calls tells. This matters only if it waited for something else inside its calls.
    """
    others = ticks.lock + ticks.sleep + ticks.io
    if tick_s is None or ledger.held_back_s <= 0 or others == 0 or ledger.waiting_s is None:
        return 0.0
    observed = ticks.running + ticks.blocked + ticks.gil + others
    seen_s = (observed + ticks.missed) * tick_s
    inside_s = (ledger.running_s or 0.0) + (ledger.queued_s or 0.0) + ledger.waiting_s - ledger.held_back_s
    outside_s = min(max(0.0, seen_s - inside_s), ledger.held_back_s)
    return min(outside_s / seen_s * observed, ticks.gil)


def divide_all_waiting(
    ledgers: Sequence[WorkerLedger], ticks: Sequence[WorkerTicks], tick_s: float | None = None
) -> tuple[WorkerLedger, ...]:
    """Apply `divide_waiting` to every worker of a trial; ticks are matched by process and thread id.

    A worker with too few ticks of its own is divided by the ticks of all workers together: they do the same work at the same
    time and wait for each other.
    """
    ticks_by_thread = {(one.pid, one.tid): one for one in ticks}
    all_ticks = _add_ticks(ticks)
    divided = []
    for ledger in ledgers:
        worker_ticks = (
            None if ledger.pid is None or ledger.tid is None else ticks_by_thread.get((ledger.pid, ledger.tid))
        )
        result = divide_waiting(ledger, worker_ticks, tick_s)
        if result.gil_wait_s is None and worker_ticks is not None:
            result = divide_waiting(ledger, all_ticks)
            if result.gil_wait_s is not None:
                result = replace(
                    result, gil_queued_s=worker_ticks.gil_queued_s, gil_handover_s=worker_ticks.gil_handover_s
                )
        divided.append(result)
    return tuple(divided)


def _add_ticks(ticks: Sequence[WorkerTicks]) -> WorkerTicks | None:
    """Return the ticks of all workers added up; only their proportions are used."""
    if not ticks:
        return None
    names: Counter[str] = Counter()
    for one in ticks:
        names.update({target.name: target.ticks for target in one.waited_for})
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
        waited_for=tuple(WaitTarget(name, count) for name, count in names.most_common()),
    )


def mark_blocked_starts(lanes: Sequence[str], *, ended: bool) -> tuple[str, ...]:
    """Return lanes of threads that share one GIL, with the GIL's letter where a thread could not enter its kernel call for it.

    The ledger attributes the same time (see `host.ledger`): before a thread's first call and between two calls, while another
    thread is inside one. The lane of a thread that has not started is all ABSENT; once the trial has `ended`, it never will
    start. All lanes have the same length.
    """
    marked = []
    for index, lane in enumerate(lanes):
        others = (*lanes[:index], *lanes[index + 1 :])
        end = len(lane.rstrip(LaneState.ABSENT)) or (0 if ended else len(lane))
        marked.append(_GAP.sub(partial(_fill_gap, others=others), lane[:end]) + lane[end:])
    return tuple(marked)


_GAP = re.compile(re.escape(LaneState.ABSENT) + "+")


def _fill_gap(gap: re.Match[str], *, others: Sequence[str]) -> str:
    """Return the letters for a gap outside kernel calls: GIL where another thread is inside one."""
    others_in_gap = [other[gap.start() : gap.end()] for other in others]
    if any(LaneState.ABSENT not in letters for letters in others_in_gap):
        return LaneState.GIL * len(gap[0])
    columns = zip(*others_in_gap, strict=True)
    return (
        "".join(LaneState.ABSENT if set(column) == {LaneState.ABSENT} else LaneState.GIL for column in columns)
        or gap[0]
    )


@dataclass(frozen=True, slots=True)
class LaneShares:
    """Shares of the ticks at which the worker was observed inside a kernel call."""

    running: float
    gil: float
    lock: float
    io: float
    blocked: float


def measure_lane_shares(letters: str) -> LaneShares | None:
    """Return the shares of a lane; None if the worker was never observed."""
    counts = Counter(letters)
    observed = len(letters) - sum(counts[state] for state in _NOT_SAMPLED)
    if observed == 0:
        return None
    return LaneShares(
        running=counts[LaneState.RUNNING] / observed,
        gil=counts[LaneState.GIL] / observed,
        lock=counts[LaneState.LOCK] / observed,
        io=(counts[LaneState.SLEEP] + counts[LaneState.IO]) / observed,
        blocked=counts[LaneState.BLOCKED] / observed,
    )


def count_handoffs(lanes: Sequence[str]) -> int:
    """Return how often the only running worker was followed by another one.

    Ticks at which no worker or several ran are skipped: while a thread hands over the GIL, both may be seen running.
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
