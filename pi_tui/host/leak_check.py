"""What a trial left behind: threads and processes that were not there before it."""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress
from dataclasses import dataclass

GRACE_S = 0.05
"""A thread that has been joined may still be listed for a moment."""


@dataclass(frozen=True, slots=True)
class LeakCheck:
    """The threads and child processes of this process at one moment."""

    threads: frozenset[threading.Thread]
    children: frozenset[int]

    @classmethod
    def start(cls) -> LeakCheck:
        """Count now."""
        return cls(frozenset(threading.enumerate()), list_children())

    def find_leaks(self) -> tuple[str, ...]:
        """What is there now and was not there then, as sentences."""
        deadline = time.monotonic() + GRACE_S
        while True:
            threads = [thread for thread in threading.enumerate() if thread not in self.threads]
            processes = sorted(list_children() - self.children)
            if not (threads or processes) or time.monotonic() > deadline:
                break
            time.sleep(GRACE_S / 10)
        found = [f"a thread still runs: {thread.name}" for thread in threads]
        return tuple(found + [f"a process still runs: {pid}" for pid in processes])


def list_children(tasks: str = "/proc/self/task") -> frozenset[int]:
    """The ids of this process's children, less those that multiprocessing itself keeps for later."""
    found = _read_children(tasks)
    if found is None:  # no /proc, or a kernel without it: the processes that multiprocessing knows of
        import multiprocessing

        found = {child.pid for child in multiprocessing.active_children() if child.pid is not None}
    return frozenset(found - _list_multiprocessing_helpers())


def _read_children(tasks: str) -> set[int] | None:
    """The children of each thread of this process; None where the system tells of none."""
    found: set[int] = set()
    told = False
    with suppress(OSError):
        for tid in os.listdir(tasks):
            with (
                suppress(OSError),
                open(f"{tasks}/{tid}/children", encoding="ascii") as file,
            ):  # it may have ended since
                found.update(map(int, file.read().split()))
                told = True
    return found if told else None


def _list_multiprocessing_helpers() -> set[int]:
    """The resource tracker and the fork server live as long as the process that first needed them."""
    import sys

    kept: set[int] = set()
    for module, holder, attribute in (
        ("multiprocessing.resource_tracker", "_resource_tracker", "_pid"),
        ("multiprocessing.forkserver", "_forkserver", "_forkserver_pid"),
    ):
        pid = getattr(getattr(sys.modules.get(module), holder, None), attribute, None)
        if isinstance(pid, int):
            kept.add(pid)
    return kept
