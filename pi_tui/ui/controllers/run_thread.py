"""A run in a thread, and its events handed to the screen: bundled, and none of them touching a widget."""

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
    """Events between the run's thread and the screen's: frozen values, the outdated ones dropped."""

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._lanes: dict[Case, list[LanesMoved]] = {}
        self._lock = threading.Lock()

    def put(self, event: Event) -> bool:
        """Add an event; whether the screen is to be told.

        Lanes come five times a second and wait for the screen's own rhythm; of each case the latest trial's are kept.
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
        """Whether anything is in it."""
        return bool(self._events)

    def take_lanes(self) -> list[LanesMoved]:
        """All that was told of lanes, the latest case last."""
        with self._lock:
            lanes, self._lanes = self._lanes, {}
            return [event for events in lanes.values() for event in events]

    def take(self) -> list[Event]:
        """All events, in order."""
        with self._lock:
            events, self._events = self._events, []
            return events


class Runner:
    """One run at a time, each in a thread of its own.

    Args:
        laboratory: what runs.
        post: hands a message to the screen, from any thread.
        recorder: makes what writes a run into the history; None where none is kept.
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
        """A run is about to begin: what is stopped from now on is that one."""
        self._stopped.clear()
        self._end = self._laboratory.stop

    def run(self, plan: Plan) -> None:
        """Run a plan to its end; blocks. What goes wrong is told as a message."""
        self._tell(lambda: self._laboratory.run(plan), partial(self._recorder, plan.request))

    def replay(self, player: ReplayPlayer) -> None:
        """Play a stored run to its end; blocks. It is told like a run, and never recorded."""
        self._end = player.stop
        self._tell(player.events, lambda: None)

    def _tell(self, begin: Callable[[], Iterator[Event]], make_recorder: Callable[[], Recorder | None]) -> None:
        error, recorder = "", None
        try:
            recorder = make_recorder()
            with self._turn:  # a host that is being warmed is not to be asked two things at once
                for event in begin():
                    if recorder is not None:
                        recorder.record(event)  # before it can be seen
                    if self.queue.put(event):
                        self._post(EventsWaiting())
                    if self._stopped.is_set():
                        self._end()
        except PiTuiError as failure:
            error = str(failure)
        except Exception as failure:  # the border of a thread: it becomes a message
            error = f"{type(failure).__name__}: {failure}"
        try:
            if recorder is not None:
                recorder.close(error)
        finally:
            self._post(RunEnded(error))  # whatever happens: else the screen would wait for ever

    def _recorder(self, request: RunRequest) -> Recorder | None:
        """What records a run; none for one inside the app, which is no measurement."""
        if request.in_app or self._make_recorder is None:
            return None
        return self._make_recorder(request, lambda sentence: self._post(NotRecorded(sentence)))

    def stop(self) -> None:
        """End the run; blocks until everything it started is gone."""
        self._stopped.set()
        self._end()

    def warm(self, request: RunRequest) -> None:
        """Make ready what a request needs, unless a run is under way; blocks."""
        if self._turn.acquire(blocking=False):
            try:
                self._laboratory.warm(request)
            finally:
                self._turn.release()
