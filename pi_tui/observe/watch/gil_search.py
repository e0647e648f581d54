"""Finding the GIL of a program that tells nothing.

Whoever waits for the GIL waits at a futex with a time limit, a switch interval long, again and again. The main interpreter's
lies in the data of the interpreter itself, where no other such futex is: one waiter is enough. That of a further interpreter
(3.12 and later) lies on the heap, where a lock with a time limit looks alike. It is told apart by its pace: who waits for
the GIL is woken every switch interval (5 ms), who waits for a lock is not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial

from pi_tui.host.watch_protocol import GilStatus
from pi_tui.observe.process.gil_locations import GilLocations, MappedFile, locate_gil, read_mapped_files

_NOWHERE = range(0)
_LEAST_WAIT_S = 0.02
_WAKES_PER_S = 80.0
"""A waiter for the GIL is woken about 200 times a second, unless the switch interval was changed."""

_MIN_WOKEN_OFTEN, _MIN_WOKEN_SELDOM = 3, 3
"""Judgements that a futex is a GIL, until it is taken for one; and that it is none, before it may be given up."""

_LOCK_AFTER_WAITS, _LOCK_AFTER_WAITS_OF_ONE = 600, 60
"""Sightings at one futex, of several threads or of one, before it may no longer be looked into: it is a lock."""

_PER_INTERPRETER_GIL_SINCE = (3, 12)
"""The first Python whose further interpreters may have GILs of their own."""

_DROPPED_AFTER = 25
"""Judgements without a sighting after which a futex is no candidate: some locks live for one wait alone."""

_VERSION = re.compile(r"python(\d\.\d+t?)")


@dataclass(slots=True)
class _Candidate:
    """A futex on the heap: how often each thread was seen there since the last judgement, and how the judgements went."""

    ticks_by_thread: dict[int, int] = field(default_factory=dict)
    threads: set[int] = field(default_factory=set)
    waits: int = 0
    woken_often: int = 0
    woken_seldom: int = 0
    idle_evaluations: int = 0

    def add_wait(self, tid: int) -> None:
        """A thread waits at it."""
        self.waits += 1
        self.ticks_by_thread[tid] = self.ticks_by_thread.get(tid, 0) + 1
        self.threads.add(tid)

    def evaluate(self, period_s: float, wakes_per_s: Callable[[int], float | None]) -> None:
        """Look at what was seen since the last judgement."""
        threads = [tid for tid, ticks in self.ticks_by_thread.items() if ticks * period_s >= _LEAST_WAIT_S]
        rates = [rate for tid in threads if (rate := wakes_per_s(tid)) is not None]
        if len(threads) > 1 and len(rates) == len(threads):
            if min(rates) >= _WAKES_PER_S:
                self.woken_often += 1
            else:
                self.woken_seldom += 1
        self.idle_evaluations = 0 if self.ticks_by_thread else self.idle_evaluations + 1
        self.ticks_by_thread.clear()

    @property
    def is_lock(self) -> bool:
        """Whether it is a lock, and what it was seen at need not be looked into again."""
        if len(self.threads) == 1:
            return self.waits >= _LOCK_AFTER_WAITS_OF_ONE
        return self.waits >= _LOCK_AFTER_WAITS and self.woken_seldom >= max(_MIN_WOKEN_SELDOM, self.woken_often)


@dataclass(slots=True)
class _Program:
    """What is known of one process."""

    python: str
    spans: tuple[range, ...]
    extra_gils: list[range] = field(default_factory=list)
    candidates: dict[int, _Candidate] = field(default_factory=dict)
    reread_requests: int = 0

    def should_reread(self) -> bool:
        """Whether its modules should be read again: when it is first asked, and then ever more rarely."""
        self.reread_requests += 1
        return self.reread_requests & (self.reread_requests - 1) == 0

    def contains(self, address: int) -> bool:
        """Whether an address lies in the interpreter's own data."""
        return bool(self.python) and any(address in span for span in self.spans)

    @property
    def may_have_extra_gils(self) -> bool:
        """Whether its further interpreters may have GILs of their own; where the version is not known, they may."""
        numbers = self.python.rstrip("t").split(".")
        return not all(number.isdigit() for number in numbers) or tuple(map(int, numbers)) >= _PER_INTERPRETER_GIL_SINCE


