"""Finding the GILs of a program that does not report them.

A thread that waits for the GIL waits at a futex with a timeout of one switch interval, again and again. The main interpreter's
GIL lies in the interpreter's own data, where there is no other such futex: one waiter is enough to find it. The GIL of a
subinterpreter (3.12 and later) lies on the heap, where a lock with a timeout looks the same. The wake-up rate distinguishes
them: a thread that waits for the GIL is woken every switch interval (5 ms), one that waits for a lock is not.
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
"""The lowest wake-up rate of a GIL's waiter. It is about 200 per second unless the switch interval was changed."""

_MIN_WOKEN_OFTEN, _MIN_WOKEN_SELDOM = 3, 3
"""Evaluations with frequent wake-ups until a futex is taken for a GIL, and with rare ones before it may be taken for a lock."""

_LOCK_AFTER_WAITS, _LOCK_AFTER_WAITS_OF_ONE = 600, 60
"""Waits at one futex, of several threads or of one thread alone, before it may be taken for a lock."""

_PER_INTERPRETER_GIL_SINCE = (3, 12)
"""The first Python version whose subinterpreters may have their own GILs."""

_DROPPED_AFTER = 25
"""Evaluations without any wait after which a candidate is dropped, as some locks exist for one wait only."""

_VERSION = re.compile(r"python(\d\.\d+t?)")


@dataclass(slots=True)
class _Candidate:
    """A futex on the heap that may be a subinterpreter's GIL.

    Attributes:
        ticks_by_thread: ticks at which each thread waited there since the last evaluation.
        threads: all threads that ever waited there.
        waits: all ticks at which any thread waited there.
        woken_often, woken_seldom: evaluations at which its waiters were woken as often as a GIL's, and less often.
        idle_evaluations: the latest evaluations in a row without any wait.
    """

    ticks_by_thread: dict[int, int] = field(default_factory=dict)
    threads: set[int] = field(default_factory=set)
    waits: int = 0
    woken_often: int = 0
    woken_seldom: int = 0
    idle_evaluations: int = 0

    def add_wait(self, tid: int) -> None:
        """Count a tick at which the thread waits at this futex."""
        self.waits += 1
        self.ticks_by_thread[tid] = self.ticks_by_thread.get(tid, 0) + 1
        self.threads.add(tid)

    def evaluate(self, period_s: float, wakes_per_s: Callable[[int], float | None]) -> None:
        """Evaluate the waits since the last evaluation."""
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
        """Whether the futex is taken for a lock, so that its waits need no further evaluation."""
        if len(self.threads) == 1:
            return self.waits >= _LOCK_AFTER_WAITS_OF_ONE
        return self.waits >= _LOCK_AFTER_WAITS and self.woken_seldom >= max(_MIN_WOKEN_SELDOM, self.woken_often)


@dataclass(slots=True)
class _Program:
    """What is known about one process.

    Attributes:
        python: the interpreter's version; see `find_python_version`.
        spans: the address ranges of the interpreter's data.
        extra_gils: the GILs of subinterpreters.
        candidates: futexes on the heap that may be such GILs, by address.
    """

    python: str
    spans: tuple[range, ...]
    extra_gils: list[range] = field(default_factory=list)
    candidates: dict[int, _Candidate] = field(default_factory=dict)
    reread_requests: int = 0

    def should_reread(self) -> bool:
        """Return whether to read the mapped files again: at the first, second, fourth, eighth ... request."""
        self.reread_requests += 1
        return self.reread_requests & (self.reread_requests - 1) == 0

    def contains(self, address: int) -> bool:
        """Return whether an address lies in the interpreter's own data."""
        return bool(self.python) and any(address in span for span in self.spans)

    @property
    def may_have_extra_gils(self) -> bool:
        """Whether subinterpreters may have their own GILs; True if the version is unknown."""
        numbers = self.python.rstrip("t").split(".")
        return not all(number.isdigit() for number in numbers) or tuple(map(int, numbers)) >= _PER_INTERPRETER_GIL_SINCE


