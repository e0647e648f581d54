"""The address of the GIL, and what happens where it cannot be found."""

from __future__ import annotations

import platform
import subprocess
import sys
import threading
from itertools import count

import pytest

from pi_tui.host import gil_address
from pi_tui.host.gil_address import find_gil, parse_timed_futex
from tests.open_files import count_open_thread_files

FUTEX = {"x86_64": b"202", "aarch64": b"98"}.get(platform.machine(), b"")

on_linux = pytest.mark.skipif(
    sys.platform != "linux" or not FUTEX or not getattr(sys, "_is_gil_enabled", lambda: True)(),
    reason="needs Linux and an enabled GIL",
)

LONG_S = 60.0
"""How long two threads may take to wait for the GIL on a busy machine."""

CONTENDING = f"""
import sys, threading
from pi_tui.host.gil_address import find_gil
gil = find_gil(limit_s={LONG_S})
def spin():
    while True:
        pass
threads = [threading.Thread(target=spin, daemon=True) for _ in range(2)]
for thread in threads:
    thread.start()
print(gil.start, gil.stop, *(thread.native_id for thread in threads), flush=True)
sys.stdin.read()
"""


@on_linux
def test_contending_threads_wait_at_the_address() -> None:
    """The parent process looks, as the observer does."""
    with subprocess.Popen(
        [sys.executable, "-c", CONTENDING], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        try:
            assert child.stdout is not None
            start, stop, *threads = map(int, child.stdout.readline().split())
            seen: set[int] = set()
            while len(seen) < 2:  # threads wait at two words of a condition variable
                for thread in threads:
                    with open(f"/proc/{child.pid}/task/{thread}/syscall", "rb") as file:
                        fields = file.read().split()
                    if fields[0] == FUTEX:
                        seen.add(int(fields[1], 16))
            assert all(address in range(start, stop) for address in seen)
        finally:
            child.kill()


@on_linux
def test_a_search_restores_everything_and_a_second_one_finds_the_same() -> None:
    interval = sys.getswitchinterval()
    files = count_open_thread_files()
    threads = set(threading.enumerate())
    first = find_gil(limit_s=LONG_S)
    assert first is not None
    assert find_gil(limit_s=LONG_S) == first
    assert sys.getswitchinterval() == interval
    assert set(threading.enumerate()) <= threads
    assert count_open_thread_files() == files


@on_linux
def test_the_search_ends_at_its_time_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    reads = count()

    def reader() -> object:
        return lambda _file: b"running\n" if next(reads) >= 0 else b""

    monkeypatch.setattr(gil_address, "_make_gil_holding_reader", reader)
    clock = count().__next__
    assert find_gil(limit_s=10, clock=lambda: float(clock())) is None
    assert next(reads) == 2 * 9  # both threads, once per second of that clock


@on_linux
def test_an_unreadable_proc_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    interval, threads = sys.getswitchinterval(), set(threading.enumerate())

    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pi_tui.host.gil_address.os.open", refuse)
    assert find_gil() is None
    assert sys.getswitchinterval() == interval
    assert set(threading.enumerate()) <= threads


@pytest.mark.parametrize(
    ("function", "value"), [("pi_tui.host.gil_address.is_gil_enabled", False), ("platform.machine", "riscv64")]
)
def test_there_is_no_search_without_a_gil_or_on_an_unknown_machine(
    monkeypatch: pytest.MonkeyPatch, function: str, value: object
) -> None:
    looks: list[object] = []
    monkeypatch.setattr(gil_address, "_find_contended_word", lambda *given: looks.append(given))
    monkeypatch.setattr(function, lambda: value)
    assert find_gil() is None
    assert looks == []


@pytest.mark.parametrize(
    ("line", "word"),
    [
        (b"202 0x7f41e6f4e6f4 0x89 0x0 0x7f41e5a94ae0 0x0 0xffffffff 0x7f41 0x7f42\n", 0x7F41E6F4E6F0),
        (b"202 0x7f41e6f4e6f0 0x189 0x0 0x7f41e5a94ae0 0x0 0xffffffff 0x7f41 0x7f42\n", 0x7F41E6F4E6F0),
        (b"202 0x7f41e6f4e6f0 0x189 0x0 0x0 0x0 0xffffffff 0x7f41 0x7f42\n", None),
        (b"202 0x7f41e6f4e6f8 0x80 0x2 0x0 0x0 0x0 0x7f41 0x7f42\n", None),
        (b"230 0x1 0x1 0x7f41e6f4e6f0 0x0 0x0 0x0 0x7f41 0x7f42\n", None),
        (b"running\n", None),
        (b"", None),
    ],
)
def test_only_a_timed_wait_may_be_at_the_gil(line: bytes, word: int | None) -> None:
    assert parse_timed_futex(line, b"202") == word
