"""Verdicts on cores: used in parallel, shared, too few, busy without progress, or unevenly loaded."""

from __future__ import annotations

from pi_tui.analysis.advice.codes import AdviceCode
from pi_tui.analysis.advice.context import AdviceContext
from pi_tui.analysis.losses import require_known
from pi_tui.analysis.results import Advice
from pi_tui.analysis.text.prose import capital, count, grouped, percent, times

MAX_CREDIBLE_SHARE = 1.15
"""A speed-up beyond this share of the ideal shows that the baseline is wrong, not that the work was parallel."""

PARALLEL_SHARE = 0.8
"""The share of the ideal from which work is called truly parallel."""

NOTABLE_FAULTS_PER_S = 10_000.0
"""Page faults per second and worker worth mentioning: large arrays are created and dropped again and again."""


def oversubscription(context: AdviceContext) -> float:
    """Return the queueing that workers beyond the usable cores cause each other, in units of workers."""
    return min(context.losses.queued or 0.0, float(max(0, context.workers - context.cores)))


def foreign_queueing(context: AdviceContext) -> float:
    """Return the queueing beyond oversubscription, when other programs had the cores; in units of workers."""
    return (context.losses.queued or 0.0) - oversubscription(context)


def judge_parallelism(context: AdviceContext) -> Advice | None:
    """Judge workers that kept all the cores they could use busy with useful work."""
    if context.ideal < 2 or context.losses.speedup < PARALLEL_SHARE * context.ideal:
        return None
    reached = context.losses.speedup if context.result.speedup is None else context.result.speedup
    if reached > MAX_CREDIBLE_SHARE * context.ideal:
        return _judge_superlinear_speedup(context, reached)
    if context.workers < context.cores:
        rest = f"; {context.cores - context.workers} more usable cores are free"
    elif context.workers == context.cores:
        rest = ", with all usable cores busy"
    else:
        rest = f"; more workers cannot be faster on {context.cores} usable cores"
    return Advice(
        AdviceCode.PARALLEL,
        f"Truly parallel: {count(context.workers, context.noun, context.nouns)} were {times(reached)} as fast as one, "
        f"{percent(reached / context.ideal)} of the ideal{rest}.",
        {"speedup": reached, "ideal": context.ideal},
    )


def _judge_superlinear_speedup(context: AdviceContext, reached: float) -> Advice:
    """Judge a speed-up that cores alone cannot give: each task costs less than the baseline's, or the baseline was too slow."""
    several, case = count(context.workers, context.noun, context.nouns), context.result.case
    evidence: dict[str, float | int | str] = {"speedup": reached, "ideal": context.ideal}
    if case.split and case.tasks > 1 and context.conditions.kernel.bytes_per_sample > 0:
        return Advice(
            AdviceCode.SMALLER_TASKS,
            f"Smaller is faster: {several} were {times(reached)} as fast as one, more than cores alone can give: the "
            f"arrays of {count(case.tasks, 'task')} fit the caches better than those of one task. Run mode sequential "
            f"with --split --tasks {case.tasks} (`pi-tui run`) to see what the caches alone give.",
            evidence,
        )
    return Advice(
        AdviceCode.UNSTABLE,
        f"Too good to be true: {several} cannot be {times(reached)} as fast as one; the machine was slower "
        "while the baseline was measured, or its task is too short: use more samples and measure again.",
        evidence,
    )


def judge_oversubscription(context: AdviceContext) -> Advice | None:
    """Judge more workers than usable cores."""
    queued = oversubscription(context)
    return Advice(
        AdviceCode.OVERSUBSCRIBED,
        f"{capital(count(context.workers, context.noun, context.nouns))} shared {count(context.cores, 'usable core')}: the "
        f"last to finish was queued for a core {percent(context.share(queued))} of the time; {context.cores} "
        "workers would be as fast.",
        {"queued": queued, "workers": context.workers, "usable_cores": context.cores},
    )


def judge_shared_cores(context: AdviceContext) -> Advice | None:
    """Judge cores taken by other programs or limited by the control group: both show as queueing."""
    queued = foreign_queueing(context)
    quota = context.conditions.machine.quota_cores
    if quota is not None and quota < min(context.workers, context.conditions.machine.affinity_cores):
        return Advice(
            AdviceCode.SHARED_CORES,
            f"Held back by the control group: its quota is {quota:.3g} {'core' if quota == 1 else 'cores'}, and the last "
            f"worker to finish was ready but had no core {percent(context.share(queued))} of the time; the kernel and mode "
            "are not the cause, so raise the quota and measure again.",
            {"queued": queued, "share": context.share(queued), "usable_cores": context.cores, "quota_cores": quota},
        )
    return Advice(
        AdviceCode.SHARED_CORES,
        f"Other programs used the cores: the last worker to finish was ready but queued for a core "
        f"{percent(context.share(queued))} of the time; the kernel and mode are not the cause, so measure again on a "
        "quiet machine.",
        {"queued": queued, "share": context.share(queued), "usable_cores": context.cores},
    )


