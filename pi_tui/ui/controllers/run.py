"""A run as the app sees it: started, its events taken in, stopped, ended."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Protocol

from pi_tui.ui.bench.presenter import describe_run_end

if TYPE_CHECKING:
    from textual.app import App

    from pi_tui.engine.run.events import Event, RunFinished
    from pi_tui.engine.run.plan import Plan
    from pi_tui.engine.run.request import RunRequest
    from pi_tui.ui.bench.screen import BenchScreen
    from pi_tui.ui.controllers.messages import RunEnded
    from pi_tui.ui.controllers.run_thread import Runner
    from pi_tui.ui.state.ports import Ports
    from pi_tui.ui.state.replay_player import ReplayPlayer
    from pi_tui.ui.state.session import Session, StoredRunRef

DRAIN_S = 0.25
"""Events are taken in at most so often, or with a tick: one drawing for all that happened, however fast it comes."""


class RunListener(Protocol):
    """Follows runs and replays. The session has taken in what a listener is called with, and the bench shows it."""

    def updated(self, events: Sequence[Event]) -> None:
        """Take in events of the run under way, in the order they happened."""

    def ended(self, player: ReplayPlayer | None) -> None:
        """Take in the end of a run; `player` played it where it was a replay."""


class RunController:
    """Starts and stops runs in threads, and hands their events to the session and the bench.

    Args:
        app: runs threads and timers, and shows notices.
        bench: shows the run.
        session: takes in the events.
        ports: the laboratory, the clock and the recorder.

    Attributes:
        saturated: a trial that needs every core is being timed, so the screen holds back.
        leaving: the app ends with the run.
        player: plays the replay under way; None where there is none.
    """

    def __init__(self, app: App[None], bench: BenchScreen, session: Session, ports: Ports) -> None:
        self.saturated = False
        self.leaving = False
        self.player: ReplayPlayer | None = None
        self._app = app
        self._bench = bench
        self._session = session
        self._ports = ports
        self._listeners: list[RunListener] = []
        self._runner: Runner | None = None
        self._drained_at = 0.0
        self._drain_due = False
        self._ending: RunFinished | None = None

    def add_listener(self, listener: RunListener) -> None:
        """Have a listener called at every event and every end."""
        self._listeners.append(listener)

    @property
    def runner(self) -> Runner:
        """The runner; made when it is first needed, as everything that the first frame can do without."""
        if self._runner is None:
            from pi_tui.ui.controllers.run_thread import Runner

            self._runner = Runner(self._ports.laboratory, self._app.post_message, self._ports.recorder)
        return self._runner

    def warm(self, request: RunRequest) -> None:
        """Make ready what a request needs, in a thread; nothing is done while a run is under way."""
        if not self._session.running:
            self._begin_thread(partial(self.runner.warm, request), group="warm")

    def start(self, plan: Plan) -> None:
        """Run a plan in a thread."""
        self.runner.begin()
        self._session.begin(in_app=plan.request.in_app)
        self._bench.begin_run()
        self._app.refresh_bindings()
        self._begin_thread(partial(self.runner.run, plan), group="run")

    def replay(self, player: ReplayPlayer, origin: StoredRunRef) -> None:
        """Play a stored run in a thread: its events come as those of a run, on the replay's own clock."""
        self.runner.begin()
        self.player = player
        self._bench.follow_clock(player.position_s)
        self._session.begin(in_app=False, origin=origin)
        self._bench.begin_run()
        self._app.refresh_bindings()
        self._begin_thread(partial(self.runner.replay, player), group="run")

    def stop(self) -> None:
        """Stop the run, in a thread of its own: it waits until everything is gone."""
        if self._session.running and not self._session.stopping:
            self._session.stopping = True
            self._bench.show_progress()
            self._app.refresh_bindings()
            self._begin_thread(self.runner.stop, group="stop")

    def _begin_thread(self, work: Callable[[], None], group: str) -> None:
        self._app.run_worker(work, thread=True, group=group, exit_on_error=False)

    # ---- events

    def drain_soon(self) -> None:
        """Take events in, at once or when the last ones have been on the screen for a moment."""
        wait_s = self._drained_at + DRAIN_S - self._ports.clock()
        if wait_s <= 0:
            self.drain()
        elif not self._drain_due:
            self._drain_due = True
            self._app.set_timer(wait_s, self._drain_when_due)

    def _drain_when_due(self) -> None:
        self._drain_due = False
        self.drain()

    def drain(self) -> None:
        """Take in all events that wait, and draw what came of them once."""
        if not self._app.is_running:
            return
        self._drained_at = self._ports.clock()
        had_rows = bool(self._session.rows)
        events, lanes = self.runner.queue.take(), self.runner.queue.take_lanes()
        for event in (*events, *lanes):
            self._take(event)
        if lanes:
            self._bench.show_lanes()
        if lanes or events:
            for listener in self._listeners:
                listener.updated((*events, *lanes))
        if not events:
            return
        if not had_rows:
            self._app.refresh_bindings()
        self._bench.show_events()

    def _take(self, event: Event) -> None:
        from pi_tui.engine.run.events import RunFinished, RunStarted
        from pi_tui.ui.state.event_reducer import apply_event

        session = self._session
        apply_event(session, event)
        if isinstance(event, RunStarted):
            self._bench.make_room(event.cases)
        elif isinstance(event, RunFinished):
            self._ending = event
        elif (active := session.active_case) is not None and session.replay is None:
            self.saturated = active.workers >= self._ports.machine.usable_cores

    # ---- the end

    def end(self, message: RunEnded) -> None:
        """Show a run whose thread is done: no more events will come."""
        app, session = self._app, self._session
        self.drain()
        session.end()
        player, self.player = self.player, None
        self._bench.follow_clock(self._ports.clock)
        self.saturated = False
        if not app.is_running:
            return
        if self.leaving:
            app.exit()
            return
        if message.error:
            what = "run" if player is None else "replay"
            app.notify(message.error, title=f"The {what} broke off", severity="error", timeout=10)
        ending, self._ending = self._ending, None
        self._bench.end_run()
        self._bench.show_lanes()
        if player is None and ending is not None:
            line = describe_run_end(
                session,
                ending.results,
                ending.elapsed_s,
                stopped=ending.stopped,
                gil_changeable=self._bench.setup.run_pane.view.gil_changeable,
            )
            self._bench.show_hint(line)
        for listener in self._listeners:
            listener.ended(player)
        app.refresh_bindings()
        if self._ports.return_memory is not None:
            self._ports.return_memory()
