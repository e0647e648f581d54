"""Verdicts on cores: kept busy in parallel, shared, too few, busy without getting on, or unevenly loaded."""

from __future__ import annotations

from pi_tui.analysis.advice.codes import Code
from pi_tui.analysis.advice.context import View
from pi_tui.analysis.losses import known_s
from pi_tui.analysis.results import Advice
from pi_tui.analysis.text.prose import capital, count, grouped, percent, times

TOO_GOOD = 1.15
"""A speed-up beyond this share of the ideal says that the baseline is wrong, not that the work was parallel."""

PARALLEL = 0.8
"""The share of the ideal from which work is called truly parallel."""

FAULTS_PER_S = 10_000.0
"""Page faults a second and worker that are worth naming: large arrays made and dropped again and again."""


def oversubscription(view: View) -> float:
    """Queueing that the workers owe to each other, in units of workers: those beyond the usable cores."""
    return min(view.losses.queued or 0.0, float(max(0, view.workers - view.cores)))


def foreign_queueing(view: View) -> float:
    """Queueing beyond that: other programs had the cores. In units of workers."""
    return (view.losses.queued or 0.0) - oversubscription(view)


def parallel(view: View) -> Advice | None:
    """Workers that kept all the cores they could use at useful work."""
    if view.ideal < 2 or view.losses.speedup < PARALLEL * view.ideal:
        return None
    reached = view.losses.speedup if view.result.speedup is None else view.result.speedup
    if reached > TOO_GOOD * view.ideal:
        return _beyond_the_cores(view, reached)
    if view.workers < view.cores:
        rest = f"; {view.cores - view.workers} more usable cores are free to try"
    elif view.workers == view.cores:
        rest = ", all usable cores at work"
    else:
        rest = f"; {view.cores} usable cores allow no more, with however many workers"
    return Advice(
        Code.PARALLEL,
        f"Truly parallel: {count(view.workers, view.noun, view.nouns)} were {times(reached)} as fast as one, "
        f"{percent(reached / view.ideal)} of the ideal{rest}.",
        {"speedup": reached, "ideal": view.ideal},
    )


def _beyond_the_cores(view: View, reached: float) -> Advice:
    """More than cores alone can give: each task is cheaper than the baseline's, or the baseline was too slow."""
    several, case = count(view.workers, view.noun, view.nouns), view.result.case
    evidence: dict[str, float | int | str] = {"speedup": reached, "ideal": view.ideal}
    if case.split and case.tasks > 1 and view.conditions.kernel.bytes_per_sample > 0:
        return Advice(
            Code.SMALLER_TASKS,
            f"Smaller is faster: {several} were {times(reached)} as fast as one, more than cores alone can give, since the "
            f"arrays of {count(case.tasks, 'task')} fit the caches better than those of one; sequential with --split and "
            f"--tasks {case.tasks} of `pi-tui run` tells what is the workers' part.",
            evidence,
        )
    return Advice(
        Code.UNSTABLE,
        f"Too good to be true: {several} cannot be {times(reached)} as fast as one; the baseline was measured while the "
        "machine was slower, or its task is too short: take more samples and measure again.",
        evidence,
    )


def oversubscribed(view: View) -> Advice | None:
    """More workers than usable cores."""
    queued = oversubscription(view)
    return Advice(
        Code.OVERSUBSCRIBED,
        f"{capital(count(view.workers, view.noun, view.nouns))} shared {count(view.cores, 'usable core')}: the last to "
        f"finish stood in the queue for a core {percent(view.share(queued))} of the time; {view.cores} would do as well.",
        {"queued": queued, "workers": view.workers, "usable_cores": view.cores},
    )


def shared_cores(view: View) -> Advice | None:
    """Other programs had the cores, or the control group held the workers back: both are the same queue."""
    queued = foreign_queueing(view)
    quota = view.conditions.machine.quota_cores
    if quota is not None and quota < min(view.workers, view.conditions.machine.affinity_cores):
        return Advice(
            Code.SHARED_CORES,
            f"Held back: the control group's quota is {quota:.3g} {'core' if quota == 1 else 'cores'}, and the last worker to "
            f"finish was ready but without one {percent(view.share(queued))} of the time; neither kernel nor mode is to blame, "
            "so raise the quota before measuring again.",
            {"queued": queued, "share": view.share(queued), "usable_cores": view.cores, "quota_cores": quota},
        )
    return Advice(
        Code.SHARED_CORES,
        f"Other programs had the cores: the last worker to finish was ready but queued for a core "
        f"{percent(view.share(queued))} of the time; neither kernel nor mode is to blame, so measure again on a quiet "
        "machine.",
        {"queued": queued, "share": view.share(queued), "usable_cores": view.cores},
    )


