"""The kinds of causes that programs of the wild have, each as the figures that were measured of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pi_tui.analysis.results import NeighbouringRow, Result, Trial
from pi_tui.host.kernels.catalog import Kernel
from pi_tui.host.protocol import ThreadCpu, TrialFacts, WorkerLedger
from tests.analysis.analysis_builders import (
    advice_codes,
    advice_sentence,
    make_baseline,
    make_case,
    make_conditions,
    make_facts,
    make_ledger,
    make_result,
    make_trial,
    summarise_trials,
)

OWN = Kernel("own", "somebody's function", "mine", "work", holds_gil=None, proportional=False, counts="nothing")
SEEDED = replace(OWN, takes_seed=True)


def asleep(workers: int, wall_s: float, **parts: Any) -> tuple[WorkerLedger, ...]:
    """Workers alike that wait for the whole wall, for I/O unless `parts` tell."""
    fields = {"waiting_s": wall_s, "gil_wait_s": 0.0, "lock_wait_s": 0.0, "io_wait_s": wall_s} | parts
    return tuple(make_ledger(index, **fields) for index in range(workers))


def busy(workers: int, running_s: float, **parts: Any) -> tuple[WorkerLedger, ...]:
    return tuple(make_ledger(index, running_s=running_s, **parts) for index in range(workers))


SLEEPING = make_baseline(cost_s=1e-12, waiting_s=1.0)


def alone(running_s: float = 1.0, **more: Any) -> Result:
    """A baseline whose function is a user's."""
    ledger = make_ledger(**({"running_s": running_s} | more))
    wall_s = running_s + (ledger.waiting_s or 0.0)
    trials = [make_trial(wall_s, (ledger,), number=number) for number in range(5)]
    return of_trials(trials)


def of_trials(trials: list[Trial]) -> Result:
    return summarise_trials(make_case("sequential", 1), trials, make_conditions(OWN, "sequential"), is_baseline=True)


def all_said(result: Result) -> str:
    return " ".join(advice.sentence for advice in result.advice)


# ---- waits


def test_waits_that_overlapped_are_said_to_with_the_speedup() -> None:
    text = advice_sentence(make_result(asleep(2, 1.0), 1.0, kernel=OWN, against=SLEEPING), "io-wait")
    assert "the waits overlapped: two threads were 2.00 times as fast as one" in text


def test_waits_that_did_not_overlap_are_served_one_at_a_time() -> None:
    result = make_result(asleep(2, 2.0), 2.0, kernel=OWN, against=SLEEPING)
    assert advice_codes(result) == ["waits-serial"]
    text = advice_sentence(result, "waits-serial")
    assert "2 s, against 1 s for the same work alone" in text
    assert "1.00 times as fast as one: the waits did not overlap" in text
    assert "more workers gain nothing" in text


def test_a_lock_that_lets_one_worker_through_gains_nothing() -> None:
    waits = {"lock_wait_s": 1.0, "io_wait_s": 1.0}
    result = make_result(asleep(2, 2.0, **waits), 2.0, kernel=OWN, against=SLEEPING)
    assert advice_codes(result) == ["lock-wait"]
    assert "ran one at a time and more workers gain nothing" in all_said(result)


def test_waits_as_long_as_alone_are_not_blamed_for_a_long_start() -> None:
    result = make_result(asleep(2, 1.0, startup_s=1.0), 2.0, kernel=OWN, mode="processes", against=SLEEPING)
    assert "as long as it does alone" in advice_sentence(result, "io-wait")
    assert "overlap" not in all_said(result)


def test_an_event_that_each_worker_waits_for_alone_is_nobodys_lock() -> None:
    event = {"lock_wait_s": 1.0, "io_wait_s": 0.0}
    baseline = alone(1e-6, waiting_s=1.0, gil_wait_s=0.0, lock_wait_s=1.0, io_wait_s=0.0)
    result = make_result(asleep(2, 1.0, **event), 1.0, kernel=OWN, against=baseline)
    assert advice_codes(result) == ["waits-alone"]
    assert "something that the function itself started or expects" in all_said(result)
    assert "contended" not in all_said(result)
    assert advice_codes(baseline) == ["waits-alone"]


def test_one_worker_alone_cannot_tell_whether_waits_overlap() -> None:
    baseline = alone(1e-6, waiting_s=1.0)
    assert "two workers will tell" in advice_sentence(baseline, "io-wait")


