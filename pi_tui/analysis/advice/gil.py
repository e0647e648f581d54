"""Verdicts on the GIL: turns, convoys, threads that hold it and are no workers, and a changed switch interval."""

from __future__ import annotations

import math

from pi_tui.analysis.advice import activity, remedies
from pi_tui.analysis.advice.codes import AdviceCode
from pi_tui.analysis.advice.context import NOTABLE_SHARE, AdviceContext, Evidence
from pi_tui.analysis.advice.waiting import describe_wait
from pi_tui.analysis.lanes import find_gil_wait_range
from pi_tui.analysis.results import Advice
from pi_tui.analysis.text.prose import capital, count, grouped, percent

CONVOY_SWITCHES_PER_S = 1000.0
"""Threads that alternate at the switch interval change about 200 times per second; those in a convoy, thousands of times."""

HANDOVER_SWITCHES_PER_S = 100.0
"""Voluntary switches per second on a core, beyond the baseline's, that show threads handing over the GIL."""

MANY_TIMES_ALONE = 5.0
"""A convoy switches more often than the kernel does alone by this factor."""

HIDING_SHARE = 0.1
"""Queueing from this share of the wall on hides GIL waits: a thread that queues for a core does not ask for the GIL."""

DEFAULT_SWITCH_INTERVAL_S = 0.005
"""`sys.getswitchinterval()` of a new interpreter."""

SWITCH_INTERVAL_CHANGED = "the switch interval: "


def gil_size(context: AdviceContext) -> float:
    """Return the weight of waiting for the GIL, in units of workers.

    Waits that queueing hides are mentioned if the threads' switches show that they hand over the GIL.
    """
    waited = context.waits.gil
    if context.threads_share_a_gil and waited > 0 and _handovers_are_hidden(context):
        return max(waited, NOTABLE_SHARE * context.workers)
    return waited


def _handovers_are_hidden(context: AdviceContext) -> bool:
    beyond_alone = context.switches_per_cpu_s - context.switches_per_cpu_s_alone
    if context.blocked > context.waits.gil or activity.own_threads_size(context):
        return False  # those waits are switches too
    return context.queued_share >= HIDING_SHARE and beyond_alone >= HANDOVER_SWITCHES_PER_S


def judge_gil_wait(context: AdviceContext) -> Advice | None:
    """Judge workers that waited for the GIL: in turns, or in a convoy of many short waits."""
    share = context.share(context.waits.gil)
    evidence: Evidence = {
        "gil_wait": context.waits.gil,
        "share": share,
        "certainty": "lanes" if context.lanes_seen else "the kernel never releases the GIL",
    }
    if (other := _judge_other_thread(context, share, evidence)) is not None:
        return other
    if context.noun != "thread" or context.workers == 1:
        return _judge_unshared_gil(context, share, evidence)
    switches = context.switches_per_s
    kernel = context.conditions.kernel
    if switches is not None and switches > CONVOY_SWITCHES_PER_S and kernel.holds_gil is not True:
        return _judge_convoy(context, share, switches, evidence)
    several = capital(context.several)
    if context.losses.queued is None and not context.lanes_seen:
        return Advice(
            AdviceCode.GIL_TURNS,
            f"{several} of a kernel that never releases the GIL can only take turns: the last to finish was blocked or "
            f"queued {percent(share)} of the time (this system does not tell which){suggest_remedy(context)}.",
            evidence,
        )
    waited = describe_wait(context, lambda worker: worker.gil_wait_s if context.lanes_seen else worker.waiting_s)
    if context.queued_share >= HIDING_SHARE:
        turns = "took turns" if share >= NOTABLE_SHARE else "share the GIL"
        if (between := _find_gil_wait_range(context)) is not None:
            least, greatest = between
            return Advice(
                AdviceCode.GIL_TURNS,
                f"{several} {turns}: each waited {percent(least)} to {percent(greatest)} of the time for the GIL, a range, "
                f"since queueing for a core ({percent(context.queued_share)}) was in part a wait for the GIL"
                f"{suggest_remedy(context)}.",
                {
                    **evidence,
                    "queued": context.losses.queued or 0.0,
                    "gil_wait_least": least,
                    "gil_wait_greatest": greatest,
                },
            )
        return Advice(
            AdviceCode.GIL_TURNS,
            f"{several} {turns}: {waited} of the time for the GIL, a lower bound, since queueing for a core "
            f"({percent(context.queued_share)}) hides part of it{suggest_remedy(context)}.",
            {**evidence, "queued": context.losses.queued or 0.0},
        )
    return Advice(
        AdviceCode.GIL_TURNS,
        f"{several} took turns: {waited} of the time for the GIL{suggest_remedy(context)}.",
        evidence,
    )


def _find_gil_wait_range(context: AdviceContext) -> tuple[float, float] | None:
    """Return the least and the greatest share of waits for the GIL, the means of the workers; None if it is not known."""
    workers = [worker for worker in context.trial.workers if worker.tasks > 0]
    if not context.lanes_seen or any(worker.gil_queued_s is None for worker in workers):
        return None
    ranges = [
        find_gil_wait_range(
            context.wall_s, worker.gil_wait_s, worker.queued_s, worker.gil_queued_s, worker.gil_handover_s
        )
        or ((worker.gil_wait_s or 0.0) / context.wall_s,) * 2
        for worker in workers
    ]
    least, greatest = (sum(ends) / len(ranges) for ends in zip(*ranges, strict=True))
    return None if percent(least) == percent(greatest) else (least, greatest)


