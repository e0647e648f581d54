from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pi_tui.analysis.lanes import (
    LaneShares,
    count_handoffs,
    divide_all_waiting,
    divide_waiting,
    find_gil_wait_range,
    mark_blocked_starts,
    measure_lane_shares,
    measure_named_wait_s,
)
from pi_tui.host.protocol import NamedWait, WaitTarget, WorkerTicks
from tests.analysis.analysis_builders import make_ledger

counts = st.integers(min_value=0, max_value=2000)


def ticks(**seen: Any) -> WorkerTicks:
    return WorkerTicks(**{"index": 0, "pid": 10, "tid": 100, **seen})


@given(
    st.floats(min_value=-1e-3, max_value=10.0),
    st.floats(min_value=0.0, max_value=5.0),
    st.builds(
        WorkerTicks,
        index=st.just(0),
        pid=st.just(10),
        tid=st.just(100),
        running=counts,
        gil=counts,
        lock=counts,
        sleep=counts,
        io=counts,
        blocked=counts,
        missed=counts,
    ),
)
def test_the_parts_sum_to_the_waiting_or_are_all_unknown(
    inside_s: float, held_back_s: float, seen: WorkerTicks
) -> None:
    before = make_ledger(running_s=1.0, waiting_s=inside_s + held_back_s, held_back_s=held_back_s)
    after = divide_waiting(before, seen)
    parts = (after.gil_wait_s, after.lock_wait_s, after.io_wait_s)
    if None in parts:
        assert after == before
    else:
        assert sum(part or 0.0 for part in parts) == pytest.approx(before.waiting_s, abs=1e-12)
        assert after.waiting_s == before.waiting_s
        assert all(part is not None and part >= -1e-3 for part in parts)


def test_waiting_is_divided_as_it_was_seen() -> None:
    after = divide_waiting(
        make_ledger(running_s=1.0, waiting_s=1.0), ticks(running=1000, gil=600, lock=300, sleep=60, io=40)
    )
    assert after.gil_wait_s == pytest.approx(0.6)
    assert after.lock_wait_s == pytest.approx(0.3)
    assert after.io_wait_s == pytest.approx(0.1)


def test_waits_keep_the_names_of_what_they_were_for() -> None:
    names = (("GIL", 200), ("page fault", 500), ("lockf", 295), ("read", 5), ("stopped", 100), ("timed futex", 60))
    seen = ticks(gil=200, lock=295, io=505, blocked=160, waited_for=tuple(WaitTarget(*each) for each in names))
    after = divide_waiting(make_ledger(running_s=0.0, waiting_s=2.0), seen)
    assert after.waited_for == (NamedWait("page fault", 1.0), NamedWait("lockf", 0.59))
    assert measure_named_wait_s(after, "page fault") == 1.0
    assert measure_named_wait_s(after, "flock") == 0.0
    assert divide_waiting(make_ledger(running_s=0.0, waiting_s=2.0), ticks(blocked=1)).waited_for is None


def test_a_worker_without_ticks_of_its_own_waits_for_what_all_wait_for() -> None:
    ledgers = [make_ledger(index=index, tid=100 + index, running_s=0.0, waiting_s=1.0) for index in range(2)]
    seen = ticks(tid=100, io=400, waited_for=(WaitTarget("page fault", 400),))
    few = ticks(tid=101, blocked=9)
    assert [measure_named_wait_s(each, "page fault") for each in divide_all_waiting(ledgers, [seen, few])] == [1.0, 1.0]


def test_waiting_outside_kernel_calls_is_for_the_gil() -> None:
    held_back = make_ledger(running_s=1.0, waiting_s=1.0005, held_back_s=1.0)
    after = divide_waiting(held_back, ticks(running=1000))
    assert (after.gil_wait_s, after.lock_wait_s, after.io_wait_s) == (1.0005, 0.0, 0.0)
    mixed = divide_waiting(make_ledger(running_s=1.0, waiting_s=1.0, held_back_s=0.5), ticks(running=667, lock=333))
    assert mixed.gil_wait_s == pytest.approx(0.5)
    assert mixed.lock_wait_s == pytest.approx(0.5)