def find_python_version(files: Iterable[MappedFile]) -> str:
    """Return the version of the interpreter among the mapped files, such as "3.13t"; "?" if unknown, "" if there is none.

    A program that embeds the interpreter under another name is recognised by the extension modules that it has loaded.
    """
    found = ""
    for mapped in files:
        path = mapped.path
        if mapped.is_interpreter or ".cpython-" in path or "/lib-dynload/" in path:
            version = _VERSION.search(path)
            if version is not None and len(version[1]) > len(found):
                found = version[1]  # "3.13t" is more precise than "3.13"
            found = found or "?"
    return found


def find_interpreter_spans(files: Iterable[MappedFile]) -> tuple[range, ...]:
    """Return the address ranges of the interpreter's data: of its files, or of the program, mapped first, if it embeds it."""
    files = tuple(files)
    named = tuple(mapped.span for mapped in files if mapped.is_interpreter)
    return named or tuple(mapped.span for mapped in files[:1])


class GilSearch:
    """Finds the GILs of each process from the waits of its threads.

    Args:
        mapped_files_of: returns the files mapped into a process.
    """

    def __init__(self, mapped_files_of: Callable[[int], list[MappedFile]] = read_mapped_files) -> None:
        self._mapped_files_of = mapped_files_of
        self._locations = GilLocations(mapped_files_of)
        self._programs: dict[int, _Program] = {}

    def find_version(self, pid: int) -> str:
        """Return the version of a process's interpreter; see `find_python_version`."""
        program = self._find_program(pid)
        if program.python in ("", "?") and program.should_reread():
            self._reread(pid, program)
        return program.python

    def find_state(self, pid: int) -> GilStatus:
        """Return whether the address of a process's GIL is known."""
        if not self.find_version(pid):
            return "none"
        return "known" if self._locations.find(pid) is not None or self._find_program(pid).extra_gils else "unknown"

    def has_several_gils(self, pid: int) -> bool:
        """Return whether more than one GIL of a process is known."""
        program = self._programs.get(pid)
        extra = 0 if program is None else len(program.extra_gils)
        return extra > 1 or (extra == 1 and self._locations.find(pid) is not None)

    def forget(self, pid: int) -> None:
        """Forget a process that has ended or was replaced by another program (exec)."""
        if self._programs.pop(pid, None) is not None:
            self._locations.forget_inferred()  # the other processes' GILs are found again at once

    def find(self, pid: int, address: int) -> range:
        """Return the GIL that contains an address; an empty range if no known GIL does."""
        program = self._find_program(pid)
        if not program.python:
            return _NOWHERE
        main = self._locations.find(pid)
        if main is not None and address in main:
            return main
        return next((gil for gil in program.extra_gils if address in gil), _NOWHERE)

    def add_timed_wait(self, pid: int, tid: int, address: int) -> bool:
        """Count a thread's timed wait at a futex that is no known GIL; return whether the futex may be a GIL."""
        program = self._find_program(pid)
        if not program.contains(address) and program.should_reread():
            self._reread(pid, program)
        if not program.python:
            return False
        if program.contains(address):
            if not self._locations.add_timed_wait(
                pid, tid, address
            ):  # an embedded interpreter, in a file with another name
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
        """Evaluate the candidates' waits since the last call; return those that proved to be GILs, each with its process id.

        Args:
            period_s: the period of the ticks.
            wakes_per_s: returns how often per second a thread (process id, thread id) was lately put on a core; None if
                unknown.
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
        """Read the mapped files again: a program that has just started may not have mapped its interpreter's library yet."""
        files = self._mapped_files_of(pid)
        program.python, program.spans = find_python_version(files), find_interpreter_spans(files)

    def _find_program(self, pid: int) -> _Program:
        program = self._programs.get(pid)
        if program is None:
            files = self._mapped_files_of(pid)
            program = self._programs[pid] = _Program(find_python_version(files), find_interpreter_spans(files))
        return program
