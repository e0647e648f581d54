"""Numbers of workers below a bar that is as long as there are workers."""

from __future__ import annotations

import itertools

_APART = 6
"""Cells from one number to the next, at least."""


def workers_scale(workers: int, cells_each: float, room: int) -> str:
    """The numbers below the places that they stand for, the last one as "2 workers" where that fits into `room` cells.

    Args:
        workers: at least one.
        cells_each: how many cells of the bar stand for a worker, above 0.
        room: how long the line may be.
    """
    steps = (step * 10**power for power in itertools.count() for step in (1, 2, 5))
    step = next(step for step in steps if step * cells_each >= _APART)
    end, last = f"{workers} worker{'s' if workers > 1 else ''}", min(round(workers * cells_each), room)
    if last + len(end) > room:
        end = f"{workers}"
        last = min(last, room - len(end))
    text = ""
    for number in range(0, workers, step):
        at = round(number * cells_each)
        if number == 0 or round(workers * cells_each) - at >= _APART:
            text = text.ljust(at) + f"{number}"
    return text[:last].ljust(last) + end