def test_a_gil_wait_just_before_a_call_counts_as_outside_it() -> None:
    """300 ms held back, of which 250 ms were observed because the worker announced itself first; then 300 ms of sleep."""
    before = make_ledger(running_s=0.0, waiting_s=0.6, held_back_s=0.3)
    after = divide_waiting(before, ticks(gil=250, sleep=300), 0.001)
    assert after.io_wait_s == pytest.approx(0.3)
    assert after.gil_wait_s == pytest.approx(0.3)
    both = divide_waiting(make_ledger(running_s=0.0, waiting_s=0.7, held_back_s=0.3), ticks(gil=350, sleep=300), 0.001)
    assert both.io_wait_s == pytest.approx(0.3), "100 ms at the GIL were inside"
    missed = divide_waiting(before, ticks(gil=125, sleep=150, missed=275), 0.001)
    assert missed.io_wait_s == pytest.approx(0.3)


@given(counts, counts, counts, counts, st.floats(0.0, 5.0), st.floats(0.0, 5.0), st.sampled_from([0.001, 0.004]))
def test_the_parts_sum_to_the_waiting_for_any_observed_time(
    running: int, gil: int, sleep: int, missed: int, inside_s: float, held_back_s: float, tick_s: float
) -> None:
    before = make_ledger(running_s=1.0, waiting_s=inside_s + held_back_s, held_back_s=held_back_s)
    after = divide_waiting(before, ticks(running=running, gil=gil, sleep=sleep, missed=missed), tick_s)
    if after.gil_wait_s is not None:
        parts = (after.gil_wait_s, after.lock_wait_s or 0.0, after.io_wait_s or 0.0)
        assert sum(parts) == pytest.approx(before.waiting_s, abs=1e-9)
        assert min(parts) >= -1e-9
        assert after.gil_wait_s >= held_back_s - 1e-9


@pytest.mark.parametrize(
    "seen",
    [
        None,
        ticks(),
        ticks(running=1000),  # the clocks say that it waited for as long: nobody saw it
        ticks(running=1000, gil=20),
        ticks(running=500, blocked=500),
        ticks(running=500, blocked=260, gil=240),
    ],
)
def test_lanes_that_cannot_tell_leave_it_unknown(seen: WorkerTicks | None) -> None:
    before = make_ledger(running_s=1.0, waiting_s=1.0)
    assert divide_waiting(before, seen) == before


def test_few_ticks_are_enough_for_little_waiting() -> None:
    after = divide_waiting(make_ledger(running_s=1.0, waiting_s=0.005), ticks(running=1000, lock=1))
    assert after.lock_wait_s == pytest.approx(0.005)


def test_ticks_are_matched_by_process_and_thread() -> None:
    books = (
        make_ledger(0, tid=100, running_s=1.0, waiting_s=1.0),
        make_ledger(1, tid=101, running_s=1.0, waiting_s=1.0),
        make_ledger(2, pid=None, tid=None, tasks=0, samples=0, idle_s=2.0),
    )
    seen = (
        WorkerTicks(-1, 10, 101, running=100, lock=100),
        WorkerTicks(-1, 10, 100, running=100, gil=100),
    )
    after = divide_all_waiting(books, seen)
    assert [book.gil_wait_s for book in after] == [1.0, 0.0, None]
    assert [book.lock_wait_s for book in after] == [0.0, 1.0, None]


def test_shares_count_observed_ticks_only() -> None:
    assert measure_lane_shares("..RRRGLSI?--") == LaneShares(
        running=3 / 8, gil=1 / 8, lock=1 / 8, io=2 / 8, blocked=1 / 8
    )
    assert measure_lane_shares("...--") is None


@pytest.mark.parametrize(
    ("lanes", "count"),
    [
        (("RRRGGGRRR", "GGGRRRGGG"), 2),
        (("RRRRGGRRR", "GGGRRRRGG"), 2),  # both seen running while it is handed over
        (("RR--GG", "GG--RR"), 1),
        (("RRRR", "RRRR"), 0),
        (("SS", "SS"), 0),
        ((), 0),
    ],
)
def test_handoffs(lanes: tuple[str, ...], count: int) -> None:
    assert count_handoffs(lanes) == count


