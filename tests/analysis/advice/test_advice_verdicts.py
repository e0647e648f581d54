from __future__ import annotations

from dataclasses import replace

import pytest

from pi_tui.analysis.advice.context import make_context
from pi_tui.analysis.advice.overhead import solve_task_samples
from pi_tui.analysis.advice.validity import judge_estimate, limit_z
from pi_tui.analysis.advice.verdicts import ADVICE_CODES
from pi_tui.analysis.results import Result
from pi_tui.host.kernels.catalog import KERNELS, Kernel
from pi_tui.host.protocol import WorkerLedger
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

OWN = Kernel("own", "somebody's function", "mine", "work", holds_gil=None)


def two(wall_s: float = 2.0, **parts: float | int | None) -> tuple[WorkerLedger, ...]:
    """Return two equal workers, each with a second of work, idle for the rest of the wall."""
    spent = 1.0 + sum(value or 0 for name, value in parts.items() if name in ("startup_s", "queued_s", "waiting_s"))
    fields = {"running_s": 1.0, "idle_s": wall_s - spent} | parts
    return tuple(make_ledger(index, **fields) for index in range(2))


def test_turns_at_the_gil_are_certain_from_the_kernels_trait() -> None:
    result = make_result(two(waiting_s=0.98, startup_s=0.02), 2.0)
    assert advice_codes(result) == ["gil-turns"]
    assert "Two threads took turns: each waited 49% of the time for the GIL" in advice_sentence(result, "gil-turns")
    assert "processes" in advice_sentence(result, "gil-turns")


def test_the_kernel_that_releases_the_gil_is_recommended() -> None:
    result = make_result(two(waiting_s=1.0), 2.0, kernel="numba")
    assert "numba-nogil" in advice_sentence(result, "gil-turns")


def test_threads_that_ran_one_after_another_are_described_by_the_last() -> None:
    workers = (make_ledger(0, running_s=1.0, idle_s=1.0), make_ledger(1, running_s=1.0, waiting_s=1.0))
    result = make_result(workers, 2.0, kernel="numba")
    assert advice_codes(result)[0] == "gil-turns"
    assert "the last to finish waited 50%" in advice_sentence(result, "gil-turns")


def test_turning_the_gil_off_is_recommended_on_a_free_threaded_build() -> None:
    result = make_result(two(waiting_s=1.0), 2.0, free_threaded_build=True)
    assert "GIL off" in advice_sentence(result, "gil-turns")


@pytest.mark.parametrize(
    ("kernel", "gil_enabled", "mode"),
    [
        ("numpy", True, "threads"),
        ("numba-nogil", True, "threads"),
        ("python", False, "threads"),
        ("python", True, "process-pool"),
    ],
)
def test_waiting_that_was_not_seen_is_never_called_gil(kernel: str, gil_enabled: bool, mode: str) -> None:
    result = make_result(two(waiting_s=1.0), 2.0, kernel=kernel, gil_enabled=gil_enabled, mode=mode)
    assert advice_codes(result)[0] == "waiting"
    assert "lock or I/O" in advice_sentence(result, "waiting")
    assert "GIL" not in advice_sentence(result, "waiting")


def test_where_queueing_is_unknown_waiting_is_not_called_gil_wait() -> None:
    result = make_result(two(waiting_s=1.0, queued_s=None), 2.0)
    assert advice_codes(result) == ["gil-turns"]
    assert "blocked or queued" in advice_sentence(result, "gil-turns")
    own = make_result(two(waiting_s=1.0, queued_s=None), 2.0, kernel=OWN)
    assert "blocked or queued" in advice_sentence(own, "waiting")


def test_lanes_tell_another_lock_from_the_gil() -> None:
    workers = two(waiting_s=0.8, running_s=1.2, idle_s=0.0, gil_wait_s=0.01, lock_wait_s=0.78, io_wait_s=0.01)
    result = make_result(workers, 2.0, kernel="numpy")
    assert advice_codes(result) == ["lock-wait", "busy-no-faster"]
    assert "NumPy's shared random state, not the GIL" in advice_sentence(result, "lock-wait")


