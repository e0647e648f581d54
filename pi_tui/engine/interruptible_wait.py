"""Long waits cut into slices, so that a thread notices a signal soon, whenever it arrives.

Python handles signals in the main thread, between two bytecode instructions. A signal that arrives after the last check and
before the blocking system call does not interrupt that call: its handler runs only when the wait is over, and Ctrl-C seems to
have no effect.
"""

from __future__ import annotations

from collections.abc import Iterator

SLICE_S = 0.1
"""A signal is noticed within this time."""


def slice_wait(timeout_s: float | None = None) -> Iterator[float]:
    """Yield the lengths of consecutive waits, in seconds, at least one; None waits forever."""
    left_s = timeout_s
    while left_s is None or left_s > SLICE_S:
        yield SLICE_S
        if left_s is not None:
            left_s -= SLICE_S
    yield max(0.0, left_s)
