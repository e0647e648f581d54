from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pi_tui.host.protocol import LaneState
from pi_tui.observe.proc.syscall_numbers import MACHINES, NAMES, MachineName, name_syscall
from pi_tui.observe.proc.wait_classifier import POSSIBLE_GIL, RUNNING, classify_call, classify_stat, parse_futex_wait

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
        ("x86_64", -1, LaneState.BLOCKED, "page fault"),
    ],
)
def test_other_waits_go_by_name(machine: MachineName, number: int, seen: LaneState, name: str) -> None:
    kind = classify_call(f"{number} 0x1 0x2 0x3 0x4 0x5 {TAIL}".encode(), GIL, machine)
    assert (kind.state, kind.name) == (seen, name)


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