def _judge_other_thread(context: AdviceContext, share: float, evidence: Evidence) -> Advice | None:
    """Judge a thread that is no worker, ran during the trials, and shares the workers' GIL; None if none is known."""
    names = activity.busy_thread_names(context)
    work = activity.measure_own_work(context)
    if not names or not work.is_notable(work.threads):
        return None
    part = work.threads / work.total
    verb, no_workers = ("are", "no workers") if "," in names else ("is", "no worker")
    return Advice(
        AdviceCode.GIL_OTHER_THREAD,
        f"{capital(activity.describe_holder(context))}, which {verb} {no_workers}, ran {work.threads:.2f} of a core "
        f"({percent(part)} of the process's computing), and the last worker to finish waited {percent(share)} of the time "
        "for the GIL that they share: end it, let it sleep, or give it a process of its own.",
        {**evidence, "other_threads_cores": work.threads},
    )


def is_held_by_others(context: AdviceContext) -> bool:
    """Return whether the verdict on the GIL names threads that are no workers."""
    work = activity.measure_own_work(context)
    if not work.is_notable(work.threads):
        return False
    return context.noun != "thread" or context.workers == 1 or bool(activity.busy_thread_names(context))


def _judge_unshared_gil(context: AdviceContext, share: float, evidence: Evidence) -> Advice:
    """Judge a worker that waits for a GIL although no other worker shares it."""
    work = activity.measure_own_work(context)
    if work.is_notable(work.threads):
        names = activity.busy_thread_names(context)
        holder = (
            f"threads that the function started{f' ({names})' if names else ''} held it, and used {work.threads:.2f} of "
            f"{count(context.cores, 'core')}"
        )
    else:
        holder = "which thread held it was not observed"
    return Advice(
        AdviceCode.GIL_TURNS,
        f"The last worker to finish waited {percent(share)} of the time for a GIL that it shares with no other "
        f"worker: {holder}.",
        evidence,
    )


def convoy_size(context: AdviceContext) -> float:
    """Return CPU time beyond the baseline's that goes with thousands of switches of threads that share a GIL, in workers.

    Handing over a GIL costs CPU time, which shows as a higher cost per sample and not as waiting.
    """
    many = max(CONVOY_SWITCHES_PER_S, MANY_TIMES_ALONE * context.switches_per_cpu_s_alone)
    return context.losses.extra if context.threads_share_a_gil and context.switches_per_cpu_s >= many else 0.0


def judge_busy_convoy(context: AdviceContext) -> Advice:
    """Judge a convoy that shows as a higher cost per sample."""
    share = context.share(context.losses.extra)
    switches = context.switches_per_s or 0.0
    alone = context.switches_per_cpu_s_alone
    return Advice(
        AdviceCode.GIL_CONVOY,
        f"{capital(context.several)} formed a convoy at the GIL: up to {grouped(switches)} switches per second (alone "
        f"{grouped(alone)}) went with {percent(share)} more CPU time than the same work costs alone"
        f"{_suggest_fewer_releases(context)}.",
        {"extra": context.losses.extra, "share": share, "switches_per_s": switches},
    )


def _judge_convoy(context: AdviceContext, share: float, switches: float, evidence: Evidence) -> Advice:
    return Advice(
        AdviceCode.GIL_CONVOY,
        f"{capital(context.several)} formed a convoy at the GIL: {percent(share)} of the "
        f"time went to short waits, up to {grouped(switches)} per second{_suggest_fewer_releases(context)}.",
        {**evidence, "switches_per_s": switches},
    )


def _suggest_fewer_releases(context: AdviceContext) -> str:
    """Return what makes a convoy shorter; a changed switch interval comes first, and has a verdict of its own."""
    if find_switch_interval(context) is not None:
        return ""
    return remedies.suggest(context, "fewer calls that do more work each")


def suggest_remedy(context: AdviceContext) -> str:
    """Return what would avoid the turns, the smallest change first."""
    kernel = context.conditions.kernel
    if kernel.holds_gil is True and kernel.twin is not None:
        return remedies.suggest(context, f"{kernel.twin}, which releases the GIL,")
    if context.result.free_threaded_build:
        return remedies.suggest(context, "the same interpreter with its GIL off")
    return remedies.suggest(context, "a free-threaded Python")


def find_switch_interval(context: AdviceContext) -> float | None:
    """Return the switch interval of the trials if it is not the usual one; None if it is, or is unknown."""
    known = context.trial.facts.switch_interval_s
    if known is None or context.result.gil_enabled is False or math.isclose(known, DEFAULT_SWITCH_INTERVAL_S):
        return None
    return known


def judge_switch_interval(context: AdviceContext) -> Advice | None:
    """Judge a switch interval that is not the usual one: threads keep the GIL for longer, or hand it over more often."""
    interval_s = find_switch_interval(context)
    if interval_s is None or context.workers == 1 or not context.threads_share_a_gil:
        return None
    trials = [*context.result.trials, *context.baseline.trials]
    changed = any(
        change.startswith(SWITCH_INTERVAL_CHANGED) for trial in trials for change in trial.facts.changed or ()
    )
    who = "changed by the function" if changed or context.conditions.kernel.own is not None else "not changed here"
    if interval_s > DEFAULT_SWITCH_INTERVAL_S:
        effect = "a thread that computes keeps the GIL for that long although others wait for it"
    else:
        effect = "a thread that computes is asked for the GIL after that time, so that they hand it over far more often"
    return Advice(
        AdviceCode.SWITCH_INTERVAL,
        f"The switch interval is {interval_s:g} s ({who}; usually {DEFAULT_SWITCH_INTERVAL_S:g} s): {effect}; "
        "leave it as it was.",
        {"switch_interval_s": interval_s, "times_usual": interval_s / DEFAULT_SWITCH_INTERVAL_S},
    )
