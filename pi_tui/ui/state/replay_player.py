"""Replays the events of a stored run in their own time, or slower, faster, paused or stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pi_tui.engine.run.events import Event
    from pi_tui.storage.history.replay import TimedEvent

SLOWEST, FASTEST = 1 / 16, 1024.0


class ReplayPlayer:
    """One replay. It measures nothing and starts nothing.

    Args:
        moments: the events with their times; asked for once, in the thread that plays.
        clock: seconds, never going back.
        speed: how many times as fast as the run the replay is.
        wait: waits for this many seconds or until `recheck`; None waits for `recheck` alone. Tests give their own.
    """

    def __init__(
        self,
        moments: Callable[[], Iterator[TimedEvent]],
        clock: Callable[[], float],
        speed: float = 1.0,
        wait: Callable[[float | None], object] | None = None,
    ) -> None:
        self._moments, self._clock = moments, clock
        self._speed = speed
        self._wait = wait or self._wait_really
        self._lock = threading.Lock()
        self._changed = threading.Event()
        self._at_s = 0.0
        self._since_s: float | None = None
        self._begun = self._paused = self._stopped = False

    @property
    def speed(self) -> float:
        """How many times as fast as the run the replay is."""
        return self._speed

    @property
    def paused(self) -> bool:
        """Whether the replay is paused."""
        return self._paused

    @property
    def stopped(self) -> bool:
        """Whether the replay was stopped before its end."""
        return self._stopped

    def position_s(self) -> float:
        """Return the time that the replay has reached, in seconds since the run's start."""
        with self._lock:
            return self._position_s()

    def events(self) -> Iterator[Event]:
        """Yield each event when its time has come, and block between them; end early where the replay is stopped."""
        with self._lock:
            self._begun = True
            self._since_s = None if self._paused else self._clock()
        for moment in self._moments():
            while not self._stopped and (left_s := moment.at_s - self.position_s()) > 0:
                self._wait(None if self._paused else left_s / self._speed)
            if self._stopped:
                return
            yield moment.event

    def stop(self) -> None:
        """Stop the replay; may be called from any thread."""
        self._stopped = True
        self._changed.set()

    def recheck(self) -> None:
        """Check whether the next event is due; tests call this after they moved the clock."""
        self._changed.set()

    def toggle_pause(self) -> bool:
        """Pause or resume the replay; return whether it is paused now."""
        with self._lock:
            self._anchor()
            self._paused = not self._paused
            self._since_s = None if self._paused or not self._begun else self._clock()
        self._changed.set()
        return self._paused

    def change_speed(self, factor: float) -> float:
        """Multiply the speed by a factor within `SLOWEST` and `FASTEST`; return the new speed."""
        with self._lock:
            self._anchor()
            self._speed = min(FASTEST, max(SLOWEST, self._speed * factor))
        self._changed.set()
        return self._speed

    def _position_s(self) -> float:
        return self._at_s + (0.0 if self._since_s is None else (self._clock() - self._since_s) * self._speed)

    def _anchor(self) -> None:
        self._at_s = self._position_s()
        self._since_s = None if self._since_s is None else self._clock()

    def _wait_really(self, seconds: float | None) -> None:
        self._changed.wait(seconds)
        self._changed.clear()
