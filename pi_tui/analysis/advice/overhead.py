"""Verdicts on overhead: starting workers, handing out tasks, and collecting results."""

from __future__ import annotations

import math

from pi_tui.analysis.advice.codes import AdviceCode
from pi_tui.analysis.advice.context import AdviceContext
from pi_tui.analysis.losses import require_known
from pi_tui.analysis.results import Advice
from pi_tui.analysis.text.prose import count, format_seconds, grouped, percent

WORTHWHILE_SHARE = 0.9
"""The share of the ideal from which workers are well worth their start-up."""

DOMINANT_SHARE = 0.25
"""The share of the wall from which start-up is said to dominate."""


def judge_startup(context: AdviceContext) -> Advice | None:
    """Judge the time before the last worker's first task."""
    share = context.share(context.losses.startup)
    overhead_s = context.last.startup_s + context.last.between_s + context.last.idle_s
    evidence: dict[str, float | int | str] = {
        "startup": context.losses.startup,
        "share": share,
        "startup_s": context.last.startup_s,
        "work_s": require_known(context.last.running_s),
    }
    verb = "Start-up dominates" if share >= DOMINANT_SHARE else "Start-up is noticeable"
    sentence = (
        f"{verb}: starting {count(context.workers, context.noun, context.nouns)} took {format_seconds(context.last.startup_s)} "
        f"({percent(share)} of the time), the last worker's computing {format_seconds(require_known(context.last.running_s))}"
    )
    even = solve_task_samples(context, overhead_s, speedup=1.0)
    good = solve_task_samples(context, overhead_s, speedup=WORTHWHILE_SHARE * context.ideal)
    if even is None or good is None:
        return Advice(AdviceCode.STARTUP, f"{sentence}; use larger tasks or reuse workers to avoid this.", evidence)
    evidence |= {"break_even_samples": even, "worthwhile_samples": good}
    reach = f"reach {percent(WORTHWHILE_SHARE)} of the ideal from about {grouped(good)} samples per task"
    if context.result.case.total_samples < even * context.result.case.tasks:
        reach = f"equal one worker from about {grouped(even)} samples per task, and {reach}"
    return Advice(AdviceCode.STARTUP, f"{sentence}; it would {reach}.", evidence)


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
    hint = "fewer, larger tasks"
    if context.conditions.mode.has_chunks:
        hint += " or a larger --chunksize (`pi-tui run`)"
    return Advice(
        AdviceCode.BETWEEN,
        f"Between its {count(context.last.tasks, 'task')}, the last worker spent {format_seconds(context.last.between_s)} "
        f"({percent(share)} of the time) fetching arguments and returning results: use {hint} to avoid this.",
        {"between": context.losses.between, "share": share, "tasks": context.last.tasks},
    )


def judge_collecting(context: AdviceContext) -> Advice | None:
    """Judge the time from the last task's end to the trial's end."""
    share = context.share(context.losses.collect)
    return Advice(
        AdviceCode.COLLECT,
        f"After the last task, it took {format_seconds(context.last.idle_s)} ({percent(share)} of the time) to collect results "
        f"and end the {context.nouns}: this matters less with larger tasks.",
        {"collect": context.losses.collect, "share": share, "collect_s": context.last.idle_s},
    )