def test_lanes_tell_a_convoy_by_its_many_short_waits() -> None:
    workers = two(waiting_s=1.0, gil_wait_s=0.9, lock_wait_s=0.1, io_wait_s=0.0, voluntary_switches=62_000)
    result = make_result(workers, 2.0, kernel=OWN)
    assert advice_codes(result)[0] == "gil-convoy"
    assert "31 000 per second" in advice_sentence(result, "gil-convoy")


def test_few_switches_at_the_gil_are_turns_not_a_convoy() -> None:
    workers = two(waiting_s=1.0, gil_wait_s=1.0, lock_wait_s=0.0, io_wait_s=0.0, voluntary_switches=200)
    assert advice_codes(make_result(workers, 2.0, kernel=OWN)) == ["gil-turns"]


@pytest.mark.parametrize(("mode", "workers"), [("processes", 2), ("threads", 1)])
def test_workers_that_share_no_gil_do_not_take_turns(mode: str, workers: int) -> None:
    """The kernel itself started threads: more processes would not avoid waiting inside each of them."""
    alone = two(waiting_s=1.0, gil_wait_s=1.0, lock_wait_s=0.0, io_wait_s=0.0)[:workers]
    text = advice_sentence(make_result(alone, 2.0, kernel=OWN, mode=mode), "gil-turns")
    assert "waited 50% of the time for a GIL that it shares with no other worker" in text
    assert "took turns" not in text
    assert "to avoid this" not in text


def test_one_worker_gains_nothing_over_itself() -> None:
    asleep = make_baseline(cost_s=1e-12, waiting_s=1.0)
    assert advice_codes(asleep) == ["io-wait"]
    assert "as fast as one" not in advice_sentence(asleep, "io-wait")


def test_lanes_tell_sleep() -> None:
    asleep = tuple(
        make_ledger(index, waiting_s=1.0, gil_wait_s=0.0, lock_wait_s=0.0, io_wait_s=1.0) for index in range(2)
    )
    result = make_result(asleep, 1.0, kernel=OWN, against=make_baseline(cost_s=1e-12, waiting_s=1.0))
    assert advice_codes(result) == ["io-wait"]
    assert "2.00 times as fast as one" in advice_sentence(result, "io-wait")


def test_sleeping_with_the_gil_held_keeps_waits_from_overlapping() -> None:
    def slept(running_s: float) -> str:
        first = make_ledger(
            0, running_s=running_s, waiting_s=1.0, idle_s=1.0, gil_wait_s=0.0, lock_wait_s=0.0, io_wait_s=1.0
        )
        last = make_ledger(1, running_s=running_s, waiting_s=2.0, gil_wait_s=1.0, lock_wait_s=0.0, io_wait_s=1.0)
        alone = make_baseline(cost_s=1e-12, waiting_s=1.0)
        return advice_sentence(make_result((first, last), 2.0, kernel=OWN, against=alone), "io-wait")

    assert "the GIL was held meanwhile" in slept(0.001)
    assert "GIL was held" not in slept(0.5), "it was waited for while the others computed"


def test_a_baseline_that_waits_alone_waits_for_no_lock() -> None:
    asleep = tuple(make_ledger(index, waiting_s=1.0) for index in range(2))
    result = make_result(asleep, 1.0, kernel=OWN, against=make_baseline(cost_s=1e-12, waiting_s=1.0))
    assert advice_codes(result) == ["io-wait"]


def test_truly_parallel() -> None:
    result = make_result(two(1.0), 1.0, kernel="numba-nogil")
    assert advice_codes(result) == ["parallel"]
    assert "2.00 times as fast as one, 100% of the ideal" in advice_sentence(result, "parallel")
    assert "2 more usable cores" in advice_sentence(make_result(two(1.0), 1.0, cores=4), "parallel")


def test_a_speedup_beyond_the_ideal_is_doubted_and_not_praised() -> None:
    result = make_result(two(0.5), 0.5, kernel="numba-nogil")
    assert "parallel" not in advice_codes(result)
    assert "Too good to be true: two threads cannot be 4.00 times as fast" in advice_sentence(result, "unstable")


