"""The watcher: its rate of ticks, and a real watcher of a program with more threads than it samples."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from pi_tui.host.watch_protocol import Sighting, WatchEnded, WatchMessage, decode
from pi_tui.observe.watch.watch_spec import STOP, WatchSpec
from pi_tui.observe.watch.watcher import PERIODS_NS, WatchRate

WATCHER = """
import sys
from pi_tui.observe.watch import __main__, process_scan, thread_sampler
thread_sampler.MAX_THREADS = 2
process_scan.read_newest_pid = lambda proc: 7  # as if no process or thread was ever started
sys.exit(__main__.main())
"""
PROGRAM = """
import threading
ends = [threading.Event() for _ in range(5)]
threads = [threading.Thread(target=end.wait) for end in ends]
for thread in threads:
    thread.start()
print("ready", flush=True)
input()
for end, thread in zip(ends, threads):
    end.set()
    thread.join()
print("alone", flush=True)
input()
"""


def python(code: str, *arguments: str, **kept: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen((sys.executable, "-c", code, *arguments), stdout=subprocess.PIPE, **kept)  # type: ignore[call-overload,no-any-return]


@pytest.mark.skipif(sys.platform != "linux", reason="watching needs Linux")
def test_unwatched_threads_are_no_longer_counted_once_they_have_ended() -> None:
    with ExitStack() as stack:
        program = stack.enter_context(python(PROGRAM, stdin=subprocess.PIPE))
        stack.callback(program.kill)
        assert program.stdin is not None
        assert program.stdout is not None
        assert program.stdout.readline() == b"ready\n"
        (control, commands), (messages_end, report) = os.pipe(), os.pipe()
        watcher = stack.enter_context(python(WATCHER, f"{control}", pass_fds=(control, report)))
        stack.callback(watcher.kill)
        os.close(control)
        os.close(report)
        with open(commands, "wb", buffering=0) as control_pipe, open(messages_end, "rb") as lines:
            control_pipe.write(WatchSpec(report, program.pid).encode())
            messages = (decode(line) for line in lines)
            read_until_unwatched(messages, 4)
            program.stdin.write(b"\n")
            program.stdin.flush()
            assert program.stdout.readline() == b"alone\n"
            read_until_unwatched(messages, 0)
            control_pipe.write(STOP + b"\n")
            assert any(isinstance(message, WatchEnded) for message in messages)


def read_until_unwatched(messages: Iterator[WatchMessage], count: int) -> None:
    assert any(isinstance(message, Sighting) and message.unwatched == count for message in messages)


def test_many_threads_start_at_a_low_rate() -> None:
    few, many = WatchRate(), WatchRate()
    few.expect_threads(2)
    many.expect_threads(400)
    assert few.period_ns < many.period_ns


def test_the_rate_falls_while_it_costs_too_much_and_rises_again() -> None:
    rate = WatchRate(budget=0.03)
    for _ in range(20):
        rate.adapt_to_cost(0.5)
    assert rate.period_ns == PERIODS_NS[-1]
    for _ in range(20):
        rate.adapt_to_cost(0.001)
    assert rate.period_ns == PERIODS_NS[0]


def test_a_cost_slightly_above_the_budget_changes_nothing() -> None:
    rate = WatchRate(budget=0.03)
    rate.adapt_to_cost(0.033)
    assert rate.period_ns == PERIODS_NS[0]
