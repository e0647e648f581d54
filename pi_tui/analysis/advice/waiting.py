"""Verdicts on waiting: for the GIL in turns or in a convoy, for another lock, for I/O, or of an unknown kind."""

from __future__ import annotations

from collections.abc import Callable

from pi_tui.analysis.advice.codes import AdviceCode
from pi_tui.analysis.advice.context import AdviceContext
from pi_tui.analysis.results import Advice
from pi_tui.analysis.text.prose import capital, count, grouped, percent, times
from pi_tui.host.protocol import WorkerLedger

CONVOY_SWITCHES_PER_S = 1000.0
"""Threads that alternate at the switch interval change about 200 times per second; those in a convoy, thousands of times."""

SIMILAR_SHARES = 0.1
"""Workers whose shares differ by at most this are described as "each"."""


def judge_gil_wait(context: AdviceContext) -> Advice | None:
    """Judge workers that waited for the GIL: in turns, or in a convoy of many short waits."""
    share = context.share(context.waits.gil)
    evidence: dict[str, float | int | str] = {
        "gil_wait": context.waits.gil,
        "share": share,
        "certainty": "lanes" if context.lanes_seen else "the kernel never releases the GIL",
    }
    if context.noun != "thread" or context.workers == 1:
        return Advice(
            AdviceCode.GIL_TURNS,
            f"The last worker to finish waited {percent(share)} of the time for a GIL that it shares with no other "
            "worker: threads that the kernel started held it.",
            evidence,
        )
    switches = context.switches_per_s
    if switches is not None and switches > CONVOY_SWITCHES_PER_S and context.conditions.kernel.holds_gil is not True:
        return _judge_convoy(context, share, switches, evidence)
    several = capital(count(context.workers, context.noun, context.nouns))
    if context.losses.queued is None and not context.lanes_seen:
        return Advice(
            AdviceCode.GIL_TURNS,
            f"{several} of a kernel that never releases the GIL can only take turns: the last to finish was blocked or "
            f"queued {percent(share)} of the time (this system does not tell which); {_suggest_remedy(context)}.",
            evidence,
        )
    waited = _describe_wait(context, lambda worker: worker.gil_wait_s if context.lanes_seen else worker.waiting_s)
    return Advice(
        AdviceCode.GIL_TURNS,
        f"{several} took turns: {waited} of the time for the GIL; {_suggest_remedy(context)}.",
        evidence,
    )


def _judge_convoy(
    context: AdviceContext, share: float, switches: float, evidence: dict[str, float | int | str]
) -> Advice:
    return Advice(
        AdviceCode.GIL_CONVOY,
        f"{capital(count(context.workers, context.noun, context.nouns))} formed a convoy at the GIL: {percent(share)} of the "
        f"time went to short waits, up to {grouped(switches)} per second; use larger blocks, so that each call does much "
        "more work, or processes, to avoid this.",
        {**evidence, "switches_per_s": switches},
    )


def _suggest_remedy(context: AdviceContext) -> str:
    """Return what would avoid the turns, the smallest change first."""
    kernel = context.conditions.kernel
    if kernel.holds_gil is True and kernel.twin is not None:
        return f"use {kernel.twin}, which releases the GIL, or processes to avoid this"
    if context.result.free_threaded_build:
        return "use the same interpreter with its GIL off, or processes, to avoid this"
    return "use processes or a free-threaded Python to avoid this"


def judge_lock_wait(context: AdviceContext) -> Advice | None:
    """Judge workers that waited for a lock other than the GIL."""
    share = context.share(context.waits.lock)
    waited = _describe_wait(context, lambda worker: worker.lock_wait_s)
    several = capital(count(context.workers, context.noun, context.nouns))
    kernel = context.conditions.kernel
    if kernel.shared_stream:
        owner = "NumPy's shared random state" if "numpy" in kernel.needs else "the shared random generator"
        which = f"the lock of {owner}, not the GIL; use one generator per worker to avoid this"
        which += f", as {kernel.unshared} does" if kernel.unshared else ""
    else:
        which = "a lock other than the GIL; look for what the workers share (a queue, a generator, a library's state)"
    if context.workers == 1:
        return Advice(
            AdviceCode.LOCK_WAIT,
            f"The {context.noun} waited {percent(share)} of the time for a lock other than the GIL, with no other worker "
            "running: something that the kernel started holds it.",
            {"lock_wait": context.waits.lock, "share": share},
        )
    return Advice(
        AdviceCode.LOCK_WAIT,
        f"{several} contended: {waited} of the time for {which}.",
        {"lock_wait": context.waits.lock, "share": share},
    )


def judge_io_wait(context: AdviceContext) -> Advice | None:
    """Judge workers that slept or waited for input or output."""
    share = context.share(context.waits.io)
    evidence: dict[str, float | int | str] = {
        "io_wait": context.waits.io,
        "share": share,
        "certainty": "lanes" if context.lanes_seen else "the baseline waits alone",
    }
    if _gil_held_while_asleep(context):
        return Advice(
            AdviceCode.IO_WAIT,
            f"The last worker to finish slept or waited for I/O {percent(share)} of the time, and the GIL was held "
            "meanwhile, so the waits did not overlap: release the GIL during waits, or use processes, to let them overlap.",
            evidence,
        )
    comparable = context.workers > 1 and context.result.speedup is not None
    gained = f" (here {times(context.result.speedup or 0.0)} as fast as one)" if comparable else ""
    return Advice(
        AdviceCode.IO_WAIT,
        f"The last worker to finish slept or waited for I/O {percent(share)} of the time: such waits overlap even "
        f"with the GIL{gained}, so more workers than cores can pay off.",
        evidence,
    )


def _gil_held_while_asleep(context: AdviceContext) -> bool:
    """Return whether GIL waits far exceed the time that any worker was on a core or ready: its holder was asleep."""
    awake = sum((worker.running_s or 0.0) + (worker.queued_s or 0.0) for worker in context.trial.workers)
    return (
        context.threads_share_a_gil
        and context.lanes_seen
        and (context.last.gil_wait_s or 0.0) > max(2 * awake, 0.1 * context.wall_s)
    )


def judge_unknown_wait(context: AdviceContext) -> Advice | None:
    """Judge waiting of an unknown kind; it is never called GIL wait."""
    share = context.share(context.waits.unknown)
    evidence: dict[str, float | int | str] = {"waiting": context.waits.unknown, "share": share}
    switches = context.switches_per_s
    if switches is not None:
        evidence["switches_per_s"] = switches
    short = switches is not None and switches > CONVOY_SWITCHES_PER_S
    manner = f" in many short waits (up to {grouped(switches or 0.0)} per second)" if short else ""
    what = "was blocked or queued" if context.losses.queued is None else "waited for a lock or I/O"
    advice = "run it where lanes can be read"
    if context.noun == "thread" and context.workers > 1:
        advice += ", or with processes, which share fewer locks"
    return Advice(
        AdviceCode.WAITING,
        f"The last worker to finish {what} {percent(share)} of the time{manner}: which of them was not observed; {advice}.",
        evidence,
    )


def _describe_wait(context: AdviceContext, seconds: Callable[[WorkerLedger], float | None]) -> str:
    """Return "each waited 48%" if all waited alike, else "the last to finish waited 50%"."""
    shares = context.shares(lambda worker: seconds(worker) or 0.0)
    last_share = (seconds(context.last) or 0.0) / context.wall_s
    if len(shares) > 1 and max(shares) - min(shares) <= SIMILAR_SHARES:
        return f"each waited {percent(sum(shares) / len(shares))}"
    return f"the last to finish waited {percent(last_share)}"
