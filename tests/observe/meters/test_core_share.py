"""What some threads use of each core, by a scripted clock and scripted lines, and once by this process's own."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from pi_tui.observe.meters.core_share import CoreShare, Thread, ThreadFileReader
from tests.open_files import count_open_thread_files

ONE, OTHER = (10, 10), (10, 11)


class Stats:
    """Lines of `/proc`, and a clock."""

    def __init__(self) -> None:
        self.now_s = 100.0
        self.told: dict[Thread, tuple[int, int]] = {}

    def clock(self) -> float:
        return self.now_s

    def read(self, thread: Thread) -> bytes | None:
        if thread not in self.told:
            return None
        ticks, core = self.told[thread]
        fields = ["R", *["0"] * 10, f"{ticks - 1}", "1", *["0"] * 23, f"{core}", "0"]
        return f"{thread[1]} (a) strange) name) {' '.join(fields)}".encode()


@pytest.fixture
def stats() -> Stats:
    return Stats()


def look(own: CoreShare, stats: Stats, used: dict[Thread, tuple[int, int]]) -> tuple[float, ...] | None:
    """A fifth of a second later, with ticks more and the core of each thread."""
    stats.now_s += 0.2
    for thread, (ticks, core) in used.items():
        stats.told[thread] = (stats.told.get(thread, (1000, 0))[0] + ticks, core)
    return own.read(tuple(used))


def test_cpu_time_is_put_to_the_core_it_was_used_on(stats: Stats) -> None:
    own = CoreShare(3, stats.clock, stats.read, 0.01)
    found = None
    for _ in range(8):
        found = look(own, stats, {ONE: (20, 0), OTHER: (10, 2)})
    assert found == pytest.approx((1.0, 0.0, 0.5))


def test_nothing_is_told_before_enough_was_seen(stats: Stats) -> None:
    own = CoreShare(1, stats.clock, stats.read, 0.01)
    told = [look(own, stats, {ONE: (20, 0)}) for _ in range(6)]
    assert told[:4] == [None] * 4
    assert told[5] is not None
    own.restart()
    assert look(own, stats, {ONE: (20, 0)}) is None


def test_a_moving_second_follows_a_thread_to_another_core(stats: Stats) -> None:
    own = CoreShare(2, stats.clock, stats.read, 0.01)
    for _ in range(8):
        look(own, stats, {ONE: (20, 0)})
    for _ in range(8):
        found = look(own, stats, {ONE: (20, 1)})
    assert found == pytest.approx((0.0, 1.0))


def test_threads_that_are_gone_count_no_more(stats: Stats) -> None:
    own = CoreShare(1, stats.clock, stats.read, 0.01)
    for _ in range(8):
        look(own, stats, {ONE: (20, 0)})
    stats.told.clear()
    stats.now_s += 0.2
    assert own.read((ONE,)) is None


def test_a_strange_line_or_a_core_beyond_the_known_ones_is_passed_over(stats: Stats) -> None:
    own = CoreShare(1, stats.clock, lambda thread: b"no line" if thread == OTHER else stats.read(thread), 0.01)
    for _ in range(8):
        found = look(own, stats, {ONE: (20, 7), OTHER: (20, 0)})
    assert found == (0.0,)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="there is no /proc")
def test_this_very_process_uses_what_it_uses() -> None:
    """By a clock that goes on only while this process runs: what other programs take does not count."""
    own = CoreShare(os.cpu_count() or 1, time.process_time)
    me = ((os.getpid(), os.getpid()),)
    own.read(me)
    until_s = time.process_time() + 0.8
    while time.process_time() < until_s:
        pass
    found = own.read(me)
    assert found is not None
    assert sum(found) > 0.5


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="there is no /proc")
def test_files_of_other_threads_are_closed() -> None:
    files = ThreadFileReader("stat")
    me = (os.getpid(), os.getpid())
    before = count_open_thread_files()
    assert files(me)
    assert count_open_thread_files() == before + 1
    files.close_others(())
    assert count_open_thread_files() == before
    assert files((me[0], 2**30)) is None
