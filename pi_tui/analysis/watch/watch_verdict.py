"""The verdict on a watch, in sentences: which threads waited for what, or that nothing is wrong."""

from __future__ import annotations

from collections.abc import Sequence

from pi_tui.analysis.advice.codes import AdviceCode
from pi_tui.analysis.results import Advice
from pi_tui.analysis.text.prose import capital, count, format_seconds, grouped, percent, significant
from pi_tui.analysis.watch.core_verdict import judge_queueing
from pi_tui.analysis.watch.gil_verdict import judge_gil_wait
from pi_tui.analysis.watch.judged_threads import (
    NOTABLE_WAIT_SHARE,
    Evidence,
    JudgedThread,
    describe_wait,
    list_judged_threads,
)
from pi_tui.analysis.watch.loop_verdict import judge_event_loop
from pi_tui.analysis.watch.watch_record import WatchRecord

BUSY_SHARE = 0.05
"""A thread is busy if it was on a core, or ready for one, for this share of its time; the others are there to wait."""

POLLING_SLEEP_S = 0.2
"""Sleeps up to this long, one after the other, are those of code that polls."""

_MIN_SLEEPS = 5
_MOSTLY = 0.9
_IDLE_CORES = 0.01
_FILE_LOCKS = ("lockf", "flock")


def judge_watch(record: WatchRecord, *, recent: bool = False) -> tuple[Advice, ...]:
    """Return the sentences, the most important first; none before anything was seen.

    `recent` restricts them to the last second and to threads that are alive.
    """
    everyone = list_judged_threads(record, recent=recent)
    if not everyone:
        return ()
    if all(one.ledger.running_s is None for one in everyone):
        sentence = "This system does not report how long threads run and wait: only the lanes are known."
        return (Advice(AdviceCode.WAITING, sentence, {}),)
    found = [
        each
        for each in (
            judge_event_loop(everyone),
            judge_gil_wait(everyone),
            _judge_lock_wait(everyone),
            _judge_page_faults(everyone),
            judge_queueing(everyone, record.core_use(recent=recent)),
            _judge_unknown_wait(everyone),
        )
        if each
    ]
    return tuple(found) or (_judge_alternating(everyone) or _judge_polling(everyone) or _judge_healthy(everyone),)


def _judge_lock_wait(everyone: Sequence[JudgedThread]) -> Advice | None:
    """Judge threads that alternate between work and locks, or wait for a lock on a file, which another process may hold.

    A pool's thread that only waits for work is not one of them.
    """
    waiters = [
        one
        for one in everyone
        if (one.running >= BUSY_SHARE or one.seen.waits_at in _FILE_LOCKS)
        and one.share(one.ledger.lock_wait_s) >= NOTABLE_WAIT_SHARE
    ]
    if not waiters:
        return None
    waited, evidence = describe_wait(waiters, lambda ledger: ledger.lock_wait_s, "lock_wait")
    who = capital(count(len(waiters), "thread"))
    others = "a lock other than the GIL" if any(one.python for one in waiters) else "a lock"
    places = {one.seen.waits_at for one in waiters}
    if places <= set(_FILE_LOCKS):
        others = f"a lock on a file ({' and '.join(sorted(places))})"
        who = "One thread" if len(waiters) == 1 else who
        return Advice(
            AdviceCode.LOCK_WAIT, f"{who} {waited} of the time for {others}, which another process held.", evidence
        )
    if len(waiters) == 1:
        return Advice(
            AdviceCode.LOCK_WAIT,
            f"One thread {waited} of the time for {others}, or for other threads to finish.",
            evidence,
        )
    sentence = f"{who} contended for locks or passed work on: {waited} of the time for {others}."
    return Advice(AdviceCode.LOCK_WAIT, sentence, evidence)


def _judge_alternating(everyone: Sequence[JudgedThread]) -> Advice | None:
    """Judge threads of an idle program that slept or waited for input and output in turns with waits for a lock.

    They may wait for a lock that one of them keeps while it sleeps, or for work that others pass on: this cannot be told
    apart from outside.
    """
    waiters = [
        one
        for one in everyone
        if min(one.share(one.ledger.lock_wait_s), one.share(one.ledger.io_wait_s)) >= NOTABLE_WAIT_SHARE
    ]
    if len(waiters) < 2:
        return None
    waited, evidence = describe_wait(waiters, lambda ledger: ledger.lock_wait_s, "lock_wait")
    slept = max(one.share(one.ledger.io_wait_s) for one in waiters)
    return Advice(
        AdviceCode.LOCK_WAIT,
        f"{capital(count(len(waiters), 'thread'))} were hardly on a core: {waited} of the time for a lock or for work, and "
        f"slept or waited for input and output up to {percent(slept)}. If they share a lock, one that sleeps or waits with "
        "it keeps the others waiting.",
        {**evidence, "io_wait_most": slept},
    )


