"""What threads wait for, from scripted lines of `/proc` and from real processes that wait for each other."""

from __future__ import annotations

import os
import platform
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pi_tui.host.protocol import LaneState
from pi_tui.observe.proc.syscall_numbers import MACHINES, NAMES, MachineName, name_syscall
from pi_tui.observe.proc.thread_files import MAX_LINE_BYTES, open_thread_file, read_stat_line
from pi_tui.observe.proc.wait_classifier import (
    PAGE_FAULT,
    POSSIBLE_GIL,
    RUNNING,
    STOPPED,
    UNREADABLE,
    WaitKind,
    classify_call,
    classify_outside_call,
    classify_stat,
    is_outside_call,
    parse_futex_wait,
)

GIL = range(0x7F00_0000_06C8, 0x7F00_0000_0780)
TAIL = "0xffffffff 0x7f0000001000 0x7f0000002000\n"


def futex(number: int, address: int, operation: int, timeout: int = 0) -> bytes:
    return f"{number} {address:#x} {operation:#x} 0x0 {timeout:#x} 0x0 {TAIL}".encode()


@pytest.mark.parametrize(("machine", "number"), [("x86_64", 202), ("aarch64", 98)])
@pytest.mark.parametrize(
    ("address", "operation", "timeout", "seen"),
    [
        (0x7F00_0000_06F0, 0x89, 0x7F00, LaneState.GIL),  # the condition variable, one of its two words
        (0x7F00_0000_06F4, 0x189, 0x7F00, LaneState.GIL),  # the other, by the real-time clock
        (0x7F00_0000_06F8, 0x80, 0, LaneState.GIL),  # its mutex
        (0x7F00_0000_0748, 0x189, 0, LaneState.GIL),  # the switch condition
        (0x7F00_0000_0780, 0x189, 0, LaneState.LOCK),  # one byte beyond
        (0x7F00_4000_0000, 0x189, 0, LaneState.LOCK),  # a lock somewhere else
        (0x7F00_4000_0000, 0x89, 0x7F00, LaneState.LOCK),  # a lock with a timeout
    ],
)
def test_the_gil_is_distinguished_from_other_locks_by_its_address(
    machine: MachineName, number: int, address: int, operation: int, timeout: int, seen: LaneState
) -> None:
    assert classify_call(futex(number, address, operation, timeout), GIL, machine).state == seen


def test_without_the_gils_address_only_a_timed_futex_may_be_the_gil() -> None:
    assert classify_call(futex(202, 0x10, 0x89, 0x7F00), None, "x86_64") is POSSIBLE_GIL
    assert classify_call(futex(202, 0x10, 0x189), None, "x86_64").state == LaneState.LOCK


@pytest.mark.parametrize(
    ("machine", "number", "seen", "name"),
    [
        ("x86_64", 230, LaneState.SLEEP, "clock_nanosleep"),
        ("aarch64", 115, LaneState.SLEEP, "clock_nanosleep"),
        ("x86_64", 0, LaneState.IO, "read"),
        ("aarch64", 63, LaneState.IO, "read"),
        ("x86_64", 232, LaneState.IO, "epoll_wait"),
        ("x86_64", 7, LaneState.IO, "poll"),
        ("x86_64", 11, LaneState.LOCK, "memory map (munmap)"),
        ("x86_64", 9999, LaneState.IO, "system call 9999"),
        ("x86_64", -1, LaneState.IO, "page fault"),
    ],
)
def test_other_waits_go_by_name(machine: MachineName, number: int, seen: LaneState, name: str) -> None:
    kind = classify_call(f"{number} 0x1 0x2 0x3 0x4 0x5 {TAIL}".encode(), GIL, machine)
    assert (kind.state, kind.name) == (seen, name)


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("72 0x3 0x7 0x7ffd3be7b4e0 0x7f7e7d0e2b50 0x0 0x0", WaitKind(LaneState.LOCK, "lockf")),  # F_SETLKW
        ("72 0x3 0xe 0x7ffd3be7b4e0 0x0 0x0 0x0", WaitKind(LaneState.LOCK, "lockf")),  # F_SETLKW64
        ("72 0x3 0x26 0x7ffd3be7b4e0 0x0 0x0 0x0", WaitKind(LaneState.LOCK, "lockf")),  # F_OFD_SETLKW
        (
            "72 0x3 0x7f0000000007 0x7ffd3be7b4e0 0x0 0x0 0x0",
            WaitKind(LaneState.LOCK, "lockf"),
        ),  # the upper half is unused
        ("72 0x3 0x6 0x7ffd3be7b4e0 0x0 0x0 0x0", WaitKind(LaneState.IO, "fcntl")),  # F_SETLK never waits for a lock
        ("72 0x3 0x400 0x0 0x0 0x0 0x0", WaitKind(LaneState.IO, "fcntl")),  # F_SETLEASE
        ("73 0x3 0x2 0x0 0x0 0x0 0x0", WaitKind(LaneState.LOCK, "flock")),
        ("23 0x0 0x0 0x0 0x0 0x7ffd00 0x0", WaitKind(LaneState.SLEEP, "select")),  # time.sleep before Python 3.11
        ("23 0x4 0x7ffd10 0x0 0x0 0x0 0x0", WaitKind(LaneState.IO, "select", selector=True)),
        ("7 0x0 0x0 0x64 0x0 0x0 0x0", WaitKind(LaneState.SLEEP, "poll")),
        ("7 0x7ffd10 0x1 0x64 0x0 0x0 0x0", WaitKind(LaneState.IO, "poll")),  # a socket with a time-out
        ("7 0x7ffd10 0x2 0x64 0x0 0x0 0x0", WaitKind(LaneState.IO, "poll", selector=True)),
        ("232 0x3 0x7ffd10 0x2 0x64 0x0 0x0", WaitKind(LaneState.IO, "epoll_wait", selector=True)),
    ],
)
def test_the_arguments_tell_locks_and_sleeps_from_input_and_output(line: str, kind: WaitKind) -> None:
    assert classify_call(f"{line} 0x7ffd3be7b470 0x7f7e7d1d0a6b\n".encode(), GIL, "x86_64") == kind


