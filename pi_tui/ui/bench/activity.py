"""What the bench shows of the workers: their lanes, their losses, and both settings of the GIL side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.containers import Container

from pi_tui.ui.bench.layout import Arrangement
from pi_tui.ui.bench.panes.cores import CoresPane
from pi_tui.ui.bench.panes.lanes import LanesPane
from pi_tui.ui.bench.panes.losses import LossesPane
from pi_tui.ui.bench.setup import SelectingScreen
from pi_tui.ui.drawing.spans import Span
from pi_tui.ui.state.lane_history import NONE_QUEUED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pi_tui.ui.state.lane_history import TrialLanes
    from pi_tui.ui.state.ports import CoreShare, QueuedShare
    from pi_tui.ui.state.session import Row, Session

UPPER_CLASSES = ("-beside", "-stacked", "-tabs")


class WatchingScreen(SelectingScreen):
    """A screen with the panes of cores, lanes and losses."""

    cores: CoresPane
    _own: CoreShare | None = None
    _looked_at: TrialLanes | None = None
    _queued_meter: QueuedShare | None = None
    _queued_at: TrialLanes | None = None
    _queued: Mapping[tuple[int, int], float] = NONE_QUEUED
    _session: Session

    def make_upper(self) -> Container:
        """Cores and lanes, and the pane of the losses."""
        self.cores = CoresPane(self.ports.machine.logical_cores)
        self.lanes = LanesPane()
        self.losses = LossesPane()
        self.upper = Container(self.cores, self.lanes, id="upper")
        return self.upper

    def arrange_upper(self, found: Arrangement) -> None:
        """Arrange cores and lanes."""
        self.upper.update_classes({name: name == f"-{found.upper}" and not found.one_pane for name in UPPER_CLASSES})
        self.cores.can_focus, self.cores.most_lines = found.cores_hide, found.core_lines
        self.lanes.most_lines = found.core_lines

    def show_lanes(self, row: Row | None = None) -> None:
        """Show the lanes of the trial that is under way; while nothing runs, of a row's last trial where they are kept.

        What runs inside the app has none.
        """
        if self._looks_inside(row):
            self.lanes.show(None, inside=True)
            return
        lanes = self._session.lanes
        chosen = None if row is None or self._session.running else lanes.find(row.case, row.run)
        trial = chosen or lanes.latest
        if trial is not None:
            view = trial.view(self._queued_now(trial))
            self.lanes.show(view if self._session.running else view._replace(ended=True))
        elif self.lanes.inside:
            self.lanes.show(None)

    def begin_lanes(self) -> None:
        """A run begins: its lanes will come, unless it runs inside the app. Until then those of the last one stay."""
        if self._session.in_app or self.lanes.inside:
            self.lanes.show(None, inside=self._session.in_app)

    def _looks_inside(self, row: Row | None) -> bool:
        """Whether what would be shown ran inside the app, or is to run there."""
        session = self._session
        if row is not None and not session.running:
            return row.in_app
        return session.in_app if session.runs else self.selection.in_app

    def _queued_now(self, trial: TrialLanes) -> Mapping[tuple[int, int], float]:
        """The share of the last second that each worker was queued; after the trial, what was told last."""
        if self._session.origin is not None:  # what is told of a stored run are threads long gone
            return NONE_QUEUED
        if self.ports.queued_share is None:
            return self._queued
        if self._queued_meter is None:
            self._queued_meter = self.ports.queued_share()
        if trial is not self._queued_at:
            self._queued_at = trial
            self._queued_meter.restart()
        self._queued = self._queued_meter.read(trial.threads)
        return self._queued

    def own_share(self) -> Sequence[float] | None:
        """What of each core the measured workers use; None where it cannot be told, or no trial has run for a second."""
        trial = self._session.lanes.latest
        if self.ports.core_share is None or not self._session.running or trial is None or self._session.in_app:
            return None
        if self._session.replay is not None:  # those threads are long gone
            return None
        if self._own is None:
            self._own = self.ports.core_share()
        if trial is not self._looked_at:
            self._looked_at = trial
            self._own.restart()
        return self._own.read(trial.threads)

    def show_losses(self, rows: Sequence[Row], number: int | None) -> None:
        """Show where the speed-up of these rows went."""
        self.losses.show(rows, number)

    @on(LanesPane.Magnified)
    def open_microscope(self) -> None:
        """Show the trial in the pane tick by tick."""
        view = self.lanes.view
        if self.lanes.inside:
            self.show_hint([Span("Threads inside the app have no lanes: nobody watches them from outside.", "muted")])
            return
        if view is None or not view.lanes:
            self.show_hint([Span("There are no lanes yet: ", "muted"), Span("r", "key", "app.start_run"),
                            Span(" runs what is ticked.", "muted")])  # fmt: skip
            return
        from pi_tui.ui.dialogs.microscope import MicroscopeScreen

        self.app.push_screen(MicroscopeScreen(view))
