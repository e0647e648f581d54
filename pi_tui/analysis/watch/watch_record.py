"""The record of a watched program: what its threads were seen doing, collected from sightings.

Times are seconds since the watch began, unless stated otherwise.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from typing import NamedTuple

from pi_tui.analysis.lanes import divide_waiting, find_gil_wait_range
from pi_tui.host.protocol import Certainty, LaneState, WorkerLedger, WorkerTicks
from pi_tui.host.watch_protocol import CoreUse, ProcessSeen, Sighting, ThreadSeen

WINDOW_S = 1.0
"""The window that recent figures cover."""

LANE_S = 20.0
"""How much of each lane is kept."""

ENDED_SHOWN_S = 8.0
"""How long a thread stays on the screen after it has ended."""

MAX_ENDED_THREADS = 2000
"""How many ended threads are kept; of more, only the number is known."""

NEGLIGIBLE_SHARE = 0.01
"""Waiting below this share is too little to be divided by kind."""

_NS = 1e9
_NATIVE_NAMES_SINCE = (3, 14)
"""From this Python on, a thread's name is also the operating system's."""


@dataclass(frozen=True, slots=True)
class ThreadLedger:
    """Where a thread's time went, in seconds. Running, queued and waiting sum to the wall; the three waits sum to waiting.

    None means unknown: the system has no such clock, or the kind of waiting was not observed. `gil_queued_s` and
    `gil_handover_s` are parts of `queued_s`, as in `ThreadSeen`.
    """

    wall_s: float
    running_s: float | None = None
    queued_s: float | None = None
    waiting_s: float | None = None
    gil_wait_s: float | None = None
    lock_wait_s: float | None = None
    io_wait_s: float | None = None
    slices: int | None = None
    gil_queued_s: float = 0.0
    gil_handover_s: float = 0.0

    @property
    def gil_wait_range(self) -> tuple[float, float] | None:
        """The least and the greatest share of its waits for the GIL, as `find_gil_wait_range` returns them."""
        return find_gil_wait_range(self.wall_s, self.gil_wait_s, self.queued_s, self.gil_queued_s, self.gil_handover_s)

    def share(self, seconds: float | None) -> float | None:
        """Return a part as a share of the wall; None if it is unknown."""
        return None if seconds is None or self.wall_s <= 0 else min(1.0, max(0.0, seconds / self.wall_s))

    def wait_share(self, seconds: float | None) -> float | None:
        """Return the share of one kind of waiting, as `share` does; 0 if it was not divided because there was hardly any."""
        waiting = self.share(self.waiting_s)
        return 0.0 if seconds is None and waiting is not None and waiting < NEGLIGIBLE_SHARE else self.share(seconds)


def make_thread_ledger(now: ThreadSeen, before: ThreadSeen | None = None) -> ThreadLedger:
    """Return a thread's ledger since the sighting `before`, or since its first sighting if none is given."""
    wall_s = max(0.0, now.until_s - (now.since_s if before is None else before.until_s))
    cpu_s = _seconds_between(now.cpu_ns, None if before is None else before.cpu_ns)
    queued_s = _seconds_between(now.queued_ns, None if before is None else before.queued_ns)
    if cpu_s is None or queued_s is None:
        return ThreadLedger(wall_s)
    running_s = min(cpu_s, wall_s)  # clocks read one after the other differ slightly
    queued_s = min(queued_s, wall_s - running_s)
    ticks = _ticks_between(now, before)
    exact = WorkerLedger(
        index=0, pid=now.pid, tid=now.tid, tasks=0, samples=0, startup_s=0.0, running_s=running_s, queued_s=queued_s,
        waiting_s=wall_s - running_s - queued_s, between_s=0.0, idle_s=0.0,
    )  # fmt: skip
    divided = divide_waiting(exact, ticks)
    slices = None if now.slices is None else now.slices - ((before.slices or 0) if before is not None else 0)
    return ThreadLedger(
        wall_s, running_s, queued_s, exact.waiting_s, divided.gil_wait_s, divided.lock_wait_s, divided.io_wait_s, slices,
        _seconds_between(now.gil_queued_ns, None if before is None else before.gil_queued_ns) or 0.0,
        _seconds_between(now.gil_handover_ns, None if before is None else before.gil_handover_ns) or 0.0,
    )  # fmt: skip


def _seconds_between(now_ns: int | None, before_ns: int | None) -> float | None:
    return None if now_ns is None else max(0, now_ns - (before_ns or 0)) / _NS


