"""The verdict on waits for the GIL in a watched program: who waited, and what the thread with the GIL did meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pi_tui.analysis.advice.codes import AdviceCode
from pi_tui.analysis.results import Advice
from pi_tui.analysis.text.prose import capital, count, grouped, percent
from pi_tui.analysis.watch.judged_threads import NOTABLE_SHARE, SIMILAR_SHARES, Evidence, JudgedThread, describe_wait
from pi_tui.analysis.watch.watch_record import ThreadLedger
from pi_tui.host.lane_types import PAGE_FAULT

CONVOY_SLICES_PER_S = 1000.0

_MIN_SHARE_OF_MOST = 0.4
"""Threads with less than this share of the longest GIL wait are not mentioned beside it."""

_MIN_CONTENDED_TICKS = 10
_MIN_RUNNER_SHARE = 0.1
_MOST_RUNNERS = 3
_MIN_STALLED_SHARE = 0.1
_MIN_BLOCKED_SHARE = 0.9
"""The thread that is blocked with the GIL is blocked at nearly all ticks at which threads wait and none runs."""

_MIN_RUNNING_SHARE = 0.005
"""Whoever takes the GIL runs now and then; a thread that ran less than this only happens to be blocked at the same time."""

_LEAD = 0.2
"""Of several threads that may be blocked with the GIL, one is named if it is blocked at other ticks less often by this."""

_QUEUED = 0.1


class _Runner(NamedTuple):
    """A thread, and the share of the ticks with waiters at which it ran or was ready to run."""

    one: JudgedThread
    share: float


def judge_gil_wait(everyone: Sequence[JudgedThread]) -> Advice | None:
    """Judge the threads that waited for the GIL; name the threads that ran meanwhile, or were blocked with the GIL."""
    waiters = [one for one in everyone if one.share(_least_gil_wait_s(one.ledger)) >= NOTABLE_SHARE]
    if not waiters:
        return None
    most = max(one.share(_least_gil_wait_s(one.ledger)) for one in waiters)
    waiters = [one for one in waiters if one.share(_least_gil_wait_s(one.ledger)) >= _MIN_SHARE_OF_MOST * most]
    waited, evidence = _describe_gil_wait(waiters)
    who = capital(count(len(waiters), "Python thread"))
    slices = max((one.ledger.slices or 0) / one.ledger.wall_s for one in waiters)
    holders = _describe_holders(waiters, everyone)
    if slices > CONVOY_SLICES_PER_S and holders.blocked is None:
        sentence = (
            f"{who} formed a convoy at the GIL: {waited} of the time in short waits, up to {grouped(slices)} per "
            "second; use calls that do more work each, or processes, to avoid this."
        )
        return Advice(AdviceCode.GIL_CONVOY, sentence, {**evidence, "slices_per_s": slices})
    if len(waiters) == 1:
        others = "" if holders.sentence else ", which other threads held"
        sentence = f"One Python thread ({waiters[0].name}) {waited} of the time for the GIL{others}"
    else:
        turns = "took turns: " if holders.blocked is None else ""
        sentence = f"{who} {turns}{waited} of the time for the GIL"
    return Advice(
        AdviceCode.GIL_TURNS,
        f"{sentence}{holders.sentence}; {holders.remedy} to avoid this.",
        {**evidence, **holders.evidence},
    )


def _least_gil_wait_s(ledger: ThreadLedger) -> float | None:
    """Return how long a thread waited for the GIL at least: more than it was blocked there, if it queued much for a core."""
    found = ledger.gil_wait_range
    return ledger.gil_wait_s if found is None else found[0] * ledger.wall_s


def _describe_gil_wait(waiters: Sequence[JudgedThread]) -> tuple[str, Evidence]:
    """Return "each waited 48%"; "each waited 36% to 50%" if the threads queued so much that the figure is a range."""
    _, evidence = describe_wait(waiters, lambda ledger: ledger.gil_wait_s, "gil_wait")
    waited, least = describe_wait(waiters, _least_gil_wait_s, "gil_wait_least")
    ranges = [one.ledger.gil_wait_range or (one.share(one.ledger.gil_wait_s),) * 2 for one in waiters]
    low, high = (sum(ends) / len(ranges) for ends in zip(*ranges, strict=True))
    if all(one.ledger.gil_wait_range is None for one in waiters) or percent(low) == percent(high):
        return waited, evidence
    alike = max(ends[0] for ends in ranges) - min(ends[0] for ends in ranges) <= SIMILAR_SHARES
    each = "" if len(waiters) == 1 else "each " if alike else "on average they "
    evidence |= {"gil_wait_least": least["gil_wait_least"], "gil_wait_greatest": high}
    return f"{each}waited {percent(low)} to {percent(high)}", evidence


def find_blocked_holder(everyone: Sequence[JudgedThread], pid: int) -> JudgedThread | None:
    """Return the thread of a process that was blocked with the GIL while others waited for it; None if it is not certain.

    If threads wait for the GIL and none runs, one of the blocked threads has it. It must have run to take it, and unlike
    threads that only happen to be idle, it is blocked then more than at other times.
    """
    candidates = []
    for one in everyone:
        if one.seen.pid != pid:
            continue
        contended, stalled, blocked = (one.ticks(f"gil_{name}") for name in ("contended", "stalled", "blocked"))
        if contended < _MIN_CONTENDED_TICKS or blocked < _MIN_BLOCKED_SHARE * stalled:
            continue
        if stalled < max(_MIN_CONTENDED_TICKS, _MIN_STALLED_SHARE * contended):
            continue
        if one.ticks("running") >= max(1.0, _MIN_RUNNING_SHARE * one.sampled):
            at_all_times = one.sampled - one.ticks("running") - one.ticks("gil")
            elsewhere = max(0, at_all_times - blocked) / max(1, one.sampled - stalled)
            candidates.append((blocked / stalled - elsewhere, one))
    candidates.sort(key=lambda each: -each[0])
    if not candidates or (len(candidates) > 1 and candidates[0][0] - candidates[1][0] < _LEAD):
        return None
    return candidates[0][1]


class _Holders(NamedTuple):
    """What is said of the threads that had the GIL: the end of a sentence, what to do, and the figures."""

    sentence: str
    remedy: str
    evidence: Evidence
    blocked: JudgedThread | None = None


_GENERAL_REMEDY = "use processes or a free-threaded Python"
_UNKNOWN = _Holders("", _GENERAL_REMEDY, {})


def _describe_holders(waiters: Sequence[JudgedThread], everyone: Sequence[JudgedThread]) -> _Holders:
    pids = {one.seen.pid for one in waiters}
    if len(pids) > 1:  # several GILs, each with its own holders
        return _UNKNOWN
    (pid,) = pids
    blocked = find_blocked_holder(everyone, pid)
    if blocked is not None:
        return _describe_blocked(blocked)
    runners = [
        _Runner(one, one.ticks("gil_ran") / one.ticks("gil_contended"))
        for one in everyone
        if one.seen.pid == pid and one.seen.gil_contended is not None
        if one.ticks("gil_contended") >= _MIN_CONTENDED_TICKS
    ]
    runners = sorted((each for each in runners if each.share >= _MIN_RUNNER_SHARE), key=lambda each: -each.share)
    if not runners:
        return _UNKNOWN
    first = runners[0]
    ran = "ran" if first.one.queued < _QUEUED else "ran or was queued for a core"
    names = [f"{each.one.name} {percent(each.share)}" for each in runners[:_MOST_RUNNERS]]
    names[0] = f"{first.one.name} {ran} {percent(first.share)}"
    listed = " and ".join(names) if len(names) < 3 else f"{', '.join(names[:-1])} and {names[-1]}"
    evidence: Evidence = {"holder": first.one.name, "holder_tid": first.one.seen.tid, "holder_ran": first.share}
    alone = len(runners) == 1 and first.one not in waiters
    remedy = "move its computing to a process, or use a free-threaded Python," if alone else _GENERAL_REMEDY
    return _Holders(f"; meanwhile {listed} of that time", remedy, evidence)


def _describe_blocked(one: JudgedThread) -> _Holders:
    share = one.ticks("gil_blocked") / one.ticks("gil_contended")
    at = one.seen.gil_blocked_at
    evidence: Evidence = {
        "holder": one.name,
        "holder_tid": one.seen.tid,
        "holder_blocked": share,
        "holder_blocked_at": at,
    }
    if at == PAGE_FAULT:
        told = f"{one.name} waited for the disk (page faults) with the GIL held"
        remedy = "read the file with read(), which releases the GIL, or touch its pages in a process,"
        if one.seen.major_faults is not None:
            evidence["major_faults"] = one.seen.major_faults
    else:
        told = f"{one.name} was blocked{f' in {at}' if at else ''} with the GIL held"
        remedy = "release the GIL in that call, or make it in a process,"
    return _Holders(f"; meanwhile {told}, {percent(share)} of that time", remedy, evidence, one)
