"""The core account: every core's worth of CPU has a name, and what is nobody's is other programs'."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from pi_tui.host import core_account
from pi_tui.host.core_account import CpuReading, account, busy_ns, process_cpu_ns

BEFORE = CpuReading(wall_ns=0, process_ns=0, main_ns=0, children_ns=0, observers_ns=0, busy_ns=0)
S = 10**9
AFTER = CpuReading(wall_ns=2 * S, process_ns=3 * S, main_ns=S // 10, children_ns=0, observers_ns=S // 10, busy_ns=4 * S)

STAT = """cpu  300 0 100 5000 7 3 2 0 0 0
cpu0 200 0 50 2500 7 2 1 9 0 0
cpu1 100 0 50 2500 0 1 1 9 0 0
intr 1 2 3
"""


def test_what_nobody_known_used_is_other_programs() -> None:
    found = account(BEFORE, AFTER, workers_ns=2 * S, other_threads_ns=S // 2, children_ns=S // 2, main_is_worker=False)
    assert found is not None
    assert found.workers == 1.0
    assert found.other_threads == found.children == 0.25
    assert found.pi_tui == pytest.approx(0.1)
    assert found.others == pytest.approx(0.4)


def test_a_main_thread_that_is_a_worker_is_not_counted_twice() -> None:
    found = account(BEFORE, AFTER, workers_ns=2 * S, other_threads_ns=0, children_ns=0, main_is_worker=True)
    assert found is not None
    assert found.pi_tui == pytest.approx(0.05)


def test_others_never_fall_below_zero_by_the_grain_of_the_ticks() -> None:
    found = account(
        BEFORE, replace(AFTER, busy_ns=S), workers_ns=2 * S, other_threads_ns=0, children_ns=0, main_is_worker=True
    )
    assert found is not None
    assert found.others == 0.0


@pytest.mark.parametrize(
    "after", [replace(AFTER, wall_ns=S // 100), replace(AFTER, busy_ns=None), replace(AFTER, observers_ns=None)]
)
def test_what_is_not_known_is_no_account(after: CpuReading) -> None:
    assert account(BEFORE, after, workers_ns=S, other_threads_ns=0, children_ns=0, main_is_worker=False) is None


def test_busy_time_is_of_the_cores_that_are_asked_for() -> None:
    tick_ns = 10**9 // os.sysconf("SC_CLK_TCK")
    assert busy_ns(STAT, None) == (253 + 152) * tick_ns
    assert busy_ns(STAT, frozenset({1})) == 152 * tick_ns
    assert busy_ns(STAT, frozenset({7})) is None
    assert busy_ns("", None) is None


@pytest.mark.skipif(sys.platform != "linux", reason="other processes' CPU clocks are Linux's")
def test_the_cpu_of_another_process_is_read_from_outside() -> None:
    spinner = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        deadline = time.monotonic() + 60
        while (process_cpu_ns(spinner.pid) or 0) < S // 10 and time.monotonic() < deadline:
            time.sleep(0.01)
        assert (process_cpu_ns(spinner.pid) or 0) >= S // 10
    finally:
        spinner.kill()
        spinner.wait()
    assert process_cpu_ns(spinner.pid) is None


@pytest.mark.skipif(sys.platform != "linux", reason="the counters are Linux's")
def test_a_reading_tells_everything_here() -> None:
    before = core_account.read()
    end = time.process_time_ns() + S // 20
    while time.process_time_ns() < end:
        pass
    after = core_account.read()
    assert after.process_ns - before.process_ns >= S // 20
    assert after.busy_ns is not None
    assert before.busy_ns is not None
    assert after.busy_ns >= before.busy_ns
    assert after.observers_ns is not None