def test_a_worker_with_few_ticks_is_divided_like_the_others() -> None:
    books = (
        make_ledger(pid=1, tid=1, running_s=1.0, waiting_s=1.0),
        make_ledger(pid=1, tid=2, running_s=1.0, waiting_s=0.8),
    )
    seen = (ticks(pid=1, tid=1, running=400, gil=90, lock=10), ticks(pid=1, tid=2, running=500))
    first, second = divide_all_waiting(books, seen)
    assert first.gil_wait_s == pytest.approx(0.9)
    assert second.gil_wait_s == pytest.approx(0.72)
    assert second.lock_wait_s == pytest.approx(0.08)


def test_a_worker_that_was_not_seen_at_all_stays_unknown() -> None:
    books = (
        make_ledger(pid=1, tid=1, running_s=1.0, waiting_s=1.0),
        make_ledger(pid=1, tid=2, running_s=1.0, waiting_s=0.8),
    )
    _, second = divide_all_waiting(books, (ticks(pid=1, tid=1, running=400, gil=90),))
    assert second.gil_wait_s is None


# ---- threads that cannot begin for want of the GIL


def test_a_thread_that_could_not_begin_waited_for_the_gil_while_another_ran() -> None:
    assert mark_blocked_starts(["..RRRR....", "......RRRR"], ended=True) == ("..RRRR....", "..GGGGRRRR")


def test_a_gap_between_two_tasks_counts_and_the_time_after_the_last_does_not() -> None:
    assert mark_blocked_starts(["RR..RR..", "..RR..RR"], ended=True) == ("RRGGRR..", "GGRRGGRR")


def test_a_thread_that_may_still_start_waits_and_one_that_never_started_does_not() -> None:
    assert mark_blocked_starts([".RRR", "...."], ended=False) == (".RRR", ".GGG")
    assert mark_blocked_starts([".RRR", "...."], ended=True) == (".RRR", "....")


def test_a_gap_counts_only_where_another_thread_is_inside() -> None:
    assert mark_blocked_starts(["...RRR", ".R..RR"], ended=True)[0] == ".G.RRR"


@given(st.lists(st.text(alphabet=".RGL-", min_size=12, max_size=12), min_size=1, max_size=4), st.booleans())
def test_observed_letters_stay_and_a_wait_needs_another_thread(lanes: list[str], ended: bool) -> None:
    drawn = mark_blocked_starts(lanes, ended=ended)
    for own, (before, after) in enumerate(zip(lanes, drawn, strict=True)):
        assert len(before) == len(after)
        for tick, (was, now) in enumerate(zip(before, after, strict=True)):
            others = {lane[tick] for lane in (*lanes[:own], *lanes[own + 1 :])}
            assert now == was or (was == "." and now == "G" and others - {"."})


seconds = st.floats(0, 10)


@given(seconds, seconds, seconds, seconds)
def test_the_range_of_the_gil_wait_begins_with_the_ledgers_and_ends_within_the_wall(
    gil_wait_s: float, queued_s: float, between_s: float, handover_s: float
) -> None:
    wall_s = gil_wait_s + queued_s + 1
    found = find_gil_wait_range(wall_s, gil_wait_s, queued_s, between_s, handover_s)
    if queued_s <= 0.1 * wall_s:
        assert found is None, "little queueing hides little"
        return
    assert found is not None
    assert gil_wait_s / wall_s <= found[0] <= found[1] <= (gil_wait_s + queued_s) / wall_s + 1e-9


def test_what_is_not_known_has_no_range() -> None:
    assert find_gil_wait_range(1.0, None, 0.5, 0.1, 0.1) is None
    assert find_gil_wait_range(1.0, 0.4, None, 0.1, 0.1) is None
    assert find_gil_wait_range(0.0, 0.4, 0.5, 0.1, 0.1) is None