def test_more_workers_are_suggested_by_what_the_run_measured_of_them() -> None:
    four = NeighbouringRow("threads", "threads", None, 4, 4, 3.9)
    result = make_result(asleep(2, 1.0), 1.0, kernel=OWN, against=SLEEPING, neighbours=(four,))
    assert "four workers were 3.90 times as fast" in all_said(result)
    slow = replace(four, speedup=1.9)
    result = make_result(asleep(2, 1.0), 1.0, kernel=OWN, against=SLEEPING, neighbours=(slow,))
    assert "four workers were no faster (1.90 times)" in all_said(result)
    assert "more workers than cores" not in all_said(result)


# ---- own threads and children


def test_child_processes_that_fill_the_cores() -> None:
    facts = make_facts(workers=0.0, children=1.95)
    result = make_result(asleep(4, 2.0), 2.0, kernel=OWN, against=SLEEPING, facts=facts)
    assert advice_codes(result) == ["own-children"]
    assert "Child processes that the function started did 100% of its computing (1.95 of two cores)" in all_said(result)
    assert "more workers gain nothing" in all_said(result)


def test_a_child_that_sleeps_did_no_work() -> None:
    facts = make_facts(workers=0.0, children=0.001)
    result = make_result(asleep(2, 1.0), 1.0, kernel=OWN, against=SLEEPING, facts=facts)
    assert advice_codes(result) == ["io-wait"]


def test_own_threads_did_the_work_that_workers_waited_for() -> None:
    facts = make_facts(workers=0.0, other_threads=1.0)
    waits = {"lock_wait_s": 1.8, "io_wait_s": 0.0, "gil_wait_s": 0.2}
    baseline = alone(1e-6, waiting_s=1.0, gil_wait_s=0.0, lock_wait_s=1.0, io_wait_s=0.0)
    result = make_result(asleep(2, 2.0, **waits), 2.0, kernel=OWN, against=baseline, facts=facts)
    assert advice_codes(result) == ["own-threads"]
    assert "Threads that the function started did 100% of its computing" in all_said(result)
    assert "no more than one of them ran at a time" in all_said(result)


def test_threads_inside_working_workers_are_told_to_be_one() -> None:
    threads = busy(2, 1.0, queued_s=1.0, other_threads_s=1.0, children_s=0.0)
    result = make_result(threads, 2.0, kernel=OWN, mode="processes", facts=make_facts(workers=1.0, other_threads=1.0))
    assert "own-threads" in advice_codes(result)
    assert "OMP_NUM_THREADS" in all_said(result)
    assert "Other programs" not in all_said(result)


# ---- cores


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (make_facts(workers=1.0, others=1.0), "shared-cores"),
        (make_facts(workers=1.2, pi_tui=0.7, others=0.1), "pi-tui-busy"),
        (make_facts(workers=1.9, others=0.05), "queued"),
        (TrialFacts(), "queued"),
    ],
)
def test_queueing_is_put_down_to_what_used_the_cores(facts: TrialFacts, code: str) -> None:
    result = make_result(busy(2, 1.0, queued_s=1.0), 2.0, kernel="numba-nogil", facts=facts)
    assert advice_codes(result) == [code]
    assert ("Other programs" in all_said(result)) == (code == "shared-cores")
    assert "not the cause" not in all_said(result)


def test_a_narrowed_mask_is_read_from_workers_or_from_what_their_host_became() -> None:
    queued = busy(2, 1.0, queued_s=1.0, allowed_cores=(0,))
    result = make_result(queued, 2.0, kernel=OWN, mode="processes", facts=make_facts(workers=1.0, others=1.0))
    assert advice_codes(result) == ["narrowed-cores"]
    assert "two processes may run on core 0 alone" in all_said(result)
    changed = TrialFacts(changed=("the affinity mask: cores 0-1 to core 1",))
    result = make_result(busy(2, 1.0, queued_s=1.0), 2.0, kernel=OWN, facts=changed)
    assert "may run on core 1 alone" in all_said(result)
    one_each = tuple(replace(worker, allowed_cores=(index,)) for index, worker in enumerate(busy(2, 1.0)))
    assert advice_codes(make_result(one_each, 1.0, kernel="numba-nogil")) == ["parallel"]


# ---- the GIL


def gil_waits(**more: Any) -> tuple[WorkerLedger, ...]:
    return busy(2, 1.0, **({"waiting_s": 1.0, "gil_wait_s": 1.0, "lock_wait_s": 0.0, "io_wait_s": 0.0} | more))


def test_a_thread_that_is_no_worker_is_named_as_the_holder_of_the_gil() -> None:
    facts = make_facts(workers=0.5, other_threads=0.5, thread_cpu=(ThreadCpu("spinner", 1.0),))
    result = make_result(gil_waits(), 2.0, kernel=OWN, facts=facts)
    assert advice_codes(result) == ["gil-other-thread"]
    assert "Thread `spinner`, which is no worker, ran 0.50 of a core" in all_said(result)


