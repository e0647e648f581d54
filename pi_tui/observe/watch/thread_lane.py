"""The lane of one sampled thread: its states per tick, its totals and its clocks."""

from __future__ import annotations

import os
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field

from pi_tui.host.lane_types import PAGE_FAULT
from pi_tui.host.protocol import LaneState
from pi_tui.host.watch_protocol import ThreadSeen
from pi_tui.observe.proc.process_tree import PROC
from pi_tui.observe.proc.syscall_numbers import FUTEX
from pi_tui.observe.proc.thread_clocks import Clocks, GilQueueing, open_clocks, read_clocks
from pi_tui.observe.proc.thread_files import (
    ThreadFile,
    open_thread_file,
    read_major_faults,
    read_stat_line,
)
from pi_tui.observe.proc.wait_classifier import GIL
from pi_tui.observe.process.sampler import ABSENT, MISSED, KindTable
from pi_tui.observe.watch.process_scan import read_thread_name
from pi_tui.observe.watch.tick_facts import GilContention, SelectorVisits

MIN_AWAKE_SHARE = 0.1
"""Below this share of time not queued, a thread's wake-up rate is unknown: it hardly had the chance to run."""


@dataclass(slots=True)
class ThreadLane:
    """A sampled thread, its open files and its states.

    Attributes:
        numbers_by_line: the number of each line already classified, for all threads of its process.
        clocks: the descriptor of its `schedstat`; None if the system has none.
        since_s, until_s: when the lane was opened and when its clocks were last read, in seconds since the watch's start.
        first_clocks, latest_clocks: its clocks when they were first and last read.
        previous_clocks: the time and its clocks at the last report, for its wake-up rate.
        resting_at: while it rests, the number of the kind that it is blocked at; None while it is sampled.
        unchanged_ns: how long it has been blocked at the same thing.
        refused: reads of its file in a row that failed.
        numbers: one byte per tick since the last report, the number of a kind in the `KindTable`.
        totals: ticks of each state since the lane was opened; `names`: the same by what it was blocked at.
        possible_gil_waits: ticks at each futex that may still prove to be a GIL, counted as waits for a lock until then.
        contention: what it did while threads of its process waited for the GIL; None if the process has several GILs.
        visits: how long it stayed away from its selector, if it is an event loop.
        first_faults, major_faults: pages that were read from the disk for it: before the lane was opened, and since then.
        allowed_cores: the cores that it may run on; None if it may use all of the watcher's.
        queueing: how long it queued next to its waits for the GIL; None until it was first blocked there.
    """

    pid: int
    tid: int
    name: str
    numbers_by_line: dict[bytes, int]
    file: ThreadFile
    clocks: int | None
    since_s: float
    until_s: float
    proc: str = PROC
    first_clocks: Clocks | None = None
    latest_clocks: Clocks | None = None
    previous_clocks: tuple[float, Clocks] | None = None
    wakes_per_s: float | None = None
    resting_at: int | None = None
    unchanged_ns: int = 0
    refused: int = 0
    numbers: bytearray = field(default_factory=bytearray)
    totals: dict[LaneState, int] = field(default_factory=lambda: dict.fromkeys(LaneState, 0))
    names: Counter[str] = field(default_factory=Counter)
    possible_gil_waits: Counter[int] = field(default_factory=Counter)
    contention: GilContention | None = field(default_factory=GilContention)
    visits: SelectorVisits = field(default_factory=SelectorVisits)
    first_faults: int = 0
    major_faults: int | None = None
    allowed_cores: tuple[int, ...] | None = None
    queueing: GilQueueing | None = None

    @classmethod
    def open(
        cls, pid: int, tid: int, numbers_by_line: dict[bytes, int], now_s: float, *, syscall: bool, proc: str = PROC
    ) -> ThreadLane | None:
        """Open a thread's files and return its lane; None if it has ended.

        A zombie also counts as ended: it is listed until it is reaped, and would otherwise be added again at every scan.
        """
        file = open_thread_file(pid, tid, syscall=syscall, proc=proc)
        if file is None:
            return None
        clocks = open_clocks(pid, tid, proc)
        lane = cls(
            pid,
            tid,
            read_thread_name(pid, tid, proc),
            numbers_by_line,
            file,
            clocks,
            since_s=now_s,
            until_s=now_s,
            proc=proc,
        )
        stat = read_stat_line(pid, tid, proc)
        if is_dead_stat(stat):
            lane.close()
            return None
        lane.first_faults = read_major_faults(stat) or 0
        lane.read(now_s)
        return lane

    def read(self, now_s: float) -> bool:
        """Read the thread's clocks; return whether they have changed. Without clocks, return True."""
        if self.clocks is None:
            self.until_s = now_s
            return True
        clocks = read_clocks(self.clocks)
        if clocks is None:
            return True
        moved = clocks != self.latest_clocks
        self.latest_clocks, self.until_s = clocks, now_s
        if self.first_clocks is None:
            self.first_clocks = clocks
        return moved

    def update_wake_rate(self) -> None:
        """Compute how often the thread was put on a core since the last report, per second of the time it was not queued.

        Queued time is excluded, because a thread that queues for a core after each wake-up is woken less often although it
        waits for the same thing.
        """
        if self.latest_clocks is None:
            return
        if self.previous_clocks is not None and self.until_s > self.previous_clocks[0]:
            since_s, previous_clocks = self.previous_clocks
            all_s = self.until_s - since_s
            awake_s = all_s - (self.latest_clocks.queued_ns - previous_clocks.queued_ns) / 1e9
            slices = self.latest_clocks.slices - previous_clocks.slices
            self.wakes_per_s = slices / awake_s if awake_s >= MIN_AWAKE_SHARE * all_s else None
        self.previous_clocks = (self.until_s, self.latest_clocks)

    def pad_unsampled(self, ticks: int) -> None:
        """Extend the lane to so many ticks with the state it rests in, or with ABSENT if it does not rest."""
        if (missing := ticks - len(self.numbers)) > 0:
            self.numbers += bytes((ABSENT if self.resting_at is None else self.resting_at,)) * missing

    def pad_missed(self, ticks: int) -> None:
        """Extend the lane to so many ticks with MISSED."""
        self.numbers += bytes((MISSED,)) * max(0, ticks - len(self.numbers))

    def add_possible_gil_wait(self, address: int) -> None:
        """Count a tick at a futex that may still prove to be a GIL and counts as another lock until then."""
        self.possible_gil_waits[address] += 1

    def count_as_gil(self, gil: range) -> None:
        """Recount the waits at a futex that proved to be a GIL from LOCK to GIL."""
        addresses = [address for address in self.possible_gil_waits if address in gil]
        ticks = sum(self.possible_gil_waits.pop(address) for address in addresses)
        self.totals[LaneState.LOCK] -= ticks
        self.totals[LaneState.GIL] += ticks
        self.names[FUTEX] -= ticks
        self.names[GIL.name] += ticks

    def build_message(self, kinds: KindTable, *, ended: bool) -> ThreadSeen:
        """Build the message with the letters since the last one and the totals; then empty the lane."""
        letters = kinds.to_letters(self.numbers)
        for number in set(self.numbers):
            kind = kinds.kinds[number]
            ticks = self.numbers.count(number)
            self.totals[kind.state] += ticks
            if kind.name:
                self.names[kind.name] += ticks
        self.numbers.clear()
        totals, names = self.totals, self.names
        contention = self.contention or GilContention()
        cpu = queued = slices = None
        if self.first_clocks is not None and self.latest_clocks is not None:
            cpu = self.latest_clocks.cpu_ns - self.first_clocks.cpu_ns
            queued = self.latest_clocks.queued_ns - self.first_clocks.queued_ns
            slices = self.latest_clocks.slices - self.first_clocks.slices
        return ThreadSeen(
            pid=self.pid,
            tid=self.tid,
            name=self.name,
            since_s=round(self.since_s, 6),
            until_s=round(self.until_s, 6),
            ended=ended,
            calls=self.file.shows_syscall,
            letters=letters,
            running=totals[LaneState.RUNNING],
            gil=totals[LaneState.GIL],
            lock=totals[LaneState.LOCK],
            sleep=totals[LaneState.SLEEP],
            io=totals[LaneState.IO],
            blocked=totals[LaneState.BLOCKED],
            missed=totals[LaneState.MISSED],
            cpu_ns=cpu,
            queued_ns=queued,
            slices=slices,
            waits_at=next((name for name, ticks in names.most_common(1) if ticks > 0), ""),
            page_fault=names[PAGE_FAULT],
            major_faults=self.major_faults,
            gil_contended=None if self.contention is None else contention.ticks,
            gil_ran=contention.running,
            gil_stalled=contention.stalled,
            gil_blocked=contention.blocked,
            gil_blocked_at=next((name for name, _ in contention.blocked_at.most_common(1)), ""),
            selector=self.visits.ticks,
            selector_returns=self.visits.returns,
            longest_away_s=round(self.visits.longest_ns / 1e9, 6),
            away_s=None if self.visits.away_ns is None else round(self.visits.away_ns / 1e9, 6),
            allowed_cores=self.allowed_cores,
            gil_queued_ns=0 if self.queueing is None else self.queueing.between_ns,
            gil_handover_ns=0 if self.queueing is None else self.queueing.handover_ns,
        )

    def add_queueing(self, *, blocked: bool, ready: bool) -> None:
        """Record a tick at which the thread is blocked at the GIL, or runs or queues, or neither."""
        if self.queueing is None:
            self.queueing = GilQueueing(self.clocks)
        self.queueing.see(blocked=blocked, ready=ready)

    def has_ended(self) -> bool:
        """Return whether the thread has ended, reaped or not."""
        return is_dead_stat(read_stat_line(self.pid, self.tid, self.proc))

    def read_faults(self) -> None:
        """Read how many pages were read from the disk for the thread; after its end, the last number stays."""
        faults = read_major_faults(read_stat_line(self.pid, self.tid, self.proc))
        if faults is not None:
            self.major_faults = faults - self.first_faults

    def refresh_name(self) -> None:
        """Read the thread's name again."""
        self.name = read_thread_name(self.pid, self.tid, self.proc) or self.name

    def reopen(self, *, syscall: bool) -> None:
        """Open the thread's file again, the best one that can be read now."""
        file = open_thread_file(self.pid, self.tid, syscall=syscall, proc=self.proc)
        if file is not None:
            with suppress(OSError):
                os.close(self.file.descriptor)
            self.file, self.refused = file, 0

    def close(self) -> None:
        """Close the thread's files."""
        for descriptor in (self.file.descriptor, self.clocks):
            if descriptor is not None:
                with suppress(OSError):
                    os.close(descriptor)


def is_dead_stat(stat: bytes) -> bool:
    """Return whether a thread's `stat` shows an ended thread: a zombie, or nothing at all."""
    return stat.rpartition(b")")[2].split()[:1] in ([b"Z"], [b"X"], [])
