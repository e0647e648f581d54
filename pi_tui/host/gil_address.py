"""Where this process's GIL lies in memory: whoever looks on from outside knows by it who waits for the GIL.

A thread that waits for the GIL is blocked at a futex word of the GIL's condition variable, and Linux tells that address in
`/proc/self/task/<tid>/syscall`. So two threads are made to want the GIL while this one keeps it and reads where they wait.
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
"""FUTEX_WAIT_BITSET: what a wait with a time limit is made of, and the mask of a futex operation."""

_BEFORE, _AFTER = 40, 144
"""The GIL is two pairs of condition variable and mutex in a row (Python/ceval_gil.c: cond, mutex, switch_cond,
switch_mutex). A waiter is seen at one of two neighbouring words at the first variable's end (glibc: offset 40, from 2.41
on 32). The range reaches from that variable's start to the last mutex's end, by either layout."""


def find_gil(limit_s: float = 0.03, clock: Callable[[], float] = time.perf_counter) -> range | None:
    """The addresses of this process's GIL.

    None where there is none to be seen: the GIL is off, the system is not Linux on a machine whose calls are known, its C
    library waits in another way (musl), `/proc` cannot be read, or the waiters were not seen within `limit_s` seconds.
    It takes a millisecond or so, and never raises.
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
    """The aligned pair of words that two threads wait at while this one holds the GIL."""
    read = _make_gil_holding_reader()
    gates = [threading.Lock(), threading.Lock()]
    interval = sys.getswitchinterval()
    with ExitStack() as afterwards:
        files = []
        for gate in gates:
            gate.acquire()
            thread = threading.Thread(target=gate.acquire, daemon=True)
            thread.start()
            afterwards.callback(thread.join)
            afterwards.callback(_release, gate)
            files.append(os.open(f"/proc/self/task/{thread.native_id}/syscall", os.O_RDONLY | os.O_CLOEXEC))
            afterwards.callback(os.close, files[-1])
        afterwards.callback(sys.setswitchinterval, interval)
        sys.setswitchinterval(max(interval, 2 * limit_s))  # nobody takes the GIL away meanwhile
        for gate in gates:
            _release(gate)
        return _read_until_common_word([partial(read, file) for file in files], futex, clock() + limit_s, clock)


def _release(gate: threading.Lock) -> None:
    """Let whoever waits at a gate go on: towards the GIL."""
    if gate.locked():
        gate.release()


def _read_until_common_word(
    readers: Sequence[Callable[[], bytes]], futex: bytes, deadline: float, clock: Callable[[], float]
) -> int | None:
    """Read all until they wait at one place, or until the deadline."""
    while clock() < deadline:
        words = {parse_timed_futex(read(), futex) for read in readers}
        if len(words) == 1 and (word := words.pop()) is not None:
            return word
    return None


def parse_timed_futex(line: bytes, futex: bytes) -> int | None:
    """The pair of words (aligned to 8 bytes) that a line of `syscall` tells a timed futex wait at; None otherwise."""
    fields = line.split()
    if len(fields) < 5 or fields[0] != futex:
        return None
    if int(fields[2], 16) & _OPERATION != _TIMED_WAIT or int(fields[4], 16) == 0:
        return None
    return int(fields[1], 16) & ~7


def _make_gil_holding_reader() -> Callable[[int], bytes]:
    """Read a file from its start without giving up the GIL, as `os.pread` would."""
    import ctypes  # only here: a worker that is spawned imports none of this

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
