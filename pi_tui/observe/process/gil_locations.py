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

_SIGHTINGS = 20
"""How often a futex outside the interpreter's data is seen, by several threads, before it is taken for the GIL."""


def gil_around(word: int) -> range:
    """The GIL's structure around the aligned pair of words that a waiter is seen at; see `host.gil_address`."""
    return range(word - _BEFORE, word + _AFTER)


@dataclass(frozen=True, slots=True)
class Module:
    """A file as it is mapped into a process: all its parts and the unnamed data that follows it, as addresses."""

    path: str
    span: range

    @property
    def is_interpreter(self) -> bool:
        """Whether it is a Python interpreter, or the library that holds one."""
        return os.path.basename(self.path).startswith(("python", "libpython"))


def modules(maps: str) -> list[Module]:
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
    return [Module(path, span) for path, span in found.items()]


def read_modules(pid: int) -> list[Module]:
    """The modules of a process; none where its maps cannot be read."""
    try:
        return modules(Path(f"/proc/{pid}/maps").read_bytes().decode(errors="replace"))
    except OSError:
        return []


class GilPlaces:
    """The address range of the GIL of each process, as far as it is known."""

    def __init__(self, modules_of: Callable[[int], list[Module]] = read_modules) -> None:
        self._modules_of = modules_of
        self._known: dict[int, range] = {}
        self._told: set[int] = set()
        self._offsets: dict[str, int] = {}
        self._hopeless: set[int] = set()
        self._sightings: dict[int, Counter[int]] = {}
        self._waiters: dict[tuple[int, int], set[int]] = {}
        self._inside: dict[tuple[int, int], bool] = {}

    def tell(self, pid: int, gil: range) -> None:
        """A process says where its GIL lies; an empty range: it is off."""
        self._told.add(pid)
        self._know(pid, gil)

    def of(self, pid: int) -> range | None:
        """The GIL of a process: what it told, or where it must be as the process runs a program that is known."""
        if pid not in self._known and pid not in self._hopeless:
            self._carry_over(pid)
        return self._known.get(pid)

    def forget_untold(self) -> None:
        """Forget every process that told nothing: it may be gone, and its number another's soon."""
        self._known = {pid: gil for pid, gil in self._known.items() if pid in self._told}
        self._hopeless.clear()
        self._sightings.clear()
        self._waiters.clear()
        self._inside.clear()

    def suspect(self, pid: int, tid: int, address: int) -> bool:
        """A thread waits at this futex with a time limit. Whether that settles where the process's GIL is."""
        word = address & ~7
        sightings = self._sightings.setdefault(pid, Counter())
        sightings[word] += 1
        waiters = self._waiters.setdefault((pid, word), set())
        waiters.add(tid)
        if self._is_inside_interpreter(pid, word) or (len(waiters) > 1 and sightings[word] >= _SIGHTINGS):
            self._know(pid, gil_around(word))
            return True
        return False

    def _know(self, pid: int, gil: range) -> None:
        self._known[pid] = gil
        for module in self._modules_of(pid):
            if gil.start in module.span and module.is_interpreter:
                self._offsets[module.path] = gil.start - module.span.start
                self._hopeless.clear()

    def _carry_over(self, pid: int) -> None:
        for module in self._modules_of(pid):
            offset = self._offsets.get(module.path)
            if offset is not None:
                start = module.span.start + offset
                self._known[pid] = range(start, start + _BEFORE + _AFTER)
                return
        self._hopeless.add(pid)

    def _is_inside_interpreter(self, pid: int, word: int) -> bool:
        key = (pid, word)
        if key not in self._inside:
            self._inside[key] = any(word in module.span for module in self._modules_of(pid) if module.is_interpreter)
        return self._inside[key]