def test_parts_of_a_total_that_fit_the_cache_may_exceed_the_ideal() -> None:
    pieces = two(0.25, running_s=0.25, idle_s=0.0, samples=500_000)
    split = {"kernel": "numpy", "samples": 1_000_000, "split": True}
    result = make_result(pieces, 0.25, kernel="numpy", mode="processes", case_fields=split)
    assert advice_codes(result) == ["smaller-tasks"]
    assert "two processes were 4.00 times as fast as one, more than cores alone" in advice_sentence(
        result, "smaller-tasks"
    )
    no_arrays = make_result(pieces, 0.25, kernel="numba-nogil", case_fields=split | {"kernel": "numba-nogil"})
    assert advice_codes(no_arrays) == ["unstable"]


def test_one_usable_core_is_never_parallel() -> None:
    result = make_result(two(2.0, queued_s=1.0), 2.0, kernel="numba-nogil", cores=1)
    assert advice_codes(result) == ["oversubscribed"]


def test_startup_dominates_and_says_from_what_size_it_pays() -> None:
    tiny = two(0.1, startup_s=0.09, running_s=0.001, idle_s=0.009, samples=1000)
    result = make_result(tiny, 0.1, mode="processes", case_fields={"samples": 1000})
    assert advice_codes(result) == ["startup", "collect"]
    text = advice_sentence(result, "startup")
    assert text.startswith("Start-up dominates: starting two processes took 90 ms")
    # 2 n microseconds of work against 0.099 s + n microseconds: equal at n = 99 000, 1.8 times at n = 891 000
    assert "it would equal one worker from about 99 000 samples per task" in text
    assert "reach 90% of the ideal from about 890 000 samples per task" in text


def test_break_even_solves_its_equation() -> None:
    tiny = two(0.1, startup_s=0.09, running_s=0.001, idle_s=0.009, samples=1000)
    against = make_baseline()
    result = make_result(tiny, 0.1, mode="processes", case_fields={"samples": 1000}, against=against)
    view = make_context(result, make_conditions("python", "processes"), against)
    assert view is not None
    size = solve_task_samples(view, 0.099, speedup=1.5)
    assert size is not None
    assert 2 * size * 1e-6 / (0.099 + size * 1e-6) == pytest.approx(1.5)
    assert solve_task_samples(view, 0.099, speedup=2.0) is None


def test_no_size_is_promised_to_workers_that_always_wait_for_each_other() -> None:
    held = two(1.0, startup_s=0.2, running_s=0.4, waiting_s=0.4, idle_s=0.0, samples=400_000)
    result = make_result(held, 1.0, kernel="numba", case_fields={"kernel": "numba", "samples": 400_000})
    assert advice_codes(result) == ["gil-turns", "startup"]
    assert "samples per task" not in advice_sentence(result, "startup")


def test_sorting_has_no_break_even_size() -> None:
    tiny = two(0.1, startup_s=0.09, running_s=0.001, idle_s=0.009, samples=1000)
    result = make_result(
        tiny, 0.1, kernel="numpy-sort", mode="processes", case_fields={"samples": 1000, "kernel": "numpy-sort"}
    )
    assert "samples per task" not in advice_sentence(result, "startup")


def test_other_programs_on_the_cores_are_distinguished_from_too_many_workers() -> None:
    others = make_result(two(2.0, queued_s=1.0), 2.0, kernel="numba-nogil", facts=make_facts(workers=1.0, others=1.0))
    assert advice_codes(others) == ["shared-cores"]
    unknown = make_result(two(2.0, queued_s=1.0), 2.0, kernel="numba-nogil")
    assert advice_codes(unknown) == ["queued"]
    assert "Other programs" not in advice_sentence(unknown, "queued")
    four = tuple(make_ledger(index, running_s=1.0, queued_s=1.0) for index in range(4))
    crowded = make_result(four, 2.0, kernel="numba-nogil")
    assert advice_codes(crowded) == ["oversubscribed"]
    assert "2.00 times as fast as one, so two workers would be as fast" in advice_sentence(crowded, "oversubscribed")
    assert "queued for a core 50% of the time" in advice_sentence(crowded, "oversubscribed")


