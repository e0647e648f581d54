"""Verdicts on CPU time: work done once per process, pages copied after a fork, cores busy without progress, uneven work."""

from __future__ import annotations

from pi_tui.analysis.advice import gil, remedies
from pi_tui.analysis.advice.codes import AdviceCode
from pi_tui.analysis.advice.context import NOTABLE_SHARE, AdviceContext, Evidence
from pi_tui.analysis.losses import require_known
from pi_tui.analysis.results import Advice
from pi_tui.analysis.text.prose import capital, count, format_seconds, grouped, percent, times
from pi_tui.host.protocol import WorkerLedger

NOTABLE_FAULTS_PER_S = 10_000.0
"""Page faults per second and worker worth mentioning: the system zeroes or copies 40 MB per second then."""

ONCE_PART = 0.3
"""The first call is dearer than later ones if it costs more by this part of their cost: clocks and caches vary by less,"""
WARMUP_PART = 0.5
"""and, if there are no later calls, the baseline's first call was dearer than its later ones by this part of it."""


def first_call_size(context: AdviceContext) -> float:
    """Return the CPU time that the last worker's first call took beyond later calls, in units of workers.

    0 if its process had called the kernel before. What its later calls cost is known, or else what the baseline's first call
    cost beyond its later ones.
    """
    return _first_call_s(context) / context.wall_s * context.workers


def _first_call_s(context: AdviceContext) -> float:
    last = context.last
    if not last.fresh or last.first_call_s is None or last.tasks == 0:
        return 0.0
    if last.tasks > 1:
        later_s = (require_known(last.running_s) - last.first_call_s) / (last.tasks - 1)
    else:
        later_s = context.cost_alone_s * last.samples
    extra_s = last.first_call_s - later_s
    if extra_s < ONCE_PART * later_s:
        return 0.0
    if last.tasks == 1 and _first_call_alone_s(context) < WARMUP_PART * extra_s:
        return 0.0
    return extra_s


def _first_call_alone_s(context: AdviceContext) -> float:
    """Return what the baseline's first call in its process cost beyond its later calls; 0 if it was not observed."""
    first = next((worker for trial in context.baseline.trials for worker in trial.workers if worker.fresh), None)
    if first is None or first.first_call_s is None or not context.baseline.measured_trials:
        return 0.0
    return first.first_call_s - context.cost_alone_s * first.samples / max(first.tasks, 1)


def judge_first_call(context: AdviceContext) -> Advice | None:
    """Judge work that each process does once: an import, a compilation, a cache that is filled."""
    extra_s = _first_call_s(context)
    share = context.share(first_call_size(context))
    later = "its later calls" if context.last.tasks > 1 else "the baseline's later calls"
    return Advice(
        AdviceCode.FIRST_CALL,
        f"The first call in the last worker's {_process_noun(context)} took {format_seconds(extra_s)} of CPU time more than "
        f"{later} ({percent(share)} of the time): work done once per process, such as an import, a compilation or a cache; "
        "give each worker more tasks, or do that work before (an initializer, a cache on disk).",
        {"first_call_extra_s": extra_s, "share": share},
    )


def _process_noun(context: AdviceContext) -> str:
    return "interpreter" if context.noun == "interpreter" else "process"


def contention(context: AdviceContext) -> float:
    """Return the CPU time beyond the baseline's that all workers share, in units of workers.

    It is `extra` less its uneven part and what the first call in each process took.
    """
    return context.losses.extra - _uneven_cost(context) - first_call_size(context)


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
    if gil.convoy_size(context) > 0:
        return gil.judge_busy_convoy(context)
    share = context.share(contention(context))
    evidence: Evidence = {"extra": contention(context), "share": share}
    useful_s = context.losses.speedup * context.wall_s
    running_s = sum(require_known(worker.running_s) for worker in context.trial.workers)
    cost = "more CPU time than"
    if useful_s > 0:
        evidence["cpu_per_sample"] = running_s / useful_s
        cost = f"{times(running_s / useful_s)} the CPU time that"
    suspect, more = _name_suspect(context)
    return Advice(
        AdviceCode.BUSY_NO_FASTER,
        f"Busy but no faster: with {context.several}, each sample cost {cost} it costs alone. {suspect}.",
        evidence | more,
    )


def _minor_faults(worker: WorkerLedger) -> int | None:
    return worker.page_faults if worker.minor_faults is None else worker.minor_faults


def copy_size(context: AdviceContext) -> float:
    """Return the CPU time that goes with pages copied after a fork, in units of workers; 0 if too few were copied.

    The fork makes the host's own pages shared too, so that the baseline copies them as well: what a sample costs alone is
    taken from the baseline's trial with the fewest page faults.
    """
    last = context.last
    if context.result.case.start_method != "fork" or not last.samples or (faults := _minor_faults(last)) is None:
        return 0.0
    alone = [
        (_minor_faults(worker) or 0, require_known(worker.running_s), worker.samples)
        for trial in context.baseline.trials
        for worker in trial.workers
        if worker.samples and worker.running_s
    ]
    if not alone:
        return 0.0
    faults_alone, running_s, samples = min(alone, key=lambda figures: figures[0] / figures[2])
    more_faults = faults - faults_alone / samples * last.samples
    more_s = require_known(last.running_s) - running_s / samples * last.samples
    if more_faults < NOTABLE_FAULTS_PER_S * require_known(last.running_s):
        return 0.0
    return max(0.0, more_s) / context.wall_s * context.workers


