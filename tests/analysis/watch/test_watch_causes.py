"""The causes that a watch names: each stage with what must be said, and what must never be said."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pi_tui.analysis.advice.codes import AdviceCode
from pi_tui.analysis.results import Advice
from pi_tui.analysis.watch.watch_record import WatchRecord
from pi_tui.analysis.watch.watch_verdict import judge_watch
from pi_tui.host.watch_protocol import CoreUse, ProcessSeen, Sighting, ThreadSeen

S = 1_000_000_000
WALL_S = 10.0
TICKS = 10_000


def thread(
    tid: int, name: str = "", *, cpu: float = 0.0, queued: float = 0.0, slices: int = 100, **more: Any
) -> ThreadSeen:
    """Return a thread of process 7, watched for ten seconds; what is not given of its ticks is running."""
    ticks = dict.fromkeys(("gil", "lock", "sleep", "io", "blocked"), 0) | {
        kind: more.pop(kind, 0) for kind in ("gil", "lock", "sleep", "io", "blocked")
    }
    fields: dict[str, Any] = {
        "pid": 7, "tid": tid, "name": name or f"worker-{tid}", "since_s": 0.0, "until_s": WALL_S, "ended": False,
        "calls": True, "letters": "", "running": TICKS - sum(ticks.values()), **ticks, "missed": 0,
        "cpu_ns": round(cpu * WALL_S * S), "queued_ns": round(queued * WALL_S * S), "slices": slices, "waits_at": "",
        "gil_contended": 0,
    }  # fmt: skip
    return ThreadSeen(**{**fields, **more})


def watched(*threads: ThreadSeen, use: CoreUse | None = None, python: str = "3.14") -> WatchRecord:
    record = WatchRecord()
    processes = tuple(ProcessSeen(pid, 1, "python work.py", python, "known") for pid in {each.pid for each in threads})
    record.add(Sighting(WALL_S, 1_000_000, 0, TICKS, 0, 0.02, 0, processes, threads, use))
    return record


def judged(*threads: ThreadSeen, use: CoreUse | None = None, python: str = "3.14") -> list[Advice]:
    return list(judge_watch(watched(*threads, use=use, python=python)))


def said(advice: list[Advice]) -> str:
    return " ".join(each.sentence for each in advice)


WAITER = thread(8, cpu=0.12, gil=4800, sleep=4000, gil_contended=4800, waits_at="GIL")
SPINNER = thread(9, "spinner", cpu=0.98, gil=100, gil_contended=4800, gil_ran=4656)
IDLE_MAIN = thread(7, "python", lock=TICKS, gil_contended=4800, waits_at="futex")


def test_the_thread_that_ran_while_another_waited_for_the_gil_is_named() -> None:
    (advice,) = judged(IDLE_MAIN, WAITER, SPINNER)
    assert advice.code == AdviceCode.GIL_TURNS
    assert advice.sentence == (
        "One Python thread (worker-8) waited 48% of the time for the GIL; meanwhile spinner ran 97% of that time; move "
        "its computing to a process, or use a free-threaded Python, to avoid this."
    )
    assert (advice.evidence["holder"], advice.evidence["holder_tid"]) == ("spinner", 9)


def test_the_main_thread_can_be_the_one() -> None:
    main = replace(SPINNER, tid=7, name="python")
    assert "meanwhile MainThread ran 97% of that time" in said(judged(main, WAITER))


def test_threads_that_take_turns_are_both_named_and_neither_alone() -> None:
    first = thread(8, "red", cpu=0.5, gil=5000, gil_contended=10_000, gil_ran=5000)
    second = thread(9, "blue", cpu=0.49, gil=5000, gil_contended=10_000, gil_ran=4900)
    (advice,) = judged(IDLE_MAIN, first, second)
    assert "took turns: each waited 50% of the time for the GIL; meanwhile red ran 50% and blue 49%" in advice.sentence
    assert "move its computing" not in advice.sentence


def test_what_ran_only_in_name_as_it_queued_for_a_core_is_said_so() -> None:
    queued = replace(SPINNER, cpu_ns=3 * S, queued_ns=6 * S)
    assert "spinner ran or was queued for a core 97% of that time" in said(judged(WAITER, queued))


RECORDED = [
    thread(
        tid, f"w{tid}", cpu=cpu, queued=queued, gil=3000, gil_contended=10_000, gil_ran=5000,
        gil_queued_ns=round(between * WALL_S * S), gil_handover_ns=round(handover * WALL_S * S),
    )
    for tid, cpu, queued, between, handover in ((8, 0.088, 0.615, 0.056, 0.164), (9, 0.086, 0.611, 0.055, 0.144))
]  # fmt: skip
"""Two threads that took turns beside eight busy loops on two cores; Python 3.15's profiler saw each request the GIL 40%."""