@pytest.mark.parametrize(("quota", "held"), [(0.5, True), (1.5, True), (2.0, False), (None, False)])
def test_a_quota_that_holds_workers_back_is_not_taken_for_other_programs(quota: float | None, held: bool) -> None:
    usual = make_conditions("numba-nogil")
    throttled = replace(usual, machine=replace(usual.machine, quota_cores=quota))
    facts = make_facts(workers=1.0, others=1.0)
    trials = [make_trial(2.0, two(2.0, queued_s=1.0), number=number, facts=facts) for number in range(5)]
    result = summarise_trials(make_case(), trials, throttled, baseline=make_baseline())
    told = advice_sentence(result, "shared-cores")
    assert ("quota is" in told) == held
    assert ("Other programs" in told) != held


def test_oversubscription_and_other_programs_are_both_reported() -> None:
    four = tuple(make_ledger(index, running_s=1.0, queued_s=3.0) for index in range(4))
    result = make_result(four, 4.0, kernel="numba-nogil", facts=make_facts(workers=1.0, others=1.0))
    assert advice_codes(result) == ["oversubscribed", "shared-cores"]


def test_busy_but_no_faster_names_its_likely_cause() -> None:
    spinning = two(1.8, running_s=1.8, idle_s=0.0)
    shared = make_result(spinning, 1.8, gil_enabled=False, free_threaded_build=True)
    assert advice_codes(shared) == ["busy-no-faster"]
    assert "1.80 times the CPU time" in advice_sentence(shared, "busy-no-faster")
    assert "its own generator" in advice_sentence(shared, "busy-no-faster")
    faulting = two(1.8, running_s=1.8, idle_s=0.0, page_faults=90_000)
    assert "50 000 page faults per second" in advice_sentence(
        make_result(faulting, 1.8, kernel="numpy"), "busy-no-faster"
    )
    assert "cache" in advice_sentence(make_result(spinning, 1.8, kernel="numpy-sort"), "busy-no-faster")
    assert "processes" in advice_sentence(make_result(spinning, 1.8, kernel="numba-nogil"), "busy-no-faster")


def test_uneven_work_is_distinguished_from_expensive_work() -> None:
    workers = (make_ledger(0, running_s=0.2, idle_s=1.8), make_ledger(1, running_s=2.0))
    result = make_result(workers, 2.0, kernel=OWN)
    assert advice_codes(result)[0] == "uneven-work"
    assert "worker 1 did 91% of the computing" in advice_sentence(result, "uneven-work")


def test_fewer_tasks_than_workers() -> None:
    workers = (
        make_ledger(0, running_s=1.0),
        make_ledger(1, running_s=1.0),
        make_ledger(2, pid=None, tid=None, tasks=0, samples=0, idle_s=1.0),
        make_ledger(3, pid=None, tid=None, tasks=0, samples=0, idle_s=1.0),
    )
    result = make_result(workers, 1.0, kernel="numba-nogil", cores=4, case_fields={"tasks": 2})
    result_codes = advice_codes(result)
    assert result_codes == ["uneven-work"]
    assert "Two tasks cannot keep four workers busy" in advice_sentence(result, "uneven-work")


def test_gaps_between_tasks() -> None:
    workers = tuple(make_ledger(i, tasks=2, samples=2_000_000, running_s=2.0, between_s=1.0) for i in range(2))
    result = make_result(workers, 3.0, mode="pool-map", case_fields={"tasks": 4})
    assert advice_codes(result) == ["between"]
    assert "--chunksize" in advice_sentence(result, "between")


def test_serial_by_design_ends_the_search() -> None:
    workers = (make_ledger(0, running_s=1.0, idle_s=1.0), make_ledger(1, startup_s=1.0, running_s=1.0))
    result = make_result(workers, 2.0, mode="pool-apply")
    assert advice_codes(result) == ["serial-by-design"]
    assert "pool-apply" in advice_sentence(result, "serial-by-design")


def test_the_import_that_turned_the_gil_on_is_named() -> None:
    result = make_result(two(waiting_s=1.0), 2.0, free_threaded_build=True, gil_reenabled_by="numba")
    assert advice_codes(result) == ["gil-reenabled", "gil-turns"]
    assert "Importing numba turned the GIL on" in advice_sentence(result, "gil-reenabled")


