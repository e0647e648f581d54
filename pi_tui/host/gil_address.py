"""Find the address of this process's GIL in memory, with which the observer recognises threads that wait for it.

A thread that waits for the GIL is blocked at a futex word of the GIL's condition variable, and Linux shows that address in
`/proc/self/task/<tid>/syscall`. This module lets two threads wait for the GIL while it holds it, and reads their addresses.
"""

from __future__ import annotations

import os
import platform
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial

from pi_tui.host.interpreter_info import is_gil_enabled

_FUTEX = {"x86_64": b"202", "aarch64": b"98"}
_TIMED_WAIT, _OPERATION = 9, 0x7F
"""FUTEX_WAIT_BITSET, the operation of a wait with a time limit, and the mask of futex operations."""

_BEFORE, _AFTER = 40, 144
"""The distances from a waiter's address to the start and the end of the GIL's structure.

The GIL consists of two pairs of condition variable and mutex (Python/ceval_gil.c: cond, mutex, switch_cond, switch_mutex).
Threads wait at one of two neighbouring words near the end of the first variable (glibc: offset 40; 32 from version 2.41 on).
The range reaches from the start of that variable to the end of the last mutex in both layouts."""


def find_gil(limit_s: float = 0.03, clock: Callable[[], float] = time.perf_counter) -> range | None:
    """Return the range of addresses of this process's GIL.

    Return None if it cannot be found: the GIL is disabled, the system is not Linux on a known machine, the C library waits
    in another way (musl), `/proc` cannot be read, or the threads did not wait within `limit_s` seconds. This takes about a
    millisecond and never raises.
    """
    futex = _FUTEX.get(platform.machine())
    if futex is None or sys.platform != "linux" or not is_gil_enabled():
        return None
    try:
        word = _find_contended_word(futex, limit_s, clock)
    except (ImportError, AttributeError, OSError, RuntimeError, ValueError):
        return None
    return None if word is None else range(word - _BEFORE, word + _AFTER)


def _find_contended_word(futex: bytes, limit_s: float, clock: Callable[[], float]) -> int | None:
    """Return the aligned address at which two threads wait while this thread holds the GIL."""
    read = _make_gil_holding_reader()
    gates = [threading.Lock(), threading.Lock()]
    interval = sys.getswitchinterval()
    with ExitStack() as cleanup:
        files = []
        for gate in gates:
            gate.acquire()
            thread = threading.Thread(target=gate.acquire, daemon=True)
            thread.start()
            cleanup.callback(thread.join)
            cleanup.callback(_release, gate)
            files.append(os.open(f"/proc/self/task/{thread.native_id}/syscall", os.O_RDONLY | os.O_CLOEXEC))
            cleanup.callback(os.close, files[-1])
        cleanup.callback(sys.setswitchinterval, interval)
        sys.setswitchinterval(max(interval, 2 * limit_s))  # no other thread may take the GIL meanwhile
        for gate in gates:
            _release(gate)
        return _read_until_common_word([partial(read, file) for file in files], futex, clock() + limit_s, clock)


def _release(gate: threading.Lock) -> None:
    """Let the thread that waits at a gate go on, to wait for the GIL next."""
    if gate.locked():
        gate.release()


def _read_until_common_word(
    readers: Sequence[Callable[[], bytes]], futex: bytes, deadline: float, clock: Callable[[], float]
) -> int | None:
    """Read until all threads wait at the same address and return it; None after the deadline."""
    while clock() < deadline:
        words = {parse_timed_futex(read(), futex) for read in readers}
        if len(words) == 1 and (word := words.pop()) is not None:
            return word
    return None


def parse_timed_futex(line: bytes, futex: bytes) -> int | None:
    """Return the address, aligned to 8 bytes, of a timed futex wait in a line of `syscall`; None for other calls."""
    fields = line.split()
    if len(fields) < 5 or fields[0] != futex:
        return None
    if int(fields[2], 16) & _OPERATION != _TIMED_WAIT or int(fields[4], 16) == 0:
        return None
    return int(fields[1], 16) & ~7


def _make_gil_holding_reader() -> Callable[[int], bytes]:
    """Return a function that reads a file from its start without releasing the GIL, which `os.pread` would release."""
    import ctypes  # the import is slow and only needed here

    pread = ctypes.PyDLL(None, use_errno=True).pread
    pread.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_long)
    pread.restype = ctypes.c_ssize_t
    buffer = ctypes.create_string_buffer(256)

    def read(file: int) -> bytes:
        length = pread(file, buffer, 256, 0)
        if length < 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        return buffer.raw[:length]

    return read
