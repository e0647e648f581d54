"""Verdicts that doubt the figures themselves: wrong estimates, duplicated streams, faulty ledgers, short trials."""

from __future__ import annotations

import math

from pi_tui.analysis.advice.codes import AdviceCode
from pi_tui.analysis.losses import check_ledger
from pi_tui.analysis.results import Advice, Conditions, Result
from pi_tui.analysis.text.prose import format_seconds

Z_LIMIT = 4.0
MIN_TRIAL_S = 1e-3
MIN_DUPLICATE_TRIALS = 3
MAX_CHANCE = 1e-3
"""Equal counts prove nothing if independent streams give them more often than this."""

_HIT_PROBABILITY = {"hits": math.pi / 4.0, "lower-half": 0.5}


def judge_estimate(result: Result, _conditions: Conditions) -> Advice | None:
    """Judge an estimate that is further from pi than chance allows."""
    if result.z is None or result.estimate is None or abs(result.z) <= Z_LIMIT:
        return None
    return Advice(
        AdviceCode.ESTIMATE_OFF,
        f"The estimate {result.estimate:.5f} is {abs(result.z):.1f} standard deviations from pi: chance does not "
        "explain that, so look for a fault in the kernel or its random numbers before trusting any figure.",
        {"estimate": result.estimate, "z": result.z},
    )


def judge_streams(result: Result, conditions: Conditions) -> Advice | None:
    """Judge two tasks that returned equal counts in every measured trial, more often than chance explains."""
    if conditions.kernel.counts not in _HIT_PROBABILITY:  # a user's function does not return random counts
        return None
    rows = [trial.results for trial in result.measured_trials]
    tasks = result.case.tasks
    if len(rows) < MIN_DUPLICATE_TRIALS or tasks < 2 or any(len(row) != tasks for row in rows):
        return None
    tasks_by_counts: dict[tuple[int | float | None, ...], list[int]] = {}
    for task, counts in enumerate(zip(*rows, strict=True)):
        if None not in counts:
            tasks_by_counts.setdefault(counts, []).append(task)
    alike = [same for same in tasks_by_counts.values() if len(same) > 1]
    if not alike or _chance_of_equal_counts(result, conditions) > MAX_CHANCE:
        return None
    first, second = alike[0][:2]
    pairs = sum(math.comb(len(same), 2) for same in alike)
    return Advice(
        AdviceCode.DUPLICATED_STREAMS,
        f"Tasks {first} and {second} returned the same count in all {len(rows)} trials: they drew the same random "
        "numbers, so the estimate rests on fewer samples than it claims; give each worker its own random stream.",
        {"trials": len(rows), "pairs": pairs, "first": first, "second": second},
    )


def _chance_of_equal_counts(result: Result, conditions: Conditions) -> float:
    """Return about how likely any two tasks have equal counts in every trial, if they are independent."""
    likelihood = _HIT_PROBABILITY[conditions.kernel.counts]
    variance = min(result.case.task_samples) * likelihood * (1.0 - likelihood)
    once = min(1.0, 1.0 / (2.0 * math.sqrt(math.pi * variance))) if variance > 0 else 1.0
    return math.comb(result.case.tasks, 2) * once ** len(result.measured_trials)


def judge_ledger(result: Result, _conditions: Conditions) -> Advice | None:
    """Judge a trial's ledger that failed its checks."""
    faults = [fault for trial in result.measured_trials for fault in check_ledger(result.case, trial)]
    if not faults:
        return None
    return Advice(
        AdviceCode.LEDGER_DOUBTFUL,
        f"The ledger of a trial contradicts itself, so do not trust its losses: {faults[0]}",
        {"faults": len(faults)},
    )


def judge_trial_length(result: Result, _conditions: Conditions) -> Advice | None:
    """Judge trials so short that clocks and schedulers matter as much as the work."""
    if result.wall_s is None or result.wall_s.median >= MIN_TRIAL_S:
        return None
    return Advice(
        AdviceCode.TOO_SHORT,
        f"A trial takes {format_seconds(result.wall_s.median)}, too short to trust: use more samples, so that it lasts "
        f"at least {format_seconds(MIN_TRIAL_S)}, better a second.",
        {"wall_s": result.wall_s.median},
    )
