"""No sentence says what the figures of its row refute, and no two sentences of a row contradict each other.

Rows are generated: any split of the time, any account of the cores, any mode, kernel, baseline and neighbours.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pi_tui.analysis.results import NeighbouringRow, Result
from pi_tui.host.kernels.catalog import KERNELS, Kernel
from pi_tui.host.modes.catalog import MODES
from pi_tui.host.protocol import NO_FACTS, CoreAccount, ThreadCpu, TrialFacts, WorkerLedger
from tests.analysis.analysis_builders import (
    make_case,
    make_conditions,
    make_ledger,
    make_result,
    make_trial,
    summarise_trials,
)

OWN = Kernel("own", "somebody's function", "mine", "work", holds_gil=None, proportional=True, counts="nothing")
KERNEL_CHOICE = (
    OWN,
    replace(OWN, takes_seed=True),
    replace(OWN, proportional=False),
    *(KERNELS[name] for name in ("python", "numpy", "numba-nogil")),
)
MODE_CHOICE = ("threads", "thread-pool", "processes", "pool-map", "process-pool")
PARTS = ("startup_s", "running_s", "queued_s", "gil_wait_s", "lock_wait_s", "io_wait_s", "between_s", "idle_s")


@dataclass(frozen=True)
class Row:
    """A generated row with what its sentences are checked against."""

    result: Result
    kernel: Kernel
    cores: int
    facts: TrialFacts

    @property
    def workers(self) -> int:
        return self.result.case.workers

    @property
    def by_processes(self) -> bool:
        return MODES[self.result.case.mode].made_of == "processes"

    @property
    def speedup(self) -> float:
        assert self.result.speedup is not None
        return self.result.speedup

    @property
    def sentences(self) -> list[str]:
        return [advice.sentence for advice in self.result.advice]


def make_worker(index: int, wall_s: float, weights: list[int], traits: dict[str, Any]) -> WorkerLedger:
    """Return the ledger of a worker whose wall is divided by weights."""
    whole = sum(weights) or 1
    parts = {name: wall_s * weight / whole for name, weight in zip(PARTS, weights, strict=True)}
    if not sum(weights):
        parts["running_s"] = wall_s
    waiting_s = parts["gil_wait_s"] + parts["lock_wait_s"] + parts["io_wait_s"]
    if not traits["lanes"]:
        parts |= dict.fromkeys(("gil_wait_s", "lock_wait_s", "io_wait_s"))  # type: ignore[arg-type]
    own = {}
    if traits["by_processes"]:
        own = {"other_threads_s": traits["other_threads"] * wall_s, "children_s": traits["children"] * wall_s}
    return make_ledger(
        index,
        waiting_s=waiting_s,
        voluntary_switches=int(traits["switches"] * wall_s),
        page_faults=int(traits["faults"] * wall_s),
        minor_faults=int(traits["faults"] * wall_s),
        major_faults=int(traits["major"] * wall_s),
        first_call_s=parts["running_s"],
        fresh=traits["by_processes"],
        allowed_cores=(0,) if traits["narrowed"] else None,
        threads_left=traits["threads_left"] if traits["by_processes"] else None,
        **parts,
        **own,
    )


@st.composite
def rows(draw: Any) -> Row:
    """Return a row whose ledgers add up."""
    mode, kernel = draw(st.sampled_from(MODE_CHOICE)), draw(st.sampled_from(KERNEL_CHOICE))
    by_processes = MODES[mode].made_of == "processes"
    cores, workers = draw(st.sampled_from((1, 2, 4))), draw(st.sampled_from((1, 2, 4)))
    wall_s = draw(st.sampled_from((0.004, 0.1, 1.0)))
    own = st.sampled_from((0.0, 0.0, 0.1, 0.9))
    traits = {
        "by_processes": by_processes,
        "lanes": draw(st.booleans()),
        "switches": draw(st.sampled_from((10, 500, 20_000))),
        "faults": draw(st.sampled_from((0, 50_000))),
        "major": draw(st.sampled_from((0, 0, 100))),
        "narrowed": draw(st.sampled_from((False, False, False, True))),
        "threads_left": draw(st.sampled_from((0, 0, 1))),
        "other_threads": draw(own),
        "children": draw(own),
    }
    weights = draw(st.lists(st.sampled_from((0, 0, 1, 3, 9)), min_size=len(PARTS), max_size=len(PARTS)))
    others = draw(st.lists(st.sampled_from((0, 0, 1, 3, 9)), min_size=len(PARTS), max_size=len(PARTS)))
    alike = draw(st.booleans())
    ledgers = tuple(
        make_worker(index, wall_s, weights if alike or index == 0 else others, traits) for index in range(workers)
    )
    used = sum(worker.running_s or 0.0 for worker in ledgers) / wall_s
    account = CoreAccount(
        used, traits["other_threads"] * workers, traits["children"] * workers,
        draw(st.sampled_from((0.02, 0.7))), draw(st.sampled_from((0.0, 0.05, 1.0))),
    )  # fmt: skip
    known = draw(st.sampled_from((True, True, False)))
    facts = TrialFacts(
        account,
        thread_cpu=(ThreadCpu("spinner", traits["other_threads"] * wall_s),) if traits["other_threads"] else (),
        received_bytes=draw(st.sampled_from((None, 100, 50_000_000))),
        switch_interval_s=draw(st.sampled_from((None, 0.005, 1e-6, 100.0))),
    ) if known else NO_FACTS  # fmt: skip
    alone_s = draw(st.sampled_from((0.0001, 0.3, 1.0, 2.0))) * wall_s
    alone_waits = draw(st.sampled_from((0.0, 0.5, 0.99)))
    kinds = {"gil_wait_s": 0.0, "lock_wait_s": 0.0, "io_wait_s": alone_s * alone_waits} if traits["lanes"] else {}
    runs_s = alone_s * (1 - alone_waits)
    worker = make_ledger(
        running_s=runs_s, waiting_s=alone_s * alone_waits, first_call_s=runs_s, minor_faults=0, **kinds
    )
    baseline = summarise_trials(
        make_case("sequential", 1), [make_trial(alone_s, (worker,), number=number) for number in range(5)],
        make_conditions(kernel, "sequential", cores), is_baseline=True,
    )  # fmt: skip
    neighbours = tuple(
        NeighbouringRow(other, MODES[other].made_of, None, count, count, draw(st.sampled_from((0.5, 1.0, 1.9, 3.8))))
        for other in draw(st.lists(st.sampled_from(MODE_CHOICE), max_size=2))
        for count in (workers, 4)
        if (other, count) != (mode, workers)
    )
    fields = {"start_method": draw(st.sampled_from(("spawn", "fork")))} if by_processes else {}
    result = make_result(
        ledgers, wall_s, kernel=kernel, mode=mode, cores=cores, against=baseline, facts=facts, neighbours=neighbours,
        case_fields=fields, gil_enabled=draw(st.sampled_from((True, True, False))),
    )  # fmt: skip
    return Row(result, kernel, cores, facts)


def says(row: Row, pattern: str) -> str | None:
    """Return the row's first sentence that contains a pattern."""
    return next((text for text in row.sentences if re.search(pattern, text)), None)


