"""Judging what was measured on a machine that others may use at the same time.

A machine that is busy at the wrong moment can hide any cause, and bring about a false one, once. So a measurement is made
again until it shows what it should; and where it never does, it is a fault, unless the machine is known to have been in the
way: in every one of the tries the workers themselves stood in the queue for a core.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable

import pytest

from pi_tui.analysis.results import Result, Trial

TRIES = 6
"""Each is a few seconds on a quiet machine, where the first one does."""

BUSY = 0.2
"""From this share of their time in the queue for a core on, workers say that the machine was busy."""

QUIET = 0.05
"""Below this share, nothing that is false can be laid to the machine."""


def queued_share(trials: Iterable[Trial]) -> float:
    """Of the time that the workers spent inside kernel calls, the share that they were ready for a core without one."""
    workers = [worker for trial in trials for worker in trial.workers if worker.tasks]
    queued_s = sum(worker.queued_s or 0.0 for worker in workers)
    all_s = queued_s + sum((worker.running_s or 0.0) + (worker.waiting_s or 0.0) for worker in workers)
    return queued_s / all_s if all_s > 0 else 0.0


def measure_until(
    measure: Callable[[], Result], right: Callable[[Result], object], wrong: Callable[[Result], object] | None = None
) -> Result:
    """The first of a few results that is `right` and not `wrong`.

    What is `wrong` on a quiet machine, or in most of the tries on any, is a fault; and so is that none is right, unless the
    workers were queued a good part of the time in each of the tries.
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
    """Why the test that runs is skipped, with its name: the summary shows no more than the place where it was skipped."""
    name = os.environ.get("PYTEST_CURRENT_TEST", "").partition(" ")[0].rpartition("::")[2]
    queued = f"the workers were queued {share:.0%} of the time or more, each time"
    return f"{name}: other programs have the cores: {queued}"
