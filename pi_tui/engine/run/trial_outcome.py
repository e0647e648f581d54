"""Collect what belongs to one trial: the host's answer, and the lanes that the observer saw."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pi_tui.analysis.gil_attribution import attribute_gil_waits
from pi_tui.analysis.lanes import divide_all_waiting
from pi_tui.analysis.results import Trial, TrialKind
from pi_tui.engine.hosts.host_failures import HostTimeout
from pi_tui.host.protocol import LanesSeen, Message, TrialDone

LANES_PATIENCE_S = 3.0
"""How long to wait for the observer's last lanes of a trial.

They come through another pipe than the host's answer, usually at once. On a busy machine the observer has to wait for a core.
Without its last lanes the kinds of waiting stay unknown.
"""

Receive = Callable[[float | None], Message]


class TrialOutcome:
    """Listens to one trial until it is over. `answer` is the host's last message."""

    def __init__(self, trial: int) -> None:
        self._trial = trial
        self._lanes: LanesSeen | None = None
        self.answer: Message | None = None

    def listen(self, receive: Receive, timeout_s: float | None, clock: Callable[[], float]) -> Iterator[LanesSeen]:
        """Yield the lanes as they come, until the host has answered and the lanes have ended.

        Raises:
            HostTimeout: the host did not answer within `timeout_s`.
            HostError: as `receive`.
        """
        deadline = None if timeout_s is None else clock() + timeout_s
        while self.answer is None:
            message = receive(None if deadline is None else deadline - clock())
            if isinstance(message, LanesSeen):
                yield from self._accept_lanes(message)
            else:
                self.answer = message
        if isinstance(self.answer, TrialDone):
            yield from self._wait_for_last_lanes(receive, clock() + LANES_PATIENCE_S, clock)

    def _wait_for_last_lanes(
        self, receive: Receive, deadline: float, clock: Callable[[], float]
    ) -> Iterator[LanesSeen]:
        while self._lanes is None:
            try:
                message = receive(deadline - clock())
            except HostTimeout:
                return  # the system has no lanes, or the observer had no core: the kinds of waiting stay unknown
            if isinstance(message, LanesSeen):
                yield from self._accept_lanes(message)

    def _accept_lanes(self, seen: LanesSeen) -> Iterator[LanesSeen]:
        if seen.trial == self._trial:
            self._lanes = seen if seen.ended else None
            yield seen

    def build_trial(self, kind: TrialKind, number: int, done: TrialDone) -> Trial:
        """Make the trial, with each worker's waiting divided by what the lanes saw."""
        lanes = self._lanes
        workers = done.workers
        if lanes is not None:
            tick_s = lanes.period_ns / 1e9
            workers = attribute_gil_waits(workers, done.maybe_held, lanes.outside, lanes.ticks, tick_s)
            workers = divide_all_waiting(workers, lanes.ticks, tick_s)
        return Trial(
            kind=kind,
            number=number,
            wall_s=done.wall_s,
            started_at=done.started_at,
            workers=workers,
            results=done.results,
            faults=done.faults,
            facts=done.facts,
        )