def _ticks_between(now: ThreadSeen, before: ThreadSeen | None) -> WorkerTicks:
    def since(kind: str) -> int:
        count: int = getattr(now, kind) - (0 if before is None else getattr(before, kind))
        return max(0, count)  # a wait counted as another lock may since have proved to be the GIL

    return WorkerTicks(
        index=0,
        pid=now.pid,
        tid=now.tid,
        running=since("running"),
        gil=since("gil"),
        lock=since("lock"),
        sleep=since("sleep"),
        io=since("io"),
        blocked=since("blocked"),
        missed=since("missed"),
    )


@dataclass(slots=True)
class WatchedThread:
    """One thread: its latest sighting, those of the last second, and its lane at the record's period.

    `number` tells the threads of one process apart, in the order in which they were first seen; the main thread has 0.
    """

    latest: ThreadSeen
    recent_sightings: deque[ThreadSeen] = field(default_factory=deque)
    letters: str = ""
    number: int = 0

    def total_ledger(self) -> ThreadLedger:
        """Return its ledger since it was first seen."""
        return make_thread_ledger(self.latest)

    def recent_ledger(self) -> ThreadLedger:
        """Return its ledger over about the last second."""
        return make_thread_ledger(self.latest, self._second_ago)

    def count_ticks(self, counter: str, *, recent: bool) -> int:
        """Return the ticks that a counter of `ThreadSeen` counted since the first sighting, or over about the last second."""
        count: int = getattr(self.latest, counter) or 0
        before = self._second_ago if recent else None
        return max(0, count - (0 if before is None else getattr(before, counter) or 0))

    def find_longest_absence_s(self, *, recent: bool) -> float:
        """Return how long it stayed away from its selector at most, ongoing absences of a living thread included."""
        ongoing = [seen.away_s or 0.0 for seen in self.recent_sightings if recent or seen is self.latest]
        ended_s = 0.0
        before = self._second_ago
        if not recent or before is None or self.latest.longest_away_s > before.longest_away_s:
            ended_s = self.latest.longest_away_s
        return max(ended_s, *(() if self.latest.ended else ongoing), 0.0)

    @property
    def _second_ago(self) -> ThreadSeen | None:
        first = self.recent_sightings[0]
        return first if first is not self.latest else None


class ThreadName(NamedTuple):
    """A thread's name in Python, None if it cannot be known from outside, and the name to show."""

    python: str | None
    shown: str