def check_waits_overlapped_only_where_workers_gained(row: Row) -> None:
    if row.speedup <= 1.2:
        assert not says(row, r"waits overlapped|such waits overlap whatever|can pay off"), row.sentences


def check_nobody_is_in_the_way_of_workers_that_lose_nothing(row: Row) -> None:
    if row.speedup >= 0.9 * row.workers:
        assert not says(row, r"contended|each other's way|one at a time|did not overlap"), row.sentences


def check_processes_are_no_remedy_for_processes_or_on_one_core(row: Row) -> None:
    if row.by_processes or row.cores == 1:
        assert not says(row, r"(use|or) processes\b|with processes"), row.sentences


def check_other_programs_are_named_only_where_they_used_a_tenth_of_the_cores(row: Row) -> None:
    account = row.result.cores
    if account is None or account.others < 0.1 * row.cores:
        assert not says(row, r"[Oo]ther programs"), row.sentences


def check_parallel_work_has_no_cause_that_took_a_quarter(row: Row) -> None:
    if says(row, "Truly parallel"):
        shares = {advice.code: float(advice.evidence.get("share", 0.0)) for advice in row.result.advice}
        assert not {code: share for code, share in shares.items() if share > 0.25}, row.sentences


def check_a_baseline_that_is_too_short_gives_no_figure_of_speed(row: Row) -> None:
    if "short-baseline" in {advice.code for advice in row.result.advice}:
        assert not says(row, r"as fast as one|times as fast|would reach|worth"), row.sentences


def check_nothing_is_called_measured_without_an_account(row: Row) -> None:
    if row.result.cores is None:
        assert not says(row, r"pi-tui itself|kept \d"), row.sentences


CONTRADICTIONS = (
    (r"the waits overlapped", r"did not overlap|one at a time|contended|lost its time elsewhere"),
    (r"Truly parallel", r"Busy but no faster|one at a time|did not overlap|as fast as it|no core allows"),
    (r"grows with the samples", r"larger tasks make this matter less|it would (reach|equal)"),
    (
        r"more workers gain nothing",
        r"more workers than cores can pay|usable cores? (is|are) free|workers were [\d.]+ times",
    ),
    (r"started or expects", r"contended|did not overlap|look for what"),
    (r"no more than one of them ran at a time", r"full: more workers"),
    (r"one usable core allows no more", r"(use|or|with) processes|releases? the GIL.* to avoid this"),
    (r"who had the cores was not measured", r"[Oo]ther programs|pi-tui itself"),
    (r"although everything else used only", r"[Oo]ther programs|pi-tui itself"),
    (
        r"Threads that the function started did",
        r"look for what the workers share|which thread held it was not observed",
    ),
    (r"nothing was computed", r".*(Start-up|parallel|Busy|too short)"),
)
"""Pairs of statements of which one row never makes both."""


def check_no_two_sentences_of_a_row_contradict_each_other(row: Row) -> None:
    for one, other in CONTRADICTIONS:
        for first, second in itertools.product(row.sentences, repeat=2):
            assert not (re.search(one, first) and re.search(other, second)), (first, second)


def check_each_cause_is_named_once(row: Row) -> None:
    codes = [advice.code for advice in row.result.advice]
    assert len(codes) == len(set(codes)), codes


CHECKS = tuple(check for name, check in globals().items() if name.startswith("check_"))


@settings(max_examples=120, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(rows())
def test_no_sentence_says_what_its_row_refutes(row: Row) -> None:
    """All checks look at the same rows, which are the same ones each time: to make them is what takes long."""
    for check in CHECKS:
        check(row)


def test_there_are_checks() -> None:
    assert len(CHECKS) >= 9
