"""Refuse meaningless numbers always, and unreasonable sizes unless they are forced."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pi_tui.analysis.results import Case, Machine
from pi_tui.analysis.text.formatting import human_count, plural, span
from pi_tui.engine.errors import UsageError
from pi_tui.engine.number_parsing import MAX_COUNT
from pi_tui.engine.run.request import RunRequest
from pi_tui.host.kernels.catalog import Kernel

MAX_WORKERS_PER_CORE = 4
MAX_TASKS = 100_000
MAX_WORKERS = 1_000_000
MAX_ESTIMATE_S = 24 * 3600.0


def check_numbers(request: RunRequest) -> None:
    """Raise UsageError for a meaningless number."""
    tasks = tuple(count for count in request.tasks if count is not None)
    _check_range("samples", request.samples, 1, MAX_COUNT)
    check_workers(request.workers)
    _check_range("tasks", tasks, 1, MAX_TASKS)
    _check_range("repeat", (request.repeat,), 1, 100_000)
    _check_range("warmup", (request.warmup,), 0, 1_000)
    if request.chunksize is not None:
        _check_range("chunksize", (request.chunksize,), 1, MAX_TASKS)
    if request.timeout_s is not None and not 0 < request.timeout_s < float("inf"):
        raise UsageError(f"the time-out must be a positive number of seconds, not {request.timeout_s:g}")
    if request.max_time_s is not None and not 0 < request.max_time_s < float("inf"):
        raise UsageError(f"the time limit must be a positive number of seconds, not {request.max_time_s:g}")
    if request.until_stable is not None and not 0 < request.until_stable < 1:
        raise UsageError(f"the width of an interval must be between 0% and 100%, not {request.until_stable * 100:g}%")
    if not request.samples:
        raise UsageError("no number of samples was given")


def check_workers(counts: Sequence[int]) -> None:
    """Raise UsageError for meaningless numbers of workers."""
    _check_range("workers", counts, 1, MAX_WORKERS)


def _check_range(what: str, numbers: Sequence[int], least: int, most: int) -> None:
    for number in numbers:
        if number < least:
            raise UsageError(f"{what} must be at least {least}, not {number}")
        if number > most:
            raise UsageError(f"{what} must be at most {human_count(most, ' ')}, not {human_count(number, ' ')}")


def check_split(cases: Iterable[Case]) -> None:
    """Raise UsageError if there are fewer samples than tasks to split them among."""
    for case in cases:
        if case.split and case.samples < case.tasks:
            raise UsageError(f"{plural(case.samples, 'sample')} cannot be split among {plural(case.tasks, 'task')}")


def check_sizes(cases: Sequence[Case], kernels: Mapping[str, Kernel], machine: Machine, estimate_s: float) -> None:
    """Raise UsageError for an unreasonable number of workers, amount of memory, or time; `--force` skips this check."""
    most = MAX_WORKERS_PER_CORE * machine.usable_cores
    for case in sorted(cases, key=lambda case: case.total_samples, reverse=True):  # the message names the largest
        if case.workers > most:
            raise UsageError(
                f"{human_count(case.workers, ' ')} workers are more than {MAX_WORKERS_PER_CORE} times the "
                f"{machine.usable_cores} usable cores ({most}): use --force to run them anyway"
            )
        needed = estimate_memory_bytes(case, kernels[case.kernel])
        if needed > machine.available_bytes / 2:
            raise UsageError(
                f"{case.kernel} with {human_count(max(case.task_samples), ' ')} samples in "
                f"{plural(case.workers, 'worker')} needs about {format_bytes(needed)}, more than half of the "
                f"{format_bytes(machine.available_bytes)} available: use --force to run it anyway"
            )
    if estimate_s > MAX_ESTIMATE_S:
        raise UsageError(f"this would take about {span(estimate_s)}: use --force to run it anyway")


def estimate_memory_bytes(case: Case, kernel: Kernel) -> int:
    """Estimate the bytes that the running tasks of a case need together."""
    return kernel.bytes_per_sample * max(case.task_samples) * min(case.workers, case.tasks)


def format_bytes(count: float) -> str:
    """Write bytes for people, in the largest fitting unit."""
    for unit, size in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if count >= size:
            return (
                f"{count / size:.3g} {unit}"
                if count / size < 999.5
                else f"{human_count(round(count / size), ' ')} {unit}"
            )
    return f"{count / 1e3:.3g} kB"
