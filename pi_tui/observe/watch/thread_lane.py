"""One thread that is looked at: what it was seen at, and its clocks."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

from pi_tui.host.protocol import Seen
from pi_tui.host.sightings import ThreadSeen
from pi_tui.observe.descendants import PROC
from pi_tui.observe.lanes import ABSENT, MISSED, Palette
from pi_tui.observe.thread_files import LONGEST_LINE, ThreadFile, open_thread

_LONGEST = 128


class Clocks(NamedTuple):
    """What `/proc/<pid>/task/<tid>/schedstat` tells: nanoseconds on a core and ready for one, and how often it got one."""

    cpu_ns: int
    queued_ns: int
    slices: int


def open_clocks(pid: int, tid: int) -> int | None:
    """The descriptor of a thread's clocks; None where the system has none."""
    try:
        return os.open(f"{PROC}/{pid}/task/{tid}/schedstat", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None


def read_clocks(descriptor: int) -> Clocks | None:
    """What the clocks say; None where the thread is gone."""
    try:
        cpu, queued, slices = os.pread(descriptor, _LONGEST, 0).split()
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
        asleep_at: at rest: the number of what it is blocked at, while its clocks do not move; None while it is looked at.
    """

    pid: int
    tid: int
    name: str
    known: dict[bytes, int]
    file: ThreadFile
    clocks: int | None
    since_s: float
    until_s: float
    first: Clocks | None = None
    latest: Clocks | None = None
    before: tuple[float, Clocks] | None = None
    wakes_per_s: float | None = None
    asleep_at: int | None = None
    same_since: int = 0
    refused: int = 0
    numbers: bytearray = field(default_factory=bytearray)
    seen: dict[Seen, int] = field(default_factory=lambda: dict.fromkeys(Seen, 0))
    names: dict[str, int] = field(default_factory=dict)

    def read(self, now_s: float) -> bool:
        """Ask its clocks; whether they moved since the last time."""
        if self.clocks is None:
            self.until_s = now_s
            return True
        told = read_clocks(self.clocks)
        if told is None:
            return True
        moved = told != self.latest
        self.latest, self.until_s = told, now_s
        if self.first is None:
            self.first = told
        return moved

    def pace(self) -> None:
        """How often it was put on a core since the last report."""
        if self.latest is None:
            return
        if self.before is not None and self.until_s > self.before[0]:
            self.wakes_per_s = (self.latest.slices - self.before[1].slices) / (self.until_s - self.before[0])
        self.before = (self.until_s, self.latest)

    def fill(self, ticks: int) -> None:
        """Bring a lane that was at rest, or not there, to so many ticks."""
        if (missing := ticks - len(self.numbers)) > 0:
            self.numbers += bytes((ABSENT if self.asleep_at is None else self.asleep_at,)) * missing

    def miss(self, ticks: int) -> None:
        """Bring a lane to so many ticks at which nobody looked."""
        self.numbers += bytes((MISSED,)) * max(0, ticks - len(self.numbers))

    def told(self, palette: Palette, *, ended: bool) -> ThreadSeen:
        """What there is to tell since the last time, which is then forgotten."""
        letters = palette.letters(self.numbers)
        for number in set(self.numbers):
            kind = palette.kinds[number]
            ticks = self.numbers.count(number)
            self.seen[kind.seen] += ticks
            if kind.name:
                self.names[kind.name] = self.names.get(kind.name, 0) + ticks
        self.numbers.clear()
        seen, names = self.seen, self.names
        cpu = queued = slices = None
        if self.first is not None and self.latest is not None:
            cpu = self.latest.cpu_ns - self.first.cpu_ns
            queued = self.latest.queued_ns - self.first.queued_ns
            slices = self.latest.slices - self.first.slices
        return ThreadSeen(
            pid=self.pid,
            tid=self.tid,
            name=self.name,
            since_s=round(self.since_s, 6),
            until_s=round(self.until_s, 6),
            ended=ended,
            calls=self.file.has_calls,
            letters=letters,
            running=seen[Seen.RUNNING],
            gil=seen[Seen.GIL],
            lock=seen[Seen.LOCK],
            sleep=seen[Seen.SLEEP],
            io=seen[Seen.IO],
            blocked=seen[Seen.BLOCKED],
            missed=seen[Seen.MISSED],
            cpu_ns=cpu,
            queued_ns=queued,
            slices=slices,
            waits_at=max(names, key=names.__getitem__) if names else "",
        )

    def state(self) -> bytes:
        """Its line of `stat`, with the scheduler's state; empty where it is gone."""
        try:
            with open(f"{PROC}/{self.pid}/task/{self.tid}/stat", "rb") as stream:
                return stream.read(LONGEST_LINE)
        except OSError:
            return b""

    def reopen(self, *, calls: bool) -> None:
        """Open what can be read of it now."""
        file = open_thread(self.pid, self.tid, calls=calls)
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
