"""The verdict on event loops in a watched program: how long one stayed away from its selector, and what it did instead."""

from __future__ import annotations

from collections.abc import Sequence

from pi_tui.analysis.advice.codes import AdviceCode
from pi_tui.analysis.results import Advice
from pi_tui.analysis.text.prose import format_seconds, percent, significant
from pi_tui.analysis.watch.judged_threads import NOTABLE_SHARE, JudgedThread

MIN_AWAY_S = 0.1
"""The shortest absence that is mentioned: asyncio's debug mode reports callbacks that last as long.

Source: https://docs.python.org/3/library/asyncio-dev.html, `loop.slow_callback_duration`.
"""

MIN_RETURNS = 3
"""A thread that came back to its selector less often than this is not called an event loop."""

_LONG_AWAY_S = 1.0
"""An absence of this length is mentioned even if it is a small share of the time."""

_COMPUTES = 0.2
"""From this share of its time on a core, an event loop computes too much, whatever else holds it up."""


def judge_event_loop(everyone: Sequence[JudgedThread]) -> Advice | None:
    """Judge the event loop that stayed away from its selector for longest, if it did so notably."""
    loops = [one for one in everyone if one.seen.selector_returns >= MIN_RETURNS]
    delayed = [(away_s, one) for one in loops if (away_s := _find_notable_absence_s(one)) is not None]
    if not delayed:
        return None
    away_s, one = max(delayed, key=lambda each: each[0])
    shares = {
        "gil_wait": one.share(one.ledger.gil_wait_s),
        "lock_wait": one.share(one.ledger.lock_wait_s),
        "elsewhere": _blocked_elsewhere(one),
    }
    which = "The event loop" if len(loops) == 1 else f"One of {len(loops)} event loops"
    ready = f" (and {percent(one.queued)} queued for one)" if one.queued >= NOTABLE_SHARE else ""
    return Advice(
        AdviceCode.EVENT_LOOP,
        f"{which} (thread {one.name}) was away from its selector for up to {format_seconds(significant(away_s, 2))} and on a "
        f"core {percent(one.running)} of the time{ready}{_describe_cause(one, shares)}",
        {
            "loops": len(loops),
            "tid": one.seen.tid,
            "away_s": away_s,
            "returns": one.seen.selector_returns,
            "running": one.running,
            "queued": one.queued,
            **shares,
        },
    )


def _find_notable_absence_s(one: JudgedThread) -> float | None:
    away_s = one.thread.find_longest_absence_s(recent=one.recent)
    outside = 1 - one.ticks("selector") / one.sampled if one.sampled else 0.0
    return away_s if away_s >= (MIN_AWAY_S if outside >= NOTABLE_SHARE else _LONG_AWAY_S) else None


def _blocked_elsewhere(one: JudgedThread) -> float:
    """Return the share of its time that it slept or waited for input and output, but not in its selector."""
    waited = one.ticks("sleep") + one.ticks("io")
    elsewhere = max(0, waited - one.ticks("selector") - one.ticks("page_fault"))
    return one.share(one.ledger.io_wait_s) * elsewhere / waited if waited else 0.0


def _describe_cause(one: JudgedThread, shares: dict[str, float]) -> str:
    """Return the end of the sentence: what else the thread did, what follows, and what to do about it."""
    largest = max(shares, key=lambda name: shares[name])
    waits = ": everything else on it waits meanwhile"
    to_thread = " (asyncio.to_thread)" if one.python else ""
    if one.running >= max(_COMPUTES, shares[largest]) or (shares[largest] < NOTABLE_SHARE and one.running > one.queued):
        where = "asyncio.to_thread, a process pool" if one.python else "another thread or process"
        return f"{waits}; move the computing out of the loop ({where})."
    if shares[largest] < NOTABLE_SHARE:
        return f"{waits}; it was ready to run, and other threads had the cores."
    if largest == "gil_wait":
        return (
            f"; it waited {percent(shares[largest])} of the time for the GIL{waits}; move the computing of the other "
            "threads to processes."
        )
    what = "for a lock" if largest == "lock_wait" else "in calls that block"
    return (
        f"; it waited {percent(shares[largest])} of the time {what}{waits}; make such calls in another thread"
        f"{to_thread}, or use their asynchronous form."
    )
