"""Summarise a case's trials as its result. A figure that is not known is None."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from statistics import median

from pi_tui.analysis.advice.verdicts import judge_result
from pi_tui.analysis.bootstrap import ratio_interval
from pi_tui.analysis.losses import cpu_s_per_sample, decompose_losses, find_median_trial
from pi_tui.analysis.results import Case, Conditions, Interval, Losses, Result, Status, Trial
from pi_tui.analysis.scaling.scaling_laws import karp_flatt
from pi_tui.analysis.spread import measure_spread
from pi_tui.host.core_account import CoreAccount
from pi_tui.host.protocol import Failure


def summarise_case(
    case: Case,
    trials: Sequence[Trial],
    conditions: Conditions,
    *,
    baseline: Result | None,
    is_baseline: bool,
    status: Status,
    finished: bool,
    error: Failure | None,
    repeat: int,
    seed: int,
    gil_enabled: bool | None,
    free_threaded_build: bool,
    in_app: bool = False,
) -> Result:
    """Return the result of the case after `trials`: warm-up and measured trials in the order they ran.

    `baseline` is the result to compare with, as far as it has come; a case that is its own baseline is compared with itself.
    Results of the in-app host are compared with nothing.
    """
    bare = Result(
        case=case,
        baseline=is_baseline,
        status=status,
        finished=finished,
        error=error,
        repeat=repeat,
        seed=seed,
        gil_enabled=gil_enabled,
        free_threaded_build=free_threaded_build,
        trials=tuple(trials),
        in_app=in_app,
    )
    counting = select_counted_trials(bare)
    walls = measure_spread([trial.wall_s for trial in counting])
    estimate, z = _estimate_pi(case, counting, conditions)
    timed = replace(
        bare,
        wall_s=walls,
        samples_per_s=case.total_samples / walls.median if walls and walls.median > 0 else None,
        estimate=estimate,
        z=z,
        cores=_divide_cores(counting),
        changed=_collect_changes(trials),
    )
    reference = None if in_app else timed if is_baseline else baseline
    speedup = _compute_speedup(timed, reference, proportional=conditions.kernel.proportional)
    compared = replace(
        timed,
        speedup=speedup,
        efficiency=None if speedup is None else speedup / case.workers,
        losses=_compute_losses(timed, reference),
        speedup_interval=_compute_speedup_interval(timed, reference, proportional=conditions.kernel.proportional),
        serial_fraction=karp_flatt(speedup, case.workers) if speedup else None,
    )
    return replace(compared, advice=judge_result(compared, conditions, reference))


def select_counted_trials(result: Result) -> tuple[Trial, ...]:
    """Return the trials behind the figures: the measured ones, or the last warm-up of a case that is still running."""
    if result.measured_trials or result.finished:
        return result.measured_trials
    return result.trials[-1:]


def _collect_changes(trials: Sequence[Trial]) -> tuple[str, ...] | None:
    """Return the distinct changes that the trials made to their host, in order; None if it is known of no trial."""
    known = [trial.facts.changed for trial in trials if trial.facts.changed is not None]
    return tuple(dict.fromkeys(change for changes in known for change in changes)) if known else None


def _divide_cores(trials: Sequence[Trial]) -> CoreAccount | None:
    """Return who used the cores, each share as the median of the trials; None if it is known of no trial."""
    known = [trial.facts.cores for trial in trials if trial.facts.cores is not None]
    if not known:
        return None
    return CoreAccount(*(median(getattr(each, name) for each in known) for name in CoreAccount.__dataclass_fields__))


def _compute_speedup(result: Result, baseline: Result | None, *, proportional: bool) -> float | None:
    """Return baseline seconds per sample x all samples / wall; if cost is not proportional, per task of the same size."""
    if baseline is None or baseline.wall_s is None or result.wall_s is None or result.wall_s.median <= 0:
        return None
    return (
        baseline.wall_s.median * _baseline_multiple(result, baseline, proportional=proportional) / result.wall_s.median
    )


def _baseline_multiple(result: Result, baseline: Result, *, proportional: bool) -> float:
    """Return how many times the baseline's work was done."""
    if result.baseline:
        return 1.0
    return result.case.total_samples / baseline.case.total_samples if proportional else result.case.tasks


def _compute_speedup_interval(result: Result, baseline: Result | None, *, proportional: bool) -> Interval | None:
    """Return the interval of the speed-up, from the trials of both; None for a baseline, whose speed-up is 1 by definition."""
    if baseline is None or result.baseline:
        return None
    walls, baseline_walls = ([trial.wall_s for trial in each.measured_trials] for each in (result, baseline))
    return ratio_interval(baseline_walls, walls, _baseline_multiple(result, baseline, proportional=proportional))


def _compute_losses(result: Result, baseline: Result | None) -> Losses | None:
    if baseline is None or (trial := find_median_trial(select_counted_trials(result))) is None:
        return None
    cost_s = cpu_s_per_sample(select_counted_trials(baseline))
    if cost_s is None:
        return None
    return decompose_losses(trial, workers=result.case.workers, baseline_cpu_s_per_sample=cost_s)


def _estimate_pi(case: Case, trials: Sequence[Trial], conditions: Conditions) -> tuple[float | None, float | None]:
    """Return pi estimated from all hits and its error in standard deviations; None, None for a kernel without hits."""
    hits = [count for trial in trials for count in trial.results]
    samples = case.total_samples * len(trials)
    numbers = 1 if case.transport == "value" else case.tasks  # a shared value returns only the sum
    if conditions.kernel.counts != "hits" or not samples or len(hits) != numbers * len(trials):
        return None, None
    known = [count for count in hits if count is not None]
    if len(known) < len(hits):
        return None, None
    estimate = 4.0 * sum(known) / samples
    return estimate, (estimate - math.pi) / math.sqrt(math.pi * (4.0 - math.pi) / samples)