def test_beside_busy_loops_the_wait_for_the_gil_is_a_range_that_contains_the_profilers_figure() -> None:
    (gil, _) = judged(*RECORDED, use=use(0.2, 1.7, 0.1))
    assert gil.code == AdviceCode.GIL_TURNS
    assert "each waited 36% to 51% of the time for the GIL" in gil.sentence
    least, greatest = gil.evidence["gil_wait_least"], gil.evidence["gil_wait_greatest"]
    assert isinstance(least, float)
    assert isinstance(greatest, float)
    assert least <= 0.4 <= greatest < least + 0.25


def test_without_queueing_the_wait_for_the_gil_is_one_figure() -> None:
    quiet = [replace(each, queued_ns=0, cpu_ns=5 * S) for each in RECORDED]
    assert "each waited 50% of the time for the GIL" in said(judged(*quiet))


def test_a_thread_that_sleeps_with_the_gil_held_is_told_from_one_that_is_merely_idle() -> None:
    holder = thread(
        7, "python", cpu=0.1, sleep=7000, gil_contended=4800, gil_stalled=4790, gil_blocked=4790,
        gil_blocked_at="clock_nanosleep",
    )  # fmt: skip
    idle = thread(
        9, lock=9999, gil_contended=4800, gil_stalled=4790, gil_blocked=4790, gil_blocked_at="futex", waits_at="futex"
    )
    waiter = replace(WAITER, gil_stalled=4790)
    (advice,) = judged(holder, waiter, idle)
    assert "meanwhile MainThread was blocked in clock_nanosleep with the GIL held, 100% of that time" in advice.sentence
    assert "took turns" not in advice.sentence


def test_of_two_that_may_have_the_gil_none_is_accused() -> None:
    alike = [
        thread(tid, cpu=0.1, sleep=7000, gil_contended=4800, gil_stalled=4790, gil_blocked=4790, gil_blocked_at="read")
        for tid in (7, 9)
    ]
    told = said(judged(*alike, replace(WAITER, gil_stalled=4790)))
    assert "with the GIL held" not in told
    assert "which other threads held" in told


def test_a_page_fault_with_the_gil_held_waits_for_the_disk() -> None:
    holder = thread(
        7, "python", cpu=0.2, io=5000, page_fault=5000, major_faults=9000, gil_contended=4800, gil_stalled=4500,
        gil_blocked=4500, gil_blocked_at="page fault", waits_at="page fault",
    )  # fmt: skip
    told = said(judged(holder, replace(WAITER, gil_stalled=4500)))
    assert "MainThread waited for the disk (page faults) with the GIL held, 94% of that time" in told
    assert "not seen" not in told


def test_page_faults_alone_are_told_with_the_pages_that_were_read() -> None:
    faulting = thread(7, cpu=0.3, io=6000, page_fault=6000, major_faults=12_000, waits_at="page fault")
    (advice,) = judged(faulting)
    assert advice.code == AdviceCode.DISK_FAULTS
    assert "One thread waited 70% of the time at page faults, for 12 000 pages from the disk" in advice.sentence
    (advice,) = judged(replace(faulting, major_faults=0))
    assert "none of them read the disk" in advice.sentence


LOOP = thread(
    7, cpu=0.93, io=500, selector=500, selector_returns=8, longest_away_s=0.41, away_s=0.0, waits_at="epoll_wait"
)


