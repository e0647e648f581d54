"""The affinity mask that a kernel left to its workers."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pi_tui.analysis.results import Result, Trial

MASK_CHANGED = "the affinity mask: "
"""Begins the phrase of a trial's facts on a changed mask."""

_RANGE = re.compile(r"(\d+)(?:-(\d+))?")


def find_allowed_cores(result: Result, baseline: Result, trial: Trial) -> frozenset[int] | None:
    """Return the CPU numbers that the workers of a trial may use together; None if no mask was changed.

    A worker that changed nothing has the mask of its host, which an earlier trial, also the baseline's, or the kernel's
    import may have changed.
    """
    inherited = _find_host_mask(result, baseline)
    together: set[int] = set()
    for worker in trial.workers:
        if worker.tasks == 0:
            continue
        mask = frozenset(worker.allowed_cores) if worker.allowed_cores is not None else inherited
        if mask is None:
            return None
        together |= mask
    return frozenset(together) or None


def _find_host_mask(result: Result, baseline: Result) -> frozenset[int] | None:
    """Return the mask that a sequential trial, which runs in the host's main thread, or an import left to the host."""
    for change in reversed([*_changes(baseline), *_changes(result)]):
        if change.startswith(MASK_CHANGED):
            return read_cores(change.rpartition(" to ")[2])
    left = [worker.allowed_cores for trial in baseline.trials for worker in trial.workers if worker.allowed_cores]
    return frozenset(left[-1]) if left else None


def _changes(result: Result) -> Iterable[str]:
    return [*(result.changed or ()), *(change for trial in result.trials for change in trial.facts.changed or ())]


def read_cores(text: str) -> frozenset[int] | None:
    """Return the CPU numbers of "core 0" or "cores 0-3,6"; None if there are none."""
    numbers: set[int] = set()
    for first, last in _RANGE.findall(text):
        numbers.update(range(int(first), int(last or first) + 1))
    return frozenset(numbers) or None


def write_cores(numbers: Iterable[int]) -> str:
    """Return "core 0" or "cores 0, 2"."""
    ordered = sorted(numbers)
    return f"{'core' if len(ordered) == 1 else 'cores'} {', '.join(map(str, ordered))}"
