"""The address of each sampled process's GIL: reported by the process, derived from another process, or inferred from waits.

A spawned worker maps the same program at another address, so its GIL has the same offset from the start of the interpreter's
file as its parent's. If no process has reported its GIL, the GIL is the futex in the interpreter's own data at which threads
wait with a timeout; failing that, such a futex that several threads share.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_BEFORE, _AFTER = 40, 144  # the same as in `host.gil_address`, which is not imported because of its own imports

_MIN_WAITS = 20
"""Timed waits of several threads at one futex outside the interpreter's data, before it is taken for the GIL."""


def locate_gil(word: int) -> range:
    """Return the address range of the GIL whose waiters block at `word`, an aligned pair of words; see `host.gil_address`."""
    return range(word - _BEFORE, word + _AFTER)


@dataclass(frozen=True, slots=True)
class MappedFile:
    """A file that is mapped into a process. `span` covers the addresses of all its parts and of the unnamed data after it."""

    path: str
    span: range

    @property
    def is_interpreter(self) -> bool:
        """Whether the file is a Python interpreter or the library that contains one."""
        return os.path.basename(self.path).startswith(("python", "libpython"))


def parse_maps(maps: str) -> list[MappedFile]:
    """Parse the text of `/proc/<pid>/maps` into the files that are mapped into the process.

    Each line holds address range, permissions, offset, device, inode, path. Source: Linux, Documentation/filesystems/proc.rst.
    """
    found: dict[str, range] = {}
    last = ""
    for line in filter(None, maps.split("\n")):  # a path may contain the other characters of `splitlines`
        fields = line.split(None, 5)
        low, _, high = fields[0].partition("-")
        start, stop = int(low, 16), int(high, 16)
        path = fields[5] if len(fields) == 6 else ""
        if path.startswith("/"):
            known = found.get(path)
            found[path] = range(start if known is None else known.start, stop)
            last = path
        elif not path and last and found[last].stop == start:
            found[last] = range(found[last].start, stop)  # anonymous memory after a file: its zero-initialised data
        else:
            last = ""
    return [MappedFile(path, span) for path, span in found.items()]


def read_mapped_files(pid: int) -> list[MappedFile]:
    """Return the files mapped into a process; none if its maps cannot be read."""
    try:
        return parse_maps(Path(f"/proc/{pid}/maps").read_bytes().decode(errors="replace"))
    except OSError:
        return []


class GilLocations:
    """Stores and infers the address range of each process's GIL.

    Args:
        mapped_files_of: returns the files mapped into a process.
    """

    def __init__(self, mapped_files_of: Callable[[int], list[MappedFile]] = read_mapped_files) -> None:
        self._mapped_files_of = mapped_files_of
        self._known: dict[int, range] = {}
        self._reported: set[int] = set()
        self._offsets: dict[str, int] = {}
        self._unresolvable: set[int] = set()
        self._wait_counts: dict[int, Counter[int]] = {}
        self._waiters: dict[tuple[int, int], set[int]] = {}
        self._in_interpreter: dict[tuple[int, int], bool] = {}

    def set_reported(self, pid: int, gil: range) -> None:
        """Store what a process reports about its own GIL; an empty range means that the GIL is off."""
        self._reported.add(pid)
        self._store(pid, gil)

    def find(self, pid: int) -> range | None:
        """Return the GIL of a process: stored, or derived from another process of the same program; None if unknown."""
        if pid not in self._known and pid not in self._unresolvable:
            self._derive_from_same_program(pid)
        return self._known.get(pid)

    def forget_inferred(self) -> None:
        """Forget every process that has not reported its GIL: it may have ended, and its process id may be reused."""
        self._known = {pid: gil for pid, gil in self._known.items() if pid in self._reported}
        self._unresolvable.clear()
        self._wait_counts.clear()
        self._waiters.clear()
        self._in_interpreter.clear()

    def add_timed_wait(self, pid: int, tid: int, address: int) -> bool:
        """Count a thread's timed wait at a futex; return whether this futex is now taken for the process's GIL."""
        word = address & ~7
        counts = self._wait_counts.setdefault(pid, Counter())
        counts[word] += 1
        waiters = self._waiters.setdefault((pid, word), set())
        waiters.add(tid)
        if self._is_inside_interpreter(pid, word) or (len(waiters) > 1 and counts[word] >= _MIN_WAITS):
            self._store(pid, locate_gil(word))
            return True
        return False

    def _store(self, pid: int, gil: range) -> None:
        self._known[pid] = gil
        for mapped in self._mapped_files_of(pid):
            if gil.start in mapped.span and mapped.is_interpreter:
                self._offsets[mapped.path] = gil.start - mapped.span.start
                self._unresolvable.clear()

    def _derive_from_same_program(self, pid: int) -> None:
        for mapped in self._mapped_files_of(pid):
            offset = self._offsets.get(mapped.path)
            if offset is not None:
                start = mapped.span.start + offset
                self._known[pid] = range(start, start + _BEFORE + _AFTER)
                return
        self._unresolvable.add(pid)

    def _is_inside_interpreter(self, pid: int, word: int) -> bool:
        key = (pid, word)
        if key not in self._in_interpreter:
            self._in_interpreter[key] = any(
                word in mapped.span for mapped in self._mapped_files_of(pid) if mapped.is_interpreter
            )
        return self._in_interpreter[key]
