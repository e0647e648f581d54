"""Clean-up after a host: kill every process that it started, then remove its shared memory and its temporary folder.

The observer does this when the host ends, on Stop, and when the app ends. The app does it if the observer itself was killed.
Standard library only.

On Linux the processes are found by descent (the observer is their subreaper, so forking twice does not help them escape), by
the session that the host leads, and by the run id in their environment. On systems without /proc the host's process group is
killed, and a process that left the group is not found.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass

from pi_tui.observe.proc.process_tree import (
    PROC,
    Process,
    find_descendants,
    find_marked,
    is_resource_tracker,
    is_same_process,
    list_processes,
    read_newest_pid,
    read_process,
)

SHARED_MEMORY = "/dev/shm"
TRACKER_GRACE_S = 1.5
"""How long `multiprocessing`'s resource tracker may go on cleaning up once no other process of the run is left.

It ends by itself within milliseconds, but on a busy machine it may have to wait for a core. Shared memory that it could not
remove stays allocated until the machine restarts.
"""
PATIENCE_S = 3.0
"""After this time processes that survive SIGKILL are given up. Ordinary processes end within milliseconds."""
_MIN_ROUNDS = 20
"""Rounds before any process is given up: on a machine that stood still, the time passes without a single attempt."""
_FULL_SCAN_ROUNDS = 3
"""After this many rounds that still find new processes, the newest process ids are checked as well."""
_NEWEST_CHECKS = 200
"""Checks of the newest process ids per round."""
_NEWEST_PIDS = 4
"""Process ids per check."""
_POLL_S = 0.002

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class ProcessCriteria:
    """How to recognise the processes of a run.

    Attributes:
        run_id: the value of `RUN_ID_VARIABLE` in their environment; the names of their shared memory begin with it.
        host: the id of the host, of its session and of its process group, which are the same; None if it was never started.
        ancestor: the id of the process whose descendants all belong to the run: the observer; None if it has ended.
    """

    run_id: str
    host: int | None
    ancestor: int | None = None


@dataclass(frozen=True, slots=True)
class CleanupResult:
    """The result of a clean-up.

    Attributes:
        ended: the number of killed processes besides the host.
        removed: the names of removed shared memory.
        survivors: the ids of processes that could not be killed.
    """

    ended: int
    removed: tuple[str, ...]
    survivors: tuple[int, ...]


def clean_up(
    criteria: ProcessCriteria,
    temporary: str,
    *,
    children_remain: Callable[[], bool] = lambda: False,
    wait: Callable[[float], None] = time.sleep,
    clock: Clock = time.monotonic,
) -> CleanupResult:
    """Kill every process of the run, then remove its shared memory and its temporary folder.

    Args:
        criteria: how to recognise the processes.
        temporary: a folder; it is removed only if its name is the run id.
        children_remain: returns whether any child is left. It is asked when /proc shows none, as a scan of /proc takes time
            and may miss a process.
        wait: sleeps at most so many seconds.
        clock: seconds.
    """
    ended, survivors = kill_processes(criteria, children_remain=children_remain, wait=wait, clock=clock)
    removed = remove_shared_memory(criteria.run_id)
    remove_temporary(criteria.run_id, temporary)
    return CleanupResult(len(ended - {criteria.host}), removed, tuple(sorted(survivors)))


def kill_processes(
    criteria: ProcessCriteria,
    *,
    children_remain: Callable[[], bool] = lambda: False,
    wait: Callable[[float], None] = time.sleep,
    clock: Clock = time.monotonic,
) -> tuple[set[int], set[int]]:
    """Send SIGKILL to all processes of the run until none is left or `PATIENCE_S` has passed.

    Returns:
        The ids of the killed processes and of the survivors.
    """
    started = clock()
    termination = _Termination(criteria)
    rounds = 0
    while True:
        table = list_processes()
        remaining = find_run_processes(table, criteria)
        elapsed = clock() - started
        given_up = elapsed > PATIENCE_S and rounds >= _MIN_ROUNDS and termination.trackers_are_done
        if given_up or not (remaining or children_remain()):
            return termination.ended, remaining
        new_ones = termination.kill([table[pid] for pid in remaining], elapsed)
        rounds += 1
        if rounds > _FULL_SCAN_ROUNDS and (new_ones or not remaining):
            termination.kill_newest()
        wait(_POLL_S)


class _Termination:
    """The state of killing one run's processes.

    The host's process group is stopped first, with one signal: from then on it takes no CPU time from the search and cannot
    fork, and the resource tracker in it can be distinguished from the other processes.
    """

    def __init__(self, criteria: ProcessCriteria) -> None:
        self.ended: set[int] = set()
        self._criteria = criteria
        self._trackers: set[int] = set()
        self._only_trackers_since_s: float | None = None
        self._group_stopped = False
        if not os.path.isdir(PROC):
            self._signal_host_group(signal.SIGKILL)
        elif criteria.ancestor is not None:  # the host is an unreaped child, so its id cannot have been reused
            self._signal_host_group(signal.SIGSTOP)

    def kill(self, found: list[Process], elapsed_s: float) -> bool:
        """Kill the found processes; kill resource trackers only when they are the last ones and `TRACKER_GRACE_S` has passed.

        Returns whether any of the killed processes is a new one.
        """
        # Trackers are remembered, because a process that is ending has no command line any more.
        self._trackers |= {process.pid for process in found if is_resource_tracker(process.pid)}
        others = [process for process in found if process.pid not in self._trackers]
        if others:
            self._only_trackers_since_s = None
            if not self._group_stopped and any(process.group == self._criteria.host for process in others):
                self._signal_host_group(signal.SIGSTOP)
            return self._sigkill(others)
        if self._only_trackers_since_s is None:
            self._only_trackers_since_s = elapsed_s
        if elapsed_s - self._only_trackers_since_s > TRACKER_GRACE_S:
            return self._sigkill(found)
        _signal(found, signal.SIGCONT)
        return False

    @property
    def trackers_are_done(self) -> bool:
        """Whether no resource tracker is still within its grace time, which may begin late."""
        return self._trackers <= self.ended or self._only_trackers_since_s is None

    def kill_newest(self) -> None:
        """Kill processes that fork and exit faster than all of /proc can be read, by checking the newest process ids alone."""
        criteria = self._criteria
        for _ in range(_NEWEST_CHECKS):
            last = read_newest_pid()
            for pid in range(last, max(1, last - _NEWEST_PIDS), -1):
                process = read_process(pid)
                if process is None or not process.alive or pid in self._trackers:
                    continue
                belongs = (
                    process.parent == criteria.ancestor
                    if criteria.ancestor
                    else find_marked({pid: process}, criteria.run_id)
                )
                if belongs and not is_resource_tracker(pid):
                    self._sigkill([process])

    def _sigkill(self, found: list[Process]) -> bool:
        _signal(found, signal.SIGKILL)
        known = len(self.ended)
        self.ended |= {process.pid for process in found}
        return len(self.ended) > known

    def _signal_host_group(self, number: signal.Signals) -> None:
        if self._criteria.host is not None:
            self._group_stopped = True
            with suppress(OSError):
                os.killpg(self._criteria.host, number)


def find_run_processes(table: dict[int, Process], criteria: ProcessCriteria) -> set[int]:
    """Return the ids of the processes in `table` that belong to the run, never this process's own."""
    found: set[int] = set()
    if criteria.ancestor is not None:
        found = find_descendants(table, (criteria.ancestor,))
    if not found:  # the last resort, because reading every process's environment is the slowest
        found = find_marked(table, criteria.run_id)
        leader = table.get(criteria.host) if criteria.host is not None else None
        if leader is None or not leader.alive or leader.pid in found:  # otherwise the host's id was reused
            found |= {pid for pid, process in table.items() if process.session == criteria.host and process.alive}
        found |= find_descendants(table, found)
    return found - {os.getpid()}


