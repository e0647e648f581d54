"""Turn the readings of a trial into ledgers, which say where each worker's seconds went.

A worker's ledger has six parts, which sum to the trial's wall time: startup, running, queued, waiting, between and idle.
There is one correction. If the workers are threads under one GIL and the kernel never releases it, a thread cannot even
start while another one works; that part of its start-up, and of the gaps between its tasks, counts as waiting.
"""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any

from pi_tui.host import worker_runtime
from pi_tui.host.protocol import Failure, PossibleGilWait, WorkerLedger

Interval = tuple[int, int]


@dataclass(slots=True)
class Reading:
    """The clocks of one worker at one moment, in the order of `worker_runtime.READING`; -1 is "not known".

    Not frozen, as it should be: a trial may have tens of thousands, and a frozen one takes several times as long to make.
    """

    kind: int
    worker: int
    task: int
    pid: int
    tid: int
    threads: int
    wall_ns: int
    cpu_ns: int
    queued_ns: int
    process_ns: int
    children_ns: int
    switches: int
    minor_faults: int
    major_faults: int
    text: str = ""

    @property
    def failure(self) -> Failure:
        """The exception that the kernel raised, from the text of the reading."""
        parts = [*self.text.split("\0", 2), "", "", ""]
        return Failure(parts[0] or "Exception", parts[1], parts[2])


@dataclass(slots=True)
class KernelCall:
    """One call of a kernel, as its two readings."""

    enter: Reading
    leave: Reading

    @property
    def interval(self) -> Interval:
        """Start and end of the call, in nanoseconds of the wall clock."""
        return self.enter.wall_ns, self.leave.wall_ns


_WALL = attrgetter("wall_ns")


def parse_readings(data: bytes) -> tuple[list[Reading], bytes]:
    """Parse the complete records at the beginning of `data`; return their readings and the remaining bytes."""
    readings: list[Reading] = []
    size, unpack, add = worker_runtime.READING.size, worker_runtime.READING.unpack_from, readings.append
    start, length = 0, len(data)
    while start + size <= length:
        *fields, text_length = unpack(data, start)
        end = start + size + text_length
        if end > length:
            break
        fields.append(data[start + size : end].decode(errors="replace") if text_length else "")
        add(Reading(*fields))
        start = end
    return readings, data[start:]


def find_failure(readings: Iterable[Reading]) -> Failure | None:
    """Return the failure of the first kernel call that raised an exception; None if there is none."""
    return next((reading.failure for reading in readings if reading.kind == worker_runtime.RAISED), None)


def count_finished(readings: Iterable[Reading]) -> int:
    """Return how many kernel calls came to their end."""
    return sum(reading.kind == worker_runtime.LEFT for reading in readings)


def group_calls_by_worker(readings: Iterable[Reading], workers: int) -> dict[int, list[KernelCall]]:
    """Return the calls of each worker in order, by the worker's index.

    Workers of a pool do not know their index; they are numbered in the order of their first calls, as their lanes are.
    Unfinished calls are left out.
    """
    ordered = sorted(readings, key=_WALL)
    indices: dict[tuple[int, int], int] = {}
    opened: dict[tuple[int, int], Reading] = {}
    calls: dict[int, list[KernelCall]] = {index: [] for index in range(workers)}
    entered = worker_runtime.ENTERED
    for reading in ordered:
        key = (reading.pid, reading.tid)
        if reading.kind == entered:
            opened[key] = reading
            indices.setdefault(key, len(indices))
            continue
        enter = opened.pop(key, None)
        if enter is None:
            continue
        index = reading.worker if reading.worker >= 0 else indices[key]
        calls.setdefault(index, []).append(KernelCall(enter, reading))
    return calls


def build_ledgers(
    readings: Sequence[Reading],
    *,
    start_ns: int,
    end_ns: int,
    task_samples: Sequence[int],
    workers: int,
    one_gil: bool,
    threads_inside: bool = False,
    own_processes: bool = False,
    fresh: bool | None = None,
) -> tuple[tuple[WorkerLedger, ...], tuple[str, ...]]:
    """Return the ledger of each worker of a trial, and a sentence for each check that failed.

    Args:
        readings: the readings of all workers, in any order.
        start_ns: the start of the trial, on the wall clock of the readings.
        end_ns: the end of the trial.
        task_samples: the samples of each task.
        workers: the requested number of workers.
        one_gil: the workers are threads under one GIL and the kernel never releases it.
        threads_inside: the kernel starts threads of its own, which the workers' clocks do not cover.
        own_processes: each worker is a process, so that the process's other threads and children are the worker's.
        fresh: the workers' processes had not called this kernel before; None if unknown.
    """
    calls = group_calls_by_worker(readings, workers)
    ledgers = []
    for index in sorted(calls):
        held = _merge_others_calls(calls, index) if one_gil else HeldTime(())
        ledger = _build_ledger(index, calls[index], start_ns, end_ns, task_samples, held)
        if calls[index]:
            ledger = replace(ledger, fresh=fresh, **(_measure_process(calls[index]) if own_processes else {}))
        ledgers.append(ledger)
    if threads_inside:
        ledgers = [_drop_inside_figures(ledger) for ledger in ledgers]
    wall_s = (end_ns - start_ns) / 1e9
    return tuple(ledgers), tuple(_find_faults(calls, ledgers, wall_s, start_ns, end_ns, len(task_samples), workers))


