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
    family,
    is_resource_tracker,
    is_still,
    marked,
    newest,
    processes,
    read,
)

SHARED_MEMORY = "/dev/shm"
TRACKER_MOMENT_S = 1.5
"""How long `multiprocessing`'s resource tracker may tidy once nobody else is left.

It ends by itself as soon as it has, within milliseconds; but on a busy machine it may have to wait for a core, and what it
was kept from removing stays in memory for good.
"""
PATIENCE_S = 3.0
"""When to give up on what no signal ends; ordinary processes are gone in milliseconds."""
_LEAST_ROUNDS = 20
"""Before that nobody is given up, however late it is: who could not look, on a machine that stood still, was not patient."""
_PLAIN_ROUNDS = 3
_CHASES = 200
_NEWEST = 4
_LOOK_AGAIN_S = 0.002

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Kin:
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
class Ending:
    """What had to be done: processes ended besides the host, names of shared memory removed, who is still there."""

    ended: int
    removed: tuple[str, ...]
    survivors: tuple[int, ...]


def clean_up(
    kin: Kin,
    temporary: str,
    *,
    anyone_left: Callable[[], bool] = lambda: False,
    wait: Callable[[float], None] = time.sleep,
    clock: Clock = time.monotonic,
) -> Ending:
    """End every process, then remove shared memory and the temporary folder.

    Args:
        kin: whom to look for.
        temporary: a folder; left alone unless it is named by the run.
        anyone_left: knows better than a look into /proc, which is not done in one moment; asked when no one was found.
        wait: lets at most so many seconds pass.
        clock: seconds, for giving up.
    """
    ended, survivors = end_processes(kin, anyone_left=anyone_left, wait=wait, clock=clock)
    removed = remove_shared_memory(kin.run_id)
    remove_temporary(kin.run_id, temporary)
    return Ending(len(ended - {kin.host}), removed, tuple(sorted(survivors)))


def end_processes(
    kin: Kin,
    *,
    anyone_left: Callable[[], bool] = lambda: False,
    wait: Callable[[float], None] = time.sleep,
    clock: Clock = time.monotonic,
) -> tuple[set[int], set[int]]:
    """SIGKILL all kin, again and again until none is left: whom it had to end, and who survived the patience."""
    started = clock()
    hunt = _Hunt(kin)
    rounds = 0
    while True:
        table = processes()
        left = relatives(table, kin)
        elapsed = clock() - started
        given_up = elapsed > PATIENCE_S and rounds >= _LEAST_ROUNDS and hunt.struck_all_trackers
        if given_up or not (left or anyone_left()):
            return hunt.ended, left
        new_ones = hunt.strike([table[pid] for pid in left], elapsed)
        rounds += 1
        if rounds > _PLAIN_ROUNDS and (new_ones or not left):
            hunt.chase()
        wait(_LOOK_AGAIN_S)


class _Hunt:
    """One run's end: what was done so far.

    The host's group is halted first, in one stroke: from then on it takes no processor time from the search and cannot
    fork, and the resource tracker in it can be told apart at leisure.
    """

    def __init__(self, kin: Kin) -> None:
        self.ended: set[int] = set()
        self._kin = kin
        self._trackers: set[int] = set()
        self._trackers_alone_since_s: float | None = None
        self._halted = False
        if not os.path.isdir(PROC):
            self._signal_hosts_group(signal.SIGKILL)
        elif kin.ancestor is not None:  # a child not yet waited for: the number is still its own
            self._signal_hosts_group(signal.SIGSTOP)

    def strike(self, found: list[Process], elapsed_s: float) -> bool:
        """End those who were found, the trackers once they are alone and had their moment: whether any were new."""
        # Remembered, as one that is ending has no command line any more.
        self._trackers |= {process.pid for process in found if is_resource_tracker(process.pid)}
        others = [process for process in found if process.pid not in self._trackers]
        if others:
            self._trackers_alone_since_s = None
            if not self._halted and any(process.group == self._kin.host for process in others):
                self._signal_hosts_group(signal.SIGSTOP)
            return self._end(others)
        if self._trackers_alone_since_s is None:
            self._trackers_alone_since_s = elapsed_s
        if elapsed_s - self._trackers_alone_since_s > TRACKER_MOMENT_S:
            return self._end(found)
        _signal(found, signal.SIGCONT)
        return False

    @property
    def struck_all_trackers(self) -> bool:
        """Whether no tracker was left its moment only; one whose siblings took long to end may have it late."""
        return self._trackers <= self.ended or self._trackers_alone_since_s is None

    def chase(self) -> None:
        """End those who fork and exit faster than all of /proc can be read, by looking at the newest process alone."""
        kin = self._kin
        for _ in range(_CHASES):
            last = newest()
            for pid in range(last, max(1, last - _NEWEST), -1):
                process = read(pid)
                if process is None or not process.alive or pid in self._trackers:
                    continue
                ours = process.parent == kin.ancestor if kin.ancestor else marked({pid: process}, kin.run_id)
                if ours and not is_resource_tracker(pid):
                    self._end([process])

    def _end(self, those: list[Process]) -> bool:
        _signal(those, signal.SIGKILL)
        known = len(self.ended)
        self.ended |= {process.pid for process in those}
        return len(self.ended) > known

    def _signal_hosts_group(self, number: signal.Signals) -> None:
        if self._kin.host is not None:
            self._halted = True
            with suppress(OSError):
                os.killpg(self._kin.host, number)


def relatives(table: dict[int, Process], kin: Kin) -> set[int]:
    """Who of `table` belongs to a host. Never this process."""
    found: set[int] = set()
    if kin.ancestor is not None:
        found = family(table, (kin.ancestor,))
    if not found:  # reading everybody's environment costs most, and serves those who escaped all else
        found = marked(table, kin.run_id)
        leader = table.get(kin.host) if kin.host is not None else None
        if leader is None or not leader.alive or leader.pid in found:  # else the number is another's by now
            found |= {pid for pid, process in table.items() if process.session == kin.host and process.alive}
        found |= family(table, found)
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


def _signal(those: Iterable[Process], number: signal.Signals) -> None:
    for process in those:
        if is_still(process):
            with suppress(OSError):
                os.kill(process.pid, number)
