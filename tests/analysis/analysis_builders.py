"""Builders of cases, ledgers and results."""

from __future__ import annotations

import math
from typing import Any

from pi_tui.analysis.results import Case, Conditions, Machine, NeighbouringRow, Result, Trial, TrialKind
from pi_tui.analysis.summary import summarise_case
from pi_tui.host.kernels.catalog import KERNELS, Kernel
from pi_tui.host.modes.catalog import MODES
from pi_tui.host.protocol import NO_FACTS, CoreAccount, TrialFacts, WorkerLedger

COST_S = 1e-6
"""CPU seconds per sample in every result made here, unless stated otherwise."""


def make_machine(cores: int = 2) -> Machine:
    return Machine("Linux", "a processor", cores, cores, cores, None, cores, 2**33, 2**32)


def make_conditions(kernel: str | Kernel = "python", mode: str = "threads", cores: int = 2, **more: Any) -> Conditions:
    entry = kernel if isinstance(kernel, Kernel) else KERNELS[kernel]
    return Conditions(entry, MODES[mode], make_machine(cores), **more)


def make_case(mode: str = "threads", workers: int = 2, samples: int = 1_000_000, **more: Any) -> Case:
    fields: dict[str, Any] = {
        "kernel": "python",
        "mode": mode,
        "start_method": "spawn" if MODES[mode].has_start_methods else None,
        "transport": None,
        "python": "3.11.9",
        "gil": None,
        "workers": workers,
        "tasks": workers,
        "samples": samples,
    }
    return Case(**(fields | more))


def make_ledger(index: int = 0, **more: Any) -> WorkerLedger:
    """Return a worker with one task of a million samples and no seconds but those given."""
    fields: dict[str, Any] = {
        "index": index,
        "pid": 10,
        "tid": 100 + index,
        "tasks": 1,
        "samples": 1_000_000,
        "startup_s": 0.0,
        "running_s": 0.0,
        "queued_s": 0.0,
        "waiting_s": 0.0,
        "between_s": 0.0,
        "idle_s": 0.0,
        "voluntary_switches": 100,
        "page_faults": 10,
    }
    return WorkerLedger(**(fields | more))


def make_trial(
    wall_s: float,
    workers: tuple[WorkerLedger, ...],
    *,
    kind: TrialKind = "measured",
    number: int = 0,
    results: tuple[int | float | None, ...] | None = None,
    faults: tuple[str, ...] = (),
    facts: TrialFacts = NO_FACTS,
) -> Trial:
    counts = (
        tuple(round(worker.samples * math.pi / 4) + 3 * number + worker.index for worker in workers)
        if results is None
        else results
    )
    return Trial(kind, number, wall_s, 1.7e9, workers, counts, faults, facts)


def summarise_trials(a_case: Case, trials: list[Trial], a_conditions: Conditions | None = None, **more: Any) -> Result:
    fields: dict[str, Any] = {
        "baseline": None,
        "is_baseline": False,
        "status": "ok",
        "finished": True,
        "error": None,
        "repeat": len(trials),
        "seed": 1,
        "gil_enabled": True,
        "free_threaded_build": False,
    }
    return summarise_case(
        a_case, trials, a_conditions or make_conditions(a_case.kernel, a_case.mode), **(fields | more)
    )


def make_baseline(samples: int = 1_000_000, cost_s: float = COST_S, *, waiting_s: float = 0.0, **more: Any) -> Result:
    """Return a result of one sequential task of `samples`, with five equal trials."""
    running_s = samples * cost_s
    worker = make_ledger(samples=samples, running_s=running_s, waiting_s=waiting_s)
    trials = [make_trial(running_s + waiting_s, (worker,), number=number) for number in range(5)]
    alone = make_case("sequential", 1, samples)
    return summarise_trials(alone, trials, make_conditions(mode="sequential"), is_baseline=True, **more)


def make_result(
    workers: tuple[WorkerLedger, ...],
    wall_s: float,
    *,
    kernel: str | Kernel = "python",
    mode: str = "threads",
    cores: int = 2,
    against: Result | None = None,
    case_fields: dict[str, Any] | None = None,
    facts: TrialFacts = NO_FACTS,
    neighbours: tuple[NeighbouringRow, ...] = (),
    **more: Any,
) -> Result:
    """Return a result of five equal trials, compared with `against` (the usual baseline unless given)."""
    a_case = make_case(mode, len(workers), **(case_fields or {}))
    trials = [make_trial(wall_s, workers, number=number, facts=facts) for number in range(5)]
    reenabled = more.pop("gil_reenabled_by", None)
    return summarise_trials(
        a_case,
        trials,
        make_conditions(kernel, mode, cores, gil_reenabled_by=reenabled, neighbours=neighbours),
        baseline=against or make_baseline(),
        **more,
    )


def advice_codes(result: Result) -> list[str]:
    return [str(advice.code) for advice in result.advice]


def advice_sentence(result: Result, code: str) -> str:
    return next(advice.sentence for advice in result.advice if advice.code == code)


def make_facts(
    *,
    workers: float = 2.0,
    other_threads: float = 0.0,
    children: float = 0.0,
    pi_tui: float = 0.0,
    others: float = 0.0,
    **more: Any,
) -> TrialFacts:
    """Return the facts of a trial during which workers, their threads and children, pi-tui and others used so many cores."""
    return TrialFacts(CoreAccount(workers, other_threads, children, pi_tui, others), **more)
