"""A run as the app sees it: started, its events taken in, stopped, ended."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from pi_tui.ui.bench.presenter import run_note

if TYPE_CHECKING:
    from pi_tui.engine.run.events import Event, RunFinished
    from pi_tui.engine.run.plan import Plan
    from pi_tui.ui.app import LaboratoryApp
    from pi_tui.ui.controllers.messages import RunEnded
    from pi_tui.ui.controllers.run_thread import Runner
    from pi_tui.ui.state.replay_player import ReplayPlayer
    from pi_tui.ui.state.session import StoredRunRef

DRAIN_S = 0.25
"""Events are taken in at most so often, or with a tick: one drawing for all that happened, however fast it comes."""


class RunControl:
    """Starts and stops runs in threads, and hands what they tell to the session and the bench.

    Attributes:
        saturated: a trial that needs every core is being timed, so the screen holds back.
        leaving: the app ends with the run.
    """

    def __init__(self, app: LaboratoryApp) -> None:
        self.saturated = False
        self.leaving = False
        self._app = app
        self._runner: Runner | None = None
        self._drained_at = 0.0
        self._drain_due = False
        self._ending: RunFinished | None = None
        self.player: ReplayPlayer | None = None

    @property
    def runner(self) -> Runner:
        """What runs; made when it is first needed, as everything that the first frame can do without."""
        if self._runner is None:
            from pi_tui.ui.controllers.run_thread import Runner

            ports = self._app.ports
            self._runner = Runner(ports.laboratory, self._app.post_message, ports.recorder)
        return self._runner

    def start(self, plan: Plan) -> None:
        """Run a plan in a thread."""
        app = self._app
        self.runner.begin()
        app.session.begin(in_app=plan.request.in_app)
        app.bench.begin_run()
        app.refresh_bindings()
        app.run_worker(partial(self.runner.run, plan), thread=True, group="run", exit_on_error=False)

    def replay(self, player: ReplayPlayer, origin: StoredRunRef) -> None:
        """Play a stored run in a thread: everything is told as of a run, on the replay's own clock."""
        app = self._app
        self.runner.begin()
        self.player = player
        app.bench.run_clock = player.position_s
        app.session.begin(in_app=False, origin=origin)
        app.bench.begin_run()
        app.history.tell_replay()
        app.refresh_bindings()
        app.run_worker(partial(self.runner.replay, player), thread=True, group="run", exit_on_error=False)

    def stop(self) -> None:
        """Stop the run, in a thread of its own: it waits until everything is gone."""
        app = self._app
        if app.session.running and not app.session.stopping:
            app.session.stopping = True
            app.bench.show_progress()
            app.refresh_bindings()
            app.run_worker(self.runner.stop, thread=True, group="stop", exit_on_error=False)

    def events_wait(self) -> None:
        """Take events in, at once or when the last ones have been on the screen for a moment."""
        wait_s = self._drained_at + DRAIN_S - self._app.ports.clock()
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
        app = self._app
        if not app.is_running:
            return
        self._drained_at = app.ports.clock()
        had_rows = bool(app.session.rows)
        events, lanes = self.runner.inbox.take(), self.runner.inbox.take_lanes()
        for event in (*events, *lanes):
            self._take(event)
        if lanes:
            app.bench.show_lanes()
        if lanes or events:
            app.ab.show()
        if not events:
            return
        if not had_rows:
            app.refresh_bindings()
        app.bench.pace.told(app.bench.run_clock())
        app.bench.show_progress()
        app.bench.show_rows()

    def _take(self, event: Event) -> None:
        from pi_tui.engine.run.events import LanesMoved, RunFinished, RunStarted
        from pi_tui.ui.state.event_reducer import apply_event

        session, ports = self._app.session, self._app.ports
        apply_event(session, event)
        if isinstance(event, LanesMoved):
            self._app.ab.note_lanes()
        if isinstance(event, RunStarted):
            self._app.bench.make_room(event.cases)
        elif isinstance(event, RunFinished):
            self._ending = event
        elif (active := session.active_case) is not None and session.replay is None:
            self.saturated = active.workers >= ports.machine.usable_cores

    def ended(self, message: RunEnded) -> None:
        """The thread of a run is done: nothing more will come."""
        app = self._app
        self.drain()
        app.session.end()
        player, self.player = self.player, None
        app.bench.run_clock = app.ports.clock
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
        app.bench.end_run()
        app.bench.show_lanes()
        app.ab.show()
        if player is not None:
            app.history.tell_replayed(stopped=player.stopped)
        elif ending is not None:
            note = run_note(app.session, ending.results, ending.elapsed_s, stopped=ending.stopped)
            app.bench.show_hint(note)
        app.refresh_bindings()
        if app.ports.return_memory is not None:
            app.ports.return_memory()
