"""Verdicts on work that a function does in threads and child processes of its own, which no worker's clock measures."""

from __future__ import annotations

from dataclasses import dataclass

from pi_tui.analysis.advice.codes import AdviceCode
from pi_tui.analysis.advice.context import AdviceContext, Evidence
from pi_tui.analysis.advice.remedies import find_process_row
from pi_tui.analysis.results import Advice
from pi_tui.analysis.text.prose import count, percent, times

NOTABLE_PART = 0.15
"""The function's own threads or children are mentioned from this part of all its computing on,"""
MIN_CORES = 0.02
"""if they used at least this many cores' worth."""
WORKING_PART = 0.2
"""Workers that do at least this part of the computing work beside their threads, as with libraries that divide a task between
the calling thread and others. Workers that only wait for threads which they started do next to nothing."""
DOMINANT_PART = 0.4
"""From this part on they do the work, and the workers' waits are for them. A library that divides a call between the worker and
one more thread gives that thread half of the work, less what only the worker does."""
MIN_PART_OF_WAITS = 0.05
"""Waits are for own threads or children only if these used a core for at least this part of the waits: a child that sleeps
uses next to nothing."""
MIN_WAITS_SHARE = 0.02
"""Shorter waits, as a share of the last worker's wall, need no explanation."""
FULL_SHARE = 0.85
"""The usable cores are full from this share on."""
SERIAL_SPEEDUP = 1.2
"""Workers whose speed-up is at most this gain nothing from each other."""

THREAD_LEFT = "a thread left running: "
"""Begins the phrase of a trial's facts on a thread that the kernel left running."""

_DEFAULT_NAMES = ("python", "pi-tui", "MainThread", "thread ")


@dataclass(frozen=True, slots=True)
class OwnWork:
    """What the function's own threads and children used.

    Attributes:
        threads: cores' worth of its threads that are no workers.
        children: cores' worth of its child processes.
        workers: cores' worth of the workers themselves.
    """

    threads: float
    children: float
    workers: float

    @property
    def total(self) -> float:
        """Cores' worth of all computing of the function."""
        return self.threads + self.children + self.workers

    def is_notable(self, cores: float) -> bool:
        """Return whether threads or children are worth mentioning."""
        return cores >= MIN_CORES and self.total > 0 and cores / self.total >= NOTABLE_PART

    @property
    def dominates(self) -> bool:
        """Whether threads and children together did most of the computing."""
        return self.total > 0 and (self.threads + self.children) / self.total >= DOMINANT_PART


def measure_own_work(context: AdviceContext) -> OwnWork:
    """Return what the function's threads and children used: for processes by worker, else from the account of the cores."""
    workers = context.trial.workers
    if any(worker.other_threads_s is not None for worker in workers):
        return OwnWork(
            *(
                sum(part or 0.0 for part in parts) / context.wall_s
                for parts in (
                    [worker.other_threads_s for worker in workers],
                    [worker.children_s for worker in workers],
                    [worker.running_s for worker in workers],
                )
            )
        )
    running_s = sum(worker.running_s or 0.0 for worker in workers)
    if (cores := context.result.cores) is not None:
        # The account covers more than a trial of a few milliseconds: then its proportions hold, and its sums do not.
        short = context.account is None and cores.workers > 0
        scale = running_s / context.wall_s / cores.workers if short else 1.0
        return OwnWork(scale * cores.other_threads, scale * cores.children, scale * cores.workers)
    used_s = sum(thread.cpu_s for thread in context.trial.facts.thread_cpu or ())
    return OwnWork(used_s / context.wall_s, 0.0, running_s / context.wall_s)


def explains_waits(context: AdviceContext, work: OwnWork) -> bool:
    """Return whether the workers waited for their own threads or children: these did most of the computing meanwhile."""
    waits = context.blocked + context.waits.gil
    active = work.threads + work.children
    return (
        work.dominates
        and context.share(waits) >= MIN_WAITS_SHARE
        and active >= MIN_CORES
        and active >= MIN_PART_OF_WAITS * waits
    )


def own_threads_size(context: AdviceContext) -> float:
    """Return the weight of own threads beside working workers: their part of the time in calls, in units of workers."""
    work = measure_own_work(context)
    if not work.is_notable(work.threads):
        return 0.0
    return work.threads / work.total * context.call_share * context.workers