def judge_copying(context: AdviceContext) -> Advice:
    """Judge memory that a forked process shares with its parent until one of them writes to it."""
    size = copy_size(context)
    faults = _minor_faults(context.last) or 0
    return Advice(
        AdviceCode.COPY_ON_WRITE,
        f"After fork, the last worker's process copied memory: {grouped(faults)} page faults went with "
        f"{percent(context.share(size))} of the time, and alone there are fewer. A page that processes share is copied when "
        "one writes to it, and reference counts are written too; use arrays instead of objects, gc.freeze() before the "
        "fork, or --start-method spawn to avoid this.",
        {"copying": size, "share": context.share(size), "page_faults": faults},
    )


def _name_suspect(context: AdviceContext) -> tuple[str, Evidence]:
    """Return the most likely reason for busy cores, with a next step, and its figures."""
    kernel = context.conditions.kernel
    threads = context.conditions.mode.made_of == "threads"
    if kernel.shared_stream and threads and context.result.gil_enabled is False:
        return (
            "All threads spin on the lock of one shared random generator: give each worker its own generator"
            + (f", as {kernel.unshared} does" if kernel.unshared else ""),
            {"next_kernel": kernel.unshared} if kernel.unshared else {},
        )
    alone = (context.per_sample_alone(_minor_faults) or 0.0) * context.last.samples
    faults_per_s = (_minor_faults(context.last) or 0) / context.wall_s
    if faults_per_s > NOTABLE_FAULTS_PER_S and alone >= 0.5 * (_minor_faults(context.last) or 0):
        return (
            f"{grouped(faults_per_s)} page faults per second, as many per sample as alone, show that memory is allocated "
            "and returned again and again, which takes a lock of the process: work in blocks that fit the cache, and reuse "
            "them",
            {"page_faults_per_s": faults_per_s},
        )
    if faults_per_s > NOTABLE_FAULTS_PER_S:
        return (
            f"{grouped(faults_per_s)} page faults per second, more than alone, show that it touches memory that is new to "
            f"its {_process_noun(context)}",
            {"page_faults_per_s": faults_per_s},
        )
    if context.narrowed:
        allowed = count(context.cores, "core")
        return f"{capital(context.several)} shared {allowed}, and each left the caches cold for the next", {}
    if kernel.bytes_per_sample > 0:
        return "All cores share memory and caches: work in blocks that fit the cache of one core", {}
    if context.others_notable:
        others = context.others or 0.0
        return (
            f"Other programs used {others:.2f} of {count(context.machine_cores, 'core')} meanwhile, which also slows caches "
            "and clocks: measure again on a quiet machine",
            {"others_cores": others},
        )
    row = remedies.find_process_row(context) if remedies.can_use_processes(context) else None
    if row is not None:
        return (
            "Possible causes are caches, memory, a spinning lock or a slower clock; in this run, processes, which share "
            f"less, were {times(row.speedup)} as fast as one worker ({row.mode})",
            {},
        )
    if remedies.can_use_processes(context):
        return (
            "Possible causes are caches, memory, a spinning lock or a slower clock: compare with processes, which share "
            "less",
            {},
        )
    return "Possible causes are caches, memory or a slower clock", {}


def judge_unevenness(context: AdviceContext) -> Advice | None:
    """Judge unequal work: some workers are idle while the last one is still busy."""
    share = context.share(unevenness(context))
    case = context.result.case
    busy = sum(1 for worker in context.trial.workers if worker.tasks > 0)
    evidence: Evidence = {"uneven": unevenness(context), "share": share, "workers_with_tasks": busy}
    if case.tasks < context.workers:
        several = count(case.tasks, "task")
        return Advice(
            AdviceCode.UNEVEN,
            f"{capital(several)} cannot keep {count(context.workers, 'worker')} busy: use at least one task per worker.",
            evidence,
        )
    running_s = sum(require_known(worker.running_s) for worker in context.trial.workers)
    part = require_known(context.last.running_s) / running_s if running_s > 0 else 0.0
    alike = context.share(context.losses.imbalance) < NOTABLE_SHARE and not context.conditions.kernel.takes_seed
    remedy = "use more and smaller tasks to even it out"
    if alike:
        remedy = "it had as many samples as they, so either its task cost more, and smaller tasks help, or its core was slower"
    return Advice(
        AdviceCode.UNEVEN,
        f"Uneven work: worker {context.last.index} did {percent(part)} of the computing in "
        f"{count(context.last.tasks, 'task')} while other workers were idle; {remedy}.",
        {**evidence, "part": part},
    )
