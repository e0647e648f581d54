"""Voluntary switches and page faults: both ways to read them agree."""

from __future__ import annotations

import mmap
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from pi_tui.host import rusage, worker_runtime

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has these figures per thread")


@pytest.fixture(autouse=True)
def close_files() -> Iterator[None]:
    yield
    worker_runtime.close_thread_files()


def test_both_ways_count_the_same_thread() -> None:
    worker_runtime.read_usage_from_proc()  # opens its files, which may cause page faults
    before = rusage.read_usage()
    between = worker_runtime.read_usage_from_proc()
    after = rusage.read_usage()
    for first, middle, last in list(zip(before, between, after, strict=True))[1:]:  # children's are read in ticks there
        assert first <= middle <= last


def test_a_switch_and_a_fault_are_counted() -> None:
    _, switches, faults, _ = worker_runtime.read_usage_from_proc()
    time.sleep(0.001)
    pages = 64
    with mmap.mmap(-1, pages * mmap.PAGESIZE) as memory:
        for page in range(pages):
            memory[page * mmap.PAGESIZE] = 1
    _, more_switches, more_faults, _ = worker_runtime.read_usage_from_proc()
    assert more_switches > switches
    assert more_faults > faults


def test_each_thread_has_its_own_counts() -> None:
    for _ in range(20):
        time.sleep(0.001)
    found: list[worker_runtime.Usage] = []
    thread = threading.Thread(target=lambda: found.append(worker_runtime.read_usage_from_proc()))
    thread.start()
    thread.join()
    assert found[0][1] < worker_runtime.read_usage_from_proc()[1]


def test_the_files_of_threads_are_closed() -> None:
    worker_runtime.close_thread_files()
    before = len(os.listdir("/proc/self/fd"))
    worker_runtime.read_usage_from_proc()
    worker_runtime.read_queued_ns()
    assert len(os.listdir("/proc/self/fd")) == before + 3
    worker_runtime.close_thread_files()
    assert len(os.listdir("/proc/self/fd")) == before


def test_unknown_figures_are_minus_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> int:
        raise PermissionError

    monkeypatch.setattr(os, "open", refused)
    assert worker_runtime.read_usage_from_proc()[1:] == (-1, -1, -1)
    assert worker_runtime.read_queued_ns() == -1
    monkeypatch.setattr(rusage, "resource", None)
    assert rusage.read_usage() == (-1, -1, -1, -1)


def test_the_thread_name_may_contain_blanks_and_brackets(monkeypatch: pytest.MonkeyPatch) -> None:
    files = {
        "status": b"Name:\tx) y\nnonvoluntary_ctxt_switches:\t9\nvoluntary_ctxt_switches:\t7\nnonvoluntary_ctxt_switches:\t5\n",
        "stat": b"40 (x) 1 2 (y) R 1 2 3 4 5 6 300 8 20 9 10 11 12\n",
    }
    monkeypatch.setattr(worker_runtime, "_read_thread_file", files.__getitem__)
    assert worker_runtime.read_usage_from_proc()[1:] == (7, 300, 20)


def test_a_worker_that_shares_its_descriptors_opens_one_file() -> None:
    code = """
import os
from pi_tui.host import rusage, worker_runtime
null = os.open(os.devnull, os.O_WRONLY)
rusage.start_reporting(null, -1)
before = len(os.listdir("/proc/self/fd"))
worker_runtime.record_enter(0, 0)
worker_runtime.record_leave(0, 0)
print(len(os.listdir("/proc/self/fd")) - before)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1"]
