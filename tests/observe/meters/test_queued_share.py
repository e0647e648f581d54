"""The share of time that threads were queued, with a scripted clock and scripted lines, and for real threads."""

from __future__ import annotations

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pi_tui.observe.meters.core_share import Thread
from pi_tui.observe.meters.queued_share import MIN_SPAN_S, QueuedShare
from tests.open_files import count_open_thread_files

ONE, OTHER = (10, 10), (10, 11)


class Schedstats:
    """Scripted lines of `schedstat`, and a scripted clock."""

    def __init__(self) -> None:
        self.now_s = 100.0
        self.delays_ns: dict[Thread, int] = {}

    def clock(self) -> float:
        return self.now_s

    def read(self, thread: Thread) -> bytes | None:
        delay_ns = self.delays_ns.get(thread)
        return None if delay_ns is None else f"123456 {delay_ns} 17\n".encode()


def look(meter: QueuedShare, lines: Schedstats, queued_ms: dict[Thread, int]) -> dict[Thread, float]:
    """Read 0.2 s later; `queued_ms` holds each thread's further milliseconds in the run queue."""
    lines.now_s += 0.2
    for thread, ms in queued_ms.items():
        lines.delays_ns[thread] = lines.delays_ns.get(thread, 5_000_000_000) + ms * 1_000_000
    return meter.read(tuple(queued_ms))


def test_it_is_the_share_of_the_last_second() -> None:
    lines = Schedstats()
    meter = QueuedShare(lines.clock, lines.read)
    for _ in range(8):
        look(meter, lines, {ONE: 200, OTHER: 0})
    assert look(meter, lines, {ONE: 200, OTHER: 0}) == pytest.approx({ONE: 1.0, OTHER: 0.0})
    for _ in range(6):
        found = look(meter, lines, {ONE: 50, OTHER: 0})
    assert found[ONE] == pytest.approx(0.25)


def test_queued_time_before_the_first_reading_does_not_count() -> None:
    lines = Schedstats()
    meter = QueuedShare(lines.clock, lines.read)
    assert look(meter, lines, {ONE: 0}) == {}
    assert look(meter, lines, {ONE: 100}) == {}
    assert look(meter, lines, {ONE: 100}) == pytest.approx({ONE: 0.5})


def test_an_ended_thread_keeps_its_last_share_until_the_meter_restarts() -> None:
    lines = Schedstats()
    meter = QueuedShare(lines.clock, lines.read)
    for _ in range(4):
        look(meter, lines, {ONE: 100})
    del lines.delays_ns[ONE]
    assert meter.read((ONE,)) == pytest.approx({ONE: 0.5})
    meter.restart()
    assert meter.read((ONE,)) == {}


@pytest.mark.parametrize("line", [b"", b"1", b"1 x 3"])
def test_malformed_lines_have_no_share(line: bytes) -> None:
    lines = Schedstats()
    meter = QueuedShare(lines.clock, lambda _: line)
    for _ in range(4):
        assert look(meter, lines, {ONE: 100}) == {}


@pytest.mark.skipif(not Path("/proc/self/schedstat").exists(), reason="this system keeps no schedstat")
def test_a_thread_that_only_sleeps_is_not_queued() -> None:
    """On a busy machine the thread may be queued for a while before it sleeps."""
    done = threading.Event()
    sleeper = threading.Thread(target=done.wait)
    sleeper.start()

    def share() -> float:
        meter = QueuedShare()
        thread = (os.getpid(), sleeper.native_id or 0)
        meter.read((thread,))
        time.sleep(1.5 * MIN_SPAN_S)
        found = meter.read((thread,))[thread]
        meter.restart()
        return found

    try:
        assert any(share() == 0.0 for _ in range(20))
    finally:
        done.set()
        sleeper.join()


@pytest.mark.skipif(not Path("/proc/self/schedstat").exists(), reason="this system keeps no schedstat")
def test_files_of_threads_no_longer_read_are_closed() -> None:
    with ThreadPoolExecutor(2, "of this test") as pool:
        here = threading.Barrier(3)
        for _ in range(2):
            pool.submit(here.wait)
        ours = [each for each in threading.enumerate() if each.name.startswith("of this test")]
        threads = [(os.getpid(), each.native_id or 0) for each in ours]
        meter = QueuedShare()
        before = count_open_thread_files()
        meter.read(threads)
        assert count_open_thread_files() == before + 2
        meter.read(threads[:1])
        assert count_open_thread_files() == before + 1
        meter.restart()
        assert count_open_thread_files() == before
        here.wait()
