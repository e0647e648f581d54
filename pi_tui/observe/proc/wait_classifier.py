"""Classifies what a thread waits for from one line of `/proc/<pid>/task/<tid>/syscall`.

The line is `running`; or the number of the system call that the thread is blocked in, its six arguments, the stack pointer
and the program counter; or -1 and these two for a thread that is blocked outside a system call. Such a thread waits for a page
of its memory (a page fault), unless a signal has stopped it; the state in its `stat` distinguishes the two.
Source: Linux, Documentation/filesystems/proc.rst, and proc_pid_syscall of fs/proc/base.c.
"""

from __future__ import annotations

from dataclasses import dataclass

from pi_tui.host import lane_types
from pi_tui.host.lane_types import LaneState
from pi_tui.observe.proc.syscall_numbers import (
    LOCK_CALLS,
    MEMORY_MAP_CALLS,
    SELECTOR_CALLS,
    SLEEP_CALLS,
    MachineName,
    name_syscall,
)

RUNNING_LINE = b"running\n"

_OPERATION = 0x7F
"""Masks a futex operation's flags (private, real-time clock)."""
_WAITS = frozenset({0, 6, 9, 11, 13})
"""WAIT, LOCK_PI, WAIT_BITSET, WAIT_REQUEUE_PI, LOCK_PI2."""
_WAIT_BITSET = 9

_LOCKING_COMMANDS = frozenset({7, 14, 38})
"""F_SETLKW, F_SETLKW64 and F_OFD_SETLKW: the commands of `fcntl` that wait for a lock on a file, as `fcntl.lockf` does.

Source: Linux, include/uapi/asm-generic/fcntl.h; the numbers are the same on all machines in `MACHINES`.
"""

_DESCRIPTOR_COUNTS = {"select": 1, "pselect6": 1, "poll": 2, "ppoll": 2}
"""Which argument is the number of descriptors (for `select`, one more than the highest). With none, the call is a sleep."""

_LEAST_DESCRIPTORS = {"select": 1, "pselect6": 1, "poll": 2, "ppoll": 2}
"""From so many descriptors on, the call is that of an event loop. A socket with a time-out polls its own descriptor alone."""


@dataclass(frozen=True, slots=True)
class WaitKind:
    """What a thread does at one moment.

    Attributes:
        name: the system call or the lock that it is blocked at.
        selector: it waits for several things at once, as an event loop does.
    """

    state: LaneState
    name: str = ""
    selector: bool = False


RUNNING = WaitKind(LaneState.RUNNING)
GIL = WaitKind(LaneState.GIL, lane_types.GIL_WAIT)
UNREADABLE = WaitKind(LaneState.BLOCKED)
PAGE_FAULT = WaitKind(LaneState.IO, lane_types.PAGE_FAULT)
"""The thread waits for a page of its memory, as a rule for the disk: for a part of a mapped file, or for swapped memory."""
STOPPED = WaitKind(LaneState.BLOCKED, "stopped")
"""A signal or a debugger has stopped the thread outside a system call."""
POSSIBLE_GIL = WaitKind(LaneState.BLOCKED, "timed futex")
"""A timed futex wait in a process whose GIL's address is unknown: for the GIL, or for a lock with a timeout."""


@dataclass(frozen=True, slots=True)
class FutexWait:
    """A futex wait: the futex's address, and whether the wait has a timeout, as waits for the GIL have."""

    address: int
    timed: bool


def parse_futex_wait(line: bytes, machine: MachineName) -> FutexWait | None:
    """Return the futex wait that a line shows; None if it shows anything else."""
    fields = line.split()
    if len(fields) < 9 or name_syscall(_number(fields[0]), machine) != "futex":
        return None
    operation = int(fields[2], 16) & _OPERATION
    if operation not in _WAITS:
        return None
    return FutexWait(int(fields[1], 16), timed=operation == _WAIT_BITSET and int(fields[4], 16) != 0)


def classify_call(line: bytes, gil: range | None, machine: MachineName) -> WaitKind:
    """Return what the thread does, from a line of `syscall`.

    `gil` is the address range of its process's GIL: empty if the GIL is off, None if the address is unknown. A thread that is
    blocked outside a system call gets PAGE_FAULT; `classify_outside_call` is more precise.
    """
    if line.startswith(b"running"):
        return RUNNING
    fields = line.split(None, 1)
    if not fields:
        return UNREADABLE
    call_number = _number(fields[0])
    if call_number < 0:
        return PAGE_FAULT
    name = name_syscall(call_number, machine)
    if name == "futex" and (futex := parse_futex_wait(line, machine)) is not None:
        if gil is not None and futex.address in gil:
            return GIL
        if gil is None and futex.timed:
            return POSSIBLE_GIL
    if name in LOCK_CALLS:
        return WaitKind(LaneState.LOCK, name)
    if name in MEMORY_MAP_CALLS:
        return WaitKind(LaneState.LOCK, f"memory map ({name})")
    if name == "fcntl" and _argument(line, 2) in _LOCKING_COMMANDS:
        return WaitKind(LaneState.LOCK, "lockf")
    if name in _DESCRIPTOR_COUNTS:
        return _classify_poll(name, _argument(line, _DESCRIPTOR_COUNTS[name]))
    return WaitKind(LaneState.SLEEP if name in SLEEP_CALLS else LaneState.IO, name, name in SELECTOR_CALLS)


def _classify_poll(name: str, descriptors: int | None) -> WaitKind:
    if descriptors == 0:
        return WaitKind(LaneState.SLEEP, name)
    return WaitKind(LaneState.IO, name, selector=(descriptors or 0) >= _LEAST_DESCRIPTORS[name])


def is_outside_call(line: bytes) -> bool:
    """Return whether a line of `syscall` is that of a thread that is blocked outside a system call."""
    return line.startswith(b"-1 ")


def classify_outside_call(stat: bytes) -> WaitKind:
    """Return what a thread does that is blocked outside a system call, from a line of its `stat` read at the same time.

    A page fault waits uninterruptibly (state D), or has just ended (state R).
    """
    state = _read_state(stat)
    if state in (b"D", b"R"):
        return PAGE_FAULT
    return STOPPED if state in (b"T", b"t") else UNREADABLE


def classify_stat(stat: bytes) -> WaitKind:
    """Return whether the thread runs or is blocked, from a line of `stat`, which is used if `syscall` cannot be read."""
    return RUNNING if _read_state(stat) == b"R" else UNREADABLE


def _read_state(stat: bytes) -> bytes:
    """Return the state letter of a `stat` line, which follows the command's name in brackets; empty if there is none."""
    _, _, after = stat.rpartition(b")")
    return after[1:2]


def _argument(line: bytes, place: int) -> int | None:
    """Return an argument of a system call, counted from 1; None if the line does not have it. An int has 32 bits."""
    fields = line.split()
    try:
        return int(fields[place], 16) & 0xFFFF_FFFF
    except (IndexError, ValueError):
        return None


def _number(field: bytes) -> int:
    try:
        return int(field)
    except ValueError:
        return -1
