"""One thread that is looked at: what it was seen at, and its clocks."""

from __future__ import annotations

import os
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

from pi_tui.host.protocol import LaneState
from pi_tui.host.watch_protocol import ThreadSeen
from pi_tui.observe.proc.process_tree import PROC
from pi_tui.observe.proc.syscall_numbers import FUTEX
from pi_tui.observe.proc.thread_files import MAX_LINE_BYTES, ThreadFile, open_thread_file
from pi_tui.observe.proc.wait_classifier import GIL
from pi_tui.observe.process.sampler import ABSENT, MISSED, KindTable
from pi_tui.observe.watch.process_scan import read_thread_name

MIN_AWAKE_SHARE = 0.1
"""Of the time between two reports; who was queued for nearly all of it tells nothing of its pace."""

_MAX_LINE_BYTES = 128


class Clocks(NamedTuple):
    """What `/proc/<pid>/task/<tid>/schedstat` tells: nanoseconds on a core and ready for one, and how often it got one."""

    cpu_ns: int
    queued_ns: int
    slices: int


def open_clocks(pid: int, tid: int, proc: str = PROC) -> int | None:
    """The descriptor of a thread's clocks; None where the system has none."""
    try:
        return os.open(f"{proc}/{pid}/task/{tid}/schedstat", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None


def read_clocks(descriptor: int) -> Clocks | None:
    """What the clocks say; None where the thread is gone."""
    try:
        cpu, queued, slices = os.pread(descriptor, _MAX_LINE_BYTES, 0).split()
    except (OSError, ValueError):
        return None
    return Clocks(int(cpu), int(queued), int(slices))


@dataclass(slots=True)
class ThreadLane:
    """A thread, its files, and a byte a tick (a number of the palette) since the last report.

    Attributes:
        known: the numbers of lines that were seen before, of any thread of its process.
        first, latest: its clocks when it was first and last asked.
        before: its clocks and the time at the last report, for how often it is woken.
        suspected: at how many ticks it waited at each futex that may yet prove a GIL, and was taken for another lock so far.
        asleep_at: at rest: the number of what it is blocked at, while its clocks do not move; None while it is looked at.
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
    same_since: int = 0
    refused: int = 0
    numbers: bytearray = field(default_factory=bytearray)
    totals: dict[LaneState, int] = field(default_factory=lambda: dict.fromkeys(LaneState, 0))
    names: Counter[str] = field(default_factory=Counter)
    possible_gil_waits: Counter[int] = field(default_factory=Counter)

    @classmethod
    def open(
        cls, pid: int, tid: int, numbers_by_line: dict[bytes, int], now_s: float, *, syscall: bool, proc: str = PROC
    ) -> ThreadLane | None:
        """The lane of a thread that is looked at from now on.

        None where it is gone, or has ended: who is dead is listed until its parent waits for it, and would come again.
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
        if lane.has_ended():
            lane.close()
            return None
        lane.read(now_s)
        return lane

    def read(self, now_s: float) -> bool:
        """Ask its clocks; whether they moved since the last time."""
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
        """How often it was put on a core since the last report, a second that it was not queued.

        Who has to queue for a core each time it is woken is woken less often; what it waits for is the same.
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
        """Bring a lane that was at rest, or not there, to so many ticks."""
        if (missing := ticks - len(self.numbers)) > 0:
            self.numbers += bytes((ABSENT if self.resting_at is None else self.resting_at,)) * missing

    def pad_missed(self, ticks: int) -> None:
        """Bring a lane to so many ticks at which nobody looked."""
        self.numbers += bytes((MISSED,)) * max(0, ticks - len(self.numbers))

    def add_possible_gil_wait(self, address: int) -> None:
        """It waits at what may yet prove a GIL, and is taken for another lock for now."""
        self.possible_gil_waits[address] += 1

    def count_as_gil(self, gil: range) -> None:
        """This proved a GIL: what it was seen waiting at there was no other lock."""
        addresses = [address for address in self.possible_gil_waits if address in gil]
        ticks = sum(self.possible_gil_waits.pop(address) for address in addresses)
        self.totals[LaneState.LOCK] -= ticks
        self.totals[LaneState.GIL] += ticks
        self.names[FUTEX] -= ticks
        self.names[GIL.name] += ticks

    def build_message(self, kinds: KindTable, *, ended: bool) -> ThreadSeen:
        """What there is to tell since the last time, which is then forgotten."""
        letters = kinds.to_letters(self.numbers)
        for number in set(self.numbers):
            kind = kinds.kinds[number]
            ticks = self.numbers.count(number)
            self.totals[kind.state] += ticks
            if kind.name:
                self.names[kind.name] += ticks
        self.numbers.clear()
        totals, names = self.totals, self.names
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
        )

    def has_ended(self) -> bool:
        """Whether it is dead, as the scheduler's state tells, or gone."""
        try:
            with open(f"{self.proc}/{self.pid}/task/{self.tid}/stat", "rb") as stream:
                return is_dead_stat(stream.read(MAX_LINE_BYTES))
        except OSError:
            return True

    def refresh_name(self) -> None:
        """Take over its present name."""
        self.name = read_thread_name(self.pid, self.tid, self.proc) or self.name

    def reopen(self, *, syscall: bool) -> None:
        """Open what can be read of it now."""
        file = open_thread_file(self.pid, self.tid, syscall=syscall, proc=self.proc)
        if file is not None:
            with suppress(OSError):
                os.close(self.file.descriptor)
            self.file, self.refused = file, 0

    def close(self) -> None:
        """Let go of its files."""
        for descriptor in (self.file.descriptor, self.clocks):
            if descriptor is not None:
                with suppress(OSError):
                    os.close(descriptor)


def is_dead_stat(stat: bytes) -> bool:
    """Whether a thread's `stat` tells that it is dead, and only not yet waited for; or nothing, as there is none any more."""
    return stat.rpartition(b")")[2].split()[:1] in ([b"Z"], [b"X"], [])
