"""Counts this process's open files by their path, so that files opened or closed by other tests do not count."""

from __future__ import annotations

import os
from contextlib import suppress


def count_open_files(below: str) -> int:
    """Return how many descriptors of this process belong to files whose path begins with `below`."""
    found = 0
    for name in os.listdir("/proc/self/fd"):
        with suppress(OSError):  # closed since it was listed
            found += os.readlink(f"/proc/self/fd/{name}").startswith(below)
    return found


def count_open_thread_files() -> int:
    """Return how many descriptors belong to files of this process's threads in `/proc`."""
    return count_open_files(f"/proc/{os.getpid()}/task/")