def find_possible_gil_waits(readings: Sequence[Reading], *, start_ns: int, workers: int) -> tuple[PossibleGilWait, ...]:
    """Return, for each worker with a task, the time outside kernel calls that `one_gil` would count as waiting."""
    calls = group_calls_by_worker(readings, workers)
    waits = []
    for index in sorted(calls):
        if calls[index]:
            at_start, between = _measure_held_back(calls[index], start_ns, _merge_others_calls(calls, index))
            waits.append(PossibleGilWait(index, at_start / 1e9, between / 1e9))
    return tuple(waits)


def sum_thread_cpu(readings: Iterable[Reading]) -> int:
    """Return the CPU nanoseconds that the workers' threads had used at their last readings, since each thread started."""
    last = {(reading.pid, reading.tid): reading.cpu_ns for reading in readings}
    return sum(last.values())


def sum_process_cpu(readings: Iterable[Reading]) -> tuple[int, int]:
    """Return the CPU nanoseconds of the workers' processes at their last readings, and of the children they waited for."""
    last = {reading.pid: reading for reading in readings}
    return sum(each.process_ns for each in last.values()), sum(max(0, each.children_ns) for each in last.values())


def _measure_process(calls: Sequence[KernelCall]) -> dict[str, Any]:
    """Return what the process of a worker did besides the worker's thread, as fields of its ledger."""
    first, last = calls[0].enter, calls[-1].leave
    threads_ns = sum(
        call.leave.process_ns - call.enter.process_ns - (call.leave.cpu_ns - call.enter.cpu_ns) for call in calls
    )
    children_ns = sum(call.leave.children_ns - call.enter.children_ns for call in calls)
    return {
        "other_threads_s": max(0, threads_ns) / 1e9,
        "children_s": max(0, children_ns) / 1e9 if first.children_ns >= 0 else None,
        "threads_left": max(0, last.threads - first.threads),
    }


class HeldTime:
    """The time in which others held the GIL, as intervals in order that do not overlap.

    Looking up how much of a gap it covers takes a binary search: a trial may have tens of thousands of gaps and intervals.
    """

    def __init__(self, intervals: Iterable[Interval]) -> None:
        merged = list(_merge_intervals(intervals))
        self._starts = [low for low, _ in merged]
        self._ends = [high for _, high in merged]
        self._before = [0, *itertools.accumulate(high - low for low, high in merged)]

    def overlap(self, gap: Interval) -> int:
        """Return the nanoseconds of `gap` that the intervals cover."""
        return max(0, self._covered_until(gap[1]) - self._covered_until(gap[0]))

    def _covered_until(self, moment: int) -> int:
        """Return the nanoseconds covered before a moment."""
        index = bisect_right(self._starts, moment)
        if index == 0:
            return 0
        return self._before[index] - max(0, self._ends[index - 1] - moment)


def _merge_others_calls(calls: Mapping[int, Sequence[KernelCall]], index: int) -> HeldTime:
    """Return the time in which any other worker was inside a kernel call."""
    return HeldTime(
        (call.enter.wall_ns, call.leave.wall_ns)
        for other, worker_calls in calls.items()
        if other != index
        for call in worker_calls
    )


def _measure_held_back(calls: Sequence[KernelCall], start_ns: int, held: HeldTime) -> tuple[int, int]:
    """Return for how many nanoseconds others blocked a worker's start-up, and the gaps between its tasks."""
    first = calls[0].enter
    at_start = _measure_blocked((start_ns, first.wall_ns), held, first.cpu_ns + max(0, first.queued_ns))
    between = 0
    for one, following in itertools.pairwise(calls):
        leave, enter = one.leave, following.enter
        busy = enter.cpu_ns - leave.cpu_ns + max(0, enter.queued_ns - leave.queued_ns)
        if busy < enter.wall_ns - leave.wall_ns:  # else nothing of the gap is left that others could have blocked
            between += _measure_blocked((leave.wall_ns, enter.wall_ns), held, busy)
    return at_start, between


