"""The sampler of lanes: at every tick it reads from outside what each worker of a trial does or waits for.

A `Sampler` has no loop of its own: the sampling loop asks when the next tick is due and calls `tick` then. Times are arguments
in nanoseconds of `time.perf_counter_ns`. Ticks have absolute deadlines, so that they do not drift. A tick that comes too late
is marked as missed and not repeated.
"""

from __future__ import annotations

import os
import platform
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from pi_tui.host.protocol import Certainty, LanePiece, LanesSeen, LaneState, WaitTarget, WorkerTicks
from pi_tui.observe.proc import wait_classifier
from pi_tui.observe.proc.other_threads import OtherThreads
from pi_tui.observe.proc.syscall_numbers import MACHINES, MachineName
from pi_tui.observe.proc.thread_clocks import GilQueueing, open_clocks
from pi_tui.observe.proc.thread_files import MAX_LINE_BYTES, ThreadFile, open_thread_file, read_stat_line
from pi_tui.observe.proc.wait_classifier import (
    RUNNING_LINE,
    WaitKind,
    classify_call,
    classify_outside_call,
    classify_stat,
    is_outside_call,
    parse_futex_wait,
)
from pi_tui.observe.process.gil_locations import GilLocations
from pi_tui.observe.process.sampling_rate import PERIODS_NS, SamplingRate

MAX_KEPT_TICKS = 10_000
"""Ticks that a lane keeps until it is drained; older ones are counted in the totals alone."""

_MAX_KINDS = 256
"""As many as a byte can number."""

_MAX_CACHED_LINES = 4096
"""Lines of `syscall` per process whose kind is remembered; beyond that the cache is emptied."""


@dataclass(slots=True)
class _Lane:
    """One worker: its open file, and one byte per tick since the last drain, the number of a kind in the `KindTable`.

    `numbers_by_line` holds the number of each line already classified, for all threads of the worker's process.
    """

    index: int
    pid: int
    tid: int
    numbers_by_line: dict[bytes, int]
    file: ThreadFile | None = None
    inside: bool = False
    numbers: bytearray = field(default_factory=bytearray)
    totals: Counter[int] = field(default_factory=Counter)
    queueing: GilQueueing | None = None


_SampledLane = tuple[_Lane, int, Callable[[bytes], int | None], Callable[[int], None]]
"""A lane, its descriptor, the look-up of a line and the method that appends a number: bound once, to keep ticks cheap."""


class KindTable:
    """Numbers the kinds of waiting found so far, so that each fits a byte."""

    def __init__(self) -> None:
        self._numbers: dict[WaitKind, int] = {}
        self.kinds: list[WaitKind] = []
        for kind in (
            WaitKind(LaneState.ABSENT),
            WaitKind(LaneState.MISSED),
            wait_classifier.RUNNING,
            *map(WaitKind, LaneState),
        ):
            self.number_of(kind)

    def number_of(self, kind: WaitKind) -> int:
        """Return the number of a kind; once 256 are in use, a new kind gets the number of its state without a name."""
        number = self._numbers.get(kind)
        if number is None:
            if len(self.kinds) >= _MAX_KINDS:
                return self._numbers[WaitKind(kind.state)]
            number = self._numbers[kind] = len(self.kinds)
            self.kinds.append(kind)
        return number

    def to_letters(self, numbers: bytes | bytearray) -> str:
        """Translate a lane's numbers into letters of `LaneState`."""
        table = bytes(ord(kind.state) for kind in self.kinds).ljust(256, b"?")
        return numbers.translate(table).decode("ascii")


ABSENT, MISSED, RUNNING = 0, 1, 2
"""The first numbers of every `KindTable`."""


def _running_share(ticks: Sequence[WorkerTicks]) -> float | None:
    """Return the share of all workers' ticks at which they ran; None without any tick."""
    running = sum(one.running for one in ticks)
    looks = running + sum(one.gil + one.lock + one.sleep + one.io + one.blocked for one in ticks)
    return running / looks if looks else None


