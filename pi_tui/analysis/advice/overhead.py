"""Verdicts on overhead: starting workers, handing out tasks, and collecting results."""

from __future__ import annotations

import math

from pi_tui.analysis.advice import cost
from pi_tui.analysis.advice.codes import AdviceCode
from pi_tui.analysis.advice.context import NOTABLE_SHARE, AdviceContext, Evidence
from pi_tui.analysis.advice.validity import has_short_baseline
from pi_tui.analysis.losses import require_known
from pi_tui.analysis.results import Advice
from pi_tui.analysis.text.prose import count, format_seconds, grouped, percent, size

WORTHWHILE_SHARE = 0.9
"""The share of the ideal from which workers are well worth their start-up."""

DOMINANT_SHARE = 0.25
"""The share of the wall from which start-up is said to dominate."""

LARGE_RESULT_BYTES = 1_000_000
"""Results of a trial are large from this size on."""

THREAD_START_S = 0.005
"""To make a thread takes far less: one that starts later waited for the GIL or a core."""


def judge_startup(context: AdviceContext) -> Advice | None:
    """Judge the time before the last worker's first task."""
    share = context.share(context.losses.startup)
    overhead_s = context.last.startup_s + context.last.between_s + context.last.idle_s
    evidence: Evidence = {
        "startup": context.losses.startup,
        "share": share,
        "startup_s": context.last.startup_s,
        "work_s": require_known(context.last.running_s),
    }
    calling = context.conditions.mode.made_of == "calling thread"
    if calling and context.last.startup_s <= THREAD_START_S:
        return None  # the trial is too short, which has a verdict of its own
    if (calling or context.conditions.mode.made_of == "threads") and context.last.startup_s > THREAD_START_S:
        return Advice(
            AdviceCode.STARTUP,
            f"The last worker to finish began {format_seconds(context.last.startup_s)} after the trial's start "
            f"({percent(share)} of the time); to make a thread takes far less, so it waited for a core or for the "
            "interpreter.",
            evidence,
        )
    verb = "Start-up dominates" if share >= DOMINANT_SHARE else "Start-up is noticeable"
    sentence = (
        f"{verb}: starting {context.several} took {format_seconds(context.last.startup_s)} "
        f"({percent(share)} of the time), the last worker's computing {format_seconds(require_known(context.last.running_s))}"
    )
    even = good = None
    if _is_predictable(context):
        even = solve_task_samples(context, overhead_s, speedup=1.0)
        good = solve_task_samples(context, overhead_s, speedup=WORTHWHILE_SHARE * context.ideal)
    if even is None or good is None:
        end = (
            ""
            if _grows_with_tasks(context)
            else "; this matters less if each worker does more, or is kept for more tasks"
        )
        return Advice(AdviceCode.STARTUP, f"{sentence}{end}.", evidence)
    evidence |= {"break_even_samples": even, "worthwhile_samples": good}
    reach = f"reach {percent(WORTHWHILE_SHARE)} of the ideal from about {grouped(good)} samples per task"
    if context.result.case.total_samples < even * context.result.case.tasks:
        reach = f"equal one worker from about {grouped(even)} samples per task, and {reach}"
    return Advice(AdviceCode.STARTUP, f"{sentence}; it would {reach}.", evidence)


def _is_predictable(context: AdviceContext) -> bool:
    """Return whether the overhead is the same for tasks of any size, and a sample's cost is known."""
    return (
        not has_short_baseline(context.result, context.baseline)
        and not _grows_with_tasks(context)
        and context.share(cost.first_call_size(context)) < NOTABLE_SHARE
    )


def _grows_with_tasks(context: AdviceContext) -> bool:
    return context.share(context.losses.collect) >= NOTABLE_SHARE and are_results_large(context)


def are_results_large(context: AdviceContext) -> bool:
    """Return whether the results that travelled in a trial are large; False if that was not measured."""
    return (context.trial.facts.received_bytes or 0) >= LARGE_RESULT_BYTES


def solve_task_samples(context: AdviceContext, overhead_s: float, speedup: float) -> float | None:
    """Return the samples per task at which the same overhead allows this speed-up.

    None if no size does: the workers cannot reach it, or the cost is not proportional to the samples. Solves
    speedup x (overhead + (rounds x cost + waiting) x n) = tasks x cost x n for n, with as many rounds as the cores need.
    Waiting for other workers (at the GIL, at a lock) grows with the work.
    """
    tasks = context.result.case.tasks
    samples = sum(worker.samples for worker in context.trial.workers)
    if not context.conditions.kernel.proportional or not samples:
        return None
    cost_s = context.losses.speedup * context.wall_s / samples
    waiting_s = max(0.0, require_known(context.last.waiting_s)) / (samples / tasks)
    rounds = max(math.ceil(tasks / context.workers), tasks / context.ideal)
    gain_s = tasks * cost_s - speedup * (rounds * cost_s + waiting_s)
    return speedup * overhead_s / gain_s if gain_s > 0 else None


def judge_gaps(context: AdviceContext) -> Advice | None:
    """Judge the time between two tasks of a worker."""
    share = context.share(context.losses.between)
    tasks = context.last.tasks
    where = "Around its task" if tasks == 1 else f"Between its {count(tasks, 'task')}"
    hint = "fewer, larger tasks"
    if context.conditions.mode.has_chunks:
        hint += " or a larger --chunksize (`pi-tui run`)"
    return Advice(
        AdviceCode.BETWEEN,
        f"{where}, the last worker spent {format_seconds(context.last.between_s)} "
        f"({percent(share)} of the time) fetching arguments and returning results: use {hint} to avoid this.",
        {"between": context.losses.between, "share": share, "tasks": context.last.tasks},
    )


def judge_collecting(context: AdviceContext) -> Advice | None:
    """Judge the time from the last task's end to the trial's end."""
    share = context.share(context.losses.collect)
    evidence: Evidence = {"collect": context.losses.collect, "share": share, "collect_s": context.last.idle_s}
    took = f"{format_seconds(context.last.idle_s)} ({percent(share)} of the time)"
    left = max((worker.threads_left or 0 for worker in context.trial.workers), default=0)
    if left:
        threads = "a thread" if left == 1 else count(left, "thread")
        return Advice(
            AdviceCode.THREAD_KEPT_PROCESS,
            f"After the last task, it took {took} until the {context.nouns} ended: {threads} that the function started in "
            "it still ran, and a process ends with its last thread; end such threads before the function returns.",
            {**evidence, "threads_left": left},
        )
    received = context.trial.facts.received_bytes
    if received is not None and are_results_large(context):
        per_sample = received / max(context.result.case.total_samples, 1)
        grows = (
            f"{per_sample:.3g} bytes per sample, so this grows with the samples" if per_sample >= 1 else "in each trial"
        )
        return Advice(
            AdviceCode.LARGE_RESULTS,
            f"After the last task, it took {took} to bring the results home: {size(received)} travelled, {grows}; return "
            "less, or leave results in shared memory or in files.",
            {**evidence, "received_bytes": received, "bytes_per_sample": per_sample},
        )
    small = received is not None
    end = f"; the results were only {size(received or 0)}, so larger tasks make this matter less" if small else ""
    return Advice(
        AdviceCode.COLLECT,
        f"After the last task, it took {took} to collect results and end the {context.nouns}{end}.",
        {**evidence, "received_bytes": received} if received is not None else evidence,
    )
