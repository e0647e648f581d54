"""The verdict on a watch, in sentences: which threads waited for what, or that nothing is wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from pi_tui.analysis.advice.codes import AdviceCode
from pi_tui.analysis.results import Advice
from pi_tui.analysis.text.prose import capital, count, grouped, percent
from pi_tui.analysis.watch.watch_record import ThreadLedger, WatchedThread, WatchRecord

NOTABLE_SHARE = 0.05
"""Shares of a thread's time below this are not mentioned."""

BUSY_SHARE = 0.05
"""A thread is busy if it was on a core, or ready for one, for this share of its time; the others are there to wait."""

SIMILAR_SHARES = 0.1
CONVOY_SLICES_PER_S = 1000.0
MIN_SEEN_S = 0.05
"""A thread that was observed for less than this is ignored."""

_MIN_SHARE_OF_MOST = 0.4
"""Threads with less than this share of the longest GIL wait are not mentioned beside it."""

_IDLE_CORES = 0.01
_NOTABLE_WAIT_SHARE = 0.1


class _JudgedThread(NamedTuple):
    """A thread with its ledger, and whether it belongs to a Python process."""

    thread: WatchedThread
    ledger: ThreadLedger
    python: bool

    def share(self, seconds: float | None) -> float:
        return self.ledger.share(seconds) or 0.0

    @property
    def running(self) -> float:
        return self.share(self.ledger.running_s)

    @property
    def wants(self) -> float:
        """The share of its time that it was on a core, or kept off one by other threads or by the GIL."""
        return self.running + self.share(self.ledger.queued_s) + self.share(self.ledger.gil_wait_s)


def judge_watch(record: WatchRecord, *, recent: bool = False) -> tuple[Advice, ...]:
    """Return the sentences, the most important first; none before anything was seen.

    `recent` restricts them to the last second and to threads that are alive.
    """
    everyone = _list_threads(record, recent=recent)
    if not everyone:
        return ()
    if all(one.ledger.running_s is None for one in everyone):
        sentence = "This system does not report how long threads run and wait: only the lanes are known."
        return (Advice(AdviceCode.WAITING, sentence, {}),)
    found = [
        each
        for each in (
            _judge_gil_wait(everyone),
            _judge_lock_wait(everyone),
            _judge_queueing(everyone),
            _judge_unknown_wait(everyone),
        )
        if each
    ]
    return tuple(found) or (_judge_healthy(everyone),)


def _list_threads(record: WatchRecord, *, recent: bool) -> list[_JudgedThread]:
    pythons = {pid for pid, process in record.processes.items() if process.python}
    threads = [each for each in record.threads if not (recent and each.latest.ended)]
    ones = [
        _JudgedThread(each, each.recent_ledger() if recent else each.total_ledger(), each.latest.pid in pythons)
        for each in threads
    ]
    return [one for one in ones if one.ledger.wall_s >= MIN_SEEN_S]


def _judge_gil_wait(everyone: Sequence[_JudgedThread]) -> Advice | None:
    waiters = [one for one in everyone if one.share(one.ledger.gil_wait_s) >= NOTABLE_SHARE]
    if not waiters:
        return None
    most = max(one.share(one.ledger.gil_wait_s) for one in waiters)
    waiters = [one for one in waiters if one.share(one.ledger.gil_wait_s) >= _MIN_SHARE_OF_MOST * most]
    waited, evidence = _describe_wait(waiters, lambda ledger: ledger.gil_wait_s, "gil_wait")
    who = capital(count(len(waiters), "Python thread"))
    slices = max((one.ledger.slices or 0) / one.ledger.wall_s for one in waiters)
    if slices > CONVOY_SLICES_PER_S:
        sentence = (
            f"{who} formed a convoy at the GIL: {waited} of the time in short waits, up to {grouped(slices)} per "
            "second; use calls that do more work each, or processes, to avoid this."
        )
        return Advice(AdviceCode.GIL_CONVOY, sentence, {**evidence, "slices_per_s": slices})
    if len(waiters) == 1:
        sentence = f"One Python thread {waited} of the time for the GIL, which other threads held"
    else:
        sentence = f"{who} took turns: {waited} of the time for the GIL"
    return Advice(AdviceCode.GIL_TURNS, f"{sentence}; use processes or a free-threaded Python to avoid this.", evidence)