def _walls(*walls: float, kind: str = "numba-nogil") -> Result:
    trials = [
        make_trial(w, tuple(make_ledger(i, running_s=w) for i in range(2)), number=n) for n, w in enumerate(walls)
    ]
    return summarise_trials(make_case(), trials, make_conditions(kind))


def test_trials_that_differ_are_reported_last() -> None:
    assert advice_codes(_walls(1.0, 1.0, 1.05)) == []
    assert advice_codes(_walls(1.0, 1.0, 1.2)) == ["unstable"]
    assert "20% (1 s to 1.2 s)" in advice_sentence(_walls(1.0, 1.0, 1.2), "unstable")
    assert advice_codes(_walls(1.0)) == []


def test_too_short_to_trust() -> None:
    assert advice_codes(_walls(9e-4, 9e-4)) == ["too-short"]
    assert "900 µs" in advice_sentence(_walls(9e-4, 9e-4), "too-short")


def test_of_many_estimates_one_may_be_further_off_by_chance() -> None:
    """4.3 standard deviations come by chance in one of 60 000 estimates, and a history holds hundreds of runs."""
    assert limit_z(1) > 4.3
    found = replace(_walls(1.0), estimate=3.15, z=4.6)
    assert judge_estimate(found, make_conditions("numba-nogil")) is not None
    assert judge_estimate(found, replace(make_conditions("numba-nogil"), estimates=100)) is None


def test_an_estimate_that_chance_does_not_explain() -> None:
    rows = [make_trial(1.0, two(1.0), number=n, results=(790_000, 789_000 + n)) for n in range(3)]
    result = summarise_trials(make_case(), rows, make_conditions("numba-nogil"))
    assert advice_codes(result)[0] == "estimate-off"
    assert result.z is not None
    assert result.z > 4


def _counts(rows: list[tuple[int, ...]], samples: int = 1_000_000) -> list[str]:
    workers = tuple(make_ledger(i, samples=samples, running_s=1.0) for i in range(2))
    trials = [make_trial(1.0, workers, number=n, results=row) for n, row in enumerate(rows)]
    return advice_codes(summarise_trials(make_case(samples=samples), trials, make_conditions("numba-nogil")))


def test_streams_are_duplicates_only_if_equal_in_every_trial_and_at_least_three() -> None:
    assert _counts([(785_000, 785_000), (785_400, 785_400), (785_900, 785_900)]) == ["duplicated-streams"]
    assert _counts([(785_000, 785_000), (785_400, 785_400)]) == []
    assert _counts([(785_000, 785_000), (785_400, 785_401), (785_900, 785_900)]) == []


def test_few_samples_are_equal_by_chance() -> None:
    assert "duplicated-streams" not in _counts([(8, 8), (7, 7), (8, 8)], samples=10)


def test_a_ledger_that_contradicts_itself_is_reported() -> None:
    result = make_result(two(5.0, waiting_s=1.0, idle_s=0.0), 5.0)
    assert advice_codes(result)[0] == "ledger-doubtful"


def test_in_app_results_get_no_causes() -> None:
    assert advice_codes(make_result(two(waiting_s=1.0), 2.0, in_app=True)) == []


def test_codes_are_unique_and_every_verdict_ends_as_a_sentence() -> None:
    assert len(ADVICE_CODES) == len(set(ADVICE_CODES))
    shown = [
        *make_result(two(waiting_s=1.0), 2.0).advice,
        *make_result(two(1.0), 1.0).advice,
        *make_result(two(1.8, running_s=1.8, idle_s=0.0), 1.8).advice,
    ]
    for advice in shown:
        assert advice.code in ADVICE_CODES
        assert advice.sentence.endswith(".")
        assert advice.sentence[0].isupper()
        assert advice.evidence


def test_every_kernel_of_the_catalog_can_be_judged() -> None:
    for name in KERNELS:
        for workers in (two(waiting_s=1.0), two(1.8, running_s=1.8, idle_s=0.0), two(1.0)):
            wall_s = sum((workers[0].running_s, workers[0].waiting_s, workers[0].idle_s))
            assert advice_codes(make_result(workers, wall_s, kernel=name, case_fields={"kernel": name}))
