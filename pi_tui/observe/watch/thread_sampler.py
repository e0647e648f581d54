"""The sampler of all threads of a program, one tick per call.

Like `observe.process.sampler.Sampler`, a `ThreadSampler` has no loop of its own: the watcher calls it when a tick is due. Times
are arguments in nanoseconds since the watch's start. In a program with many threads, those that have been blocked at the same
thing for a while rest: they are no longer sampled, as their unchanged clocks prove that they are still blocked.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Collection, Iterable

from pi_tui.host.watch_protocol import ThreadSeen
from pi_tui.observe.proc.process_tree import PROC
from pi_tui.observe.proc.syscall_numbers import MACHINES, MachineName
from pi_tui.observe.proc.thread_files import MAX_LINE_BYTES, read_stat_line
from pi_tui.observe.proc.wait_classifier import (
    GIL,
    PAGE_FAULT,
    RUNNING_LINE,
    classify_call,
    classify_outside_call,
    classify_stat,
    is_outside_call,
    parse_futex_wait,
)
from pi_tui.observe.process.sampler import MISSED, RUNNING, KindTable
from pi_tui.observe.watch.gil_search import GilSearch
from pi_tui.observe.watch.thread_lane import ThreadLane, is_dead_stat
from pi_tui.observe.watch.tick_facts import GilContention, RoleTable, count_contention

MAX_THREADS = 1000
"""The most threads that are sampled."""

MANY_THREADS = 24
"""The fewest threads with which some may rest."""

_REST_NS = 250_000_000
"""How long a thread is blocked at the same thing before it rests."""

RESTING_CHECK_NS = 50_000_000
"""The time between two checks of the resting threads' clocks."""

_MANY_RESTING = 100
"""Each further so many resting threads add one `RESTING_CHECK_NS` to the time between two checks."""

_RENAMED_PER_CALL = 100
_MAX_REFUSALS = 10
"""Failed reads of a thread's file in a row, before its other file is tried."""

_NS = 1e9
_MAX_CACHED_LINES = 4096
_ENDED_LINE = b"-1 0x0 0x0\n"
"""The content of `syscall` of a thread that has ended and is not reaped."""

Thread = tuple[int, int]
"""Process id and thread id."""


def get_affinity(tid: int) -> Collection[int]:
    """Return the cores that a thread may run on; none if it has ended or the system does not tell."""
    try:
        return os.sched_getaffinity(tid)
    except (AttributeError, OSError):
        return ()


