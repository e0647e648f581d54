"""All verdicts on a result, typed, each with its evidence and a next step, the most important first.

Order: figures that are wrong or mean little; a mode that is serial by design; whether the work was truly parallel; the
causes of losses, the largest first; what the kernel changed; trials that differ.

A row tells one story: each cause explains its part of the time once, and what one cause explains no other one claims.
"""

from __future__ import annotations

from collections.abc import Callable

from pi_tui.analysis.advice import activity, cores, cost, gil, overhead, stability, validity, waiting
from pi_tui.analysis.advice.affinity import MASK_CHANGED
from pi_tui.analysis.advice.codes import AdviceCode
from pi_tui.analysis.advice.context import NOTABLE_SHARE, AdviceContext, make_context
from pi_tui.analysis.results import Advice, Conditions, Result
from pi_tui.analysis.text.prose import count

ADVICE_CODES: tuple[str, ...] = tuple(AdviceCode)

MAJOR_SHARE = 0.25
"""Work is never called truly parallel together with a cause of this share."""

_Cause = tuple[Callable[[AdviceContext], float], Callable[[AdviceContext], Advice | None]]


def _gil_size(context: AdviceContext) -> float:
    """Return the wait for the GIL, unless the function's own threads had it: the verdict on waiting counts it then."""
    return 0.0 if _own_threads_explain(context) else gil.gil_size(context)


def _wait_size(context: AdviceContext) -> float:
    return context.blocked + (context.waits.gil if _own_threads_explain(context) else 0.0)


def _own_threads_explain(context: AdviceContext) -> bool:
    if context.share(context.blocked) < _least_notable(context):
        return False
    advice = waiting.judge_wait(context)
    return advice is not None and advice.code == AdviceCode.OWN_THREADS


def _threads_size(context: AdviceContext) -> float:
    """Return the weight of own threads beside working workers, unless they have the GIL, which has its own verdict."""
    if _wait_is_told_by_own_work(context) or _holds_gil_elsewhere(context):
        return 0.0
    return activity.own_threads_size(context)


def _is_gil_notable(context: AdviceContext) -> bool:
    return context.share(_gil_size(context)) >= _least_notable(context)


def _holds_gil_elsewhere(context: AdviceContext) -> bool:
    return _is_gil_notable(context) and gil.is_held_by_others(context)


def _wait_is_told_by_own_work(context: AdviceContext) -> bool:
    return context.share(_wait_size(context)) >= _least_notable(context) and waiting.explained_by_own_work(context)


def _children_size(context: AdviceContext) -> float:
    return 0.0 if _wait_is_told_by_own_work(context) else activity.own_children_size(context)


def _oversubscription(context: AdviceContext) -> float:
    return 0.0 if context.narrowed else cores.oversubscription(context)


def _foreign_queueing(context: AdviceContext) -> float:
    return 0.0 if context.narrowed else cores.foreign_queueing(context)


def _contention(context: AdviceContext) -> float:
    """Return CPU time beyond the baseline's, unless the baseline's cost is no measure or a convoy has been named."""
    if not _is_comparable(context) or _varies(context):
        return 0.0
    if _is_gil_notable(context) and gil.convoy_size(context) > 0:
        return 0.0
    return cost.contention(context) - cost.copy_size(context)


def _first_call(context: AdviceContext) -> float:
    return cost.first_call_size(context) if _is_comparable(context) else 0.0


def _copying(context: AdviceContext) -> float:
    return cost.copy_size(context) if _is_comparable(context) else 0.0


def _unevenness(context: AdviceContext) -> float:
    """Return the last worker's work beyond its share, unless a convoy has been named: a handover's cost is nobody's work."""
    if not _is_comparable(context) or (_is_gil_notable(context) and gil.convoy_size(context) > 0):
        return 0.0
    return cost.unevenness(context)


def _is_comparable(context: AdviceContext) -> bool:
    """Return whether there is another result, of some length, to compare the cost of samples with."""
    return not context.result.baseline and not validity.has_short_baseline(context.result, context.baseline)


def _varies(context: AdviceContext) -> bool:
    return validity.is_cost_varying(context.result, context.conditions, context.baseline)


_CAUSES_AROUND_CALLS: tuple[_Cause, ...] = (
    (lambda context: context.losses.startup, overhead.judge_startup),
    (lambda context: context.losses.between, overhead.judge_gaps),
    (lambda context: context.losses.collect, overhead.judge_collecting),
    (cores.narrowed_queueing, cores.judge_narrowed_cores),
    (_foreign_queueing, cores.judge_shared_cores),
    (_oversubscription, cores.judge_oversubscription),
)
_CAUSES_IN_CALLS: tuple[_Cause, ...] = (
    (_gil_size, gil.judge_gil_wait),
    (_wait_size, waiting.judge_wait),
    (_threads_size, activity.judge_threads),
    (_children_size, activity.judge_children),
    (_first_call, cost.judge_first_call),
    (_copying, cost.judge_copying),
    (_contention, cost.judge_contention),
    (_unevenness, cost.judge_unevenness),
)
"""Pairs: a cause's size in units of workers, and its verdict. Queueing for a core makes the causes in calls look smaller."""


