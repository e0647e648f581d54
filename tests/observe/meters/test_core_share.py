"""The share of each core that threads use, with a scripted clock and scripted lines, and for this process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pi_tui.observe.meters.core_share import CoreShare, CoreUse, Thread, ThreadFileReader, Use, list_relatives
from tests.open_files import count_open_thread_files

ONE, OTHER = (10, 10), (10, 11)


class Stats:
    """Scripted lines of `stat`, and a scripted clock."""

    def __init__(self) -> None:
        self.now_s = 100.0
        self.ticks_and_core: dict[Thread, tuple[int, int]] = {}

    def clock(self) -> float:
        return self.now_s

    def read(self, thread: Thread) -> bytes | None:
        if thread not in self.ticks_and_core:
            return None
        ticks, core = self.ticks_and_core[thread]
        fields = ["R", *["0"] * 10, f"{ticks - 1}", "1", *["0"] * 23, f"{core}", "0"]
        return f"{thread[1]} (a) strange) name) {' '.join(fields)}".encode()


@pytest.fixture
def stats() -> Stats:
    return Stats()


def look(own: CoreShare, stats: Stats, used: dict[Thread, tuple[int, int]]) -> CoreUse | None:
    """Read 0.2 s later; `used` holds each thread's further ticks and its core."""
    stats.now_s += 0.2
    for thread, (ticks, core) in used.items():
        stats.ticks_and_core[thread] = (stats.ticks_and_core.get(thread, (1000, 0))[0] + ticks, core)
    return own.read(tuple(used))


def test_cpu_time_is_counted_for_the_core_it_was_used_on(stats: Stats) -> None:
    own = CoreShare(3, stats.clock, stats.read, 0.01)
    found = None
    for _ in range(8):
        found = look(own, stats, {ONE: (20, 0), OTHER: (10, 2)})
    assert found is not None
    assert found.workers == pytest.approx((1.0, 0.0, 0.5))


def test_no_share_is_known_before_the_minimum_time(stats: Stats) -> None:
    own = CoreShare(1, stats.clock, stats.read, 0.01)
    shares = [look(own, stats, {ONE: (20, 0)}) for _ in range(6)]
    assert shares[:4] == [None] * 4
    assert shares[5] is not None
    own.restart()
    assert look(own, stats, {ONE: (20, 0)}) is None


def test_the_share_follows_a_thread_to_another_core(stats: Stats) -> None:
    own = CoreShare(2, stats.clock, stats.read, 0.01)
    for _ in range(8):
        look(own, stats, {ONE: (20, 0)})
    for _ in range(8):
        found = look(own, stats, {ONE: (20, 1)})
    assert found is not None
    assert found.workers == pytest.approx((0.0, 1.0))


def test_ended_threads_do_not_count(stats: Stats) -> None:
    own = CoreShare(1, stats.clock, stats.read, 0.01)
    for _ in range(8):
        look(own, stats, {ONE: (20, 0)})
    stats.ticks_and_core.clear()
    stats.now_s += 0.2
    assert own.read((ONE,)) is None


def test_malformed_lines_and_unknown_cores_are_ignored(stats: Stats) -> None:
    own = CoreShare(1, stats.clock, lambda thread: b"no line" if thread == OTHER else stats.read(thread), 0.01)
    for _ in range(8):
        found = look(own, stats, {ONE: (20, 7), OTHER: (20, 0)})
    assert found is not None
    assert found.workers == (0.0,)


def test_relatives_are_counted_by_what_they_are(stats: Stats) -> None:
    """A worker that is also listed as a relative counts as a worker alone; one that was listed stays for a second."""
    spinner, host = (10, 12), (10, 9)
    listed = {ONE: Use.FUNCTION, spinner: Use.FUNCTION, host: Use.PI_TUI}
    meter = CoreShare(2, stats.clock, stats.read, 0.01, lambda: listed)
    found = None
    for _ in range(8):
        for thread, ticks, core in ((spinner, 10, 0), (host, 2, 1)):
            stats.ticks_and_core[thread] = (stats.ticks_and_core.get(thread, (1000, 0))[0] + ticks, core)
        found = look(meter, stats, {ONE: (10, 0)})
    assert found is not None
    assert found.workers == pytest.approx((0.5, 0.0))
    assert found.function == pytest.approx((0.5, 0.0))
    assert found.pi_tui == pytest.approx((0.0, 0.1))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="there is no /proc")
def test_the_tree_below_the_app_tells_what_a_thread_is() -> None:
    """This process stands for the app: its child for an observer, the grandchild for a host with a second thread."""
    host = "import threading; threading.Thread(target=input).start(); print(1, flush=True); threading.Event().wait()"
    observer = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {host!r}])"
    with subprocess.Popen([sys.executable, "-c", observer], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as started:
        assert started.stdout is not None
        started.stdout.readline()
        found = list_relatives(os.getpid())
        (inner,) = {pid for pid, _ in found} - {os.getpid(), started.pid}
        os.kill(inner, signal.SIGKILL)
    assert {use for (pid, _), use in found.items() if pid in (os.getpid(), started.pid)} == {Use.PI_TUI}
    assert found[inner, inner] is Use.PI_TUI
    assert [use for (pid, tid), use in found.items() if pid == inner and tid != inner] == [Use.FUNCTION]


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="there is no /proc")
def test_the_share_of_this_process_is_measured() -> None:
    """The clock advances only while this process runs, so the load of other programs does not matter."""
    own = CoreShare(os.cpu_count() or 1, time.process_time)
    me = ((os.getpid(), os.getpid()),)
    own.read(me)
    until_s = time.process_time() + 0.8
    while time.process_time() < until_s:
        pass
    found = own.read(me)
    assert found is not None
    assert sum(found.workers) > 0.5


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