def _judge_page_faults(everyone: Sequence[JudgedThread]) -> Advice | None:
    waiters = [one for one in everyone if one.page_fault_share >= NOTABLE_WAIT_SHARE]
    if not waiters:
        return None
    waited, evidence = describe_wait(waiters, lambda ledger: ledger.io_wait_s, "io_wait")
    most = max(one.page_fault_share for one in waiters)
    pages = sum(one.ticks("major_faults") for one in waiters)
    evidence = {**evidence, "page_fault_most": most, "major_faults": pages}
    who = capital(count(len(waiters), "thread"))
    waited = f"waited {'up to ' if len(waiters) > 1 else ''}{percent(most)} of the time at page faults"
    if pages == 0:
        return Advice(
            AdviceCode.DISK_FAULTS,
            f"{who} {waited}, and none of them read the disk: memory was short, or its map was being changed.",
            evidence,
        )
    return Advice(
        AdviceCode.DISK_FAULTS,
        f"{who} {waited}, for {grouped(pages, 3)} pages from the disk: parts of a mapped file, or swapped memory; read "
        "the file in large pieces beforehand (read, madvise) to avoid this.",
        evidence,
    )


def _judge_unknown_wait(everyone: Sequence[JudgedThread]) -> Advice | None:
    """Judge the waiting of busy threads whose kind is unknown."""
    waiters = [
        one
        for one in everyone
        if one.wants >= BUSY_SHARE
        and one.ledger.gil_wait_s is None
        and one.share(one.ledger.waiting_s) >= NOTABLE_WAIT_SHARE
    ]
    if not waiters:
        return None
    waited, evidence = describe_wait(waiters, lambda ledger: ledger.waiting_s, "waiting")
    who = capital(count(len(waiters), "busy thread"))
    why = "was not seen often enough" if all(one.seen.calls for one in waiters) else "cannot be seen here"
    return Advice(AdviceCode.WAITING, f"{who}: {waited} of the time, for a reason that {why}.", evidence)


def _judge_polling(everyone: Sequence[JudgedThread]) -> Advice | None:
    """Judge an idle program whose threads sleep briefly again and again."""
    if any(one.running >= BUSY_SHARE for one in everyone):
        return None
    pollers = [(length_s, one) for one in everyone if (length_s := _measure_short_sleeps(one)) is not None]
    if not pollers:
        return None
    length_s, one = max(pollers, key=lambda each: each[1].ledger.slices or 0)
    per_s = (one.ledger.slices or 0) / one.ledger.wall_s
    who = "It" if len(everyone) == 1 else f"{capital(count(len(pollers), 'thread'))}"
    return Advice(
        AdviceCode.POLLING,
        f"{who} slept {percent(one.share(one.ledger.io_wait_s))} of the time, in short sleeps (up to {grouped(per_s)} per "
        f"second, of {format_seconds(significant(length_s, 2))} or more), as code does that polls. If it polls for what others "
        "hold (a lock file, a database), it notices up to one sleep late, and a lock or an event that wakes it is sooner.",
        {"threads": len(pollers), "sleeps_per_s": per_s, "sleep_s": length_s},
    )


def _measure_short_sleeps(one: JudgedThread) -> float | None:
    """Return the least mean length of a thread's sleeps if it did little but sleep briefly; None otherwise.

    A thread that only sleeps is put on a core at least once per sleep.
    """
    sleeps = one.ledger.slices or 0
    mostly = one.ticks("sleep") >= _MOSTLY * max(1, one.sampled - one.ticks("running"))
    if sleeps < _MIN_SLEEPS or not mostly or one.ledger.io_wait_s is None:
        return None
    length_s = one.ledger.io_wait_s / sleeps
    return length_s if length_s <= POLLING_SLEEP_S and one.share(one.ledger.io_wait_s) >= _MOSTLY else None


def _judge_healthy(everyone: Sequence[JudgedThread]) -> Advice:
    """Say that nothing is wrong, and what the program did."""
    wall_s = max(one.ledger.wall_s for one in everyone)
    cores = sum(one.ledger.running_s or 0.0 for one in everyone) / wall_s
    busy = [one for one in everyone if one.running >= BUSY_SHARE]
    evidence: Evidence = {"cores": cores, "threads": len(everyone), "busy": len(busy)}
    if not busy:
        main = max(everyone, key=lambda one: one.ledger.wall_s)
        at = main.seen.waits_at
        slept = main.seen.sleep >= max(1, main.seen.io, main.seen.lock)
        verb = "It slept" if slept else "It waited"
        on = "hardly ever" if cores < _IDLE_CORES else f"{percent(cores)} of the time"
        where = f" ({at})" if at else ""
        return Advice(AdviceCode.IO_WAIT, f"{verb}{where} and was {on} on a core. Nothing is wrong.", evidence)
    waits = [one.share(one.ledger.io_wait_s) for one in busy]
    waited = max(waits) >= NOTABLE_WAIT_SHARE
    if len(busy) == 1:
        sentence = f"One thread did the work: it was on a core {percent(busy[0].running)} of the time"
        at = f" ({busy[0].seen.waits_at})" if busy[0].seen.waits_at else ""
        rest = f"slept or waited for input and output{at} {percent(waits[0])}"
    else:
        sentence = f"{capital(count(len(busy), 'thread'))} kept {cores:.1f} cores busy"
        rest = f"slept or waited for input and output up to {percent(max(waits))} of the time"
    if waited:
        return Advice(AdviceCode.PARALLEL, f"{sentence} and {rest}.", {**evidence, "io_wait_most": max(waits)})
    ending = "hardly waited" if len(busy) == 1 else "hardly delayed each other"
    return Advice(AdviceCode.PARALLEL, f"{sentence} and {ending}. Nothing is wrong.", evidence)