def remove_shared_memory(run_id: str, folder: str = SHARED_MEMORY) -> tuple[str, ...]:
    """Unlink the shared memory and semaphores of a run; return their names. Only Linux lists them as files."""
    if not run_id:
        return ()
    try:
        names = sorted(name for name in os.listdir(folder) if name.startswith((run_id, f"sem.{run_id}")))
    except OSError:
        return ()
    removed = []
    for name in names:
        with suppress(OSError):
            os.unlink(os.path.join(folder, name))
            removed.append(name)
    return tuple(removed)


def remove_temporary(run_id: str, folder: str) -> None:
    """Remove a host's temporary folder with its contents. A folder with another name than the run id is left alone."""
    if not run_id or os.path.basename(folder) != run_id:
        return
    # Without shutil, whose import takes longer than the rest of the clean-up.
    for parent, folders, files in os.walk(folder, topdown=False):
        for name in files:
            with suppress(OSError):
                os.unlink(os.path.join(parent, name))
        for name in folders:
            _remove_folder(os.path.join(parent, name))
    _remove_folder(folder)


def _remove_folder(path: str) -> None:
    with suppress(OSError):
        os.unlink(path) if os.path.islink(path) else os.rmdir(path)


def _signal(found: Iterable[Process], number: signal.Signals) -> None:
    for process in found:
        if is_same_process(process):
            with suppress(OSError):
                os.kill(process.pid, number)
