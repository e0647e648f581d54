"""Beat with every tick, and decide how often the cores are read and the screen is drawn.

A beat comes the way a key does, through a timer and the app's queue of messages: its lateness is the delay that a user feels.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from enum import Enum

from pi_tui.ui.state.ports import CoreMeter, Heartbeat

IDLE_TICKS = 5
BUSY_TICKS = 3
"""The number of ticks (0.2 s each) between two drawings: while nothing runs, and while a trial needs all cores."""

PULSE_BEATS = 12


class Redraw(Enum):
    """What is drawn at a tick.

    Most ticks draw cores and lanes alone, which lie next to each other; the rest of the screen follows once per second.
    """

    NOTHING = 0
    METERS = 1
    ALL = 2


class Ticker:
    """Records a beat at every tick, and reads the cores at some of them.

    Args:
        cores, heartbeat: make the meters, once the first frame is drawn.
        on_cores: called with the busy share of each core.
        on_heartbeat: called once per second with the lateness in milliseconds, and the latest maxima.
    """

    def __init__(
        self,
        cores: Callable[[], CoreMeter],
        heartbeat: Callable[[], Heartbeat],
        on_cores: Callable[[tuple[float | None, ...]], object],
        on_heartbeat: Callable[[float | None, tuple[float, ...]], object],
    ) -> None:
        self._make_cores = cores
        self._make_heartbeat = heartbeat
        self._on_cores = on_cores
        self._on_heartbeat = on_heartbeat
        self._cores: CoreMeter | None = None
        self._heartbeat: Heartbeat | None = None
        self._ticks = self._all_at = 0
        self._worst_s = 0.0
        self._pulse: deque[float] = deque(maxlen=PULSE_BEATS)

    def start(self) -> None:
        """Make the meters, and take a first reading."""
        self._cores = self._make_cores()
        self._heartbeat = self._make_heartbeat()
        self._heartbeat.beat()
        self._read_cores()

    def restart(self) -> None:
        """Forget the beats so far: after a suspension they are late."""
        if self._heartbeat is not None:
            self._heartbeat.restart()

    def tick(self, *, running: bool, saturated: bool) -> Redraw:
        """Record a tick, and return what is to be drawn at it."""
        if self._heartbeat is not None:
            self._worst_s = max(self._worst_s, self._heartbeat.beat() or 0.0)
        self._ticks += 1
        every = IDLE_TICKS if not running else BUSY_TICKS if saturated else 1
        if self._ticks % every:
            return Redraw.NOTHING
        self._read_cores()
        if self._ticks - self._all_at < IDLE_TICKS:
            return Redraw.METERS
        self._all_at = self._ticks
        self._report_heartbeat()
        return Redraw.ALL

    def _read_cores(self) -> None:
        if self._cores is not None:
            self._on_cores(self._cores.read().busy)

    def _report_heartbeat(self) -> None:
        if self._heartbeat is None:
            return
        late_s = self._heartbeat.read().p99_s
        self._pulse.append(self._worst_s * 1000)
        self._worst_s = 0.0
        self._on_heartbeat(None if late_s is None else late_s * 1000, tuple(self._pulse))
