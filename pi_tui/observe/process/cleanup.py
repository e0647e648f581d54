"""Leaving nothing behind: end whatever a host started, then remove what it left in memory and on disk.

The observer does this when the host ends, when Stop is asked, and when the app dies; the app does it should the observer
itself be killed. Standard library only.

On Linux, relatives are found by descent (the observer is their subreaper, so no one escapes it by forking twice), by the
session that the host leads, and by the mark in their environment. Elsewhere there is no /proc to ask: the host's process
group is ended, and whoever left that group is not found.
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
"""How long `multiprocessing`'s resource tracker may tidy once nobody else is left.

It ends by itself as soon as it has, within milliseconds; but on a busy machine it may have to wait for a core, and what it
was kept from removing stays in memory for good.
"""
PATIENCE_S = 3.0
"""When to give up on what no signal ends; ordinary processes are gone in milliseconds."""
_MIN_ROUNDS = 20
"""Before that nobody is given up, however late it is: who could not look, on a machine that stood still, was not patient."""
_FULL_SCAN_ROUNDS = 3
_NEWEST_CHECKS = 200
_NEWEST_PIDS = 4
_POLL_S = 0.002

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class ProcessCriteria:
    """How to know what belongs to a host.

    Attributes:
        run_id: the mark in their environment; also begins the names of their shared memory.
        host: the host's process id, which is its session's and its group's as well; None if it was never started.
        ancestor: all of this process's descendants belong to it: the observer's own id; None if only the app is left.
    """

    run_id: str
    host: int | None
    ancestor: int | None = None


@dataclass(frozen=True, slots=True)
class CleanupResult:
    """What had to be done: processes ended besides the host, names of shared memory removed, who is still there."""

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
    """End every process, then remove shared memory and the temporary folder.

    Args:
        kin: whom to look for.
        temporary: a folder; left alone unless it is named by the run.
        anyone_left: knows better than a look into /proc, which is not done in one moment; asked when no one was found.
        wait: lets at most so many seconds pass.
        clock: seconds, for giving up.
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
    """SIGKILL all kin, again and again until none is left: whom it had to end, and who survived the patience."""
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
    """One run's end: what was done so far.

    The host's group is halted first, in one stroke: from then on it takes no processor time from the search and cannot
    fork, and the resource tracker in it can be told apart at leisure.
    """

    def __init__(self, criteria: ProcessCriteria) -> None:
        self.ended: set[int] = set()
        self._criteria = criteria
        self._trackers: set[int] = set()
        self._only_trackers_since_s: float | None = None
        self._group_stopped = False
        if not os.path.isdir(PROC):
            self._signal_host_group(signal.SIGKILL)
        elif criteria.ancestor is not None:  # a child not yet waited for: the number is still its own
            self._signal_host_group(signal.SIGSTOP)

    def kill(self, found: list[Process], elapsed_s: float) -> bool:
        """End those who were found, the trackers once they are alone and had their moment: whether any were new."""
        # Remembered, as one that is ending has no command line any more.
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
        """Whether no tracker was left its moment only; one whose siblings took long to end may have it late."""
        return self._trackers <= self.ended or self._only_trackers_since_s is None

    def kill_newest(self) -> None:
        """End those who fork and exit faster than all of /proc can be read, by looking at the newest process alone."""
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
    """Who of `table` belongs to a host. Never this process."""
    found: set[int] = set()
    if criteria.ancestor is not None:
        found = find_descendants(table, (criteria.ancestor,))
    if not found:  # reading everybody's environment costs most, and serves those who escaped all else
        found = find_marked(table, criteria.run_id)
        leader = table.get(criteria.host) if criteria.host is not None else None
        if leader is None or not leader.alive or leader.pid in found:  # else the number is another's by now
            found |= {pid for pid, process in table.items() if process.session == criteria.host and process.alive}
        found |= find_descendants(table, found)
    return found - {os.getpid()}


def remove_shared_memory(run_id: str, folder: str = SHARED_MEMORY) -> tuple[str, ...]:
    """Unlink shared memory and semaphores named by the run: their names. Only Linux shows them as files."""
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
    """Remove a host's temporary folder with all that is in it; any other folder is left alone."""
    if not run_id or os.path.basename(folder) != run_id:
        return
    # By hand, as importing shutil takes longer than all else at the end.
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