def own_children_size(context: AdviceContext) -> float:
    """Return the same of own child processes."""
    work = measure_own_work(context)
    return work.children / work.total * context.call_share * context.workers if work.is_notable(work.children) else 0.0


def judge_own_work(context: AdviceContext) -> Advice:
    """Judge workers that wait while their own threads or children compute."""
    work = measure_own_work(context)
    return judge_children(context) if work.children > work.threads else judge_threads(context)


def judge_children(context: AdviceContext) -> Advice:
    """Judge a function that works in child processes."""
    work = measure_own_work(context)
    sentence = (
        f"Child processes that the function started did {percent(work.children / work.total)} of its computing "
        f"({work.children:.2f} of {count(context.cores, 'core')})"
    )
    return Advice(AdviceCode.OWN_CHILDREN, sentence + _describe_outcome(context, work), _evidence(context, work))


def judge_threads(context: AdviceContext) -> Advice:
    """Judge a function that works in threads of its own, of which a library may be the origin."""
    work = measure_own_work(context)
    names = busy_thread_names(context)
    sentence = (
        f"Threads that the function started{f' ({names})' if names else ''} did {percent(work.threads / work.total)} of its "
        f"computing ({work.threads:.2f} of {count(context.cores, 'core')})"
    )
    outcome = _describe_outcome(context, work)
    if work.workers >= WORKING_PART * work.total and context.workers > 1 and context.workers >= context.cores:
        outcome = outcome.removesuffix(".") + (
            "; if a library starts them (BLAS, OpenMP, Numba), set OMP_NUM_THREADS or numba.set_num_threads to 1, since the "
            "workers fill the cores."
        )
    return Advice(AdviceCode.OWN_THREADS, sentence + outcome, _evidence(context, work))


def _describe_outcome(context: AdviceContext, work: OwnWork) -> str:
    """Return what followed, to the sentence's end: waits, the speed-up, and whether the cores are full."""
    waits = context.share(context.blocked + context.waits.gil)
    parts = [f" while the last worker waited {percent(waits)} of the time" if explains_waits(context, work) else ""]
    reached = context.speedup
    if context.workers > 1 and reached is not None:
        parts.append(f"; {context.several} were {times(reached)} as fast as one")
    full = work.total >= FULL_SHARE * context.cores
    if full and context.workers > 1:
        parts.append(f", with {count(context.cores, 'usable core')} full: more workers gain nothing")
    elif context.others_notable:
        parts.append(f"; other programs used {context.others:.2f} of {count(context.machine_cores, 'core')} meanwhile")
    elif (
        context.workers > 1
        and context.conditions.mode.made_of == "threads"
        and reached is not None
        and reached <= SERIAL_SPEEDUP
        and work.threads > work.children
        and work.total <= 1.1
    ):
        parts.append(", and no more than one of them ran at a time")
        row = find_process_row(context)
        if row is not None and row.speedup > 1.1 * reached:
            parts.append(f" ({row.mode} was {times(row.speedup)} as fast in this run)")
    return "".join(parts) + "."


def _evidence(context: AdviceContext, work: OwnWork) -> Evidence:
    return {
        "own_threads_cores": work.threads,
        "own_children_cores": work.children,
        "workers_cores": work.workers,
        "share": context.share(context.blocked + context.waits.gil),
    }


def busy_thread_names(context: AdviceContext) -> str:
    """Return the names of busy threads of the host that are no workers; "" if only the system named them."""
    busy = {
        thread.name: None
        for trial in context.result.measured_trials or context.result.trials
        for thread in trial.facts.thread_cpu or ()
        if not thread.name.startswith(_DEFAULT_NAMES)
    }
    if context.conditions.mode.made_of in ("threads", "calling thread"):
        names = busy
    else:  # the host's threads are not those of its worker processes, but an import starts the same threads in each
        changes = context.result.changed or ()
        left = {change.removeprefix(THREAD_LEFT) for change in changes if change.startswith(THREAD_LEFT)}
        names = {name: None for name in busy if name in left}
    return ", ".join(f"`{name}`" for name in list(names)[:3])


def describe_holder(context: AdviceContext) -> str:
    """Return the thread that is no worker and ran most, with its share of the wall: "thread `spinner`"; "" if none did."""
    names = busy_thread_names(context)
    return f"{'threads' if ',' in names else 'thread'} {names}" if names else ""