def find_python_version(files: Iterable[MappedFile]) -> str:
    """The version of the interpreter among a process's modules: "3.13t"; "?" for one that tells none, "" without any.

    A program that embeds the interpreter under another name is known by the extension modules that it loaded.
    """
    found = ""
    for mapped in files:
        path = mapped.path
        if mapped.is_interpreter or ".cpython-" in path or "/lib-dynload/" in path:
            version = _VERSION.search(path)
            if version is not None and len(version[1]) > len(found):
                found = version[1]  # of "3.13" and "3.13t", the one that says more
            found = found or "?"
    return found


def find_interpreter_spans(files: Iterable[MappedFile]) -> tuple[range, ...]:
    """Where the interpreter's own data lie: in its file; in the program's own (mapped first) where it goes by no such name."""
    files = tuple(files)
    named = tuple(mapped.span for mapped in files if mapped.is_interpreter)
    return named or tuple(mapped.span for mapped in files[:1])


class GilSearch:
    """Where the GILs of each process lie, as far as waiting has told.

    Args:
        modules_of: the files mapped into a process.
    """

    def __init__(self, mapped_files_of: Callable[[int], list[MappedFile]] = read_mapped_files) -> None:
        self._mapped_files_of = mapped_files_of
        self._locations = GilLocations(mapped_files_of)
        self._programs: dict[int, _Program] = {}

    def find_version(self, pid: int) -> str:
        """The version of a process's interpreter; see `python_of`."""
        program = self._find_program(pid)
        if program.python in ("", "?") and program.should_reread():
            self._reread(pid, program)
        return program.python

    def find_state(self, pid: int) -> GilStatus:
        """Whether the place of a process's GIL is known."""
        if not self.find_version(pid):
            return "none"
        return "known" if self._locations.find(pid) is not None or self._find_program(pid).extra_gils else "unknown"

    def forget(self, pid: int) -> None:
        """The process is gone, or became another program."""
        if self._programs.pop(pid, None) is not None:
            self._locations.forget_inferred()  # of the others it is learned again at once

    def find(self, pid: int, address: int) -> range:
        """The GIL that an address belongs to; empty for any other futex."""
        program = self._find_program(pid)
        if not program.python:
            return _NOWHERE
        main = self._locations.find(pid)
        if main is not None and address in main:
            return main
        return next((gil for gil in program.extra_gils if address in gil), _NOWHERE)

    def add_timed_wait(self, pid: int, tid: int, address: int) -> bool:
        """A thread waits at this futex with a time limit, and it is no GIL that is known. Whether it may yet prove one."""
        program = self._find_program(pid)
        if not program.contains(address) and program.should_reread():
            self._reread(pid, program)
        if not program.python:
            return False
        if program.contains(address):
            if not self._locations.add_timed_wait(pid, tid, address):  # an interpreter under another name
                self._add_extra_gil(program, address & ~7)
            return True
        if not program.may_have_extra_gils:
            return False
        candidate = program.candidates.setdefault(address & ~7, _Candidate())
        candidate.add_wait(tid)
        return not candidate.is_lock

    def evaluate_candidates(
        self, period_s: float, wakes_per_s: Callable[[int, int], float | None]
    ) -> list[tuple[int, range]]:
        """Look at the candidates since the last time: those that proved GILs, each with its process.

        Args:
            period_s: from one sighting to the next.
            wakes_per_s: how often a second a thread (process, thread) was put on a core lately; None where not known.
        """
        found = []
        for pid, program in self._programs.items():
            for word, candidate in tuple(program.candidates.items()):
                candidate.evaluate(period_s, partial(wakes_per_s, pid))
                if candidate.woken_often == _MIN_WOKEN_OFTEN:
                    found.append((pid, self._add_extra_gil(program, word)))
                if candidate.woken_often == _MIN_WOKEN_OFTEN or candidate.idle_evaluations >= _DROPPED_AFTER:
                    del program.candidates[word]
        return found

    @staticmethod
    def _add_extra_gil(program: _Program, word: int) -> range:
        gil = locate_gil(word)
        program.extra_gils.append(gil)
        return gil

    def _reread(self, pid: int, program: _Program) -> None:
        """A program that was only just begun had not mapped everything yet, its interpreter's library for one."""
        files = self._mapped_files_of(pid)
        program.python, program.spans = find_python_version(files), find_interpreter_spans(files)

    def _find_program(self, pid: int) -> _Program:
        program = self._programs.get(pid)
        if program is None:
            files = self._mapped_files_of(pid)
            program = self._programs[pid] = _Program(find_python_version(files), find_interpreter_spans(files))
        return program
