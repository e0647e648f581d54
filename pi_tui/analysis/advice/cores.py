"""Verdicts on cores: used in parallel, shared with other programs, too few, or fewer than the machine has."""

from __future__ import annotations

from pi_tui.analysis.advice import activity, gil
from pi_tui.analysis.advice.affinity import write_cores
from pi_tui.analysis.advice.codes import AdviceCode
from pi_tui.analysis.advice.context import NOTABLE_CORES_SHARE, NOTABLE_SHARE, AdviceContext, Evidence
from pi_tui.analysis.results import Advice
from pi_tui.analysis.text.prose import capital, count, percent, times

MAX_CREDIBLE_SHARE = 1.15
"""A speed-up beyond this share of the ideal shows that the baseline is wrong, not that the work was parallel."""

PARALLEL_SHARE = 0.8
"""The share of the ideal from which work is called truly parallel."""

ENOUGH_SHARE = 0.9
"""Workers beyond the usable cores are called too many if the speed-up is at least this share of the cores."""


def oversubscription(context: AdviceContext) -> float:
    """Return the queueing that workers beyond the usable cores cause each other, in units of workers."""
    return min(context.losses.queued or 0.0, float(max(0, context.workers - context.cores)))


def foreign_queueing(context: AdviceContext) -> float:
    """Return the queueing beyond oversubscription, in units of workers."""
    return (context.losses.queued or 0.0) - oversubscription(context)


def narrowed_queueing(context: AdviceContext) -> float:
    """Return all queueing, if the kernel left fewer cores to its workers than they could use; in units of workers."""
    return (context.losses.queued or 0.0) if context.narrowed else 0.0


def judge_parallelism(context: AdviceContext) -> Advice | None:
    """Judge workers that kept all the cores they could use busy with useful work."""
    if context.ideal < 2 or context.losses.speedup < PARALLEL_SHARE * context.ideal or context.speedup is None:
        return None
    reached = context.speedup
    if reached > MAX_CREDIBLE_SHARE * context.ideal:
        return _judge_superlinear_speedup(context, reached)
    if reached < PARALLEL_SHARE * context.ideal or context.workers > context.cores:
        return None
    if context.workers < context.cores:
        rest = f"; {context.cores - context.workers} more usable cores are free"
    else:
        rest = ", with all usable cores busy"
    return Advice(
        AdviceCode.PARALLEL,
        f"Truly parallel: {context.several} were {times(reached)} as fast as one, "
        f"{percent(reached / context.ideal)} of the ideal{rest}.",
        {"speedup": reached, "ideal": context.ideal},
    )


def _judge_superlinear_speedup(context: AdviceContext, reached: float) -> Advice:
    """Judge a speed-up that cores alone cannot give: each task costs less than the baseline's, or the baseline was too slow."""
    several, case = context.several, context.result.case
    evidence: Evidence = {"speedup": reached, "ideal": context.ideal}
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
    queued, reached = oversubscription(context), context.speedup
    enough = ""
    if reached is not None and reached >= ENOUGH_SHARE * context.cores:
        enough = f"; they were {times(reached)} as fast as one, so {count(context.cores, 'worker')} would be as fast"
    elif context.cores == 1:
        enough = "; one core allows no more than one worker's speed"
    return Advice(
        AdviceCode.OVERSUBSCRIBED,
        f"{capital(context.several)} shared {count(context.cores, 'usable core')}: the "
        f"last to finish was queued for a core {percent(context.share(queued))} of the time{enough}.",
        {"queued": queued, "workers": context.workers, "usable_cores": context.cores},
    )


def judge_narrowed_cores(context: AdviceContext) -> Advice | None:
    """Judge workers whose affinity mask the kernel has narrowed."""
    allowed = context.allowed_cores or frozenset()
    queued = narrowed_queueing(context)
    return Advice(
        AdviceCode.NARROWED_CORES,
        f"The function narrowed the affinity mask: {context.several} may run on {write_cores(allowed)} alone, of "
        f"{context.machine_cores}, and the last to finish was queued for a core {percent(context.share(queued))} of the "
        "time; do not set the mask in the function, or give each worker another core.",
        {"queued": queued, "allowed_cores": len(allowed), "usable_cores": context.machine_cores},
    )


def judge_shared_cores(context: AdviceContext) -> Advice | None:
    """Judge queueing that is not for other workers, by the quota or by what the account of the cores says."""
    queued = foreign_queueing(context)
    share = context.share(queued)
    quota = context.conditions.machine.quota_cores
    evidence: Evidence = {"queued": queued, "share": share, "usable_cores": context.cores}
    if quota is not None and quota < min(context.workers, context.conditions.machine.affinity_cores):
        return Advice(
            AdviceCode.SHARED_CORES,
            f"Held back by the control group: its quota is {quota:.3g} {'core' if quota == 1 else 'cores'}, and the last "
            f"worker to finish was ready but had no core {percent(share)} of the time; raise the quota and measure again.",
            {**evidence, "quota_cores": quota},
        )
    account = context.account
    waited = f"the last worker to finish was ready but queued for a core {percent(share)} of the time"
    if account is None:
        return Advice(
            AdviceCode.QUEUED,
            f"{capital(waited)}; who had the cores was not measured: use more samples, or a quiet machine, before comparing "
            "this row.",
            evidence,
        )
    used = {
        "others": account.others,
        "pi_tui": account.pi_tui,
        "threads": account.other_threads,
        "children": account.children,
    }
    most = max(used, key=lambda name: used[name])
    evidence |= {"others_cores": account.others, "pi_tui_cores": account.pi_tui}
    notable = NOTABLE_CORES_SHARE * context.machine_cores
    cores = count(context.machine_cores, "usable core")
    if most in ("threads", "children") and used[most] >= notable:
        work = activity.measure_own_work(context)
        if work.is_notable(work.threads) or work.is_notable(work.children):
            return activity.judge_own_work(context)
    if account.pi_tui > account.others and account.pi_tui >= notable:
        return Advice(
            AdviceCode.PI_TUI_BUSY,
            f"pi-tui itself used {account.pi_tui:.2f} of {cores}, and {waited}: less output, fewer tasks or longer trials "
            "leave the cores to the workers.",
            evidence,
        )
    if context.others_notable:
        return Advice(
            AdviceCode.SHARED_CORES,
            f"Other programs kept {account.others:.2f} of {cores} busy: {waited}; measure again on a quiet machine.",
            evidence,
        )
    if context.threads_share_a_gil and context.share(gil.gil_size(context)) >= NOTABLE_SHARE:
        return None  # the verdict on the GIL says that queueing hides part of its waits
    return Advice(
        AdviceCode.QUEUED,
        f"{capital(waited)}, although everything else used only {account.others + account.pi_tui:.2f} of {cores}: the "
        "scheduler had put workers on one core, or a hypervisor had taken it.",
        evidence,
    )