@pytest.mark.parametrize(
    ("state", "kind"),
    [("D", PAGE_FAULT), ("R", PAGE_FAULT), ("T", STOPPED), ("t", STOPPED), ("S", UNREADABLE), ("Z", UNREADABLE)],
)
def test_outside_a_system_call_the_state_tells_a_page_fault_from_a_stop(state: str, kind: WaitKind) -> None:
    assert is_outside_call(b"-1 0x7ffe9b4abd50 0x7fad3c3fb7ab\n")
    assert classify_outside_call(f"42 (a (T) name) {state} 1 42".encode()) == kind


def test_a_futex_call_that_wakes_is_no_wait() -> None:
    wake = futex(202, GIL.start, 0x81)
    assert parse_futex_wait(wake, "x86_64") is None
    assert classify_call(wake, GIL, "x86_64").state == LaneState.LOCK


def test_a_running_thread_is_classified() -> None:
    assert classify_call(b"running\n", None, "x86_64") is RUNNING


@given(st.binary(max_size=80))
def test_any_line_is_classified(line: bytes) -> None:
    if line[:1].isdigit():
        line = b"x" + line
    assert isinstance(classify_call(line, None, "x86_64").state, LaneState)
    assert isinstance(classify_stat(line).state, LaneState)


@pytest.mark.parametrize(
    ("stat", "seen"),
    [
        (b"42 (python) R 1 42 42 0 -1", LaneState.RUNNING),
        (b"42 (a (very) R odd) name) S 1 42", LaneState.BLOCKED),
        (b"42 (python) D 1 42", LaneState.BLOCKED),
        (b"", LaneState.BLOCKED),
    ],
)
def test_the_state_distinguishes_running_from_blocked(stat: bytes, seen: LaneState) -> None:
    assert classify_stat(stat).state == seen


def test_each_number_has_one_name() -> None:
    assert set(NAMES) == set(MACHINES)
    assert name_syscall(202, "x86_64") == name_syscall(98, "aarch64") == "futex"
    assert NAMES["x86_64"].keys() >= {0, 1, 202, 230}
    for machine in MACHINES:
        assert len(set(NAMES[machine].values())) == len(NAMES[machine])


WAITER = """
import fcntl, sys
with open(sys.argv[1], "r+") as file:
    print("asking", flush=True)
    getattr(fcntl, sys.argv[2])(file, fcntl.LOCK_EX)
    print("locked", flush=True)
    sys.stdin.read()
"""
SPINNER = "print('running', flush=True)\nwhile True: pass"
PATIENCE_S = 120.0


@pytest.fixture
def until_the_end() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def start(stack: ExitStack, code: str, *arguments: str) -> subprocess.Popen[str]:
    process = stack.enter_context(
        subprocess.Popen(
            (sys.executable, "-c", code, *arguments), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
    )
    stack.callback(process.kill)
    assert process.stdout is not None
    assert process.stdout.readline()
    return process


def read_until(pid: int, enough: Callable[[WaitKind], bool]) -> WaitKind:
    """Classify what a process's main thread does until that is enough or `PATIENCE_S` has passed."""
    machine = next(name for name in MACHINES if name == platform.machine())
    file = open_thread_file(pid, pid)
    assert file is not None
    assert file.shows_syscall
    try:
        until_s = time.monotonic() + PATIENCE_S
        while True:
            line = os.pread(file.descriptor, MAX_LINE_BYTES, 0)
            outside = is_outside_call(line)
            kind = classify_outside_call(read_stat_line(pid, pid)) if outside else classify_call(line, None, machine)
            if enough(kind) or time.monotonic() > until_s:
                return kind
            time.sleep(0.005)
    finally:
        os.close(file.descriptor)


readable = pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() not in MACHINES, reason="Linux tells what threads wait for"
)


@readable
@pytest.mark.parametrize("call", ["lockf", "flock"])
def test_a_process_that_waits_for_anothers_file_lock_waits_for_a_lock(
    call: str, tmp_path: Path, until_the_end: ExitStack
) -> None:
    file = tmp_path / "locked"
    file.touch()
    holder = start(until_the_end, WAITER, str(file), call)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "locked\n"
    waiter = start(until_the_end, WAITER, str(file), call)
    assert read_until(waiter.pid, lambda kind: kind.name == call) == WaitKind(LaneState.LOCK, call)


@readable
def test_a_stopped_process_is_not_said_to_wait_for_the_disk(until_the_end: ExitStack) -> None:
    spinner = start(until_the_end, SPINNER)

    def stop_elsewhere(kind: WaitKind) -> bool:
        """Let the process run on, and stop it again, until it is outside the system call that it has printed with."""
        if kind not in (STOPPED, RUNNING):
            spinner.send_signal(signal.SIGCONT)
            time.sleep(0.01)
            spinner.send_signal(signal.SIGSTOP)
        return kind == STOPPED

    spinner.send_signal(signal.SIGSTOP)
    assert read_until(spinner.pid, stop_elsewhere) == STOPPED
