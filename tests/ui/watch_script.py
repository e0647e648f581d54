"""A watched program that follows a script: what was seen, and a watch that says so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pi_tui.host.watch_protocol import ProcessSeen, Sighting, ThreadSeen, WatchMessage
from pi_tui.ui.state.watch_session import WatchRequest, WatchSession
from pi_tui.ui.watch.app import WatchApp

S = 1_000_000_000
MAIN = ThreadSeen(
    pid=70, tid=70, name="python", since_s=0.0, until_s=2.0, ended=False, calls=True, letters="L" * 100, running=0, gil=0,
    lock=100, sleep=0, io=0, blocked=0, missed=0, cpu_ns=0, queued_ns=0, slices=2, waits_at="futex",
)  # fmt: skip
ONE = replace(
    MAIN, tid=71, name="Thread-1", letters="RRGG" * 25, running=50, gil=50, lock=0, cpu_ns=S, slices=400, waits_at="GIL"
)
TWO = replace(ONE, tid=72, name="Thread-2", letters="GGRR" * 25)
PROCESS = ProcessSeen(70, 1, "python work.py", "3.14", "known")
SIGHTING = Sighting(2.0, 2_000_000, 100, 1000, 0, 0.02, 0, (PROCESS,), (MAIN, ONE, TWO))

CHILD = ProcessSeen(80, 70, "postgres -D data", "", "none")
READER = replace(
    MAIN, pid=80, tid=80, name="postgres", letters="I" * 90 + "R" * 10, running=10, io=90, lock=0, cpu_ns=S // 5,
    queued_ns=S // 10, slices=90, waits_at="epoll_wait",
)  # fmt: skip
GONE = replace(ONE, pid=80, tid=81, name="bgwriter", until_s=1.0, ended=True, letters="S" * 40 + " " * 60, waits_at="")
FAMILY = replace(SIGHTING, processes=(PROCESS, CHILD), threads=(MAIN, ONE, TWO, READER, GONE))


class Script:
    """A watch that says what it is told to say."""

    def __init__(self, *messages: WatchMessage) -> None:
        self.waiting = list(messages)
        self.stops = 0
        self.closed = False

    def hear(self, timeout_s: float) -> list[WatchMessage]:
        told, self.waiting = self.waiting, []
        return told

    def stop(self) -> None:
        self.stops += 1

    def close(self) -> None:
        self.closed = True


def course_of(
    script: Script, kept: Path | None = None, *, stay: bool = False, duration_s: float | None = None
) -> WatchSession:
    return WatchSession(script, WatchRequest("python work.py", None, kept, duration_s, stay), clock=lambda: 1.0)


def app_of(script: Script, kept: Path | None = None, *, stay: bool = False) -> WatchApp:
    return WatchApp(course_of(script, kept, stay=stay))
