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
from pi_tui.observe.process.gil_locations import GilPlaces, Module, gil_around, read_modules

_NOWHERE = range(0)
_LEAST_WAIT_S = 0.02
_WAKES_PER_S = 80.0
"""A waiter for the GIL is woken about 200 times a second, unless the switch interval was changed."""

_AGREEING, _DISAGREEING = 3, 3
"""Judgements that a futex is a GIL, until it is taken for one; and that it is none, before it may be given up."""

_TIRED_OF, _TIRED_OF_ONE = 600, 60
"""Sightings at one futex, of several threads or of one, before it may no longer be looked into: it is a lock."""

_FURTHER_SINCE = (3, 12)
"""The first Python whose further interpreters may have GILs of their own."""

_FORGOTTEN_AFTER = 25
"""Judgements without a sighting after which a futex is no candidate: some locks live for one wait alone."""

_VERSION = re.compile(r"python(\d\.\d+t?)")


@dataclass(slots=True)
class _Candidate:
    """A futex on the heap: how often each thread was seen there since the last judgement, and how the judgements went."""

    seen: dict[int, int] = field(default_factory=dict)
    waiters: set[int] = field(default_factory=set)
    sightings: int = 0
    agreed: int = 0
    disagreed: int = 0
    unseen: int = 0

    def see(self, tid: int) -> None:
        """A thread waits at it."""
        self.sightings += 1
        self.seen[tid] = self.seen.get(tid, 0) + 1
        self.waiters.add(tid)

    def judge(self, period_s: float, wakes_per_s: Callable[[int], float | None]) -> None:
        """Look at what was seen since the last judgement."""
        waiters = [tid for tid, ticks in self.seen.items() if ticks * period_s >= _LEAST_WAIT_S]
        paces = [pace for tid in waiters if (pace := wakes_per_s(tid)) is not None]
        if len(waiters) > 1 and len(paces) == len(waiters):
            if min(paces) >= _WAKES_PER_S:
                self.agreed += 1
            else:
                self.disagreed += 1
        self.unseen = 0 if self.seen else self.unseen + 1
        self.seen.clear()

    @property
    def hopeless(self) -> bool:
        """Whether it is a lock, and what it was seen at need not be looked into again."""
        if len(self.waiters) == 1:
            return self.sightings >= _TIRED_OF_ONE
        return self.sightings >= _TIRED_OF and self.disagreed >= max(_DISAGREEING, self.agreed)


@dataclass(slots=True)
class _Program:
    """What is known of one process."""

    python: str
    spans: tuple[range, ...]
    further: list[range] = field(default_factory=list)
    candidates: dict[int, _Candidate] = field(default_factory=dict)
    doubts: int = 0

    def doubt(self) -> bool:
        """Whether its modules should be read again: when it is first asked, and then ever more rarely."""
        self.doubts += 1
        return self.doubts & (self.doubts - 1) == 0

    def holds(self, address: int) -> bool:
        """Whether an address lies in the interpreter's own data."""
        return bool(self.python) and any(address in span for span in self.spans)

    @property
    def may_have_further(self) -> bool:
        """Whether its further interpreters may have GILs of their own; where the version is not known, they may."""
        numbers = self.python.rstrip("t").split(".")
        return not all(number.isdigit() for number in numbers) or tuple(map(int, numbers)) >= _FURTHER_SINCE


def python_of(modules: Iterable[Module]) -> str:
    """The version of the interpreter among a process's modules: "3.13t"; "?" for one that tells none, "" without any.

    A program that embeds the interpreter under another name is known by the extension modules that it loaded.
    """
    found = ""
    for module in modules:
        path = module.path
        if module.is_interpreter or ".cpython-" in path or "/lib-dynload/" in path:
            version = _VERSION.search(path)
            if version is not None and len(version[1]) > len(found):
                found = version[1]  # of "3.13" and "3.13t", the one that says more
            found = found or "?"
    return found


def interpreter_spans(modules: Iterable[Module]) -> tuple[range, ...]:
    """Where the interpreter's own data lie: in its file; in the program's own (mapped first) where it goes by no such name."""
    modules = tuple(modules)
    named = tuple(module.span for module in modules if module.is_interpreter)
    return named or tuple(module.span for module in modules[:1])


class GilSearch:
    """Where the GILs of each process lie, as far as waiting has told.

    Args:
        modules_of: the files mapped into a process.
    """

    def __init__(self, modules_of: Callable[[int], list[Module]] = read_modules) -> None:
        self._modules_of = modules_of
        self._places = GilPlaces(modules_of)
        self._programs: dict[int, _Program] = {}

    def python(self, pid: int) -> str:
        """The version of a process's interpreter; see `python_of`."""
        program = self._program(pid)
        if program.python in ("", "?") and program.doubt():
            self._read_again(pid, program)
        return program.python

    def state(self, pid: int) -> GilStatus:
        """Whether the place of a process's GIL is known."""
        if not self.python(pid):
            return "none"
        return "known" if self._places.of(pid) is not None or self._program(pid).further else "unknown"

    def forget(self, pid: int) -> None:
        """The process is gone, or became another program."""
        if self._programs.pop(pid, None) is not None:
            self._places.forget_untold()  # of the others it is learned again at once

    def of(self, pid: int, address: int) -> range:
        """The GIL that an address belongs to; empty for any other futex."""
        program = self._program(pid)
        if not program.python:
            return _NOWHERE
        main = self._places.of(pid)
        if main is not None and address in main:
            return main
        return next((gil for gil in program.further if address in gil), _NOWHERE)

    def suspect(self, pid: int, tid: int, address: int) -> bool:
        """A thread waits at this futex with a time limit, and it is no GIL that is known. Whether it may yet prove one."""
        program = self._program(pid)
        if not program.holds(address) and program.doubt():
            self._read_again(pid, program)
        if not program.python:
            return False
        if program.holds(address):
            if not self._places.suspect(pid, tid, address):  # an interpreter under another name
                self._learn(program, address & ~7)
            return True
        if not program.may_have_further:
            return False
        candidate = program.candidates.setdefault(address & ~7, _Candidate())
        candidate.see(tid)
        return not candidate.hopeless

    def judge(self, period_s: float, wakes_per_s: Callable[[int, int], float | None]) -> list[tuple[int, range]]:
        """Look at the candidates since the last time: those that proved GILs, each with its process.

        Args:
            period_s: from one sighting to the next.
            wakes_per_s: how often a second a thread (process, thread) was put on a core lately; None where not known.
        """
        found = []
        for pid, program in self._programs.items():
            for word, candidate in tuple(program.candidates.items()):
                candidate.judge(period_s, partial(wakes_per_s, pid))
                if candidate.agreed == _AGREEING:
                    found.append((pid, self._learn(program, word)))
                if candidate.agreed == _AGREEING or candidate.unseen >= _FORGOTTEN_AFTER:
                    del program.candidates[word]
        return found

    @staticmethod
    def _learn(program: _Program, word: int) -> range:
        gil = gil_around(word)
        program.further.append(gil)
        return gil

    def _read_again(self, pid: int, program: _Program) -> None:
        """A program that was only just begun had not mapped everything yet, its interpreter's library for one."""
        modules = self._modules_of(pid)
        program.python, program.spans = python_of(modules), interpreter_spans(modules)

    def _program(self, pid: int) -> _Program:
        program = self._programs.get(pid)
        if program is None:
            modules = self._modules_of(pid)
            program = self._programs[pid] = _Program(python_of(modules), interpreter_spans(modules))
        return program