def _build_ledger(
    index: int,
    calls: Sequence[KernelCall],
    start_ns: int,
    end_ns: int,
    task_samples: Sequence[int],
    held: HeldTime,
) -> WorkerLedger:
    """Build one worker's ledger. `held` is the time in which other workers held the GIL."""
    if not calls:
        return WorkerLedger(index, None, None, 0, 0, 0.0, 0.0, 0.0, 0.0, 0.0, (end_ns - start_ns) / 1e9)
    first, last = calls[0].enter, calls[-1].leave
    startup = first.wall_ns - start_ns
    blocked_at_start, blocked_between = _measure_held_back(calls, start_ns, held)
    between = sum(following.enter.wall_ns - one.leave.wall_ns for one, following in itertools.pairwise(calls))
    inside = _sum_counter(calls, "wall_ns") or 0
    running = _sum_counter(calls, "cpu_ns") or 0
    queued_known = all(call.enter.queued_ns >= 0 and call.leave.queued_ns >= 0 for call in calls)
    queued = (_sum_counter(calls, "queued_ns") or 0) if queued_known else 0
    waiting = inside - running - queued + blocked_at_start + blocked_between
    minor, major = _sum_counter(calls, "minor_faults"), _sum_counter(calls, "major_faults")
    return WorkerLedger(
        index=index,
        pid=first.pid,
        tid=first.tid,
        tasks=len(calls),
        samples=sum(task_samples[call.enter.task] for call in calls),
        startup_s=(startup - blocked_at_start) / 1e9,
        running_s=running / 1e9,
        queued_s=queued / 1e9 if queued_known else None,
        waiting_s=waiting / 1e9,
        between_s=(between - blocked_between) / 1e9,
        idle_s=(end_ns - last.wall_ns) / 1e9,
        held_back_s=(blocked_at_start + blocked_between) / 1e9,
        voluntary_switches=_sum_counter(calls, "switches"),
        page_faults=None if minor is None or major is None else minor + major,
        minor_faults=minor,
        major_faults=major,
        first_call_s=(calls[0].leave.cpu_ns - calls[0].enter.cpu_ns) / 1e9,
        allowed_cores=_parse_cores(calls[-1].leave),
    )


def _parse_cores(leave: Reading) -> tuple[int, ...] | None:
    """Return the CPU numbers that a call left to its thread; None if it changed nothing."""
    if leave.kind != worker_runtime.LEFT or not leave.text:
        return None
    return tuple(int(number) for number in leave.text.split(","))


def _drop_inside_figures(ledger: WorkerLedger) -> WorkerLedger:
    """Remove the figures that cover the worker's own thread only; the ledger of a worker without a task is unchanged."""
    if not ledger.tasks:
        return ledger
    return replace(
        ledger,
        running_s=None,
        queued_s=None,
        waiting_s=None,
        voluntary_switches=None,
        page_faults=None,
        minor_faults=None,
        major_faults=None,
        first_call_s=None,
    )


def _sum_counter(calls: Sequence[KernelCall], counter: str) -> int | None:
    """Return how much a counter increased inside the calls; None if it is unknown."""
    read = attrgetter(counter)
    before = [read(call.enter) for call in calls]
    return None if min(before) < 0 else sum(read(call.leave) for call in calls) - sum(before)


def _merge_intervals(intervals: Iterable[Interval]) -> Iterator[Interval]:
    """Merge overlapping intervals; the result is in order."""
    ordered = iter(sorted(intervals))
    begin, end = next(ordered, (0, 0))
    for low, high in ordered:
        if low > end:
            yield begin, end
            begin, end = low, high
        elif high > end:
            end = high
    if end > begin:
        yield begin, end


def _measure_blocked(gap: Interval, held: HeldTime, busy_ns: int) -> int:
    """Return the nanoseconds of `gap` in which others held the GIL, minus those in which the thread ran or was queued."""
    return max(0, held.overlap(gap) - max(0, busy_ns))


def _find_faults(
    calls: dict[int, list[KernelCall]],
    ledgers: Sequence[WorkerLedger],
    wall_s: float,
    start_ns: int,
    end_ns: int,
    tasks: int,
    workers: int,
) -> Iterator[str]:
    """Check the ledgers and yield one sentence per fault. Their sum is not checked: it holds by construction."""
    done = sorted(call.enter.task for worker_calls in calls.values() for call in worker_calls)
    if done != list(range(tasks)):
        yield f"there are {len(done)} task readings for {tasks} tasks"
    if len(calls) > workers:
        yield f"{len(calls)} workers ran tasks; the request was for {workers}"
    for index, worker_calls in calls.items():
        stamps = [start_ns, *(stamp for call in worker_calls for stamp in call.interval), end_ns]
        if stamps != sorted(stamps):
            yield f"the time stamps of worker {index} are out of order"
    for ledger in ledgers:
        if ledger.waiting_s is not None and ledger.waiting_s < -0.01 * wall_s:
            yield f"worker {ledger.index} has a negative waiting time: {ledger.waiting_s:.4f} s"