def _judge_lock_wait(everyone: Sequence[_JudgedThread]) -> Advice | None:
    """Judge threads that alternate between work and locks; a pool's thread that only waits for work is not one of them."""
    waiters = [
        one
        for one in everyone
        if one.running >= BUSY_SHARE and one.share(one.ledger.lock_wait_s) >= _NOTABLE_WAIT_SHARE
    ]
    if not waiters:
        return None
    waited, evidence = _describe_wait(waiters, lambda ledger: ledger.lock_wait_s, "lock_wait")
    who = capital(count(len(waiters), "thread"))
    others = "a lock other than the GIL" if any(one.python for one in waiters) else "a lock"
    if len(waiters) == 1:
        return Advice(
            AdviceCode.LOCK_WAIT,
            f"One thread {waited} of the time for {others}, or for other threads to finish.",
            evidence,
        )
    sentence = f"{who} contended for locks or passed work on: {waited} of the time for {others}."
    return Advice(AdviceCode.LOCK_WAIT, sentence, evidence)


def _judge_queueing(everyone: Sequence[_JudgedThread]) -> Advice | None:
    waiters = [one for one in everyone if one.share(one.ledger.queued_s) >= _NOTABLE_WAIT_SHARE]
    if not waiters:
        return None
    waited, evidence = _describe_wait(waiters, lambda ledger: ledger.queued_s, "queued")
    who = capital(count(len(waiters), "thread"))
    verb = "was" if len(waiters) == 1 else "were"
    sentence = f"{who} {verb} ready to run while other threads had the cores: {waited} of the time."
    return Advice(AdviceCode.SHARED_CORES, sentence, evidence)


def _judge_unknown_wait(everyone: Sequence[_JudgedThread]) -> Advice | None:
    """Judge the waiting of busy threads whose kind is unknown."""
    waiters = [
        one
        for one in everyone
        if one.wants >= BUSY_SHARE
        and one.ledger.gil_wait_s is None
        and one.share(one.ledger.waiting_s) >= _NOTABLE_WAIT_SHARE
    ]
    if not waiters:
        return None
    waited, evidence = _describe_wait(waiters, lambda ledger: ledger.waiting_s, "waiting")
    who = capital(count(len(waiters), "busy thread"))
    why = "was not seen often enough" if all(one.thread.latest.calls for one in waiters) else "cannot be seen here"
    return Advice(AdviceCode.WAITING, f"{who}: {waited} of the time, for a reason that {why}.", evidence)


def _judge_healthy(everyone: Sequence[_JudgedThread]) -> Advice:
    """Say that nothing is wrong, and what the program did."""
    wall_s = max(one.ledger.wall_s for one in everyone)
    cores = sum(one.ledger.running_s or 0.0 for one in everyone) / wall_s
    busy = [one for one in everyone if one.running >= BUSY_SHARE]
    evidence: dict[str, float | int | str] = {"cores": cores, "threads": len(everyone), "busy": len(busy)}
    if not busy:
        main = max(everyone, key=lambda one: one.ledger.wall_s)
        at = main.thread.latest.waits_at
        slept = main.thread.latest.sleep >= max(1, main.thread.latest.io, main.thread.latest.lock)
        verb = "It slept" if slept else "It waited"
        on = "hardly ever" if cores < _IDLE_CORES else f"{percent(cores)} of the time"
        where = f" ({at})" if at else ""
        return Advice(AdviceCode.IO_WAIT, f"{verb}{where} and was {on} on a core. Nothing is wrong.", evidence)
    if len(busy) == 1:
        sentence = (
            f"One thread did the work: it was on a core {percent(busy[0].running)} of the time and hardly waited."
        )
    else:
        sentence = f"{capital(count(len(busy), 'thread'))} kept {cores:.1f} cores busy and hardly delayed each other."
    return Advice(AdviceCode.PARALLEL, f"{sentence} Nothing is wrong.", evidence)


def _describe_wait(
    ones: Sequence[_JudgedThread], part: Callable[[ThreadLedger], float | None], name: str
) -> tuple[str, dict[str, float | int | str]]:
    """Return "each waited 48%", "waited 48%" for one, or "waited up to 60%, 31% on average"; and the figures."""
    shares = [one.share(part(one.ledger)) for one in ones]
    mean = sum(shares) / len(shares)
    evidence: dict[str, float | int | str] = {"threads": len(ones), name: mean, f"{name}_most": max(shares)}
    if len(shares) == 1:
        return f"waited {percent(mean)}", evidence
    if max(shares) - min(shares) <= SIMILAR_SHARES:
        return f"each waited {percent(mean)}", evidence
    return f"they waited up to {percent(max(shares))}, {percent(mean)} on average,", evidence
