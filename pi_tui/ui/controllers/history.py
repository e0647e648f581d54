"""Stored runs on the bench: opened into its tabs, or played again."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from pi_tui.engine.errors import PiTuiError
from pi_tui.ui.drawing.spans import Span
from pi_tui.ui.drawing.status_bar import draw_key_hint
from pi_tui.ui.history.cells import moment
from pi_tui.ui.state.replay_player import ReplayPlayer
from pi_tui.ui.state.session import StoredRunRef

if TYPE_CHECKING:
    from pi_tui.storage.history.queries import RunEntry
    from pi_tui.storage.history.service import StoredRun
    from pi_tui.storage.run_record import RunRecord
    from pi_tui.ui.app import LaboratoryApp
    from pi_tui.ui.state.ports import HistoryService


class HistoryControl:
    """What the app does with the history."""

    def __init__(self, app: LaboratoryApp) -> None:
        self._app = app
        self._history: HistoryService | None = None

    @property
    def history(self) -> HistoryService | None:
        """What reads the history; None where none is kept."""
        if self._history is None and self._app.ports.history is not None:
            self._history = self._app.ports.history()
        return self._history

    @property
    def busy(self) -> bool:
        """Whether a run is under way on the bench."""
        return self._app.session.running

    def open(self) -> None:
        """Show the list of runs."""
        if self.history is None:
            self._app.notify("No history is kept here.", title="History")
            return
        from pi_tui.ui.history.screen import HistoryScreen

        if self._app.screen is self._app.bench:
            self._app.push_screen(HistoryScreen(self.history, self))

    def show_stored(self, stored: StoredRun) -> None:
        """Bring a stored run into the tabs, by the same way as the events of a run."""
        from pi_tui.engine.run.events import CaseFinished, Progress, RunFinished, RunStarted
        from pi_tui.ui.state.event_reducer import apply_event

        app, line, record = self._app, stored.line, stored.record
        session = app.session
        shown = next((row for row in session.rows if row.origin == self._origin(line)), None)
        if shown is None:
            session.begin(in_app=False, origin=self._origin(line))
            cases = tuple(result.case for result in record.results)
            apply_event(session, RunStarted(record.machine, record.interpreters, cases, line.trials, line.seed))
            for result in record.results:
                apply_event(session, CaseFinished(result, Progress(line.trials, line.trials, 0.0, 0.0)))
            apply_event(session, RunFinished(record.results, line.state == "stopped", 0.0))
            app.bench.show_opened_run(cases)
        else:
            app.bench.point_at(shown)
        app.bench.action_show_pane("results")
        note = f": {line.note}" if line.note else ""
        words = f"{self._origin(line).label.capitalize()} is in the tabs{note}.  "
        app.bench.show_hint([Span(words, "text"), *draw_key_hint("h", "back to the history", "app.history")])
        app.refresh_bindings()

    def export(self, record: RunRecord) -> None:
        """Ask where a stored run is to be written."""
        from pi_tui.ui.dialogs.export_results import ExportScreen

        if record.results:
            self._app.push_screen(ExportScreen(record, self._app.ports))
        else:
            self._app.notify("Nothing of this run was finished: there is nothing to export.", title="History")

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

        app = self._app
        if self.history is None or self.busy:
            return
        player = ReplayPlayer(partial(self.history.replay_events, line.id), app.ports.clock, speed)
        app.control.replay(player, self._origin(line, replay=True))
        app.bench.action_show_pane("results")
        app.bench.call_after_refresh(self.tell_replay)  # the pane that takes the focus says something of its own

    def tell_replay(self) -> None:
        """Say what is being played, and which keys it obeys."""
        player, replay = self._app.control.player, self._app.session.replay
        if player is None or replay is None:
            return
        pace = f"× {player.speed:g}" + (", held" if player.paused else "")
        self._app.bench.show_hint([
            Span(f"{replay.label.capitalize()}  ", "strong"), Span(f"{pace}  ", "notice"),
            *draw_key_hint("space", "goes on" if player.paused else "holds it", "app.hold_replay"), Span("  "),
            *draw_key_hint("<", "slower", "app.pace_replay(0.5)"), Span("  "),
            *draw_key_hint(">", "faster", "app.pace_replay(2)"),
            Span("  "), *draw_key_hint("x", "ends it", "app.stop_run"),
        ])  # fmt: skip
        self._app.bench.show_beat_again()

    def tell_replayed(self, *, stopped: bool) -> None:
        """Say that a replay is over."""
        origin = self._app.session.origin
        if origin is None:
            return
        how = "was ended" if stopped else "is over"
        self._app.bench.show_hint([
            Span(f"{origin.label.capitalize()} {how}.  ", "strong"),
            *draw_key_hint("h", "back to the history", "app.history"), Span("   "),
            *draw_key_hint("r", "run what is ticked", "app.start_run"),
        ])  # fmt: skip
        self._app.bench.show_beat_again()

    def hold(self) -> None:
        """Hold the replay, or go on."""
        if (player := self._app.control.player) is not None:
            player.toggle_pause()
            self.tell_replay()

    def pace(self, factor: float) -> None:
        """Play faster or slower."""
        if (player := self._app.control.player) is not None:
            player.change_speed(factor)
            self.tell_replay()

    def _origin(self, line: RunEntry, *, replay: bool = False) -> StoredRunRef:
        assert self.history is not None
        return StoredRunRef(line.id, moment(line.started_at, self.history.to_local_time), line.usable_cores, replay)
