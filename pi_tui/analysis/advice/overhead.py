"""Verdicts on what is neither work nor waiting: starting workers, handing out tasks, bringing results home."""

from __future__ import annotations

import math

from pi_tui.analysis.advice.codes import Code
from pi_tui.analysis.advice.context import View
from pi_tui.analysis.losses import known_s
from pi_tui.analysis.results import Advice
from pi_tui.analysis.text.prose import count, grouped, percent, seconds

WORTHWHILE = 0.9
"""The share of the ideal from which workers are well worth their start."""

DOMINATES = 0.25
"""The share of the wall from which start-up is said to dominate."""


def startup(view: View) -> Advice | None:
    """Time before the last worker came to its first task."""
    share = view.share(view.losses.startup)
    overhead_s = view.last.startup_s + view.last.between_s + view.last.idle_s
    evidence: dict[str, float | int | str] = {
        "startup": view.losses.startup,
        "share": share,
        "startup_s": view.last.startup_s,
        "work_s": known_s(view.last.running_s),
    }
    verb = "Start-up dominates" if share >= DOMINATES else "Start-up shows"
    sentence = (
        f"{verb}: starting {count(view.workers, view.noun, view.nouns)} took {seconds(view.last.startup_s)} "
        f"({percent(share)} of the time), the last worker's computing {seconds(known_s(view.last.running_s))}"
    )
    even = samples_for(view, overhead_s, speedup=1.0)
    good = samples_for(view, overhead_s, speedup=WORTHWHILE * view.ideal)
    if even is None or good is None:
        return Advice(Code.STARTUP, f"{sentence}; larger tasks, or workers that are kept, would spare it.", evidence)
    evidence |= {"break_even_samples": even, "worthwhile_samples": good}
    reach = f"from about {grouped(good)} samples a task it would reach {percent(WORTHWHILE)} of the ideal"
    if view.result.case.total_samples < even * view.result.case.tasks:
        reach = f"from about {grouped(even)} samples a task it would equal one worker, {reach}"
    return Advice(Code.STARTUP, f"{sentence}; {reach}.", evidence)


def samples_for(view: View, overhead_s: float, speedup: float) -> float | None:
    """Samples a task at which the same overhead would still allow this speed-up.

    None where no size would: the workers cannot reach it with any, or the cost is not proportional to the samples.
    Solves speedup x (overhead + (rounds x cost + waiting) x n) = tasks x cost x n for n, with as many rounds as the cores
    need. Who waits for the others (at the GIL, at a lock) waits the longer, the more there is to do.
    """
    tasks = view.result.case.tasks
    samples = sum(worker.samples for worker in view.trial.workers)
    if not view.conditions.kernel.proportional or not samples:
        return None
    cost_s = view.losses.speedup * view.wall_s / samples
    waiting_s = max(0.0, known_s(view.last.waiting_s)) / (samples / tasks)
    rounds = max(math.ceil(tasks / view.workers), tasks / view.ideal)
    gain_s = tasks * cost_s - speedup * (rounds * cost_s + waiting_s)
    return speedup * overhead_s / gain_s if gain_s > 0 else None


def between(view: View) -> Advice | None:
    """Time between two tasks of a worker."""
    share = view.share(view.losses.between)
    hint = "fewer, larger tasks"
    if view.conditions.mode.has_chunks:
        hint += " or a larger --chunksize of `pi-tui run`"
    return Advice(
        Code.BETWEEN,
        f"Between its {count(view.last.tasks, 'task')} the last worker spent {seconds(view.last.between_s)} "
        f"({percent(share)} of the time) on fetching arguments and handing over results: {hint} would spare it.",
        {"between": view.losses.between, "share": share, "tasks": view.last.tasks},
    )


def collect(view: View) -> Advice | None:
    """Time from the last task's end to the trial's end."""
    share = view.share(view.losses.collect)
    return Advice(
        Code.COLLECT,
        f"After the last task it took {seconds(view.last.idle_s)} ({percent(share)} of the time) to bring results home "
        f"and end the {view.nouns}: the larger the tasks, the less it counts.",
        {"collect": view.losses.collect, "share": share, "collect_s": view.last.idle_s},
    )
