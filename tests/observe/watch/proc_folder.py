"""A folder laid out like `/proc`, with content that a test sets."""

from __future__ import annotations

import shutil
from pathlib import Path

TAIL = "0xffffffff 0x7f0000001000 0x7f0000002000\n"
RUNNING = "running\n"
ASLEEP = f"230 0x1 0x1 0x7f00 0x0 0x0 {TAIL}"
READING = f"0 0x3 0x7f00 0x400 0x0 0x0 {TAIL}"
IN_EPOLL = f"232 0x3 0x7f00 0x2 0xffffffff 0x0 0x8 {TAIL}"
FAULTING = "-1 0x7f0000001000 0x7f0000002000\n"
AT_LOCK = f"202 0x9000 0x189 0x0 0x0 0x0 {TAIL}"
DEAD = "-1 0x0 0x0\n"


def waiting_until(address: int) -> str:
    """Return the line of a timed futex wait, such as a wait for the GIL."""
    return f"202 {address:#x} 0x89 0x0 0x7f00 0x0 {TAIL}"


def stat_line(
    pid: int, *, state: str = "S", parent: int = 1, threads: int = 1, born: int = 100, faults: int = 0
) -> str:
    """Return a line of `stat` with the fields that are used."""
    between = f"{'0 ' * 5}{faults} {'0 ' * 7}"
    return f"{pid} (a (strange) name) {state} {parent} {pid} {pid} {between}{threads} 0 {born} 0 0\n"


class ProcFolder:
    """A scripted `/proc`. Files are rewritten in place, so that an open file shows the new content."""

    def __init__(self, folder: Path) -> None:
        self.path = str(folder)
        self._folder = folder
        self._given_away = 0

    def process(
        self, pid: int, *, parent: int = 1, born: int = 100, state: str = "S", threads: int = 1, command: str = ""
    ) -> None:
        """Add or change a process."""
        self._write(f"{pid}/stat", stat_line(pid, state=state, parent=parent, threads=threads, born=born))
        self._write(f"{pid}/status", f"Name:\tthing\nTgid:\t{pid}\n")
        self._write(f"{pid}/cmdline", command)
        self._write(f"{pid}/comm", "thing\n")
        self._count()

    def thread(
        self,
        pid: int,
        tid: int,
        doing: str = RUNNING,
        *,
        name: str = "worker",
        clocks: str = "0 0 0",
        state: str = "S",
        faults: int = 0,
    ) -> None:
        """Add or change a thread."""
        self._write(f"{pid}/task/{tid}/syscall", doing)
        self._write(f"{pid}/task/{tid}/stat", stat_line(tid, state=state, faults=faults))
        self._write(f"{pid}/task/{tid}/comm", f"{name}\n")
        self._write(f"{pid}/task/{tid}/schedstat", f"{clocks}\n")
        self._count()

    def gone(self, pid: int, tid: int | None = None) -> None:
        """Remove a process or one of its threads."""
        shutil.rmtree(self._folder / (f"{pid}" if tid is None else f"{pid}/task/{tid}"))

    def without(self, pid: int, tid: int, file: str) -> None:
        """Remove a file of a thread."""
        (self._folder / f"{pid}/task/{tid}/{file}").unlink()

    def _count(self) -> None:
        self._given_away += 1
        self._write("loadavg", f"0.1 0.1 0.1 1/100 {self._given_away}\n")

    def _write(self, name: str, text: str) -> None:
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
