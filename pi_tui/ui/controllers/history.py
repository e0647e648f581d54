"""Stored runs on the bench: opened into its tabs, or played again."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from pi_tui.engine.errors import PiTuiError
from pi_tui.ui.drawing.spans import Span
from pi_tui.ui.drawing.status_bar import draw_key_hint
from pi_tui.ui.history.cells import format_time
from pi_tui.ui.state.session import StoredRunRef

if TYPE_CHECKING:
    from textual.app import App

    from pi_tui.engine.run.events import Event
    from pi_tui.storage.history.queries import RunEntry
    from pi_tui.storage.history.service import StoredRun
    from pi_tui.ui.bench.screen import BenchScreen
    from pi_tui.ui.controllers.run import RunController
    from pi_tui.ui.history.screen import OpenRun, ReplayRun
    from pi_tui.ui.state.ports import HistoryService, Ports
    from pi_tui.ui.state.replay_player import ReplayPlayer
    from pi_tui.ui.state.session import Session


class HistoryController:
    """Opens the history, and brings runs from it to the bench."""

    def __init__(self, app: App[None], bench: BenchScreen, session: Session, ports: Ports, run: RunController) -> None:
        self._app = app
        self._bench = bench
        self._session = session
        self._ports = ports
        self._run = run
        self._history: HistoryService | None = None

    @property
    def history(self) -> HistoryService | None:
        """The recorded runs; None where no history is kept."""
        if self._history is None and self._ports.history is not None:
            self._history = self._ports.history()
        return self._history

    def open(self) -> None:
        """Show the list of runs."""
        if self.history is None:
            self._app.notify("No history is kept here.", title="History")
            return
        from pi_tui.ui.history.screen import HistoryScreen

        if self._app.screen is self._bench:
            screen = HistoryScreen(self.history, self._ports, busy=lambda: self._session.running)
            self._app.push_screen(screen, self._take_choice)

    def _take_choice(self, choice: OpenRun | ReplayRun | None) -> None:
        from pi_tui.ui.history.screen import OpenRun, ReplayRun

        if isinstance(choice, OpenRun):
            self.show_stored(choice.stored)
        elif isinstance(choice, ReplayRun):
            self.replay(choice.line)

    def show_stored(self, stored: StoredRun) -> None:
        """Bring a stored run into the tabs, by the same way as the events of a run."""
        from pi_tui.engine.run.events import CaseFinished, Progress, RunFinished, RunStarted
        from pi_tui.ui.state.event_reducer import apply_event

        session, bench = self._session, self._bench
        line, record = stored.line, stored.record
        origin = self._origin(line)
        shown = next((row for row in session.rows if row.origin == origin), None)
        if shown is None:
            session.begin(in_app=False, origin=origin)
            cases = tuple(result.case for result in record.results)
            apply_event(session, RunStarted(record.machine, record.interpreters, cases, line.trials, line.seed))
            for result in record.results:
                apply_event(session, CaseFinished(result, Progress(line.trials, line.trials, 0.0, 0.0)))
            apply_event(session, RunFinished(record.results, line.state == "stopped", 0.0))
            bench.show_opened_run(cases)
        else:
            bench.point_at(shown)
        bench.action_show_pane("results")
        note = f": {line.note}" if line.note else ""
        words = f"{origin.label.capitalize()} is in the tabs{note}.  "
        bench.show_hint([Span(words, "text"), *draw_key_hint("h", "back to the history", "app.history")])
        self._app.refresh_bindings()

    # ---- replays

    async def begin_replay(self, run_id: int, speed: float) -> None:
        """Play a stored run that is known by its number alone."""
        if self.history is None:
            return
        try:
            line = await asyncio.to_thread(self.history.get_entry, run_id)
        except PiTuiError as error:
            self._app.notify(f"{error}", title="History", severity="error")
        else:
            self.replay(line, speed)

    def replay(self, line: RunEntry, speed: float = 1.0) -> None:
        """Play a stored run on the bench."""
        from pi_tui.ui.state.replay_player import ReplayPlayer

        if self.history is None or self._session.running:
            return
        player = ReplayPlayer(partial(self.history.replay_events, line.id), self._ports.clock, speed)
        self._run.replay(player, self._origin(line, replay=True))
        self._say_replay()
        self._bench.action_show_pane("results")
        self._bench.call_after_refresh(self._say_replay)  # the pane that takes the focus says something of its own

    def hold(self) -> None:
        """Hold the replay, or go on."""
        if (player := self._run.player) is not None:
            player.toggle_pause()
            self._say_replay()

    def pace(self, factor: float) -> None:
        """Play faster or slower."""
        if (player := self._run.player) is not None:
            player.change_speed(factor)
            self._say_replay()

    def updated(self, events: Sequence[Event]) -> None:
        """Take in events of a run; the bench shows those of a replay as any others."""

    def ended(self, player: ReplayPlayer | None) -> None:
        """Say that a replay is over."""
        origin = self._session.origin
        if player is None or origin is None:
            return
        how = "was ended" if player.stopped else "is over"
        self._bench.show_hint([
            Span(f"{origin.label.capitalize()} {how}.  ", "strong"),
            *draw_key_hint("h", "back to the history", "app.history"), Span("   "),
            *draw_key_hint("r", "run what is ticked", "app.start_run"),
        ])  # fmt: skip
        self._bench.refresh_heartbeat()

    def _say_replay(self) -> None:
        """Say what is being played, and which keys it obeys."""
        player, replay = self._run.player, self._session.replay
        if player is None or replay is None:
            return
        pace = f"× {player.speed:g}" + (", held" if player.paused else "")
        self._bench.show_hint([
            Span(f"{replay.label.capitalize()}  ", "strong"), Span(f"{pace}  ", "notice"),
            *draw_key_hint("space", "goes on" if player.paused else "holds it", "app.hold_replay"), Span("  "),
            *draw_key_hint("<", "slower", "app.pace_replay(0.5)"), Span("  "),
            *draw_key_hint(">", "faster", "app.pace_replay(2)"),
            Span("  "), *draw_key_hint("x", "ends it", "app.stop_run"),
        ])  # fmt: skip
        self._bench.refresh_heartbeat()

    def _origin(self, line: RunEntry, *, replay: bool = False) -> StoredRunRef:
        assert self.history is not None
        return StoredRunRef(
            line.id, format_time(line.started_at, self.history.to_local_time), line.usable_cores, replay
        )
