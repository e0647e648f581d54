"""Where each watched process's GIL lies: told by the process, carried over from a process alike, or inferred.

A spawned worker runs the same program at another address, so its GIL lies as far from the start of the interpreter's file as
its parent's does. Where nobody told anything, the GIL is the futex in the interpreter's own data that threads wait at with a
time limit; failing that, the one that several threads share.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_BEFORE, _AFTER = 40, 144  # as `host.gil_address` has them, which is not imported for its own imports' sake

_MIN_WAITS = 20
"""How often a futex outside the interpreter's data is seen, by several threads, before it is taken for the GIL."""


def locate_gil(word: int) -> range:
    """The GIL's structure around the aligned pair of words that a waiter is seen at; see `host.gil_address`."""
    return range(word - _BEFORE, word + _AFTER)


@dataclass(frozen=True, slots=True)
class MappedFile:
    """A file as it is mapped into a process: all its parts and the unnamed data that follows it, as addresses."""

    path: str
    span: range

    @property
    def is_interpreter(self) -> bool:
        """Whether it is a Python interpreter, or the library that holds one."""
        return os.path.basename(self.path).startswith(("python", "libpython"))


def parse_maps(maps: str) -> list[MappedFile]:
    """The files mapped into a process, from the text of its `/proc/<pid>/maps`, each as one span.

    Source: Linux, Documentation/filesystems/proc.rst: address range, permissions, offset, device, inode, path.
    """
    found: dict[str, range] = {}
    last = ""
    for line in filter(None, maps.split("\n")):  # a path may hold anything else that ends a line
        fields = line.split(None, 5)
        low, _, high = fields[0].partition("-")
        start, stop = int(low, 16), int(high, 16)
        path = fields[5] if len(fields) == 6 else ""
        if path.startswith("/"):
            known = found.get(path)
            found[path] = range(start if known is None else known.start, stop)
            last = path
        elif not path and last and found[last].stop == start:
            found[last] = range(found[last].start, stop)  # data without a file behind it, which is zero at first
        else:
            last = ""
    return [MappedFile(path, span) for path, span in found.items()]


def read_mapped_files(pid: int) -> list[MappedFile]:
    """The modules of a process; none where its maps cannot be read."""
    try:
        return parse_maps(Path(f"/proc/{pid}/maps").read_bytes().decode(errors="replace"))
    except OSError:
        return []


class GilLocations:
    """The address range of the GIL of each process, as far as it is known."""

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
        """A process says where its GIL lies; an empty range: it is off."""
        self._reported.add(pid)
        self._store(pid, gil)

    def find(self, pid: int) -> range | None:
        """The GIL of a process: what it told, or where it must be as the process runs a program that is known."""
        if pid not in self._known and pid not in self._unresolvable:
            self._derive_from_same_program(pid)
        return self._known.get(pid)

    def forget_inferred(self) -> None:
        """Forget every process that told nothing: it may be gone, and its number another's soon."""
        self._known = {pid: gil for pid, gil in self._known.items() if pid in self._reported}
        self._unresolvable.clear()
        self._wait_counts.clear()
        self._waiters.clear()
        self._in_interpreter.clear()

    def add_timed_wait(self, pid: int, tid: int, address: int) -> bool:
        """A thread waits at this futex with a time limit. Whether that settles where the process's GIL is."""
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