class Sampler:
    """Samples the workers of one trial after another, one tick per call.

    Args:
        gil_locations: finds the GIL of each process.
        rate: chooses the period of the ticks.
        machine: as `platform.machine` returns it; on machines not in `MACHINES` only the scheduler's state is read.
        open_file: opens a thread's file in `/proc`.
        read: reads such a file from its start, as `os.pread`.
        read_stat: returns the `stat` line of a thread, given its process id and thread id.
        open_clocks: opens the clocks of a thread, given its process id and thread id; returns None if it cannot.
    """

    def __init__(
        self,
        gil_locations: GilLocations | None = None,
        *,
        rate: SamplingRate | None = None,
        machine: str = platform.machine(),
        open_file: Callable[..., ThreadFile | None] = open_thread_file,
        read: Callable[[int, int, int], bytes] = os.pread,
        read_stat: Callable[[int, int], bytes] = read_stat_line,
        open_clocks: Callable[[int, int], int | None] = open_clocks,
    ) -> None:
        self.gil_locations = gil_locations or GilLocations()
        self._rate = rate or SamplingRate()
        self._machine: MachineName | None = next((name for name in MACHINES if name == machine), None)
        self._open_file = open_file
        self._read = read
        self._read_stat = read_stat
        self._open_clocks = open_clocks
        self._kinds = KindTable()
        self._gil_number = self._kinds.number_of(wait_classifier.GIL)
        self._caches: dict[int, dict[bytes, int]] = {}
        self._lanes: dict[tuple[int, int], _Lane] = {}
        self._sampled: tuple[_SampledLane, ...] = ()
        self._inside: frozenset[int] = frozenset()
        self._other_threads: OtherThreads | None = None
        self._trial: int | None = None
        self._certainty: Certainty = "none"
        self._start_ns = 0
        self._period_ns = PERIODS_NS[0]
        self._tick = -1
        self._first = 0
        self._made = 0
        self._missed = 0

    # ---- trials, workers and ticks ------------------------------------------------------------------------------

    def begin_trial(
        self, trial: int, workers: int, now_ns: int, work: int = 0, other_threads_of: int | None = None
    ) -> None:
        """Begin a trial of so many workers, with tick 0 due now, and drop what is left of the trial before.

        `work` is the same number for all trials that repeat the same work. `other_threads_of` is a process whose threads
        outside kernel calls are sampled as well, to find whether they wait for its GIL.
        """
        self._close_trial()
        if other_threads_of is not None and self._machine is not None:
            self._other_threads = OtherThreads(other_threads_of, self._machine, self._open_file, self._read)
        self._period_ns = self._rate.begin_trial(workers, work)
        self._trial = trial
        self._certainty = "none"
        self._start_ns = now_ns
        self._tick, self._first, self._made, self._missed = -1, 0, 0, 0

    def set_gil(self, pid: int, gil: range) -> None:
        """Store the address range of a process's GIL as the process reports it; an empty range means that the GIL is off."""
        self.gil_locations.set_reported(pid, gil)
        self._caches.setdefault(pid, {}).clear()

    def set_inside(self, pid: int, tid: int, now_ns: int, *, inside: bool, index: int = -1) -> None:
        """Record that a worker entered (`inside`) or left a kernel call. `index` is -1 if the worker does not know its own."""
        if self._trial is None:
            return
        if not self._sampled:  # no worker was active since the last tick, so no tick was missed
            self._tick = max(self._tick, (now_ns - self._start_ns) // self._period_ns)
        lane = self._lanes.get((pid, tid))
        if lane is None:
            lane = self._lanes[pid, tid] = _Lane(index, pid, tid, self._caches.setdefault(pid, {}))
        self._pad(lane)
        if inside and lane.file is None:
            lane.file = self._open_file(pid, tid, syscall=self._machine is not None)
            if lane.file is not None and self._certainty != "state":
                self._certainty = "system call" if lane.file.shows_syscall else "state"
        lane.inside = inside
        if not inside and lane.queueing is not None:
            lane.queueing.interrupt()
        self._select_sampled()

    def worker_pids(self) -> tuple[int, ...]:
        """Return the processes of the present trial's workers, in the order of their first calls."""
        return tuple(dict.fromkeys(pid for pid, _ in self._lanes))

    @property
    def due_ns(self) -> int | None:
        """When the next tick is due; None while no worker is inside a kernel call."""
        return self._start_ns + (self._tick + 1) * self._period_ns if self._sampled else None

    def tick(self, now_ns: int) -> int | None:
        """Sample every worker that is inside a kernel call; return when the next tick is due, as `due_ns`.

        This runs a thousand times per second on cores that the workers need. In between, the caches lose its data, so it
        touches as little memory as possible.
        """
        tick = (now_ns - self._start_ns) // self._period_ns
        late = tick - self._tick - 1
        if late < 0 or not self._sampled:
            return self.due_ns
        if late:
            self._mark_missed(late)
        read, gil = self._read, self._gil_number
        for lane, descriptor, find_number, append in self._sampled:
            try:
                line = read(descriptor, MAX_LINE_BYTES, 0)
            except OSError:
                self._close_vanished(lane)
                continue
            number = RUNNING if line == RUNNING_LINE else find_number(line)
            if number is None:
                number = self._classify_line(lane, line)
            append(number)
            if number == gil or lane.queueing is not None:
                self._add_queueing(lane, number)
        if self._other_threads is not None:
            self._other_threads.sample(self._inside, self.gil_locations.find(self._other_threads.pid))
        self._tick = tick
        self._made += 1
        if tick - self._first >= MAX_KEPT_TICKS:
            self._fold_into_totals()
        return self.due_ns

    # ---- results ------------------------------------------------------------------------------------------------

    def drain(self) -> LanesSeen | None:
        """Return the lanes since the last drain; None outside a trial."""
        return None if self._trial is None else self._build_message(ended=False)

    def end_trial(self) -> LanesSeen | None:
        """End the trial and close every file; return the rest of its lanes with its totals, None outside a trial."""
        if self._trial is None:
            return None
        message = self._build_message(ended=True)
        self._rate.end_trial(self._made, _running_share(message.ticks))
        self._close_trial()
        return message

    @property
    def missed(self) -> int:
        """The number of the trial's ticks that came too late."""
        return self._missed

    @property
    def made(self) -> int:
        """The number of the trial's ticks at which the lanes were read."""
        return self._made

    # ---- implementation -----------------------------------------------------------------------------------------

    def _classify_line(self, lane: _Lane, line: bytes) -> int:
        """Return the number of a line not in the cache, and cache it unless a later line may classify it better."""
        if self._machine is None or lane.file is None or not lane.file.shows_syscall:
            return self._kinds.number_of(classify_stat(line))
        if is_outside_call(line):
            return self._kinds.number_of(classify_outside_call(self._read_stat(lane.pid, lane.tid)))
        futex = parse_futex_wait(line, self._machine)
        gil = None if futex is None else self.gil_locations.find(lane.pid)
        kind = classify_call(line, gil, self._machine)
        if kind is wait_classifier.POSSIBLE_GIL and futex is not None:
            if not self.gil_locations.add_timed_wait(lane.pid, lane.tid, futex.address):
                return self._kinds.number_of(kind)
            lane.numbers_by_line.clear()
            kind = classify_call(line, self.gil_locations.find(lane.pid), self._machine)
        if len(lane.numbers_by_line) >= _MAX_CACHED_LINES:
            lane.numbers_by_line.clear()
        number = lane.numbers_by_line[line] = self._kinds.number_of(kind)
        return number

    def _add_queueing(self, lane: _Lane, number: int) -> None:
        if lane.queueing is None:
            lane.queueing = GilQueueing(self._open_clocks(lane.pid, lane.tid))
        lane.queueing.see(blocked=number == self._gil_number, ready=number == RUNNING)

    def _mark_missed(self, ticks: int) -> None:
        """Mark so many ticks as missed."""
        self._missed += ticks
        for lane, *_ in self._sampled:
            lane.numbers.extend(bytes((MISSED,)) * ticks)

    def _close_vanished(self, lane: _Lane) -> None:
        """Close the lane of a thread that ended without a worker event."""
        lane.numbers.append(ABSENT)
        lane.inside = False
        self._close_file(lane)
        self._select_sampled()

    def _select_sampled(self) -> None:
        self._sampled = tuple(
            (lane, lane.file.descriptor, lane.numbers_by_line.get, lane.numbers.append)
            for lane in self._lanes.values()
            if lane.inside and lane.file is not None
        )
        self._inside = frozenset(lane.tid for lane in self._lanes.values() if lane.inside)

    def _pad(self, lane: _Lane) -> None:
        """Extend a lane that was not sampled up to the last tick."""
        lane.numbers.extend(bytes((ABSENT,)) * (self._tick + 1 - self._first - len(lane.numbers)))

    def _fold_into_totals(self) -> None:
        """Add the lanes' numbers to the totals and empty the lanes."""
        for lane in self._lanes.values():
            self._pad(lane)
            for number in set(lane.numbers):
                lane.totals[number] += lane.numbers.count(number)
            lane.numbers.clear()
        self._first = self._tick + 1

    def _build_message(self, *, ended: bool) -> LanesSeen:
        assert self._trial is not None
        for lane in self._lanes.values():
            self._pad(lane)
        pieces = tuple(
            LanePiece(lane.index, lane.pid, lane.tid, self._kinds.to_letters(lane.numbers))
            for lane in self._lanes.values()
        )
        first = self._first
        self._fold_into_totals()
        return LanesSeen(
            trial=self._trial,
            start_ns=self._start_ns,
            period_ns=self._period_ns,
            first_tick=first,
            made=self._made,
            missed=self._missed,
            certainty=self._certainty,
            lanes=pieces,
            ticks=tuple(map(self._count_ticks, self._lanes.values())) if ended else (),
            ended=ended,
            outside=None if self._other_threads is None else self._other_threads.count_ticks(),
        )

    def _count_ticks(self, lane: _Lane) -> WorkerTicks:
        by_letter: Counter[LaneState] = Counter()
        names: Counter[str] = Counter()
        for number, ticks in lane.totals.items():
            kind = self._kinds.kinds[number]
            by_letter[kind.state] += ticks
            if kind.name:
                names[kind.name] += ticks
        return WorkerTicks(
            index=lane.index,
            pid=lane.pid,
            tid=lane.tid,
            running=by_letter[LaneState.RUNNING],
            gil=by_letter[LaneState.GIL],
            lock=by_letter[LaneState.LOCK],
            sleep=by_letter[LaneState.SLEEP],
            io=by_letter[LaneState.IO],
            blocked=by_letter[LaneState.BLOCKED],
            missed=by_letter[LaneState.MISSED],
            waited_for=tuple(WaitTarget(name, ticks) for name, ticks in names.most_common()),
            gil_queued_s=0.0 if lane.queueing is None else lane.queueing.between_ns / 1e9,
            gil_handover_s=0.0 if lane.queueing is None else lane.queueing.handover_ns / 1e9,
        )

    def _close_file(self, lane: _Lane) -> None:
        if lane.file is not None:
            with suppress(OSError):
                os.close(lane.file.descriptor)
            lane.file = None
        if lane.queueing is not None:
            lane.queueing.close()

    def _close_trial(self) -> None:
        for lane in self._lanes.values():
            self._close_file(lane)
        if self._other_threads is not None:
            self._other_threads.close()
            self._other_threads = None
        self._caches.clear()
        self.gil_locations.forget_inferred()
        self._lanes.clear()
        self._sampled = ()
        self._trial = None
