"""Who used the cores during one trial: workers, their own threads and children, pi-tui itself, and other programs.

The ledger tells of the workers' threads alone. A function may start threads and processes of its own, and pi-tui takes its
share; only what is left after all of them is other programs' use.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from time import perf_counter_ns, process_time_ns, thread_time_ns

try:
    from time import clock_gettime_ns
except ImportError:  # Windows
    clock_gettime_ns = None  # type: ignore[assignment]

LEAST_WALL_S = 0.05
"""The system counts busy time in ticks of 10 ms: the account of a shorter trial would be mostly grain."""

_CPU_CLOCK = 2
"""The scheduler's count, of the three that a process's CPU clock can mean (CPUCLOCK_SCHED of the Linux kernel)."""


@dataclass(frozen=True, slots=True)
class CoreAccount:
    """How many cores' worth of CPU each used over a trial's wall, in cores.

    Attributes:
        workers: the workers' threads, inside and outside kernel calls.
        other_threads: further threads of the processes that the workers belong to.
        children: processes that the kernel started, and theirs.
        pi_tui: the host's main thread where it is no worker, the observer and the app.
        others: everything else that kept the usable cores busy.
    """

    workers: float
    other_threads: float
    children: float
    pi_tui: float
    others: float


@dataclass(frozen=True, slots=True)
class ThreadCpu:
    """CPU seconds that a thread which is no worker used during a trial, by the thread's name."""

    name: str
    cpu_s: float


@dataclass(frozen=True, slots=True)
class CpuReading:
    """CPU used since some moment of the past, in nanoseconds; None where the system does not tell.

    Attributes:
        wall_ns: the monotonic clock.
        process_ns: all threads of this process, those that ended included.
        main_ns: the calling thread.
        children_ns: processes that this one waited for, and theirs.
        observers_ns: the observer (this process's parent) and the app (the observer's parent).
        busy_ns: the cores that this process may run on, whoever used them.
    """

    wall_ns: int
    process_ns: int
    main_ns: int
    children_ns: int
    observers_ns: int | None
    busy_ns: int | None


def read(cores: frozenset[int] | None = None) -> CpuReading:
    """Read all counters now. `cores` are the CPU numbers whose busy time counts; None counts all."""
    times = os.times()
    return CpuReading(
        wall_ns=perf_counter_ns(),
        process_ns=process_time_ns(),
        main_ns=thread_time_ns(),
        children_ns=int((times.children_user + times.children_system) * 1e9),
        observers_ns=_observers_ns(),
        busy_ns=busy_ns(_text("/proc/stat"), cores),
    )


def account(
    before: CpuReading,
    after: CpuReading,
    *,
    workers_ns: int,
    other_threads_ns: int,
    children_ns: int,
    main_is_worker: bool,
) -> CoreAccount | None:
    """Divide the busy time between two readings; None for a short trial, or where the system does not tell enough.

    Args:
        before: taken as the trial began.
        after: taken as it ended.
        workers_ns: CPU of the workers' threads.
        other_threads_ns: CPU of the other threads of the workers' processes.
        children_ns: CPU of the processes that the kernel started.
        main_is_worker: the host's main thread ran the tasks: its CPU is a worker's.
    """
    wall_ns = after.wall_ns - before.wall_ns
    if wall_ns < LEAST_WALL_S * 1e9 or before.busy_ns is None or after.busy_ns is None:
        return None
    if before.observers_ns is None or after.observers_ns is None:
        return None
    main_ns = 0 if main_is_worker else after.main_ns - before.main_ns
    own_ns = main_ns + max(0, after.observers_ns - before.observers_ns)
    known_ns = workers_ns + other_threads_ns + children_ns + own_ns
    return CoreAccount(
        workers=workers_ns / wall_ns,
        other_threads=other_threads_ns / wall_ns,
        children=children_ns / wall_ns,
        pi_tui=own_ns / wall_ns,
        others=max(0, after.busy_ns - before.busy_ns - known_ns) / wall_ns,
    )


def busy_ns(stat: str, cores: frozenset[int] | None) -> int | None:
    """The busy time of some cores since the system started, from the text of /proc/stat; None where it tells none.

    User, nice, system, irq and softirq count; idle, waiting for a disk, and time that a hypervisor gave to others do not
    (proc_stat(5) of the Linux manual).
    """
    tick_ns = 1e9 / _ticks_per_s()
    busy = 0.0
    found = False
    for line in stat.splitlines():
        name, *fields = line.split()
        if not name.startswith("cpu") or not name[3:].isdigit() or len(fields) < 7:
            continue
        if cores is None or int(name[3:]) in cores:
            found = True
            user, nice, system, _idle, _iowait, irq, softirq = map(int, fields[:7])
            busy += (user + nice + system + irq + softirq) * tick_ns
    return int(busy) if found else None


def process_cpu_ns(pid: int) -> int | None:
    """CPU of all threads of another process, in nanoseconds; None where that cannot be read.

    The clock's number is made of the process id as clock_getcpuclockid(3) makes it; no right over the process is needed.
    """
    try:
        return clock_gettime_ns((~pid << 3) | _CPU_CLOCK)
    except (OSError, OverflowError, TypeError):
        return None


def _observers_ns() -> int | None:
    observer = os.getppid()
    app = _parent_of(observer)
    clocks = [process_cpu_ns(pid) for pid in (observer, app) if pid > 1]
    known = [clock for clock in clocks if clock is not None]
    return sum(known) if known and len(known) == len(clocks) else None


def _parent_of(pid: int) -> int:
    """The parent's process id; 0 where it cannot be read. The name in the line may hold blanks and brackets."""
    fields = _text(f"/proc/{pid}/stat").rpartition(")")[2].split()
    return int(fields[1]) if len(fields) > 1 else 0


def _ticks_per_s() -> int:
    with suppress(ValueError, OSError, AttributeError):
        return os.sysconf("SC_CLK_TCK")
    return 100


def _text(path: str) -> str:
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            return file.read()
    except OSError:
        return ""
