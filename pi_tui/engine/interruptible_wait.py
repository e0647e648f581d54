"""Waiting in slices: what a thread must do to notice a signal whenever it comes.

Python handles a signal in the main thread, between two of its steps. One that comes between the last look for a signal and
the system call that sleeps wakes nobody: it is handled when the sleep is over, and a person has pressed Ctrl-C in vain.
"""

from __future__ import annotations

from collections.abc import Iterator

SLICE_S = 0.1
"""Within this, a signal is noticed."""


def slice_wait(timeout_s: float | None = None) -> Iterator[float]:
    """Seconds to wait for, one slice after the other, at least one; None waits for ever."""
    left_s = timeout_s
    while left_s is None or left_s > SLICE_S:
        yield SLICE_S
        if left_s is not None:
            left_s -= SLICE_S
    yield max(0.0, left_s)
