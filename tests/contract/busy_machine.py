"""Measure on a machine that other programs may use at the same time.

A busy machine can hide any cause of a loss, and suggest a false one, once. A test therefore measures again until the result
is right. If it never is, the test fails, unless the workers had to wait for a core in every one of the tries.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable

import pytest

from pi_tui.analysis.results import Result, Trial

TRIES = 6
"""Each try takes a few seconds; on a quiet machine the first one is enough."""

BUSY = 0.2
"""The machine was busy if the workers waited for a core for at least this share of their time."""

QUIET = 0.05
"""Below this share, the machine cannot be the reason for a wrong result."""


def queued_share(trials: Iterable[Trial]) -> float:
    """Return the share of the time inside kernel calls in which the workers waited for a core."""
    workers = [worker for trial in trials for worker in trial.workers if worker.tasks]
    queued_s = sum(worker.queued_s or 0.0 for worker in workers)
    all_s = queued_s + sum((worker.running_s or 0.0) + (worker.waiting_s or 0.0) for worker in workers)
    return queued_s / all_s if all_s > 0 else 0.0


def measure_until(
    measure: Callable[[], Result], right: Callable[[Result], object], wrong: Callable[[Result], object] | None = None
) -> Result:
    """Measure until a result is `right` and not `wrong`, and return it.

    The test fails if a result is `wrong` on a quiet machine or in most of the tries. It also fails if no result is right,
    unless the machine was busy in each of the tries; then the test is skipped.
    """
    shares, found, faults = [], [], 0
    for _ in range(TRIES):
        result = measure()
        share = queued_share(result.measured_trials)
        shares.append(share)
        found.append((f"queued {share:.0%}", result.losses, [advice.sentence for advice in result.advice]))
        if wrong is not None and wrong(result):
            faults += 1
            assert share >= QUIET, found
            assert faults <= TRIES / 2, found
        elif right(result):
            return result
    if min(shares) < BUSY:
        raise AssertionError(found)
    pytest.skip(describe_queueing(min(shares)))


def describe_queueing(share: float) -> str:
    """Return the reason to skip the current test. It contains the test's name, which the summary does not show."""
    name = os.environ.get("PYTEST_CURRENT_TEST", "").partition(" ")[0].rpartition("::")[2]
    queued = f"the workers waited for a core for at least {share:.0%} of the time in each try"
    return f"{name}: other programs use the cores: {queued}"