class ThreadSampler:
    """Samples the threads of a program.

    Args:
        gils: finds the GILs of each process.
        machine: as `platform.machine` returns it; on machines not in `MACHINES` only the scheduler's state is read.
        read: reads a file from its start, as `os.pread`.
        proc: the folder to read instead of `/proc`.
        get_affinity: returns the cores that a thread may run on, as `os.sched_getaffinity`; 0 means this process.

    Attributes:
        made, missed: ticks since the watch's start at which the threads were sampled, and that came too late.
        unwatched: threads that are not sampled because there are too many.
        usable_cores: the cores that this process may run on; none if the system does not tell.
    """

    def __init__(
        self,
        gils: GilSearch,
        *,
        machine: str = platform.machine(),
        read: Callable[[int, int, int], bytes] = os.pread,
        proc: str = PROC,
        get_affinity: Callable[[int], Collection[int]] = get_affinity,
    ) -> None:
        self.gils = gils
        self._get_affinity = get_affinity
        self.usable_cores = frozenset(get_affinity(0))
        self._machine: MachineName | None = next((name for name in MACHINES if name == machine), None)
        self._read = read
        self._proc = proc
        self._kinds = KindTable()
        self._gil_number = self._kinds.number_of(GIL)
        self._roles = RoleTable(self._kinds)
        self._caches: dict[int, dict[bytes, int]] = {}
        self._lanes: dict[Thread, ThreadLane] = {}
        self._ended: list[ThreadLane] = []
        self._awake: tuple[ThreadLane, ...] = ()
        self._resting: tuple[ThreadLane, ...] = ()
        self._start_ns = 0
        self._period_ns = 1_000_000
        self._tick = -1
        self._resting_checked_ns = 0
        self._next_renamed = 0
        self.made = 0
        self.missed = 0
        self.unwatched = 0

    @property
    def threads(self) -> int:
        """The number of sampled threads."""
        return len(self._lanes)

    @property
    def measures_queueing(self) -> bool:
        """Whether any thread queues for a core next to its waits for the GIL, and how long is being measured."""
        return any(lane.queueing is not None and lane.queueing.detailed for lane in self._awake)

    @property
    def period_ns(self) -> int:
        """The period of the ticks."""
        return self._period_ns

    # ---- the threads

    def add_threads(self, threads: Iterable[Thread], now_ns: int) -> None:
        """Start sampling those of the threads that are new."""
        new = [thread for thread in threads if thread not in self._lanes]
        room = MAX_THREADS - len(self._lanes)
        self.unwatched = max(0, len(new) - room)
        for pid, tid in new[: max(0, room)]:
            self._add_lane(pid, tid, now_ns / _NS)
        if new:
            self._partition_lanes()

    def refresh_names(self) -> None:
        """Read the names of the next `_RENAMED_PER_CALL` threads again."""
        lanes = tuple(self._lanes.values())
        first = self._next_renamed if self._next_renamed < len(lanes) else 0
        for lane in lanes[first : first + _RENAMED_PER_CALL]:
            lane.refresh_name()
            lane.allowed_cores = self._find_allowed_cores(lane.tid)
        self._next_renamed = first + _RENAMED_PER_CALL

    def forget_program(self, pid: int) -> None:
        """Forget how a process's lines were classified, because it was replaced by another program (exec)."""
        self._caches.get(pid, {}).clear()
        self.gils.forget(pid)

    def remove_process(self, pid: int) -> None:
        """Forget a process that has ended, because its id may be reused."""
        self.forget_program(pid)
        self._caches.pop(pid, None)

    # ---- ticks

    def due_ns(self, now_ns: int) -> int:
        """Return the nanoseconds until the next tick; 0 if it is overdue."""
        return max(0, self._start_ns + (self._tick + 1) * self._period_ns - now_ns)

    def tick(self, now_ns: int) -> None:
        """Sample every thread that does not rest."""
        tick = (now_ns - self._start_ns) // self._period_ns
        late = tick - self._tick - 1
        if late < 0:
            return
        read, gil = self._read, self._gil_number
        ended = []
        for lane in self._awake:
            if late:
                lane.pad_missed(tick)
            try:
                line = read(lane.file.descriptor, MAX_LINE_BYTES, 0)
            except ProcessLookupError:
                ended.append(lane)
                continue
            except OSError:
                self._record_refusal(lane)
                continue
            lane.refused = 0
            number = RUNNING if line == RUNNING_LINE else lane.numbers_by_line.get(line)
            if number is None:
                number = self._classify_line(lane, line)
                if number is None:
                    ended.append(lane)
                    continue
            lane.numbers.append(number)
            if number == gil or lane.queueing is not None:
                lane.add_queueing(blocked=number == gil, ready=number == RUNNING)
        self._tick = tick
        self.made += 1
        self.missed += late
        if ended:
            self._remove_ended(ended)
        if now_ns - self._resting_checked_ns >= RESTING_CHECK_NS * (1 + len(self._resting) // _MANY_RESTING):
            self._check_resting(now_ns)

    def report(self, now_ns: int, period_ns: int) -> tuple[int, tuple[ThreadSeen, ...]]:
        """Return the number of ticks since the last report and a message per thread; then restart with `period_ns`."""
        ticks = self._tick + 1
        lanes = tuple(self._lanes.values())
        for lane in lanes:
            if lane.read(now_ns / _NS) and lane.resting_at is not None:
                lane.pad_missed(ticks)
                lane.resting_at = None
            lane.pad_unsampled(ticks)
            lane.update_wake_rate()
            self._update_resting(lane)
        self._evaluate_gil_candidates()
        for lane in self._ended:
            lane.resting_at = None
            lane.pad_unsampled(ticks)
        self._add_tick_facts((*lanes, *self._ended))
        messages = tuple(lane.build_message(self._kinds, ended=False) for lane in lanes)
        messages += tuple(self._build_last_message(lane) for lane in self._ended)
        self._ended.clear()
        self._start_ns, self._period_ns, self._tick = now_ns, period_ns, -1
        self._partition_lanes()
        return ticks, messages

    def close(self) -> None:
        """Close every file and forget all threads."""
        for lane in (*self._lanes.values(), *self._ended):
            lane.close()
        self._lanes.clear()
        self._ended.clear()
        self._awake = self._resting = ()

    # ---- implementation

    def _add_lane(self, pid: int, tid: int, now_s: float) -> None:
        numbers_by_line = self._caches.setdefault(pid, {})
        lane = ThreadLane.open(pid, tid, numbers_by_line, now_s, syscall=self._machine is not None, proc=self._proc)
        if lane is not None:
            lane.pad_unsampled(self._tick + 1)
            lane.allowed_cores = self._find_allowed_cores(tid)
            self._lanes[pid, tid] = lane

    def _find_allowed_cores(self, tid: int) -> tuple[int, ...] | None:
        """Return the cores that a thread may run on; None if they are as many as this process's, or unknown."""
        allowed = self._get_affinity(tid)
        return tuple(sorted(allowed)) if 0 < len(allowed) < len(self.usable_cores) else None

    def _record_refusal(self, lane: ThreadLane) -> None:
        """Record a missed tick, because the file cannot be read; after `_MAX_REFUSALS` in a row, reopen the lane's file.

        A file may be unreadable for a moment, while the process executes another program, or from now on.
        """
        lane.numbers.append(MISSED)
        lane.refused += 1
        if lane.refused >= _MAX_REFUSALS:
            lane.reopen(syscall=self._machine is not None)

    def _classify_line(self, lane: ThreadLane, line: bytes) -> int | None:
        """Return the number of a line not in the cache; None if the line shows that the thread has ended."""
        if self._machine is None or not lane.file.shows_syscall:
            if is_dead_stat(line):
                return None
            return self._kinds.number_of(classify_stat(line))
        if line == _ENDED_LINE or not line:  # it has ended or is just executing another program
            return None if lane.has_ended() else MISSED
        if is_outside_call(line):
            return self._kinds.number_of(classify_outside_call(read_stat_line(lane.pid, lane.tid, self._proc)))
        wait = parse_futex_wait(line, self._machine)
        gil = range(0) if wait is None else self.gils.find(lane.pid, wait.address)
        undecided = False
        if wait is not None and wait.timed and not gil:
            undecided = self.gils.add_timed_wait(lane.pid, lane.tid, wait.address)
            gil = self.gils.find(lane.pid, wait.address)
            if gil:  # now that it is found, cached lines of other locks may be its own
                lane.numbers_by_line.clear()
                undecided = False
            elif undecided:
                lane.add_possible_gil_wait(wait.address)
        number = self._kinds.number_of(classify_call(line, gil, self._machine))
        if not undecided:
            if len(lane.numbers_by_line) >= _MAX_CACHED_LINES:
                lane.numbers_by_line.clear()
            lane.numbers_by_line[line] = number
        return number

    def _evaluate_gil_candidates(self) -> None:
        def wakes_per_s(pid: int, tid: int) -> float | None:
            lane = self._lanes.get((pid, tid))
            return None if lane is None else lane.wakes_per_s

        for pid, gil in self.gils.evaluate_candidates(self._period_ns / _NS, wakes_per_s):
            self._caches.get(pid, {}).clear()
            for lane in (*self._lanes.values(), *self._ended):
                if lane.pid == pid:
                    lane.count_as_gil(gil)

    def _add_tick_facts(self, lanes: Iterable[ThreadLane]) -> None:
        """Add to each lane what the ticks since the last report tell besides their number."""
        faulting = self._kinds.number_of(PAGE_FAULT)
        by_process: dict[int, list[tuple[GilContention, bytearray]]] = {}
        for lane in lanes:
            lane.visits.add(self._roles.to_roles(lane.numbers), self._period_ns)
            if faulting in lane.numbers:
                lane.read_faults()
            if lane.contention is not None and self.gils.has_several_gils(lane.pid):
                lane.contention = None
            if lane.contention is not None:
                by_process.setdefault(lane.pid, []).append((lane.contention, lane.numbers))
        for threads in by_process.values():
            count_contention(threads, self._kinds, self._roles)

    def _update_resting(self, lane: ThreadLane) -> None:
        """Let a thread rest if it was blocked at the same thing for `_REST_NS`, there are many threads and it has clocks."""
        if lane.resting_at is not None or not lane.numbers:
            return
        number = lane.numbers[-1]
        if number <= RUNNING or lane.numbers.count(number) + lane.numbers.count(MISSED) != len(lane.numbers):
            lane.unchanged_ns = 0
            return
        lane.unchanged_ns += len(lane.numbers) * self._period_ns
        if lane.unchanged_ns >= _REST_NS and len(self._lanes) >= MANY_THREADS and lane.latest_clocks is not None:
            lane.resting_at = number
            lane.unchanged_ns = 0

    def _check_resting(self, now_ns: int) -> None:
        """Read the clocks of the resting threads; sample those again whose clocks have changed."""
        self._resting_checked_ns = now_ns
        if len(self._lanes) < MANY_THREADS:  # so that the last message of one that ends has recent clocks
            for lane in self._awake:
                lane.read(now_ns / _NS)
        woken = False
        for lane in self._resting:
            if lane.read(now_ns / _NS):
                lane.pad_missed(self._tick + 1)
                lane.resting_at = None
                lane.unchanged_ns = 0
                woken = True
            else:
                lane.pad_unsampled(self._tick + 1)
        if woken:
            self._partition_lanes()

    def _remove_ended(self, ended: Iterable[ThreadLane]) -> None:
        for lane in ended:
            self._lanes.pop((lane.pid, lane.tid), None)
            self._ended.append(lane)
        self._partition_lanes()

    def _build_last_message(self, lane: ThreadLane) -> ThreadSeen:
        message = lane.build_message(self._kinds, ended=True)
        lane.close()
        return message

    def _partition_lanes(self) -> None:
        self._awake = tuple(lane for lane in self._lanes.values() if lane.resting_at is None)
        self._resting = tuple(lane for lane in self._lanes.values() if lane.resting_at is not None)
