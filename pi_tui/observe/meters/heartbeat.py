"""The app's heartbeat: how late a periodic beat comes. It shows what a held GIL in the app's process does to the screen."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HeartbeatReading:
    """Quantiles of the beats' lateness in the window, in seconds, by nearest rank; None if there are no beats."""

    beats: int
    p50_s: float | None
    p99_s: float | None
    max_s: float | None


class Heartbeat:
    """Records how late each beat is.

    Args:
        clock: seconds, monotonic.
        period_s: the time from one beat until the next is due.
        window_s: the time that a reading covers.
    """

    def __init__(self, clock: Callable[[], float], period_s: float, *, window_s: float = 10.0) -> None:
        self.period_s = period_s
        self._clock = clock
        self._window_s = window_s
        self._last: float | None = None
        self._late: deque[tuple[float, float]] = deque()

    def beat(self) -> float | None:
        """Record a beat now; return its lateness in seconds (0 if it came early), None for the first beat."""
        now = self._clock()
        last, self._last = self._last, now
        if last is None:
            return None
        late = max(0.0, now - last - self.period_s)
        self._late.append((now, late))
        self._drop_old(now)
        return late

    def read(self) -> HeartbeatReading:
        """Return the reading of the window that ends now."""
        self._drop_old(self._clock())
        late = sorted(seconds for _, seconds in self._late)
        if not late:
            return HeartbeatReading(0, None, None, None)
        return HeartbeatReading(len(late), _quantile(late, 0.50), _quantile(late, 0.99), late[-1])

    def restart(self) -> None:
        """Forget all beats, after an intended pause: the next beat counts as the first."""
        self._last = None
        self._late.clear()

    def _drop_old(self, now: float) -> None:
        while self._late and self._late[0][0] < now - self._window_s:
            self._late.popleft()


def _quantile(ordered: list[float], share: float) -> float:
    """Return the nearest-rank quantile of a sorted list that is not empty."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]
