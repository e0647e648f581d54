"""Verdicts that doubt the figures themselves: wrong estimates, duplicated streams, faulty ledgers, short trials."""

from __future__ import annotations

import math
from statistics import NormalDist, median

from pi_tui.analysis.advice.codes import AdviceCode
from pi_tui.analysis.losses import check_ledger
from pi_tui.analysis.results import Advice, Conditions, Result
from pi_tui.analysis.text.prose import count, format_seconds, times

MAX_ESTIMATE_CHANCE = 1e-5
"""How often a run without a fault may be said to have one: once in 100 000 runs, however many estimates a run has."""
MIN_TRIAL_S = 1e-3
MIN_DUPLICATE_TRIALS = 3
MAX_CHANCE = 1e-3
"""Equal counts prove nothing if independent streams give them more often than this."""

LAZY_TYPES = frozenset({"generator", "coroutine", "async_generator", "map", "filter", "zip", "Future", "Task"})
"""Results of these types have not been computed when the function returns."""

VARYING_RATIO = 2.5
"""Calls of one size differ in cost from this ratio of CPU time on: a busy machine alone makes less of a difference."""
SEEDED_RATIO = 1.5
"""The same for a function that takes a seed, if the tasks of single trials differ as much."""

_HIT_PROBABILITY = {"hits": math.pi / 4.0, "lower-half": 0.5}


def limit_z(estimates: int) -> float:
    """Return how many standard deviations an estimate may be off, where the largest of this many estimates is looked at."""
    return NormalDist().inv_cdf(1 - MAX_ESTIMATE_CHANCE / (2 * max(1, estimates)))


def judge_estimate(result: Result, conditions: Conditions) -> Advice | None:
    """Judge an estimate that is further from pi than chance allows among all estimates of the run."""
    if result.z is None or result.estimate is None or abs(result.z) <= limit_z(conditions.estimates):
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


def find_lazy_type(result: Result) -> str | None:
    """Return the type of results that have not been computed; None if the function computes what it returns."""
    types = {trial.facts.returned for trial in result.measured_trials}
    return next((name for name in types if name in LAZY_TYPES), None)


def judge_lazy_results(result: Result, _conditions: Conditions) -> Advice | None:
    """Judge a function that returns before it has computed anything."""
    name = find_lazy_type(result)
    if name is None:
        return None
    article = "an" if name[0] in "aeiou" else "a"
    return Advice(
        AdviceCode.NOTHING_COMPUTED,
        f"The function returned {article} {name}: nothing was computed, so these times are those of a call alone; compute "
        "the values within the function, and return them.",
        {"returned": name},
    )


def judge_same_results(result: Result, conditions: Conditions, baseline: Result | None) -> Advice | None:
    """Judge tasks that returned equal numbers in every trial, although the baseline's differ from trial to trial.

    Then chance plays a part in the function, and the tasks had the same part in it.
    """
    trials = result.measured_trials
    if conditions.kernel.counts != "nothing" or baseline is None or baseline is result:
        return None
    alone = [trial.results for trial in baseline.measured_trials]
    if len(trials) < MIN_DUPLICATE_TRIALS or len(alone) < MIN_DUPLICATE_TRIALS or len(set(alone)) < len(alone):
        return None
    rows = [[value for value in trial.results if value is not None] for trial in trials]
    if any(len(row) < 2 or len(set(row)) == len(row) for row in rows):
        return None
    all_equal = all(len(set(row)) == 1 for row in rows)
    which = ("Both" if len(rows[0]) == 2 else "All") + " tasks" if all_equal else "Some tasks"
    return Advice(
        AdviceCode.SAME_RESULTS,
        f"{which} returned the same result in every trial, while the baseline's differ from trial to trial: they drew the "
        "same random numbers; seed a generator per task (a parameter `seed` gets a different number for each).",
        {"trials": len(rows), "tasks": len(rows[0])},
    )


