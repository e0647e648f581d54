"""The watcher: a process that samples a program until the program ends or the app stops the watch.

It has one thread and one loop. It wakes for the next tick, when the app sends a command or closes the control pipe, and when a
descendant ends. A program that the watcher itself started never outlives the watch, not even if the app is killed.
"""

from __future__ import annotations

import os
import select
import time
from collections.abc import Callable
from contextlib import suppress

from pi_tui.host.watch_protocol import (
    Begun,
    EndReason,
    NotStarted,
    ProcessSeen,
    Sighting,
    WatchEnded,
    WatchMessage,
    encode,
)
from pi_tui.observe.proc.process_tree import Process
from pi_tui.observe.process.pipes import write_all
from pi_tui.observe.process.sampling_rate import MAX_CORE_SHARE
from pi_tui.observe.process.scheduler_slice import request_short_slices
from pi_tui.observe.process.subreaper import create_signal_wakeup
from pi_tui.observe.watch.core_use import CoreUseMeter
from pi_tui.observe.watch.gil_search import GilSearch
from pi_tui.observe.watch.process_scan import SCAN_PERIOD_NS, ProcessScan, find_process, read_command
from pi_tui.observe.watch.started_program import CannotStartError, StartedProgram, raise_open_files_limit
from pi_tui.observe.watch.thread_sampler import ThreadSampler
from pi_tui.observe.watch.watch_spec import KILL, STOP, WatchSpec

REPORT_NS = 200_000_000
"""The time between two reports; up to five times longer for programs with many threads."""

_THREADS_PER_REPORT_PERIOD = 80
"""Each further so many threads add one `REPORT_NS` to the time between two reports."""

_SECOND_NS = 1_000_000_000
_NS = 1e9

PERIODS_NS = tuple(1_000_000 << step for step in range(9))
"""From a thousand ticks per second to four. Each period is twice the one before, so that lanes of two periods can be joined."""

_TICK_NS, _THREAD_NS = 45_000, 3_000
"""The approximate cost of a tick and of sampling one thread, on a virtual machine: an estimate until the cost is measured."""

_QUEUEING_BUDGET = 2 * MAX_CORE_SHARE
"""What sampling may cost while threads both wait for the GIL and queue for a core: to tell one from the other, ticks must be
closer to each other than the switch interval of 5 ms."""

_TOLERANCE = 1.2
"""The rate is halved above this multiple of the budget; a smaller excess may be noise."""

_SPARE = 0.45
"""The rate is doubled below this share of the budget: twice as many ticks cost at most twice as much."""

_TWO_STEPS_BEYOND = 3.0
"""The rate is quartered above this multiple of the budget."""


class WatchRate:
    """Chooses the period of the ticks so that sampling costs at most `budget`, a share of one core."""

    def __init__(self, budget: float = MAX_CORE_SHARE) -> None:
        self.budget = budget
        self.period_ns = PERIODS_NS[0]
        self._threads = 0

    def expect_threads(self, threads: int) -> None:
        """Set the number of sampled threads. If it has more than doubled, choose a period for the estimated cost."""
        if threads > 2 * self._threads:
            cost_ns = _TICK_NS + threads * _THREAD_NS
            guess = next((period for period in PERIODS_NS if cost_ns <= self.budget * period), PERIODS_NS[-1])
            self.period_ns = max(self.period_ns, guess)
            self._threads = threads
        elif threads < self._threads // 2:
            self._threads = threads

    def adapt_to_cost(self, cost: float) -> None:
        """Adapt the period to the measured cost, the share of a core that the watcher took in about the last second."""
        place = PERIODS_NS.index(self.period_ns)
        if cost > _TOLERANCE * self.budget:
            place += 2 if cost > _TWO_STEPS_BEYOND * self.budget else 1
        elif cost < _SPARE * self.budget:
            place -= 1
        self.period_ns = PERIODS_NS[min(max(0, place), len(PERIODS_NS) - 1)]


