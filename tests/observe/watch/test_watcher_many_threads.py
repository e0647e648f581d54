"""A watcher with fewer eyes than its program has threads, as a real process at a real program."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from pi_tui.host.watch_protocol import Sighting, WatchEnded, WatchMessage, decode
from pi_tui.observe.watch.watch_spec import STOP, WatchSpec

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="watching needs Linux")

WATCHER = """
import sys
from pi_tui.observe.watch import __main__, process_scan, thread_sampler
thread_sampler.MAX_THREADS = 2
process_scan.read_newest_pid = lambda proc: 7  # no program starts anything: nobody is seen to have joined
sys.exit(__main__.main())
"""
CROWD = """
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


def test_threads_that_were_too_many_are_no_longer_counted_once_they_are_gone() -> None:
    with ExitStack() as stack:
        crowd = stack.enter_context(python(CROWD, stdin=subprocess.PIPE))
        stack.callback(crowd.kill)
        assert crowd.stdin is not None
        assert crowd.stdout is not None
        assert crowd.stdout.readline() == b"ready\n"
        (control, order), (heard, report) = os.pipe(), os.pipe()
        watcher = stack.enter_context(python(WATCHER, f"{control}", pass_fds=(control, report)))
        stack.callback(watcher.kill)
        os.close(control)
        os.close(report)
        with open(order, "wb", buffering=0) as asking, open(heard, "rb") as told:
            asking.write(WatchSpec(report, crowd.pid).encode())
            messages = (decode(line) for line in told)
            until_unwatched(messages, 4)
            crowd.stdin.write(b"\n")
            crowd.stdin.flush()
            assert crowd.stdout.readline() == b"alone\n"
            until_unwatched(messages, 0)
            asking.write(STOP + b"\n")
            assert any(isinstance(message, WatchEnded) for message in messages)


def until_unwatched(messages: Iterator[WatchMessage], count: int) -> None:
    assert any(isinstance(message, Sighting) and message.unwatched == count for message in messages)