def has_short_baseline(result: Result, baseline: Result | None) -> bool:
    """Return whether the baseline, which is another result, takes too little time to compare anything with."""
    length_s = None if baseline is None or result.baseline else _call_length_s(baseline)
    return length_s is not None and length_s < MIN_TRIAL_S


def _call_length_s(baseline: Result) -> float | None:
    """Return how long the kernel calls of one trial take, without the time before, between and after them, the median."""
    lengths = [
        sum(trial.wall_s - worker.startup_s - worker.between_s - worker.idle_s for worker in trial.workers)
        for trial in baseline.measured_trials
    ]
    return median(lengths) if lengths else None


def judge_baseline_length(result: Result, baseline: Result | None) -> Advice | None:
    """Judge a baseline so short that no speed-up over it means anything."""
    if baseline is None or not has_short_baseline(result, baseline):
        return None
    length_s = _call_length_s(baseline) or 0.0
    return Advice(
        AdviceCode.SHORT_BASELINE,
        f"The baseline's task takes {format_seconds(length_s)}, too short to trust, so this row's speed-up means nothing: "
        f"use more samples, so that one task lasts at least {format_seconds(MIN_TRIAL_S)}, better a second.",
        {"baseline_call_s": length_s},
    )


def is_cost_varying(result: Result, conditions: Conditions, baseline: Result | None) -> bool:
    """Return whether calls of one size cost very different CPU time although each runs alone.

    Of a function that takes a seed, a smaller difference is enough if the tasks of one trial differ as well: they run at the
    same time, so that the machine is the same for all.
    """
    costs = _call_costs(baseline)
    if conditions.kernel.counts != "nothing" or len(costs) < MIN_DUPLICATE_TRIALS:
        return False
    ratio = max(costs) / min(costs)
    if ratio >= VARYING_RATIO or not conditions.kernel.takes_seed:
        return ratio >= VARYING_RATIO
    return ratio >= SEEDED_RATIO and (
        result is baseline or result.baseline or _ratio_within_trials(result) >= SEEDED_RATIO
    )


def _ratio_within_trials(result: Result) -> float:
    """Return the largest ratio of two workers' cost per sample in one trial; 1 if it is unknown."""
    ratios = [1.0]
    for trial in result.measured_trials:
        costs = [worker.running_s / worker.samples for worker in trial.workers if worker.running_s and worker.samples]
        if len(costs) > 1:
            ratios.append(max(costs) / min(costs))
    return max(ratios)


def _call_costs(baseline: Result | None) -> list[float]:
    """Return the CPU seconds of each measured trial of a baseline that is not too short."""
    if baseline is None or baseline.wall_s is None or baseline.wall_s.median < MIN_TRIAL_S:
        return []
    sums = [[worker.running_s for worker in trial.workers] for trial in baseline.measured_trials]
    known = [sum(cost or 0.0 for cost in costs) for costs in sums if None not in costs]
    wall_s = baseline.wall_s.median
    return known if known and min(known) > 0.05 * wall_s else []


def judge_cost(result: Result, conditions: Conditions, baseline: Result | None) -> Advice | None:
    """Judge a function whose cost varies from call to call, so that the baseline is not alike."""
    if not is_cost_varying(result, conditions, baseline):
        return None
    why = "with its seed" if conditions.kernel.takes_seed else "with its data or with chance"
    costs = _call_costs(baseline)
    ratio = max(costs) / min(costs)
    return Advice(
        AdviceCode.VARYING_COST,
        f"The function's cost varies from call to call ({format_seconds(min(costs))} to {format_seconds(max(costs))} of CPU "
        f"time for as many samples alone, {times(ratio)}), {why}: the baseline is not alike, and the speed-up "
        f"compares unlike work; use more repeats than {count(len(costs), 'trial')}, or tasks of equal cost.",
        {"least_s": min(costs), "most_s": max(costs), "trials": len(result.measured_trials)},
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
