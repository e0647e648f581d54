"""How late the app's own beat comes: the measure of what a GIL held elsewhere in the process does to a screen."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HeartbeatReading:
    """Lateness of the beats in the window, in seconds, by nearest rank; None before there are any."""

    beats: int
    p50_s: float | None
    p99_s: float | None
    max_s: float | None


class Heartbeat:
    """Records how late each beat is.

    Args:
        clock: seconds, never going back.
        period_s: how long after the one before a beat is due.
        window_s: how far back a reading looks.
    """

    def __init__(self, clock: Callable[[], float], period_s: float, *, window_s: float = 10.0) -> None:
        self.period_s = period_s
        self._clock = clock
        self._window_s = window_s
        self._last: float | None = None
        self._late: deque[tuple[float, float]] = deque()

    def beat(self) -> float | None:
        """Record a beat now; its lateness in seconds (0 where it came early), None for the first."""
        now = self._clock()
        last, self._last = self._last, now
        if last is None:
            return None
        late = max(0.0, now - last - self.period_s)
        self._late.append((now, late))
        self._drop_old(now)
        return late

    def read(self) -> HeartbeatReading:
        """The window up to now."""
        self._drop_old(self._clock())
        late = sorted(seconds for _, seconds in self._late)
        if not late:
            return HeartbeatReading(0, None, None, None)
        return HeartbeatReading(len(late), _quantile(late, 0.50), _quantile(late, 0.99), late[-1])

    def restart(self) -> None:
        """Forget everything: the next beat is a first one (after a pause that was meant)."""
        self._last = None
        self._late.clear()

    def _drop_old(self, now: float) -> None:
        while self._late and self._late[0][0] < now - self._window_s:
            self._late.popleft()


def _quantile(ordered: list[float], share: float) -> float:
    """The nearest-rank quantile of a sorted list that is not empty."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]