def test_a_loop_that_computes_is_told_with_its_absence_and_never_that_nothing_is_wrong() -> None:
    (advice,) = judged(LOOP)
    assert advice.code == AdviceCode.EVENT_LOOP
    assert advice.sentence == (
        "The event loop (thread MainThread) was away from its selector for up to 410 ms and on a core 93% of the time: "
        "everything else on it waits meanwhile; move the computing out of the loop (asyncio.to_thread, a process pool)."
    )
    assert "asyncio" not in said(judged(LOOP, python=""))


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"running": 500, "cpu_ns": S // 2, "sleep": 4000, "io": 5500, "selector": 5500}, "in calls that block"),
        ({"running": 500, "cpu_ns": S // 2, "lock": 4000, "io": 5500, "selector": 5500}, "for a lock"),
        (
            {"running": 500, "cpu_ns": S // 2, "gil": 4000, "io": 5500, "selector": 5500},
            "computing of the other threads",
        ),
        ({"running": 5000, "cpu_ns": S // 10, "queued_ns": 5 * S, "io": 5000, "selector": 5000}, "had the cores"),
    ],
)
def test_what_kept_a_loop_away_is_told_by_its_kind(changes: dict[str, int], part: str) -> None:
    advice = next(each for each in judged(replace(LOOP, **changes)) if each.code == AdviceCode.EVENT_LOOP)  # type: ignore[arg-type]
    assert part in advice.sentence
    assert "move the computing out of the loop" not in advice.sentence


@pytest.mark.parametrize(
    "loop",
    [
        replace(LOOP, longest_away_s=0.05),  # busy, and yet back soon
        replace(LOOP, selector_returns=2),  # it did not return, as a loop does
        thread(
            7, cpu=0.01, io=9900, selector=9900, selector_returns=900, longest_away_s=0.3, away_s=0.0
        ),  # once in a while
    ],
)
def test_a_loop_that_is_back_in_time_is_no_cause(loop: ThreadSeen) -> None:
    assert all(each.code != AdviceCode.EVENT_LOOP for each in judged(loop))


def test_an_absence_that_goes_on_counts_while_its_thread_lives() -> None:
    hung = replace(LOOP, longest_away_s=0.0, away_s=2.0)
    assert "up to 2 s" in said(judged(hung))
    assert all(each.code != AdviceCode.EVENT_LOOP for each in judged(replace(hung, ended=True)))


QUEUED = thread(7, cpu=0.4, queued=0.6)


def use(program: float, others: float, pi_tui: float, cores: int = 2) -> CoreUse:
    return CoreUse(WALL_S, cores, program * WALL_S, pi_tui * WALL_S, (program + others + pi_tui) * WALL_S)


@pytest.mark.parametrize(
    ("account", "code", "part"),
    [
        (
            use(0.4, 1.5, 0.1),
            AdviceCode.SHARED_CORES,
            "of two cores, other programs used 1.5, the program used 0.4 and",
        ),
        (use(0.4, 0.2, 1.3), AdviceCode.PI_TUI_BUSY, "pi-tui used 1.3"),
        (use(0.5, 0.1, 0.0), AdviceCode.QUEUED, "there was room"),
        (None, AdviceCode.QUEUED, "who used the cores is not known"),
    ],
)
def test_who_used_the_cores_is_told_as_measured(account: CoreUse | None, code: AdviceCode, part: str) -> None:
    (advice,) = judged(QUEUED, use=account)
    assert advice.code == code
    assert part in advice.sentence
    if code != AdviceCode.SHARED_CORES:
        assert "stop the other programs" not in advice.sentence


def test_more_threads_than_cores_are_not_other_programs() -> None:
    threads = [thread(tid, cpu=0.5, queued=0.5) for tid in range(7, 11)]
    (advice,) = judged(*threads, use=use(1.95, 0.02, 0.03))
    assert advice.code == AdviceCode.OVERSUBSCRIBED
    assert "the program's threads wanted 4.0 cores" in advice.sentence
    assert "other programs" not in advice.sentence


def test_threads_with_a_narrowed_mask_are_told_their_core() -> None:
    narrowed = replace(QUEUED, allowed_cores=(0,))
    (advice,) = judged(narrowed, use=use(0.4, 1.5, 0.1))
    assert advice.code == AdviceCode.NARROWED_CORES
    assert "it may run on core 0 alone" in advice.sentence
    assert judged(narrowed, replace(QUEUED, tid=8), use=use(0.8, 1.1, 0.1))[0].code == AdviceCode.SHARED_CORES


def test_short_sleeps_are_polling_and_long_ones_nothing_wrong() -> None:
    poller = thread(7, "poll", cpu=0.01, sleep=9900, slices=200, waits_at="clock_nanosleep")
    (advice,) = judged(poller, python="")
    assert advice.code == AdviceCode.POLLING
    assert "in short sleeps (up to 20 per second, of 50 ms or more)" in advice.sentence
    assert "Nothing is wrong" not in advice.sentence
    (advice,) = judged(replace(poller, slices=3), python="")
    assert "Nothing is wrong" in advice.sentence


def test_a_lock_on_a_file_is_told_also_of_a_thread_that_does_nothing_else() -> None:
    (advice,) = judged(thread(7, lock=9900, waits_at="lockf"), python="")
    assert advice.code == AdviceCode.LOCK_WAIT
    assert "a lock on a file (lockf), which another process held" in advice.sentence


def test_threads_that_sleep_and_wait_for_locks_in_turns_are_not_said_to_be_healthy() -> None:
    threads = [thread(tid, cpu=0.02, lock=6500, sleep=3300, waits_at="futex") for tid in (8, 9, 10)]
    (advice,) = judged(thread(7, lock=TICKS, waits_at="futex"), *threads)
    assert advice.code == AdviceCode.LOCK_WAIT
    assert "Three threads were hardly on a core: each waited 6" in advice.sentence
    assert "If they share a lock" in advice.sentence
    idle = [thread(tid, lock=9500, sleep=500, waits_at="futex") for tid in (8, 9, 10)]
    assert "Nothing is wrong" in said(judged(*idle))


def test_a_program_that_is_too_large_for_the_cores_is_told_so_beside_others_too() -> None:
    threads = [thread(tid, cpu=0.1, queued=0.9) for tid in range(7, 13)]
    (advice,) = judged(*threads, use=use(0.6, 1.4, 0.0))
    assert advice.code == AdviceCode.SHARED_CORES
    assert "see this one alone, which wants 6.0 cores by itself." in advice.sentence


def test_a_thread_that_waited_for_input_is_not_said_to_have_hardly_waited() -> None:
    told = said(judged(thread(7, cpu=0.3, io=7000, waits_at="recvfrom")))
    assert "slept or waited for input and output (recvfrom) 70%" in told
    assert "hardly" not in told
    assert "Nothing is wrong" not in told


def test_the_last_second_is_judged_by_itself() -> None:
    record = WatchRecord()
    quiet = [
        replace(each, gil=0, cpu_ns=0, gil_contended=0, gil_ran=0, until_s=1.0) for each in (IDLE_MAIN, WAITER, SPINNER)
    ]
    process = ProcessSeen(7, 1, "python work.py", "3.14", "known")
    contended = [replace(each, until_s=2.0) for each in (IDLE_MAIN, WAITER, SPINNER)]
    later = [replace(each, until_s=3.0) for each in contended]
    for elapsed_s, threads, account in (
        (1.0, quiet, CoreUse(1.0, 2, 0.0, 0.0, 0.0)),
        (2.0, contended, CoreUse(2.0, 2, 0.5, 0.0, 0.5)),
        (3.0, later, CoreUse(3.0, 2, 1.5, 0.1, 3.0)),
    ):
        record.add(Sighting(elapsed_s, 1_000_000, 0, TICKS, 0, 0.02, 0, (process,), tuple(threads), account))
    assert "spinner" in said(list(judge_watch(record)))
    assert "spinner" not in said(list(judge_watch(record, recent=True))), "in the last second nobody waited"
    latest = record.core_use(recent=True)
    assert latest is not None
    assert (latest.wall_s, latest.program_s, latest.busy_s) == (1.0, 1.0, 2.5)


ticks = st.integers(0, 3000)
counters = st.fixed_dictionaries(
    {
        "gil": ticks, "lock": ticks, "sleep": ticks, "io": ticks, "blocked": ticks, "running": ticks,
        "cpu_ns": st.integers(0, 10 * S), "queued_ns": st.integers(0, 10 * S), "slices": st.integers(0, 10**6),
        "gil_contended": st.none() | ticks, "gil_ran": ticks, "gil_stalled": ticks, "gil_blocked": ticks,
        "page_fault": ticks, "major_faults": st.none() | ticks, "selector": ticks, "selector_returns": ticks,
        "longest_away_s": st.floats(0, 9), "away_s": st.none() | st.floats(0, 9),
        "allowed_cores": st.none() | st.just((1,)), "waits_at": st.sampled_from(["", "futex", "lockf", "read"]),
        "ended": st.booleans(), "pid": st.sampled_from([7, 8]),
    }
)  # fmt: skip
accounts = st.none() | st.builds(use, st.floats(0, 2), st.floats(0, 2), st.floats(0, 1))


@given(st.lists(counters, min_size=1, max_size=5), accounts, st.booleans())
def test_no_sentence_contradicts_another_or_what_was_measured(
    threads: list[dict[str, Any]], account: CoreUse | None, recent: bool
) -> None:
    seen = [replace(thread(tid), **each) for tid, each in enumerate(threads, 7)]
    advice = judge_watch(watched(*seen, use=account), recent=recent)
    assert len({each.code for each in advice}) == len(advice)
    for each in advice:
        assert each.sentence.endswith(".")
        assert each.sentence == " ".join(each.sentence.split())
        assert all(not isinstance(value, float) or math.isfinite(value) for value in each.evidence.values())
    told = said(list(advice))
    if "Nothing is wrong" in told:
        assert len(advice) == 1
    if "stop the other programs" in told:
        assert account is not None
        assert account.busy_s - account.program_s - account.pi_tui_s >= 0.1 * WALL_S
    if "hardly waited" in told:
        assert all((one.io + one.sleep) <= 0.5 * TICKS for one in seen if (one.cpu_ns or 0) > 5 * S)
    assert not any(one.code == AdviceCode.SHARED_CORES == two.code for one, two in pairwise(advice))