@pytest.mark.parametrize("interval_s", [100.0, 1e-6])
def test_a_switch_interval_is_told_where_it_is_not_the_usual_one(interval_s: float) -> None:
    result = make_result(gil_waits(), 2.0, kernel=OWN, facts=TrialFacts(switch_interval_s=interval_s))
    assert advice_codes(result) == ["gil-turns", "switch-interval"]
    assert f"The switch interval is {interval_s:g} s" in all_said(result)
    usual = make_result(gil_waits(), 2.0, kernel=OWN, facts=TrialFacts(switch_interval_s=0.005))
    assert advice_codes(usual) == ["gil-turns"]


def test_queueing_makes_the_wait_for_the_gil_a_lower_bound() -> None:
    workers = gil_waits(waiting_s=0.7, gil_wait_s=0.7, queued_s=0.3)
    text = advice_sentence(make_result(workers, 2.0, kernel=OWN), "gil-turns")
    assert "a lower bound, since queueing for a core (15%) hides part of it" in text


def test_the_wait_for_the_gil_is_a_range_where_queueing_next_to_it_was_measured() -> None:
    workers = gil_waits(waiting_s=0.4, gil_wait_s=0.4, queued_s=0.6, gil_queued_s=0.2, gil_handover_s=0.2)
    text = advice_sentence(make_result(workers, 2.0, kernel=OWN), "gil-turns")
    assert (
        "each waited 30% to 40% of the time for the GIL, a range, since queueing for a core (30%) was in part" in text
    )
    assert "a lower bound" not in text


def test_a_convoy_shows_as_dearer_samples_too() -> None:
    result = make_result(busy(2, 2.0, voluntary_switches=80_000), 2.0, kernel=OWN, against=alone())
    assert advice_codes(result) == ["gil-convoy"]
    assert "40 000 switches per second" in all_said(result)


@pytest.mark.parametrize(("speedup", "helped"), [(1.9, True), (0.64, False)])
def test_processes_are_a_remedy_as_far_as_the_run_shows(speedup: float, helped: bool) -> None:
    row = NeighbouringRow("pool-map", "processes", "spawn", 2, 2, speedup)
    text = all_said(make_result(gil_waits(), 2.0, kernel=OWN, neighbours=(row,)))
    assert f"{speedup:.2f} times as fast as one worker" in text
    assert ("or processes to avoid this" in text) == helped
    assert ("processes were no remedy" in text) != helped


def test_one_core_has_no_remedy() -> None:
    text = all_said(make_result(gil_waits(), 2.0, kernel=OWN, cores=1))
    assert "processes" not in text
    assert "one usable core allows no more" in text


# ---- the cost of calls


def of_first_call(extra_s: float) -> Result:
    first = make_trial(
        1.0 + extra_s, (make_ledger(running_s=1.0 + extra_s, first_call_s=1.0 + extra_s, fresh=True),), kind="warmup"
    )
    later = [
        make_trial(1.0, (make_ledger(running_s=1.0, first_call_s=1.0, fresh=False),), number=n) for n in range(1, 5)
    ]
    return of_trials([first, *later])


def test_work_done_once_per_process_is_not_called_contention() -> None:
    workers = busy(2, 1.5, first_call_s=1.5, fresh=True)
    result = make_result(workers, 1.5, kernel=OWN, mode="processes", against=of_first_call(0.5))
    assert advice_codes(result) == ["first-call"]
    assert "took 500 ms of CPU time more than the baseline's later calls" in all_said(result)
    dearer = make_result(workers, 1.5, kernel=OWN, mode="processes", against=of_first_call(0.0))
    assert advice_codes(dearer) == ["busy-no-faster"]
    assert "compare with processes" not in all_said(dearer)


def test_later_calls_tell_what_the_first_one_cost_more() -> None:
    workers = busy(2, 2.5, tasks=2, samples=2_000_000, first_call_s=1.5, fresh=True)
    result = make_result(workers, 2.5, kernel=OWN, mode="processes", against=alone(), case_fields={"tasks": 4})
    assert "500 ms of CPU time more than its later calls" in advice_sentence(result, "first-call")