class WatchRecord:
    """What has been seen of a program so far."""

    def __init__(self) -> None:
        self._threads: dict[tuple[int, int, float], WatchedThread] = {}
        self._recent: deque[tuple[float, int]] = deque([(0.0, 0)])
        self._core_uses: deque[CoreUse] = deque(maxlen=2)
        self._numbered: Counter[int] = Counter()
        self._main_names: dict[int, str] = {}
        self.processes: dict[int, ProcessSeen] = {}
        self.latest: Sighting | None = None
        self.forgotten = 0

    def add(self, sighting: Sighting) -> None:
        """Add the next sighting."""
        if self.latest is not None and self.latest.period_ns != sighting.period_ns:
            for thread in self._threads.values():
                thread.letters = resample_lane(thread.letters, self.latest.period_ns, sighting.period_ns)
        self.latest = sighting
        self.processes.update((process.pid, process) for process in sighting.processes)
        self._recent.append((sighting.elapsed_s, sighting.made))
        while len(self._recent) > 2 and self._recent[1][0] <= sighting.elapsed_s - WINDOW_S:
            self._recent.popleft()
        use = sighting.core_use
        if use is not None and (not self._core_uses or use != self._core_uses[-1]):
            self._core_uses.append(use)
        kept = round(LANE_S * _NS / sighting.period_ns)
        for seen in sighting.threads:
            self._add_thread(seen, kept)
        self._age_ended_threads(sighting, kept)

    # ---- queries

    @property
    def elapsed_s(self) -> float:
        """Seconds since the watch began."""
        return self.latest.elapsed_s if self.latest is not None else 0.0

    @property
    def period_ns(self) -> int:
        """Nanoseconds between two letters of a lane."""
        return self.latest.period_ns if self.latest is not None else 1_000_000

    @property
    def rate_hz(self) -> float | None:
        """Samples of all threads per second, recently."""
        (then_s, before), (now_s, made) = self._recent[0], self._recent[-1]
        return (made - before) / (now_s - then_s) if now_s > then_s else None

    def core_use(self, *, recent: bool) -> CoreUse | None:
        """Return who used the cores since the start, or in about the last second; None if it is not known."""
        if not self._core_uses:
            return None
        latest = self._core_uses[-1]
        if not recent or len(self._core_uses) < 2:
            return latest
        before = self._core_uses[0]
        return CoreUse(
            latest.wall_s - before.wall_s,
            latest.cores,
            latest.program_s - before.program_s,
            latest.pi_tui_s - before.pi_tui_s,
            latest.busy_s - before.busy_s,
        )

    @property
    def certainty(self) -> Certainty:
        """How reliable the lanes are: that of the least observable thread."""
        threads = [thread.latest for thread in self._threads.values()]
        if not threads:
            return "none"
        return "system call" if all(thread.calls for thread in threads) else "state"

    @property
    def threads(self) -> list[WatchedThread]:
        """Every remembered thread, ordered by process, then by the time it was first seen."""
        order = {pid: place for place, pid in enumerate(self.processes)}
        return sorted(
            self._threads.values(),
            key=lambda thread: (order.get(thread.latest.pid, -1), thread.latest.since_s, thread.latest.tid),
        )

    @property
    def visible_threads(self) -> list[WatchedThread]:
        """Threads that are alive, or ended a moment ago."""
        since_s = self.elapsed_s - ENDED_SHOWN_S
        return [each for each in self.threads if not each.latest.ended or each.latest.until_s >= since_s]

    def name_thread(self, seen: ThreadSeen) -> ThreadName:
        """Return a thread's name. Before Python 3.14, only that of the main thread is known from outside.

        A thread that has only its process's name, as all threads had before Python 3.14, is shown by its number.
        """
        process = self.processes.get(seen.pid)
        is_python = process is not None and process.python != ""
        if seen.tid == seen.pid:
            return ThreadName("MainThread", "MainThread") if is_python else ThreadName(None, seen.name)
        if seen.name == self._main_names.get(seen.pid, ""):
            thread = self._threads.get((seen.pid, seen.tid, seen.since_s))
            return ThreadName(None, seen.name if thread is None else f"thread {thread.number}")
        native = process is not None and is_python and _has_native_names(process.python)
        return ThreadName(seen.name if native else None, seen.name)

    # ---- internals

    def _add_thread(self, seen: ThreadSeen, kept: int) -> None:
        key = (seen.pid, seen.tid, seen.since_s)
        thread = self._threads.get(key)
        if thread is None:
            self._numbered[seen.pid] += seen.tid != seen.pid
            number = self._numbered[seen.pid] if seen.tid != seen.pid else 0
            thread = self._threads[key] = WatchedThread(seen, number=number)
        thread.letters = (thread.letters + seen.letters)[-kept:]
        thread.latest = seen
        if seen.tid == seen.pid:
            self._main_names[seen.pid] = seen.name
        thread.recent_sightings.append(seen)
        while len(thread.recent_sightings) > 2 and thread.recent_sightings[1].until_s <= seen.until_s - WINDOW_S:
            thread.recent_sightings.popleft()

    def _age_ended_threads(self, sighting: Sighting, kept: int) -> None:
        """Extend the lanes of ended threads, and drop the oldest of very many."""
        alive = {(seen.pid, seen.tid, seen.since_s) for seen in sighting.threads}
        ended = [key for key in self._threads if key not in alive]
        for key in ended:
            thread = self._threads[key]
            if thread.letters:
                thread.letters = (thread.letters + LaneState.ABSENT * sighting.ticks)[-kept:]
            if not thread.letters.strip(LaneState.ABSENT):
                thread.letters = ""  # its whole lane has moved out of sight
        for key in ended[: max(0, len(ended) - MAX_ENDED_THREADS)]:
            del self._threads[key]
            self.forgotten += 1
        if ended:
            kept_pids = {process.pid for process in sighting.processes} | {key[0] for key in self._threads}
            self.processes = {pid: process for pid, process in self.processes.items() if pid in kept_pids}


def resample_lane(letters: str, before_ns: int, period_ns: int) -> str:
    """Return a lane at another period; one of the two periods is a whole multiple of the other."""
    if period_ns > before_ns:
        return letters[::-1][:: period_ns // before_ns][::-1]
    return "".join(letter * (before_ns // period_ns) for letter in letters)


def cut_last_second(thread: WatchedThread, period_ns: int) -> str:
    """Return the letters of a thread's last second."""
    return thread.letters[-max(1, round(WINDOW_S * _NS / period_ns)) :]


def _has_native_names(python: str) -> bool:
    numbers = python.rstrip("t").split(".")
    return all(number.isdigit() for number in numbers) and tuple(map(int, numbers)) >= _NATIVE_NAMES_SINCE
