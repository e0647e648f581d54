"""Lanes of real threads, seen by their parent process, as the observer sees them."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from pi_tui.analysis.lanes import handoffs, running_at_once, shares
from pi_tui.host.protocol import LanesSeen, WorkerTicks
from pi_tui.observe.lanes import Sampler
from pi_tui.observe.system_calls import MACHINES
from pi_tui.observe.thread_files import open_thread

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
    """Look on until the lanes are enough to judge by; a test's time-out is the limit. The totals, and all letters."""
    sampler = Sampler()
    now = time.perf_counter_ns
    sampler.begin(1, len(tids), now())
    for index, tid in enumerate(tids):
        sampler.roll_call(pid, tid, now(), inside=True, index=index)
    lanes = [""] * len(tids)
    while not enough(lanes):
        for _ in range(100):
            time.sleep(max(0, (sampler.due_ns or 0) - now()) / 1e9)
            sampler.tick(now())
        part = sampler.drain()
        assert part is not None
        lanes = [before + lane.letters for before, lane in zip(lanes, part.lanes, strict=True)]
    seen = sampler.end()
    assert seen is not None
    return seen, lanes


def blocked(totals: WorkerTicks) -> int:
    """At how many ticks it waited: on a busy machine it is ready, and so runs for all that is seen, at many of the others."""
    return totals.gil + totals.lock + totals.sleep + totals.io + totals.blocked


def test_threads_of_pure_python_take_turns_at_the_gil() -> None:
    with threads_at("spin") as (pid, tids):
        seen, lanes = watch(pid, tids, lambda lanes: len(lanes[0]) >= 600 and handoffs(lanes) >= 5)
    assert seen.certainty == "system call"
    for totals in seen.ticks:
        assert totals.gil > 0.9 * blocked(totals) > 0
        assert totals.lock + totals.sleep + totals.io <= 0.02 * seen.made
    at_once = running_at_once(lanes)
    assert at_once.get(1, 0) > 0.2 * sum(at_once.values())  # where cores are short, two may be ready for one as well


def test_a_lock_is_not_the_gil_and_a_nap_is_neither() -> None:
    with threads_at("take_turns") as (pid, tids):
        seen, _ = watch(pid, tids, lambda lanes: len(lanes[0]) >= 400)
    for totals in seen.ticks:
        assert totals.gil < 0.05 * seen.made
        assert {"futex", "clock_nanosleep"} <= {one.name for one in totals.waited_for}
    waits = sum(map(blocked, seen.ticks))
    assert sum(totals.lock for totals in seen.ticks) > 0.2 * waits
    assert sum(totals.sleep for totals in seen.ticks) > 0.2 * waits


@pytest.mark.parametrize(("work", "kind", "name"), [("doze", "sleep", "clock_nanosleep"), ("read", "io", "read")])
def test_sleep_and_input_by_name(work: str, kind: str, name: str) -> None:
    def blocked_at_last(lanes: list[str]) -> bool:
        latest = shares(lanes[0][-100:])
        return latest is not None and latest.io == 1.0

    with threads_at(work, workers=1) as (pid, tids):
        seen, _ = watch(pid, tids, blocked_at_last)
    (totals,) = seen.ticks
    assert getattr(totals, kind) > 0
    assert name in {one.name for one in totals.waited_for}


def test_a_process_that_ends_takes_its_lanes_with_it() -> None:
    with threads_at("doze") as (pid, tids):
        sampler = Sampler()
        sampler.begin(1, 2, 0)
        for tid in tids:
            sampler.roll_call(pid, tid, 0, inside=True)
        sampler.tick(1_000_000)
        assert sampler.due_ns is not None
    sampler.tick(2_000_000)
    assert sampler.due_ns is None
    seen = sampler.end()
    assert seen is not None
    assert [lane.letters[-1] for lane in seen.lanes] == [".", "."]


def test_the_state_alone_is_read_where_that_is_asked_for() -> None:
    with threads_at("doze", workers=1) as (pid, tids):
        sampler = Sampler(machine=f"not {MACHINES[0]}")
        sampler.begin(1, 1, 0)
        sampler.roll_call(pid, tids[0], 0, inside=True)
        sampler.tick(1_000_000)
        seen = sampler.end()
    assert seen is not None
    assert seen.certainty == "state"


def test_a_thread_that_never_was() -> None:
    assert open_thread(2**31 - 1, 2**31 - 1) is None
