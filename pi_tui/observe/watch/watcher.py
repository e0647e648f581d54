"""The watcher: one process, one thread, one loop. It looks at a program until that ends, or until it is told to stop.

It wakes for the next tick, when the app says something or is gone (the control pipe), and when a process below it ends. A
program that it started itself does not outlive the watch, whatever becomes of the app.
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
from pi_tui.observe.process.pipes import write_whole
from pi_tui.observe.process.scheduler_slice import ask_for_short_slices
from pi_tui.observe.process.subreaper import wake_up_on_signals
from pi_tui.observe.watch.gil_search import GilSearch
from pi_tui.observe.watch.order import KILL, STOP, WatchOrder
from pi_tui.observe.watch.process_scan import LOOK_AGAIN_NS, Census, command_of, process_of
from pi_tui.observe.watch.rate import Rate
from pi_tui.observe.watch.started import CannotStartError, StartedProgram, raise_files_limit
from pi_tui.observe.watch.thread_sampler import Looker

REPORT_NS = 200_000_000
"""How often is told what was seen; where there are many threads, up to five times less often."""

_TOLD_AT_ONCE = 80
_SECOND_NS = 1_000_000_000
_NS = 1e9


class Watcher:
    """Watches one program.

    Args:
        order: which.
        control: descriptor; lines from the app, and its end when the app is gone.
        early: what was already read from `control` after the order.
        clock: nanoseconds.
        cpu_clock: CPU time of this thread, in nanoseconds.
    """

    def __init__(
        self,
        order: WatchOrder,
        control: int,
        early: bytes = b"",
        *,
        clock: Callable[[], int] = time.perf_counter_ns,
        cpu_clock: Callable[[], int] = time.thread_time_ns,
    ) -> None:
        self._order = order
        self._control = control
        self._heard = b""
        self._clock = clock
        self._cpu_clock = cpu_clock
        self._stopping = self._hurried = False
        self._gils = GilSearch()
        self._looker = Looker(self._gils)
        self._rate = Rate()
        self._program: StartedProgram | None = None
        self._root: Process | None = None
        self._members: dict[int, Process] = {}
        self._told: dict[int, ProcessSeen] = {}
        self._began_ns = clock()
        self._second_ns = 0
        self._used_ns = cpu_clock()
        self._cost: float | None = None
        self._wakeup = wake_up_on_signals(self._stop)
        self._hear(early)

    def run(self) -> None:
        """Watch from the beginning to the end, and report both."""
        files_limit = raise_files_limit()
        try:
            if self._order.pid is None:
                self._program = StartedProgram(self._order, files_limit)
                root = self._program.pid
            else:
                root = self._order.pid
        except CannotStartError as error:
            self._say(NotStarted(str(error)))
            return
        why: EndReason = "stopped"
        try:
            ask_for_short_slices()
            self._root = process_of(root)
            self._say(Begun(root, os.getpid()))
            why = self._watch(root)
        finally:
            self._end(why)

    # ---- watching

    def _watch(self, root: int) -> EndReason:
        reaper = None if self._program is None else os.getpid()
        strangers = frozenset({os.getpid(), self._order.app})
        census = Census(root, reaper, strangers, self._clock)
        look_ns = report_ns = 0
        while not self._stopping:
            now_ns = self._now_ns()
            if now_ns >= look_ns:
                self._look_around(census, now_ns)
                look_ns = now_ns + LOOK_AGAIN_NS
                if self._over():
                    break
            if now_ns >= self._second_ns + _SECOND_NS:
                self._measure_cost(now_ns)
                self._refresh()
                if self._looker.unwatched:  # those who end make room for them, and they end as well
                    census.look_again()
            if now_ns >= report_ns + REPORT_NS * min(5, 1 + self._looker.threads // _TOLD_AT_ONCE):
                self._report()
                report_ns = now_ns
            due_ns = self._looker.due_ns(self._now_ns())
            if due_ns == 0:
                self._looker.tick(self._now_ns())
                due_ns = self._looker.due_ns(self._now_ns())
            self._wait(min(due_ns, max(0, look_ns - self._now_ns())) / _NS)
        self._report()
        return "stopped" if self._stopping and not self._over() else "ended" if self._program is not None else "gone"

    def _measure_cost(self, now_ns: int) -> None:
        """What looking cost in the last second or so; the rate follows it."""
        used_ns = self._cpu_clock()
        self._cost = (used_ns - self._used_ns) / (now_ns - self._second_ns)
        if self._second_ns > 0:  # the first second has much to learn
            self._rate.measured(self._cost)
        self._used_ns, self._second_ns = used_ns, now_ns

    def _look_around(self, census: Census, now_ns: int) -> None:
        """Who joined the program since the last time."""
        members = census.look()
        if members is None:
            return
        for pid in set(self._members) - set(members.processes):
            self._told.pop(pid, None)
            self._looker.gone(pid)
        self._members = members.processes
        self._looker.join(members.threads, now_ns)
        self._rate.expect(self._looker.threads)
        for pid, process in self._members.items():
            if pid not in self._told:
                self._told[pid] = self._process(process)

    def _refresh(self) -> None:
        """What may change while it lives: names, and which program a process is."""
        self._looker.rename()
        for pid, process in self._members.items():
            before = self._told.get(pid)
            if before is not None and command_of(pid) not in (before.command, ""):
                self._looker.forget(pid)
            self._told[pid] = self._process(process)

    def _process(self, process: Process) -> ProcessSeen:
        pid = process.pid
        python = self._gils.python(pid)
        return ProcessSeen(pid, process.parent, command_of(pid), python, self._gils.state(pid))

    def _over(self) -> bool:
        """Whether the program's first process is gone."""
        if self._program is not None:
            return self._program.over()
        now = process_of(self._root.pid) if self._root is not None else None
        return now is None or self._root is None or now.born != self._root.born

    def _report(self) -> None:
        now_ns = self._now_ns()
        period_ns = self._looker.period_ns
        ticks, threads = self._looker.report(now_ns, self._rate.period_ns)
        self._say(
            Sighting(
                elapsed_s=round(now_ns / _NS, 6),
                period_ns=period_ns,
                ticks=ticks,
                made=self._looker.made,
                missed=self._looker.missed,
                cost=None if self._cost is None else round(self._cost, 5),
                unwatched=self._looker.unwatched,
                processes=tuple(self._told.values()),
                threads=threads,
            )
        )

    # ---- the end

    def _end(self, why: EndReason) -> None:
        self._looker.close()
        if self._program is None:
            self._say(WatchEnded(why, None))
            return
        others, survivors = self._program.end(self._pause)
        outlived = others if why == "ended" else 0
        self._say(WatchEnded(why, self._program.exit_code, outlived, survivors))

    def _pause(self, seconds: float) -> bool:
        self._wait(seconds)
        return self._hurried

    # ---- hearing and saying

    def _wait(self, timeout_s: float) -> None:
        """Sleep until something happens, at most so long; hear the app."""
        listening = [self._wakeup] if self._hurried else [self._wakeup, self._control]
        ready, _, _ = select.select(listening, [], [], timeout_s)
        if self._wakeup in ready:
            with suppress(BlockingIOError):
                os.read(self._wakeup, 4096)
        if self._control in ready:
            data = os.read(self._control, 65536)
            self._hear(data)
            if not data:  # its end: the app is gone, and nobody waits for a farewell
                self._stopping = self._hurried = True

    def _hear(self, data: bytes) -> None:
        *lines, self._heard = (self._heard + data).split(b"\n")
        self._stopping = self._stopping or STOP in lines or KILL in lines
        self._hurried = self._hurried or KILL in lines

    def _stop(self) -> None:
        self._stopping = True

    def _now_ns(self) -> int:
        return self._clock() - self._began_ns

    def _say(self, message: WatchMessage) -> None:
        with suppress(OSError):  # the app may be gone
            write_whole(self._order.report, encode(message))
