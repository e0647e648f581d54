"""What a kernel may change in the process that runs it, read before and after and compared.

A kernel is any Python: it may narrow the affinity mask, set the switch interval, start threads, replace signal handlers,
close files or put something else in the place of a module. What it leaves changed reaches whatever the same process runs
next, so the host compares its own state around every import and every trial.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

THREAD_LEFT = "a thread left running: "
"""Begins the phrase on a thread; its name follows."""

_FUNCTIONS: tuple[tuple[str, str], ...] = (
    ("time", "perf_counter_ns"),
    ("time", "thread_time_ns"),
    ("time", "sleep"),
    ("json", "dumps"),
    ("json", "loads"),
    ("os", "write"),
    ("os", "read"),
    ("threading", "Thread"),
)
"""Functions of the standard library that modes and kernels call, by module and name."""

_MODULES = {"time": time, "json": json, "os": os, "threading": threading}
_ORIGINALS: dict[tuple[str, str], Any] = {
    (module, name): getattr(_MODULES[module], name) for module, name in _FUNCTIONS
}


@dataclass(frozen=True, slots=True)
class ProcessState:
    """The state of this process at one moment, as far as a kernel can change it for others.

    Attributes:
        affinity: the CPU numbers that the calling thread may run on; None where the system does not tell.
        switch_interval_s: how long a thread keeps the GIL before another one may ask for it.
        threads: the threads that Python knows of.
        handlers: what each signal does, by the signal's number.
        folder: the working folder; "" where it is gone.
        environment: the environment variables.
        missing_descriptors: files that the process needs and that are closed.
        replaced: the functions and modules of the standard library that are no longer the original ones.
    """

    affinity: frozenset[int] | None
    switch_interval_s: float
    threads: frozenset[threading.Thread]
    handlers: dict[int, Any]
    folder: str
    environment: dict[str, str]
    missing_descriptors: frozenset[int]
    replaced: frozenset[str]

    @classmethod
    def read(cls) -> ProcessState:
        """Read the state as it is now."""
        return cls(
            affinity=_affinity(),
            switch_interval_s=sys.getswitchinterval(),
            threads=frozenset(threading.enumerate()),
            handlers=_handlers(),
            folder=_folder(),
            environment=dict(os.environ),
            missing_descriptors=_missing_descriptors(),
            replaced=_replaced(),
        )

    def changes_since(self, before: ProcessState) -> tuple[str, ...]:
        """Name what differs from an earlier state, one phrase per change.

        Files that were opened are no change, and neither are threads that have ended.
        """
        changes: list[str] = []
        if before.affinity is not None and self.affinity is not None and self.affinity != before.affinity:
            changes.append(f"the affinity mask: {cores_text(before.affinity)} to {cores_text(self.affinity)}")
        if self.switch_interval_s != before.switch_interval_s:
            changes.append(f"the switch interval: {before.switch_interval_s:g} s to {self.switch_interval_s:g} s")
        changes += [f"{THREAD_LEFT}{thread.name}" for thread in _by_name(self.threads - before.threads)]
        changes += [f"the handler of {_signal_name(number)}" for number in _differing(before.handlers, self.handlers)]
        if self.folder != before.folder:
            changes.append("the working folder")
        if names := _differing(before.environment, self.environment):
            changes.append(f"the environment: {', '.join(map(str, names))}")
        closed = sorted(self.missing_descriptors - before.missing_descriptors)
        changes += [f"file {number} closed, which the kernel had not opened" for number in closed]
        changes += [f"the standard library: {name}" for name in sorted(self.replaced - before.replaced)]
        return tuple(changes)


def cores_text(numbers: Iterable[int]) -> str:
    """CPU numbers in words: "core 0", "cores 0-3,6"."""
    ordered = sorted(numbers)
    parts: list[str] = []
    while ordered:
        first = last = ordered.pop(0)
        while ordered and ordered[0] == last + 1:
            last = ordered.pop(0)
        parts.append(str(first) if first == last else f"{first}-{last}")
    return f"{'core' if len(parts) == 1 and parts[0].isdigit() else 'cores'} {','.join(parts)}"


def _affinity() -> frozenset[int] | None:
    if not hasattr(os, "sched_getaffinity"):  # macOS, Windows
        return None
    return frozenset(os.sched_getaffinity(0))


def _handlers() -> dict[int, Any]:
    """The handlers that Python knows of; those of C code alone read as None and are left out."""
    found = {}
    for number in signal.valid_signals():
        with suppress(OSError, ValueError):
            handler = signal.getsignal(number)
            if handler is not None:
                found[int(number)] = handler
    return found


def _folder() -> str:
    try:
        return os.getcwd()
    except OSError:  # it was removed
        return ""


_kept_descriptors = {0, 1, 2}


def keep_descriptors(*descriptors: int) -> None:
    """Count a missing file among these as a change: they are the ones that the process itself needs."""
    _kept_descriptors.update(descriptors)


def _missing_descriptors() -> frozenset[int]:
    missing = set()
    for descriptor in _kept_descriptors:
        try:
            os.fstat(descriptor)
        except OSError:
            missing.add(descriptor)
    return frozenset(missing)


def _replaced() -> frozenset[str]:
    found = {f"{module}.{name}" for (module, name), original in _ORIGINALS.items()
             if getattr(_MODULES[module], name, None) is not original}  # fmt: skip
    found |= {module for module, original in _MODULES.items() if sys.modules.get(module) is not original}
    return frozenset(found)


def _by_name(threads: Iterable[threading.Thread]) -> list[threading.Thread]:
    return sorted(threads, key=lambda thread: thread.name)


def _differing(before: dict[Any, Any], now: dict[Any, Any]) -> list[Any]:
    """The keys whose values differ, in order."""
    return sorted(key for key in before.keys() | now.keys() if before.get(key) != now.get(key))


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
