"""The names of the system calls that threads block in, by number. x86-64 and aarch64 number them differently.

Source: Linux, arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h (aarch64).
"""

from __future__ import annotations

from typing import Literal, get_args

MachineName = Literal["x86_64", "aarch64"]

MACHINES: tuple[MachineName, ...] = get_args(MachineName)

FUTEX = "futex"

SLEEP_CALLS = frozenset(
    {"nanosleep", "clock_nanosleep", "pause", "rt_sigsuspend", "rt_sigtimedwait", "restart_syscall"}
)
"""Calls that wait for a time or for a signal."""

LOCK_CALLS = frozenset({"futex", "futex_wait", "futex_waitv", "semop", "semtimedop", "flock"})
"""Calls that wait for one of the program's locks."""

SELECTOR_CALLS = frozenset({"epoll_wait", "epoll_pwait", "epoll_pwait2"})
"""Calls in which an event loop waits for whatever comes next."""

MEMORY_MAP_CALLS = frozenset({"mmap", "munmap", "mremap", "mprotect", "madvise", "brk"})
"""Calls that change the memory map. The only thing they wait for is the lock of that map, which all threads share."""

_NUMBERS: dict[str, tuple[int | None, int | None]] = {
    "futex": (202, 98),
    "futex_waitv": (449, 449),
    "futex_wait": (455, 455),
    "nanosleep": (35, 101),
    "clock_nanosleep": (230, 115),
    "restart_syscall": (219, 128),
    "pause": (34, None),
    "rt_sigsuspend": (130, 133),
    "rt_sigtimedwait": (128, 137),
    "sched_yield": (24, 124),
    "mmap": (9, 222),
    "munmap": (11, 215),
    "mremap": (25, 216),
    "mprotect": (10, 226),
    "madvise": (28, 233),
    "brk": (12, 214),
    "msync": (26, 227),
    "read": (0, 63),
    "write": (1, 64),
    "readv": (19, 65),
    "writev": (20, 66),
    "pread64": (17, 67),
    "pwrite64": (18, 68),
    "preadv": (295, 69),
    "pwritev": (296, 70),
    "sendfile": (40, 71),
    "splice": (275, 76),
    "copy_file_range": (326, 285),
    "open": (2, None),
    "openat": (257, 56),
    "close": (3, 57),
    "stat": (4, None),
    "newfstatat": (262, 79),
    "statx": (332, 291),
    "getdents64": (217, 61),
    "fsync": (74, 82),
    "fdatasync": (75, 83),
    "fallocate": (285, 47),
    "ftruncate": (77, 46),
    "ioctl": (16, 29),
    "fcntl": (72, 25),
    "flock": (73, 32),
    "poll": (7, None),
    "ppoll": (271, 73),
    "select": (23, None),
    "pselect6": (270, 72),
    "epoll_wait": (232, None),
    "epoll_pwait": (281, 22),
    "epoll_pwait2": (441, 441),
    "connect": (42, 203),
    "accept": (43, 202),
    "accept4": (288, 242),
    "sendto": (44, 206),
    "recvfrom": (45, 207),
    "sendmsg": (46, 211),
    "recvmsg": (47, 212),
    "recvmmsg": (299, 243),
    "semop": (65, 193),
    "semtimedop": (220, 192),
    "msgsnd": (69, 189),
    "msgrcv": (70, 188),
    "mq_timedreceive": (243, 183),
    "io_getevents": (208, 4),
    "io_pgetevents": (333, 292),
    "io_uring_enter": (426, 426),
    "getrandom": (318, 278),
    "membarrier": (324, 283),
    "wait4": (61, 260),
    "waitid": (247, 95),
    "clone": (56, 220),
    "clone3": (435, 435),
    "fork": (57, None),
    "vfork": (58, None),
    "execve": (59, 221),
    "exit_group": (231, 94),
}

NAMES: dict[MachineName, dict[int, str]] = {
    machine: {numbers[place]: name for name, numbers in _NUMBERS.items() if numbers[place] is not None}  # type: ignore[misc]
    for place, machine in enumerate(MACHINES)
}
"""The call's name by number, for each machine."""


def name_syscall(number: int, machine: MachineName) -> str:
    """Return the name of a system call; "system call 999" if it is not in the table."""
    return NAMES[machine].get(number, f"system call {number}")
