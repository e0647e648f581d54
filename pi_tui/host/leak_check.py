"""Find the threads and processes that a trial left running."""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress
from dataclasses import dataclass

GRACE_S = 0.05
"""How long a thread or process may still be listed after it has been joined."""


@dataclass(frozen=True, slots=True)
class LeakCheck:
    """The threads and child processes of this process before a trial."""

    threads: frozenset[threading.Thread]
    children: frozenset[int]

    @classmethod
    def start(cls) -> LeakCheck:
        """Record the threads and processes that exist now."""
        return cls(frozenset(threading.enumerate()), list_children())

    def find_leaks(self) -> tuple[str, ...]:
        """Describe each thread and process that exists now but did not exist before, one sentence each."""
        deadline = time.monotonic() + GRACE_S
        while True:
            threads = [thread for thread in threading.enumerate() if thread not in self.threads]
            processes = sorted(list_children() - self.children)
            if not (threads or processes) or time.monotonic() > deadline:
                break
            time.sleep(GRACE_S / 10)
        found = [f"a thread is still running: {thread.name}" for thread in threads]
        return tuple(found + [f"a process is still running: {pid}" for pid in processes])


def list_children(tasks: str = "/proc/self/task") -> frozenset[int]:
    """Return the ids of this process's children, without the helper processes of multiprocessing."""
    found = _read_children(tasks)
    if found is None:  # no /proc, or a kernel without `children` files
        import multiprocessing

        found = {child.pid for child in multiprocessing.active_children() if child.pid is not None}
    return frozenset(found - _list_multiprocessing_helpers())


def _read_children(tasks: str) -> set[int] | None:
    """Read the children of each thread of this process from /proc; None if no such file can be read."""
    found: set[int] = set()
    readable = False
    with suppress(OSError):
        for tid in os.listdir(tasks):
            # A thread may have ended since it was listed.
            with suppress(OSError), open(f"{tasks}/{tid}/children", encoding="ascii") as file:
                found.update(map(int, file.read().split()))
                readable = True
    return found if readable else None


def _list_multiprocessing_helpers() -> set[int]:
    """Return the ids of the resource tracker and the fork server, which live as long as this process."""
    import sys

    helpers: set[int] = set()
    for module, holder, attribute in (
        ("multiprocessing.resource_tracker", "_resource_tracker", "_pid"),
        ("multiprocessing.forkserver", "_forkserver", "_forkserver_pid"),
    ):
        pid = getattr(getattr(sys.modules.get(module), holder, None), attribute, None)
        if isinstance(pid, int):
            helpers.add(pid)
    return helpers