def contention(view: View) -> float:
    """CPU time beyond the baseline's that all workers had alike, in units of workers: `extra` less its uneven part."""
    return view.losses.extra - _uneven_extra(view)


def unevenness(view: View) -> float:
    """What the last worker had beyond its fair share, by samples or by their cost, in units of workers."""
    return view.losses.imbalance + _uneven_extra(view)


def _uneven_extra(view: View) -> float:
    """CPU time of the last worker beyond that of all workers on average, for as many samples.

    No more of it than the others sat idle: where they ended together, what one spent more (page faults, say) was not more
    work.
    """
    workers = view.trial.workers
    samples = sum(worker.samples for worker in workers)
    if not samples or not view.last.samples or len(workers) < 2:
        return 0.0
    average_s = sum(known_s(worker.running_s) for worker in workers) / samples * view.last.samples
    idle_s = sum(worker.idle_s for worker in workers if worker is not view.last) / (len(workers) - 1)
    return min(known_s(view.last.running_s) - average_s, idle_s) / view.wall_s * view.workers


def busy_no_faster(view: View) -> Advice | None:
    """Cores busy without getting on: each sample costs more CPU time than it does alone."""
    evidence: dict[str, float | int | str] = {"extra": contention(view), "share": view.share(contention(view))}
    useful_s = view.losses.speedup * view.wall_s
    running_s = sum(known_s(worker.running_s) for worker in view.trial.workers)
    dearer = "more"
    if useful_s > 0:
        evidence["cpu_per_sample"] = running_s / useful_s
        dearer = f"{times(running_s / useful_s)} the"
    suspect, more = _suspect(view)
    return Advice(
        Code.BUSY_NO_FASTER,
        f"Busy but no faster: with {count(view.workers, view.noun, view.nouns)} each sample cost {dearer} CPU time that "
        f"it costs alone; {suspect}.",
        evidence | more,
    )


def _suspect(view: View) -> tuple[str, dict[str, float | int | str]]:
    """What most likely makes the cores busy, with what to do, and its figures."""
    kernel = view.conditions.kernel
    threads = view.conditions.mode.made_of == "threads"
    if kernel.shared_stream and threads and view.result.gil_enabled is False:
        return (
            "all threads spin on the lock of one shared random generator, so give each worker a generator of its own"
            + (f": {kernel.unshared} does" if kernel.unshared else ""),
            {"next_kernel": kernel.unshared} if kernel.unshared else {},
        )
    faults_per_s = (view.last.page_faults or 0) / view.wall_s
    if faults_per_s > FAULTS_PER_S:
        return (
            f"{grouped(faults_per_s)} page faults a second point to large arrays made anew each time, so work in blocks "
            "that fit the cache and are used again",
            {"page_faults_per_s": faults_per_s},
        )
    if kernel.bytes_per_sample > 0:
        return "memory and caches are shared by all cores, so work in blocks that fit a core's own cache", {}
    return "caches, memory, a spinning lock or a slower clock: compare it with processes, which share less", {}


def uneven(view: View) -> Advice | None:
    """Unequal work: some workers idle while the last is still busy."""
    share = view.share(unevenness(view))
    case = view.result.case
    busy = sum(1 for worker in view.trial.workers if worker.tasks > 0)
    evidence: dict[str, float | int | str] = {"uneven": unevenness(view), "share": share, "workers_with_tasks": busy}
    if case.tasks < view.workers:
        several = count(case.tasks, "task")
        return Advice(
            Code.UNEVEN,
            f"{capital(several)} cannot keep {count(view.workers, 'worker')} busy: give out at least one task a worker.",
            evidence,
        )
    running_s = sum(known_s(worker.running_s) for worker in view.trial.workers)
    part = known_s(view.last.running_s) / running_s if running_s > 0 else 0.0
    return Advice(
        Code.UNEVEN,
        f"Uneven work: worker {view.last.index} did {percent(part)} of the computing in "
        f"{count(view.last.tasks, 'task')} while others sat idle; more and smaller tasks would even it out.",
        {**evidence, "part": part},
    )
