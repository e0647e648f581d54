"""Lanes of real threads, sampled by their parent process as the observer does."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from pi_tui.analysis.lanes import count_handoffs, measure_lane_shares
from pi_tui.host.protocol import LanesSeen, LaneState, WorkerTicks
from pi_tui.observe.proc.syscall_numbers import MACHINES
from pi_tui.observe.proc.thread_files import open_thread_file
from pi_tui.observe.process.sampler import Sampler

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or getattr(sys, "_is_gil_enabled", lambda: True)() is False,
    reason="Linux tells what threads wait for; these contend for the GIL",
)

FRAME = """
import sys, threading, time
lock = threading.Lock()
def spin():
    while True:
        pass
def take_turns():
    while True:
        with lock:
            time.sleep(0.002)
        time.sleep(0.0005)  # a lock is not fair: a thread that requests it again at once may keep it for ever
def doze():
    while True:
        time.sleep(60)
def read():
    sys.stdin.read()
threads = [threading.Thread(target={work}, daemon=True) for _ in range({workers})]
for thread in threads:
    thread.start()
print(*(thread.native_id for thread in threads), flush=True)
threading.Event().wait()
"""


LONG_S = 60.0
"""The longest sampling. A quiet machine shows enough in a moment."""


@contextmanager
def threads_at(work: str, workers: int = 2) -> Iterator[tuple[int, list[int]]]:
    with subprocess.Popen(
        [sys.executable, "-c", FRAME.format(work=work, workers=workers)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        try:
            assert child.stdout is not None
            yield child.pid, [int(tid) for tid in child.stdout.readline().split()]
        finally:
            child.kill()


def watch(pid: int, tids: list[int], enough: Callable[[list[str]], bool]) -> tuple[LanesSeen, list[str]]:
    """Sample until the lanes are enough or `LONG_S` has passed; return the last message and each lane's letters."""
    sampler = Sampler()
    now = time.perf_counter_ns
    sampler.begin_trial(1, len(tids), now())
    for index, tid in enumerate(tids):
        sampler.set_inside(pid, tid, now(), inside=True, index=index)
    lanes = [""] * len(tids)
    until_ns = now() + round(LONG_S * 1e9)
    while not enough(lanes) and now() < until_ns:
        for _ in range(100):
            time.sleep(max(0, (sampler.due_ns or 0) - now()) / 1e9)
            sampler.tick(now())
        part = sampler.drain()
        assert part is not None
        lanes = [before + lane.letters for before, lane in zip(lanes, part.lanes, strict=True)]
    seen = sampler.end_trial()
    assert seen is not None
    return seen, lanes


def blocked(totals: WorkerTicks) -> int:
    """Return at how many ticks the thread waited. On a busy machine it is queued, and so shown as running, at many others."""
    return totals.gil + totals.lock + totals.sleep + totals.io + totals.blocked


def ticks_with(kind: LaneState, lanes: list[str]) -> list[tuple[str, ...]]:
    """Return the states of all threads at each tick at which one of them was in the state `kind`."""
    return [column for column in zip(*lanes, strict=True) if kind in column and LaneState.MISSED not in column]


def test_threads_of_pure_python_take_turns_at_the_gil() -> None:
    """A thread waits for the GIL while the other runs or is queued, as both may be when cores are short."""

    def enough(lanes: list[str]) -> bool:
        return all(lane.count(LaneState.GIL) >= 100 for lane in lanes) and count_handoffs(lanes) >= 5

    with threads_at("spin") as (pid, tids):
        seen, lanes = watch(pid, tids, enough)
    assert seen.certainty == "system call"
    assert enough(lanes), lanes
    for totals in seen.ticks:
        assert totals.gil > 0.9 * blocked(totals)
        assert totals.lock + totals.sleep + totals.io <= 0.02 * seen.made
    waits = ticks_with(LaneState.GIL, lanes)
    assert sum(LaneState.RUNNING in column for column in waits) > 0.8 * len(waits)


def test_a_lock_is_not_the_gil_and_a_nap_is_neither() -> None:
    """The thread that holds the lock sleeps without the GIL, so a thread hardly ever waits for the GIL meanwhile."""

    def enough(lanes: list[str]) -> bool:
        return all(min(lane.count(LaneState.LOCK), lane.count(LaneState.SLEEP)) >= 50 for lane in lanes)

    with threads_at("take_turns") as (pid, tids):
        seen, lanes = watch(pid, tids, enough)
    assert enough(lanes), lanes
    for totals in seen.ticks:
        assert {"futex", "clock_nanosleep"} <= {one.name for one in totals.waited_for}
    naps = ticks_with(LaneState.SLEEP, lanes)
    assert sum(LaneState.GIL in column for column in naps) < 0.05 * len(naps)


@pytest.mark.parametrize(("work", "kind", "name"), [("doze", "sleep", "clock_nanosleep"), ("read", "io", "read")])
def test_sleep_and_input_by_name(work: str, kind: str, name: str) -> None:
    def blocked_at_last(lanes: list[str]) -> bool:
        latest = measure_lane_shares(lanes[0][-100:])
        return latest is not None and latest.io == 1.0

    with threads_at(work, workers=1) as (pid, tids):
        seen, lanes = watch(pid, tids, blocked_at_last)
    (totals,) = seen.ticks
    assert blocked_at_last(lanes), lanes
    assert getattr(totals, kind) > 0
    assert name in {one.name for one in totals.waited_for}


def test_lanes_of_an_ended_process_become_absent() -> None:
    with threads_at("doze") as (pid, tids):
        sampler = Sampler()
        sampler.begin_trial(1, 2, 0)
        for tid in tids:
            sampler.set_inside(pid, tid, 0, inside=True)
        sampler.tick(1_000_000)
        assert sampler.due_ns is not None
    sampler.tick(2_000_000)
    assert sampler.due_ns is None
    seen = sampler.end_trial()
    assert seen is not None
    assert [lane.letters[-1] for lane in seen.lanes] == [".", "."]


def test_on_an_unknown_machine_only_the_state_of_a_real_thread_is_read() -> None:
    with threads_at("doze", workers=1) as (pid, tids):
        sampler = Sampler(machine=f"not {MACHINES[0]}")
        sampler.begin_trial(1, 1, 0)
        sampler.set_inside(pid, tids[0], 0, inside=True)
        sampler.tick(1_000_000)
        seen = sampler.end_trial()
    assert seen is not None
    assert seen.certainty == "state"


def test_a_thread_that_does_not_exist_has_no_file() -> None:
    assert open_thread_file(2**31 - 1, 2**31 - 1) is None
