"""What a result means, as typed verdicts with their evidence and a next step, the most important first.

Order: figures that are wrong or mean little; a mode that is serial by design; whether the work was truly parallel; the
causes of what was lost, the largest first; trials that differ.
"""

from __future__ import annotations

from collections.abc import Callable

from pi_tui.analysis.advice import cores, overhead, stability, validity, waiting
from pi_tui.analysis.advice.codes import Code
from pi_tui.analysis.advice.context import View, view_of
from pi_tui.analysis.results import Advice, Conditions, Result
from pi_tui.analysis.text.prose import count

CODES: tuple[str, ...] = tuple(Code)

NOTABLE = 0.08
"""A loss is worth a sentence from this share of the last worker's wall."""

_Cause = tuple[Callable[[View], float], Callable[[View], Advice | None]]

_CAUSES: tuple[_Cause, ...] = (
    (lambda view: view.waits.gil, waiting.gil),
    (lambda view: view.waits.lock, waiting.lock),
    (lambda view: view.waits.io, waiting.io),
    (lambda view: view.waits.unknown, waiting.unknown),
    (lambda view: view.losses.startup, overhead.startup),
    (lambda view: view.losses.between, overhead.between),
    (lambda view: view.losses.collect, overhead.collect),
    (cores.foreign_queueing, cores.shared_cores),
    (cores.oversubscription, cores.oversubscribed),
    (cores.contention, cores.busy_no_faster),
    (cores.unevenness, cores.uneven),
)
"""What measures a cause, in units of workers, and what is said of it."""


def advise(result: Result, conditions: Conditions, baseline: Result | None) -> tuple[Advice, ...]:
    """The verdicts on a result; none before its first measured trial.

    `baseline` is what the result is compared with; the result itself where it is its own.
    """
    if not result.measured:
        return ()
    doubts = (
        validity.estimate_off(result, conditions),
        validity.duplicated_streams(result, conditions),
        validity.ledger_doubtful(result, conditions),
        validity.too_short(result, conditions),
        stability.not_stable(result, conditions.until_stable),
    )
    verdicts = [verdict for verdict in doubts if verdict is not None]
    if not result.in_app:
        verdicts += _meaning(result, conditions, baseline)
        verdicts += stability.unsteady(result)
        if (verdict := stability.too_few(result)) is not None:
            verdicts.append(verdict)
    return tuple(verdicts)


def _meaning(result: Result, conditions: Conditions, baseline: Result | None) -> list[Advice]:
    verdicts = [verdict for verdict in (_gil_reenabled(conditions),) if verdict is not None]
    if conditions.mode.serial_by_design and result.case.workers > 1:
        return [*verdicts, _serial(result, conditions)]
    if conditions.kernel.threads_inside:
        return [*verdicts, _threads_inside(result)]
    view = view_of(result, conditions, baseline)
    return verdicts if view is None else verdicts + _causes(view)


def _causes(view: View) -> list[Advice]:
    """Whether it was parallel, and each notable loss, the largest first."""
    weighed = [(measure(view), say) for measure, say in _CAUSES]
    notable = [(loss, say) for loss, say in weighed if view.share(loss) >= NOTABLE]
    notable.sort(key=lambda pair: -pair[0])
    said = [cores.parallel(view), *(say(view) for _, say in notable)]
    return [verdict for verdict in said if verdict is not None]


def _serial(result: Result, conditions: Conditions) -> Advice:
    workers = result.case.workers
    return Advice(
        Code.SERIAL_BY_DESIGN,
        f"Serial by design: {conditions.mode.name} waits for each task's result before it hands out the next, so "
        f"{count(workers, 'worker')} do the work of one; its -async, -map or -starmap kin run them at once.",
        {"workers": workers},
    )


def _threads_inside(result: Result) -> Advice:
    workers = result.case.workers
    more = (
        f" Each of the {workers} workers starts as many, and the baseline had all cores already: to run one after the other "
        "is as fast."
        if workers > 1
        else ""
    )
    return Advice(
        Code.THREADS_INSIDE,
        f"Threads inside: {result.case.kernel} uses every usable core by threads of its own, which no worker's clock sees, so "
        f"where the time went is not known.{more}",
        {"workers": workers},
    )


def _gil_reenabled(conditions: Conditions) -> Advice | None:
    module = conditions.gil_reenabled_by
    if module is None:
        return None
    return Advice(
        Code.GIL_REENABLED,
        f"Importing {module} turned the GIL on again in this free-threaded build: look for a version that supports "
        "free threading, or ask for the GIL off (PYTHON_GIL=0) at your own risk.",
        {"module": module},
    )