def judge_result(result: Result, conditions: Conditions, baseline: Result | None) -> tuple[Advice, ...]:
    """Return the verdicts on a result; none before its first measured trial.

    `baseline` is the result that it is compared with: itself if it is its own baseline.
    """
    if not result.measured_trials:
        return ()
    lazy = validity.judge_lazy_results(result, conditions)
    doubts = (
        lazy,
        validity.judge_estimate(result, conditions),
        validity.judge_streams(result, conditions),
        validity.judge_same_results(result, conditions, baseline),
        validity.judge_ledger(result, conditions),
        None if lazy else validity.judge_trial_length(result, conditions),
        None if lazy or result.in_app else validity.judge_baseline_length(result, baseline),
        None if result.in_app else validity.judge_cost(result, conditions, baseline),
        stability.judge_precision(result, conditions.until_stable),
    )
    verdicts = [verdict for verdict in doubts if verdict is not None]
    if not result.in_app:
        if lazy is None:
            verdicts += _judge_speedup(result, conditions, baseline)
        if (changed := _judge_changes(result, verdicts)) is not None:
            verdicts.append(changed)
        verdicts += stability.judge_stability(result)
        if (verdict := stability.judge_repeats(result)) is not None:
            verdicts.append(verdict)
    return tuple(verdicts)


def _judge_speedup(result: Result, conditions: Conditions, baseline: Result | None) -> list[Advice]:
    verdicts = [verdict for verdict in (_judge_gil_reenabled(conditions),) if verdict is not None]
    if conditions.mode.serial_by_design and result.case.workers > 1:
        return [*verdicts, _judge_serial_mode(result, conditions)]
    if conditions.kernel.threads_inside:
        return [*verdicts, _judge_inner_threads(result)]
    context = make_context(result, conditions, baseline)
    return verdicts if context is None else verdicts + _judge_losses(context)


def _judge_losses(context: AdviceContext) -> list[Advice]:
    """Return whether the work was parallel, and each notable loss, the largest first."""
    notable = [
        (loss, say)
        for causes, least in ((_CAUSES_IN_CALLS, _least_notable(context)), (_CAUSES_AROUND_CALLS, NOTABLE_SHARE))
        for measure, say in causes
        if context.share(loss := measure(context)) >= least
    ]
    notable.sort(key=lambda pair: -pair[0])
    said = [say(context) for _, say in notable]
    said.append(gil.judge_switch_interval(context))
    largest = context.share(notable[0][0]) if notable else 0.0
    parallel = cores.judge_parallelism(context)
    hidden = parallel is not None and parallel.code == AdviceCode.PARALLEL and largest >= MAJOR_SHARE
    if not hidden and not _varies(context):
        said.insert(0, parallel)
    found: dict[str, Advice] = {}
    for verdict in said:
        if verdict is not None:
            found.setdefault(verdict.code, verdict)
    return list(found.values())


def _least_notable(context: AdviceContext) -> float:
    """Return the share of the wall from which a cause is mentioned: a part of the time that other programs left."""
    return NOTABLE_SHARE * max(0.25, 1.0 - context.share(max(0.0, cores.foreign_queueing(context))))


def _judge_changes(result: Result, said: list[Advice]) -> Advice | None:
    """Judge what the kernel changed in its host, except for what another verdict has named."""
    told = " ".join(verdict.sentence for verdict in said)
    changes = [
        change
        for change in result.changed or ()
        if not change.startswith((MASK_CHANGED, gil.SWITCH_INTERVAL_CHANGED)) and change.rpartition(": ")[2] not in told
    ]
    if not changes:
        return None
    return Advice(
        AdviceCode.CHANGED_HOST,
        f"The function changed the process that runs it ({'; '.join(changes)}); other kernels run in a new process.",
        {"changes": len(changes)},
    )


def _judge_serial_mode(result: Result, conditions: Conditions) -> Advice:
    workers = result.case.workers
    return Advice(
        AdviceCode.SERIAL_BY_DESIGN,
        f"Serial by design: {conditions.mode.name} waits for each task's result before it hands out the next, so "
        f"{count(workers, 'worker')} do the work of one; use its -async, -map or -starmap variant to run tasks in parallel.",
        {"workers": workers},
    )


def _judge_inner_threads(result: Result) -> Advice:
    workers = result.case.workers
    more = (
        f" Each of the {workers} workers starts as many threads, and the baseline already used all cores: running the tasks "
        "one after another is as fast."
        if workers > 1
        else ""
    )
    return Advice(
        AdviceCode.THREADS_INSIDE,
        f"Threads inside: {result.case.kernel} uses every usable core with its own threads, whose time no worker's clock "
        f"measures, so it is not known where the time went.{more}",
        {"workers": workers},
    )


def _judge_gil_reenabled(conditions: Conditions) -> Advice | None:
    module = conditions.gil_reenabled_by
    if module is None:
        return None
    return Advice(
        AdviceCode.GIL_REENABLED,
        f"Importing {module} turned the GIL on again in this free-threaded build: look for a version that supports "
        "free threading, or turn the GIL off (PYTHON_GIL=0) at your own risk.",
        {"module": module},
    )
