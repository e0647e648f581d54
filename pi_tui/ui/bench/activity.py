"""The part of the bench that shows the machine at work: its cores, and the lanes of the measured workers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult, SystemCommand
from textual.containers import Container

from pi_tui.ui.bench.layout import Arrangement
from pi_tui.ui.bench.panes.cores import CoresPane
from pi_tui.ui.bench.panes.lanes import LanesPane
from pi_tui.ui.drawing.spans import Span
from pi_tui.ui.state.lane_history import NONE_QUEUED
from pi_tui.ui.widgets.actions import list_commands

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pi_tui.ui.drawing.cores import Uses
    from pi_tui.ui.state.lane_history import TrialLanes
    from pi_tui.ui.state.ports import CoreShare, Ports, QueuedShare
    from pi_tui.ui.state.session import Row, Session
    from pi_tui.ui.widgets.hint_area import HintArea

UPPER_CLASSES = ("-beside", "-stacked", "-tabs")


class Activity(Container):
    """The panes of cores and lanes.

    Args:
        ports: the machine, and the meters of the measured threads.
        session: the run under way, and the lanes of earlier trials.
        hints: shows hints.
    """

    def __init__(self, ports: Ports, session: Session, hints: HintArea) -> None:
        super().__init__(id="upper")
        self.cores = CoresPane(ports.machine.logical_cores)
        self.lanes = LanesPane()
        self._ports = ports
        self._session = session
        self._hints = hints
        self._core_meter: CoreShare | None = None
        self._core_meter_trial: TrialLanes | None = None
        self._queue_meter: QueuedShare | None = None
        self._queue_meter_trial: TrialLanes | None = None
        self._queued: Mapping[tuple[int, int], float] = NONE_QUEUED

    def compose(self) -> ComposeResult:
        """Yield both panes."""
        yield self.cores
        yield self.lanes

    def arrange_panes(self, found: Arrangement) -> None:
        """Arrange both panes for an arrangement of the screen."""
        self.update_classes({name: name == f"-{found.upper}" and not found.one_pane for name in UPPER_CLASSES})
        self.cores.can_focus, self.cores.most_lines = found.cores_hide, found.core_lines
        self.lanes.most_lines = found.core_lines

    def commands(self) -> Iterator[SystemCommand]:
        """Yield the commands of the lanes."""
        return list_commands(self.lanes, LanesPane.BINDINGS, "Workers: ")

    # ---- cores

    def show_cores(self, shares: tuple[float | None, ...]) -> None:
        """Show how busy each core is, as a share of 1; during a replay that is not known."""
        if self._session.replay is not None:
            self.cores.show_replay(len(shares))
        else:
            self.cores.show(shares, self._read_uses())

    def _read_uses(self) -> Sequence[Uses] | None:
        """Return what each core is used for; None where that is unknown or nothing is measured."""
        trial = self._session.lanes.latest
        measured = self._session.running and not self._session.in_app and self._session.replay is None
        if self._ports.core_share is None or trial is None or not measured:
            return None
        if self._core_meter is None:
            self._core_meter = self._ports.core_share()
        if trial is not self._core_meter_trial:
            self._core_meter_trial = trial
            self._core_meter.restart()
        use = self._core_meter.read(trial.threads)
        return None if use is None else tuple(zip(use.workers, use.function, use.pi_tui, strict=True))

    # ---- lanes

    def begin_run(self) -> None:
        """Prepare for a run: the last trial's lanes stay until its own come, unless it runs inside the app."""
        if self._session.in_app or self.lanes.inside:
            self.lanes.show(None, inside=self._session.in_app)

    def show_lanes(self, row: Row | None, *, in_app_next: bool) -> None:
        """Show the lanes of the trial under way; between runs those of a row's last trial, where they are kept.

        Threads inside the app have none. `in_app_next` says whether the next run would be inside it.
        """
        if self._is_inside_app(row, in_app_next=in_app_next):
            self.lanes.show(None, inside=True)
            return
        lanes = self._session.lanes
        chosen = None if row is None or self._session.running else lanes.find(row.case, row.run)
        trial = chosen or lanes.latest
        if trial is not None:
            view = trial.view(self._read_queued(trial))
            self.lanes.show(view if self._session.running else view._replace(ended=True))
        elif self.lanes.inside:
            self.lanes.show(None)

    def _is_inside_app(self, row: Row | None, *, in_app_next: bool) -> bool:
        session = self._session
        if row is not None and not session.running:
            return row.in_app
        return session.in_app if session.runs else in_app_next

    def _read_queued(self, trial: TrialLanes) -> Mapping[tuple[int, int], float]:
        """Return the share of the last second that each thread was queued; without a meter, nothing.

        The threads of a stored run have ended: nothing can be read of them.
        """
        if self._session.origin is not None:
            return NONE_QUEUED
        if self._ports.queued_share is None:
            return self._queued
        if self._queue_meter is None:
            self._queue_meter = self._ports.queued_share()
        if trial is not self._queue_meter_trial:
            self._queue_meter_trial = trial
            self._queue_meter.restart()
        self._queued = self._queue_meter.read(trial.threads)
        return self._queued

    @on(LanesPane.MicroscopeRequested)
    def open_microscope(self) -> None:
        """Show the trial in the lanes tick by tick."""
        view = self.lanes.view
        if self.lanes.inside:
            self._hints.show([
                Span("Threads inside the app have no lanes: no other process samples them.", "muted")
            ])  # fmt: skip
        elif view is None or not view.lanes:
            self._hints.show([
                Span("There are no lanes yet: press ", "muted"), Span("r", "key", "app.start_run"),
                Span(" to run.", "muted"),
            ])  # fmt: skip
        else:
            from pi_tui.ui.dialogs.microscope import MicroscopeDialog

            self.app.push_screen(MicroscopeDialog(view))