def contention(context: AdviceContext) -> float:
    """Return the CPU time beyond the baseline's that all workers share, in units of workers: `extra` less its uneven part."""
    return context.losses.extra - _uneven_cost(context)


def unevenness(context: AdviceContext) -> float:
    """Return the last worker's work beyond its fair share, by samples or by their cost, in units of workers."""
    return context.losses.imbalance + _uneven_cost(context)


def _uneven_cost(context: AdviceContext) -> float:
    """Return the last worker's CPU time beyond the average cost of as many samples, in units of workers.

    It is limited to the time that the other workers were idle: if all ended together, the extra CPU time of one (page faults,
    for example) was not extra work.
    """
    workers = context.trial.workers
    samples = sum(worker.samples for worker in workers)
    if not samples or not context.last.samples or len(workers) < 2:
        return 0.0
    average_s = sum(require_known(worker.running_s) for worker in workers) / samples * context.last.samples
    idle_s = sum(worker.idle_s for worker in workers if worker is not context.last) / (len(workers) - 1)
    return min(require_known(context.last.running_s) - average_s, idle_s) / context.wall_s * context.workers


def judge_contention(context: AdviceContext) -> Advice | None:
    """Judge cores that are busy without progress: each sample costs more CPU time than it does alone."""
    evidence: dict[str, float | int | str] = {"extra": contention(context), "share": context.share(contention(context))}
    useful_s = context.losses.speedup * context.wall_s
    running_s = sum(require_known(worker.running_s) for worker in context.trial.workers)
    cost = "more CPU time than"
    if useful_s > 0:
        evidence["cpu_per_sample"] = running_s / useful_s
        cost = f"{times(running_s / useful_s)} the CPU time that"
    suspect, more = _name_suspect(context)
    return Advice(
        AdviceCode.BUSY_NO_FASTER,
        f"Busy but no faster: with {count(context.workers, context.noun, context.nouns)}, each sample cost {cost} it "
        f"costs alone. {suspect}.",
        evidence | more,
    )


def _name_suspect(context: AdviceContext) -> tuple[str, dict[str, float | int | str]]:
    """Return the most likely reason for busy cores, with a next step, and its figures."""
    kernel = context.conditions.kernel
    threads = context.conditions.mode.made_of == "threads"
    if kernel.shared_stream and threads and context.result.gil_enabled is False:
        return (
            "All threads spin on the lock of one shared random generator: give each worker its own generator"
            + (f", as {kernel.unshared} does" if kernel.unshared else ""),
            {"next_kernel": kernel.unshared} if kernel.unshared else {},
        )
    faults_per_s = (context.last.page_faults or 0) / context.wall_s
    if faults_per_s > NOTABLE_FAULTS_PER_S:
        return (
            f"{grouped(faults_per_s)} page faults per second suggest that large arrays are allocated again and again: "
            "work in blocks that fit the cache, and reuse them",
            {"page_faults_per_s": faults_per_s},
        )
    if kernel.bytes_per_sample > 0:
        return "All cores share memory and caches: work in blocks that fit the cache of one core", {}
    return (
        "Possible causes are caches, memory, a spinning lock or a slower clock: compare with processes, which share less",
        {},
    )


def judge_unevenness(context: AdviceContext) -> Advice | None:
    """Judge unequal work: some workers are idle while the last one is still busy."""
    share = context.share(unevenness(context))
    case = context.result.case
    busy = sum(1 for worker in context.trial.workers if worker.tasks > 0)
    evidence: dict[str, float | int | str] = {"uneven": unevenness(context), "share": share, "workers_with_tasks": busy}
    if case.tasks < context.workers:
        several = count(case.tasks, "task")
        return Advice(
            AdviceCode.UNEVEN,
            f"{capital(several)} cannot keep {count(context.workers, 'worker')} busy: use at least one task per worker.",
            evidence,
        )
    running_s = sum(require_known(worker.running_s) for worker in context.trial.workers)
    part = require_known(context.last.running_s) / running_s if running_s > 0 else 0.0
    return Advice(
        AdviceCode.UNEVEN,
        f"Uneven work: worker {context.last.index} did {percent(part)} of the computing in "
        f"{count(context.last.tasks, 'task')} while other workers were idle; use more and smaller tasks to even it out.",
        {**evidence, "part": part},
    )
