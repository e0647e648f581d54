"""Run plans and replays in threads, and queue their events for the screen."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from textual.message import Message

from pi_tui.analysis.results import Case
from pi_tui.engine.errors import PiTuiError
from pi_tui.engine.run.events import Event, LanesMoved
from pi_tui.engine.run.plan import Plan
from pi_tui.engine.run.request import RunRequest
from pi_tui.ui.controllers.messages import EventsWaiting, NotRecorded, RunEnded
from pi_tui.ui.state.event_reducer import is_superseded
from pi_tui.ui.state.ports import Laboratory, Recorder

if TYPE_CHECKING:
    from pi_tui.ui.state.replay_player import ReplayPlayer

MakeRecorder = Callable[[RunRequest, Callable[[str], object]], Recorder]


class EventQueue:
    """Carries events from the run's thread to the screen's, and drops those that a later one replaces."""

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._lanes: dict[Case, list[LanesMoved]] = {}
        self._lock = threading.Lock()

    def put(self, event: Event) -> bool:
        """Add an event; return whether the screen must be notified.

        Lanes come five times per second and wait for the next drawing; of each case only the latest trial's are kept.
        """
        with self._lock:
            if isinstance(event, LanesMoved):
                before = self._lanes.pop(event.case, [])
                follows = bool(before) and before[-1].lanes.trial == event.lanes.trial
                self._lanes[event.case] = [*before, event] if follows else [event]
                return False
            was_empty = not self._events
            while self._events and is_superseded(self._events[-1], event):
                self._events.pop()
            self._events.append(event)
            return was_empty

    @property
    def waiting(self) -> bool:
        """Whether events are queued."""
        return bool(self._events)

    def take_lanes(self) -> list[LanesMoved]:
        """Remove and return all lanes, the latest case last."""
        with self._lock:
            lanes, self._lanes = self._lanes, {}
            return [event for events in lanes.values() for event in events]

    def take(self) -> list[Event]:
        """Remove and return all other events, in order."""
        with self._lock:
            events, self._events = self._events, []
            return events


class Runner:
    """Executes one run at a time; each method blocks, and is called in a thread of its own.

    Args:
        laboratory: plans and runs experiments.
        post: posts a message to the app, from any thread.
        recorder: makes the recorder of a run; None where no history is kept.
    """

    def __init__(
        self, laboratory: Laboratory, post: Callable[[Message], object], recorder: MakeRecorder | None = None
    ) -> None:
        self.queue = EventQueue()
        self._laboratory = laboratory
        self._post = post
        self._make_recorder = recorder
        self._turn = threading.Lock()
        self._stopped = threading.Event()
        self._end: Callable[[], object] = laboratory.stop

    def begin(self) -> None:
        """Prepare for a run: `stop` ends that one from now on."""
        self._stopped.clear()
        self._end = self._laboratory.stop

    def run(self, plan: Plan) -> None:
        """Run a plan to its end. An error is posted as a message."""
        self._tell(lambda: self._laboratory.run(plan), partial(self._recorder, plan.request))

    def replay(self, player: ReplayPlayer) -> None:
        """Play a stored run to its end. Its events are handled as a run's, but never recorded."""
        self._end = player.stop
        self._tell(player.events, lambda: None)

    def _tell(self, begin: Callable[[], Iterator[Event]], make_recorder: Callable[[], Recorder | None]) -> None:
        error, recorder = "", None
        try:
            recorder = make_recorder()
            with self._turn:  # a host answers one request at a time, and it may be starting
                for event in begin():
                    if recorder is not None:
                        recorder.record(event)  # recorded before it is shown
                    if self.queue.put(event):
                        self._post(EventsWaiting())
                    if self._stopped.is_set():
                        self._end()
        except PiTuiError as failure:
            error = str(failure)
        except Exception as failure:  # the end of a thread: the screen shows the error
            error = f"{type(failure).__name__}: {failure}"
        try:
            if recorder is not None:
                recorder.close(error)
        finally:
            self._post(RunEnded(error))  # in any case: otherwise the screen waits for ever

    def _recorder(self, request: RunRequest) -> Recorder | None:
        """Return the recorder of a run; None for one inside the app, which is no measurement."""
        if request.in_app or self._make_recorder is None:
            return None
        return self._make_recorder(request, lambda sentence: self._post(NotRecorded(sentence)))

    def stop(self) -> None:
        """End the run, and wait until its processes have ended."""
        self._stopped.set()
        self._end()

    def warm(self, request: RunRequest) -> None:
        """Make ready what a request needs; do nothing while a run is under way."""
        if self._turn.acquire(blocking=False):
            try:
                self._laboratory.warm(request)
            finally:
                self._turn.release()
