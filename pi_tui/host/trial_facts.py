"""What is measured of a trial besides its ledger: who used the cores, what the kernel changed, and what it returned.

Everything is read before the trial's clock starts or after it has stopped. Of the catalog's kernels it is known what they
change (nothing), so the state of the process is compared for a user's function alone.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from pi_tui.host import core_account, ledger
from pi_tui.host.core_account import CoreAccount, CpuReading, ThreadCpu
from pi_tui.host.process_state import ProcessState
from pi_tui.host.protocol import RunTrial, TrialFacts

NOTABLE_CORES = 0.05
"""A thread that is no worker is reported from this share of a core on."""

MOST_THREADS = 5
"""So many of them are reported."""


@dataclass(frozen=True, slots=True)
class FactsBefore:
    """What was read before a trial began."""

    cpu: CpuReading
    state: ProcessState | None
    threads: dict[int, int]
    io_bytes: tuple[int, int] | None

    @classmethod
    def read(cls, request: RunTrial) -> FactsBefore:
        """Read everything now."""
        user_code = request.own is not None
        return cls(
            cpu=core_account.read(_usable_cores()),
            state=ProcessState.read() if user_code else None,
            threads=_thread_cpu_ns() if user_code else {},
            io_bytes=_io_bytes() if request.start_method else None,
        )

    def find_changes(self) -> tuple[str, ...]:
        """Return what differs from then, one phrase per change."""
        return () if self.state is None else ProcessState.read().changes_since(self.state)

    def measure(self, request: RunTrial, readings: Sequence[ledger.Reading], results: Sequence[Any]) -> TrialFacts:
        """Return what a trial added since then."""
        now = core_account.read(_usable_cores())
        io_bytes = _io_bytes() if self.io_bytes is not None else None
        received = sent = None
        if self.io_bytes is not None and io_bytes is not None:
            received = io_bytes[0] - self.io_bytes[0]
            sent = io_bytes[1] - self.io_bytes[1]
        return TrialFacts(
            cores=self._divide_cores(request, readings, now),
            thread_cpu=self._find_busy_threads(readings, now),
            changed=self.find_changes(),
            switch_interval_s=sys.getswitchinterval() if request.mode_is_threads else None,
            returned=_name_result_type(results),
            received_bytes=received,
            sent_bytes=sent,
        )

    def _divide_cores(
        self, request: RunTrial, readings: Sequence[ledger.Reading], now: CpuReading
    ) -> CoreAccount | None:
        workers_ns = ledger.sum_thread_cpu(readings)
        children_ns = now.children_ns - self.cpu.children_ns
        main_is_worker = any(reading.tid == threading.main_thread().native_id for reading in readings)
        if request.start_method:
            processes_ns, children_ns = ledger.sum_process_cpu(readings)
            other_ns = processes_ns - workers_ns
        else:
            main_ns = now.main_ns - self.cpu.main_ns
            if main_is_worker:
                workers_ns = main_ns
            other_ns = now.process_ns - self.cpu.process_ns - workers_ns - (0 if main_is_worker else main_ns)
        return core_account.account(
            self.cpu,
            now,
            workers_ns=workers_ns,
            other_threads_ns=max(0, other_ns),
            children_ns=max(0, children_ns),
            main_is_worker=main_is_worker,
        )

    def _find_busy_threads(self, readings: Sequence[ledger.Reading], now: CpuReading) -> tuple[ThreadCpu, ...]:
        """Return the threads of this process that are no workers, live since before the trial, and used CPU during it."""
        if not self.threads:
            return ()
        workers = {reading.tid for reading in readings if reading.pid == os.getpid()} | {threading.get_native_id()}
        least_ns = NOTABLE_CORES * (now.wall_ns - self.cpu.wall_ns)
        used = {
            tid: cpu_ns - self.threads.get(tid, 0) for tid, cpu_ns in _thread_cpu_ns().items() if tid not in workers
        }
        names = {thread.native_id: thread.name for thread in threading.enumerate()}
        busy = [ThreadCpu(names.get(tid) or _system_name(tid), ns / 1e9) for tid, ns in used.items() if ns >= least_ns]
        return tuple(sorted(busy, key=lambda thread: -thread.cpu_s)[:MOST_THREADS])


def _usable_cores() -> frozenset[int] | None:
    return frozenset(os.sched_getaffinity(os.getpid())) if hasattr(os, "sched_getaffinity") else None


def _thread_cpu_ns() -> dict[int, int]:
    """CPU nanoseconds of each thread of this process, by thread id; empty where the system does not tell.

    Source: Documentation/scheduler/sched-stats.rst of the Linux kernel, first number of a thread's schedstat.
    """
    found = {}
    with suppress(OSError):
        for tid in os.listdir("/proc/self/task"):
            with suppress(OSError, ValueError, IndexError), open(f"/proc/self/task/{tid}/schedstat", "rb") as file:
                found[int(tid)] = int(file.read().split()[0])
    return found


def _system_name(tid: int) -> str:
    with suppress(OSError), open(f"/proc/self/task/{tid}/comm", encoding="utf-8", errors="replace") as file:
        return file.read().strip()
    return f"thread {tid}"


class _PipeBytes:
    """Counts what this process receives and sends over pipes of multiprocessing, which carry tasks and results.

    /proc/self/io would also count the files that worker processes read, such as their imports: a process's bytes are added
    to its parent's when it ends (Linux, kernel/exit.c).
    """

    def __init__(self) -> None:
        self.received = self.sent = 0
        self.installed = False

    def install(self) -> None:
        """Count from now on; a second call changes nothing."""
        if self.installed:
            return
        from multiprocessing import connection

        if not hasattr(connection, "Connection"):
            return
        self.installed = True
        receive, send = connection.Connection._recv, connection.Connection._send  # type: ignore[attr-defined]

        def count_received(pipe: Any, size: int, *more: Any) -> Any:
            self.received += size
            return receive(pipe, size, *more)

        def count_sent(pipe: Any, data: Any, *more: Any) -> Any:
            self.sent += len(data)
            return send(pipe, data, *more)

        connection.Connection._recv, connection.Connection._send = count_received, count_sent  # type: ignore[attr-defined]


_pipe_bytes = _PipeBytes()


def _io_bytes() -> tuple[int, int] | None:
    """Return the bytes that went over this process's pipes so far, received and sent; None if they are not counted."""
    _pipe_bytes.install()
    return (_pipe_bytes.received, _pipe_bytes.sent) if _pipe_bytes.installed else None


def _name_result_type(results: Sequence[Any]) -> str | None:
    """Return the name of the type that all results have; None where they differ, or some are numbers or None."""
    types = {type(result) for result in results}
    if len(types) != 1:
        return None
    (kind,) = types
    return None if issubclass(kind, (int, float, complex, type(None))) else kind.__name__


_called: set[str] = set()


def note_call(request: RunTrial) -> bool:
    """Return whether the processes of this trial's workers call the kernel for the first time.

    Worker processes are made for the trial. A forked one inherits what earlier calls in this process have kept.
    """
    first = request.kernel not in _called
    if not request.start_method:
        _called.add(request.kernel)
    inherits = request.start_method == "fork" or not (request.start_method or request.mode_is_interpreters)
    return first if inherits else True