def test_pages_copied_after_a_fork() -> None:
    workers = busy(2, 1.5, page_faults=60_000, minor_faults=60_000, major_faults=0)
    forked = {"mode": "processes", "case_fields": {"start_method": "fork"}}
    result = make_result(workers, 1.5, kernel=OWN, against=alone(page_faults=0), **forked)
    assert advice_codes(result) == ["copy-on-write"]
    assert "After fork" in all_said(result)
    spawned = make_result(workers, 1.5, kernel=OWN, against=alone(page_faults=0), mode="processes")
    assert advice_codes(spawned) == ["busy-no-faster"]
    assert "allocated" not in all_said(spawned), "the baseline makes no such faults"


def test_major_faults_are_waits_for_the_disk() -> None:
    workers = busy(2, 0.5, waiting_s=0.5, major_faults=500)
    assert advice_codes(make_result(workers, 1.0, kernel=OWN))[0] == "disk-faults"


# ---- results and what follows the last task


def collected(**facts: Any) -> Result:
    return make_result(
        busy(2, 1.0, idle_s=1.0, threads_left=0), 2.0, kernel=OWN, mode="processes", facts=TrialFacts(**facts)
    )


def test_large_results_grow_with_the_samples() -> None:
    text = advice_sentence(collected(received_bytes=900_000_000, returned="list"), "large-results")
    assert "900 MB travelled, 450 bytes per sample, so this grows with the samples" in text
    assert "larger tasks" not in text
    assert "larger tasks make this matter less" in advice_sentence(collected(received_bytes=100), "collect")
    assert "larger tasks" not in advice_sentence(collected(), "collect"), "nobody measured the results"


def test_a_thread_that_outlives_its_task_keeps_the_process() -> None:
    workers = busy(2, 1.0, idle_s=0.7, threads_left=1)
    result = make_result(workers, 1.7, kernel=OWN, mode="processes", facts=TrialFacts(received_bytes=10))
    assert advice_codes(result) == ["thread-kept-process"]


@pytest.mark.parametrize("name", ["generator", "coroutine"])
def test_nothing_was_computed_and_nothing_else_is_said(name: str) -> None:
    result = make_result(busy(2, 1e-5), 1e-5, kernel=OWN, facts=TrialFacts(returned=name))
    assert advice_codes(result) == ["nothing-computed"]
    assert f"returned a {name}" in all_said(result)


def with_results(*rows: tuple[float, ...]) -> Result:
    trials = [make_trial(1.0, busy(2, 1.0), number=n, results=row) for n, row in enumerate(rows)]
    drawn = [make_trial(1.0, (make_ledger(running_s=1.0),), number=n, results=(0.5 + n,)) for n in range(3)]
    return summarise_trials(make_case(), trials, make_conditions(OWN), baseline=of_trials(drawn))


def test_tasks_that_drew_the_same_numbers() -> None:
    assert advice_codes(with_results((7.0, 7.0), (7.0, 7.0), (7.0, 7.0)))[0] == "same-results"
    assert "same-results" not in advice_codes(with_results((7.0, 7.0), (7.0, 8.0), (7.0, 7.0)))


def test_a_function_that_always_returns_the_same_has_no_streams() -> None:
    trials = [make_trial(1.0, busy(2, 1.0), number=n, results=(7.0, 7.0)) for n in range(3)]
    same = of_trials([make_trial(1.0, (make_ledger(running_s=1.0),), number=n, results=(7.0,)) for n in range(3)])
    result = summarise_trials(make_case(), trials, make_conditions(OWN), baseline=same)
    assert "same-results" not in advice_codes(result)


def test_a_cost_that_varies_makes_the_baseline_unlike() -> None:
    varying = of_trials(
        [make_trial(wall, (make_ledger(running_s=wall),), number=n) for n, wall in enumerate((0.3, 1.0, 1.9))]
    )
    result = make_result(busy(2, 0.5), 0.5, kernel=SEEDED, against=varying)
    assert advice_codes(result)[0] == "varying-cost"
    assert not {"parallel", "busy-no-faster"} & set(advice_codes(result))
    assert "Too good" not in all_said(result)


def test_a_baseline_that_is_too_short_gives_no_speedup() -> None:
    short = make_baseline(samples=100)
    workers = busy(2, 1e-4, samples=100)
    result = make_result(workers, 0.0001, kernel="numba-nogil", against=short, case_fields={"samples": 100})
    assert "short-baseline" in advice_codes(result)
    assert not {"parallel", "unstable"} & set(advice_codes(result))
    assert "as fast as one" not in all_said(result)


def test_what_else_a_function_changed_is_told_last() -> None:
    result = make_result(busy(2, 1.0), 1.0, kernel="numba-nogil", facts=TrialFacts(changed=("the handler of SIGTERM",)))
    assert advice_codes(result) == ["parallel", "changed-host"]
    assert "the handler of SIGTERM" in all_said(result)
