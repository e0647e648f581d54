"""All verdicts on a result, typed, each with its evidence and a next step, the most important first.

Order: figures that are wrong or mean little; a mode that is serial by design; whether the work was truly parallel; the
causes of losses, the largest first; trials that differ.
"""

from __future__ import annotations

from collections.abc import Callable

from pi_tui.analysis.advice import cores, overhead, stability, validity, waiting
from pi_tui.analysis.advice.codes import AdviceCode
from pi_tui.analysis.advice.context import AdviceContext, make_context
from pi_tui.analysis.results import Advice, Conditions, Result
from pi_tui.analysis.text.prose import count

ADVICE_CODES: tuple[str, ...] = tuple(AdviceCode)

NOTABLE_SHARE = 0.08
"""A loss is mentioned from this share of the last worker's wall on."""

_Cause = tuple[Callable[[AdviceContext], float], Callable[[AdviceContext], Advice | None]]

_CAUSES: tuple[_Cause, ...] = (
    (lambda context: context.waits.gil, waiting.judge_gil_wait),
    (lambda context: context.waits.lock, waiting.judge_lock_wait),
    (lambda context: context.waits.io, waiting.judge_io_wait),
    (lambda context: context.waits.unknown, waiting.judge_unknown_wait),
    (lambda context: context.losses.startup, overhead.judge_startup),
    (lambda context: context.losses.between, overhead.judge_gaps),
    (lambda context: context.losses.collect, overhead.judge_collecting),
    (cores.foreign_queueing, cores.judge_shared_cores),
    (cores.oversubscription, cores.judge_oversubscription),
    (cores.contention, cores.judge_contention),
    (cores.unevenness, cores.judge_unevenness),
)
"""Pairs: a cause's size in units of workers, and its verdict."""


def judge_result(result: Result, conditions: Conditions, baseline: Result | None) -> tuple[Advice, ...]:
    """Return the verdicts on a result; none before its first measured trial.

    `baseline` is the result that it is compared with: itself if it is its own baseline.
    """
    if not result.measured_trials:
        return ()
    doubts = (
        validity.judge_estimate(result, conditions),
        validity.judge_streams(result, conditions),
        validity.judge_ledger(result, conditions),
        validity.judge_trial_length(result, conditions),
        stability.judge_precision(result, conditions.until_stable),
    )
    verdicts = [verdict for verdict in doubts if verdict is not None]
    if not result.in_app:
        verdicts += _judge_speedup(result, conditions, baseline)
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
    weighed = [(measure(context), say) for measure, say in _CAUSES]
    notable = [(loss, say) for loss, say in weighed if context.share(loss) >= NOTABLE_SHARE]
    notable.sort(key=lambda pair: -pair[0])
    said = [cores.judge_parallelism(context), *(say(context) for _, say in notable)]
    return [verdict for verdict in said if verdict is not None]


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