class Watcher:
    """Watches one program.

    Args:
        spec: the program.
        control: descriptor of the pipe on which the app sends commands; it ends when the app ends.
        unread: bytes that were already read from `control` after the watch spec.
        clock: nanoseconds.
        cpu_clock: CPU time of this thread, in nanoseconds.
    """

    def __init__(
        self,
        spec: WatchSpec,
        control: int,
        unread: bytes = b"",
        *,
        clock: Callable[[], int] = time.perf_counter_ns,
        cpu_clock: Callable[[], int] = time.thread_time_ns,
    ) -> None:
        self._spec = spec
        self._control = control
        self._partial_line = b""
        self._clock = clock
        self._cpu_clock = cpu_clock
        self._stopping = self._kill_now = False
        self._gil_search = GilSearch()
        self._sampler = ThreadSampler(self._gil_search)
        self._core_use = CoreUseMeter(spec.app, self._sampler.usable_cores)
        self._rate = WatchRate()
        self._program: StartedProgram | None = None
        self._root: Process | None = None
        self._members: dict[int, Process] = {}
        self._described: dict[int, ProcessSeen] = {}
        self._began_ns = clock()
        self._second_ns = 0
        self._used_ns = cpu_clock()
        self._cost: float | None = None
        self._wakeup = create_signal_wakeup(self._request_stop)
        self._read_commands(unread)

    def run(self) -> None:
        """Watch the program from its start to its end, and report both to the app."""
        files_limit = raise_open_files_limit()
        try:
            if self._spec.pid is None:
                self._program = StartedProgram(self._spec, files_limit)
                root = self._program.pid
            else:
                root = self._spec.pid
        except CannotStartError as error:
            self._send(NotStarted(str(error)))
            return
        why: EndReason = "stopped"
        try:
            request_short_slices()
            self._root = find_process(root)
            self._send(Begun(root, os.getpid()))
            why = self._sample_until_end(root)
        finally:
            self._end(why)

    # ---- sampling

    def _sample_until_end(self, root: int) -> EndReason:
        reaper = None if self._program is None else os.getpid()
        excluded = frozenset({os.getpid(), self._spec.app})
        scan = ProcessScan(root, reaper, excluded, self._clock)
        scan_ns = report_ns = 0
        while not self._stopping:
            now_ns = self._now_ns()
            if now_ns >= scan_ns:
                self._update_members(scan, now_ns)
                scan_ns = now_ns + SCAN_PERIOD_NS
                if self._has_ended():
                    break
            if now_ns >= self._second_ns + _SECOND_NS:
                self._measure_cost(now_ns)
                self._refresh_names()
                if self._sampler.unwatched:  # threads that end make room for others, and the uncounted may end too
                    scan.request_scan()
            if now_ns >= report_ns + REPORT_NS * min(5, 1 + self._sampler.threads // _THREADS_PER_REPORT_PERIOD):
                self._report()
                report_ns = now_ns
            due_ns = self._sampler.due_ns(self._now_ns())
            if due_ns == 0:
                self._sampler.tick(self._now_ns())
                due_ns = self._sampler.due_ns(self._now_ns())
            self._wait(min(due_ns, max(0, scan_ns - self._now_ns())) / _NS)
        self._report()
        return (
            "stopped" if self._stopping and not self._has_ended() else "ended" if self._program is not None else "gone"
        )

    def _measure_cost(self, now_ns: int) -> None:
        """Measure what sampling cost since the last call, about a second ago, and adapt the rate to it."""
        used_ns = self._cpu_clock()
        self._cost = (used_ns - self._used_ns) / (now_ns - self._second_ns)
        self._rate.budget = _QUEUEING_BUDGET if self._sampler.measures_queueing else MAX_CORE_SHARE
        if self._second_ns > 0:  # the first second costs more, because every line is new
            self._rate.adapt_to_cost(self._cost)
        self._used_ns, self._second_ns = used_ns, now_ns

    def _update_members(self, scan: ProcessScan, now_ns: int) -> None:
        """Add processes and threads that are new in the program, and remove ended processes."""
        members = scan.find_members()
        if members is None:
            return
        for pid in set(self._members) - set(members.processes):
            self._described.pop(pid, None)
            self._sampler.remove_process(pid)
        self._members = members.processes
        self._sampler.add_threads(members.threads, now_ns)
        self._rate.expect_threads(self._sampler.threads)
        for pid, process in self._members.items():
            if pid not in self._described:
                self._described[pid] = self._describe_process(process)

    def _refresh_names(self) -> None:
        """Read again what may change during a process's life: the threads' names and its command line."""
        self._sampler.refresh_names()
        for pid, process in self._members.items():
            earlier = self._described.get(pid)
            if earlier is not None and read_command(pid) not in (earlier.command, ""):
                self._sampler.forget_program(pid)
            self._described[pid] = self._describe_process(process)

    def _describe_process(self, process: Process) -> ProcessSeen:
        pid = process.pid
        python = self._gil_search.find_version(pid)
        return ProcessSeen(pid, process.parent, read_command(pid), python, self._gil_search.find_state(pid))

    def _has_ended(self) -> bool:
        """Return whether the program's first process has ended."""
        if self._program is not None:
            return self._program.has_ended()
        now = find_process(self._root.pid) if self._root is not None else None
        return now is None or self._root is None or now.start_ticks != self._root.start_ticks

    def _report(self) -> None:
        now_ns = self._now_ns()
        period_ns = self._sampler.period_ns
        self._core_use.read_if_due(now_ns, self._members)
        ticks, threads = self._sampler.report(now_ns, self._rate.period_ns)
        self._send(
            Sighting(
                elapsed_s=round(now_ns / _NS, 6),
                period_ns=period_ns,
                ticks=ticks,
                made=self._sampler.made,
                missed=self._sampler.missed,
                cost=None if self._cost is None else round(self._cost, 5),
                unwatched=self._sampler.unwatched,
                processes=tuple(self._described.values()),
                threads=threads,
                core_use=self._core_use.latest,
            )
        )

    # ---- the end

    def _end(self, why: EndReason) -> None:
        self._sampler.close()
        if self._program is None:
            self._send(WatchEnded(why, None))
            return
        others, survivors = self._program.terminate(self._wait_or_kill)
        outlived = others if why == "ended" else 0
        self._send(WatchEnded(why, self._program.exit_code, outlived, survivors))

    def _wait_or_kill(self, seconds: float) -> bool:
        self._wait(seconds)
        return self._kill_now

    # ---- the pipes

    def _wait(self, timeout_s: float) -> None:
        """Sleep until a signal or a command arrives, at most `timeout_s`; then read commands."""
        descriptors = [self._wakeup] if self._kill_now else [self._wakeup, self._control]
        ready, _, _ = select.select(descriptors, [], [], timeout_s)
        if self._wakeup in ready:
            with suppress(BlockingIOError):
                os.read(self._wakeup, 4096)
        if self._control in ready:
            data = os.read(self._control, 65536)
            self._read_commands(data)
            if not data:  # the end of the pipe: the app has ended, and nobody waits for the program
                self._stopping = self._kill_now = True

    def _read_commands(self, data: bytes) -> None:
        *lines, self._partial_line = (self._partial_line + data).split(b"\n")
        self._stopping = self._stopping or STOP in lines or KILL in lines
        self._kill_now = self._kill_now or KILL in lines

    def _request_stop(self) -> None:
        self._stopping = True

    def _now_ns(self) -> int:
        return self._clock() - self._began_ns

    def _send(self, message: WatchMessage) -> None:
        with suppress(OSError):  # the app may have ended
            write_all(self._spec.report, encode(message))
