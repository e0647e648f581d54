"""A/B: both settings of the GIL of what is ticked, run in turn and shown side by side."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from textual.app import SystemCommand

from pi_tui.ui.state.gil_comparison import GilComparison, select_both_gil_settings

if TYPE_CHECKING:
    from textual.app import App

    from pi_tui.analysis.results import Interpreter
    from pi_tui.engine.run.events import Event
    from pi_tui.ui.bench.screen import BenchScreen
    from pi_tui.ui.controllers.run import RunController
    from pi_tui.ui.dialogs.gil_comparison import GilComparisonDialog
    from pi_tui.ui.state.ports import Ports
    from pi_tui.ui.state.replay_player import ReplayPlayer
    from pi_tui.ui.state.run_preview import RunPreviewer
    from pi_tui.ui.state.selection import Selection
    from pi_tui.ui.state.session import Session

DRAWN_S = 1.0
"""During a run both sides are drawn at most so often: all of it changes each time, and the trials want the cores."""


class GilComparisonController:
    """Starts an A/B where the GIL has two settings, says why not elsewhere, and shows it while it runs.

    Attributes:
        comparison: the latest one; None before the first.
    """

    def __init__(
        self,
        app: App[None],
        bench: BenchScreen,
        session: Session,
        ports: Ports,
        previewer: RunPreviewer,
        run: RunController,
    ) -> None:
        self.comparison: GilComparison | None = None
        self._app = app
        self._bench = bench
        self._session = session
        self._ports = ports
        self._previewer = previewer
        self._run = run
        self._screen: GilComparisonDialog | None = None
        self._drawn_s = -DRAWN_S

    async def begin(self) -> None:
        """Run both settings, or say why that cannot be."""
        if self._session.running:
            self._app.notify("Something is running already: x stops it.", title="A/B")
            return
        setup = self._bench.setup
        selection, interpreter = setup.selection, setup.preview.free_threaded or self._ports.interpreter()
        wanted, why_not = select_both_gil_settings(selection, interpreter, chosen=setup.preview.interpreters)
        if wanted is None and not selection.in_app and selection.kernels:
            why_not = await self._find_reason(selection, interpreter)
        if wanted is None:
            self._app.notify(why_not, title="A/B")
            return
        preview = await asyncio.to_thread(self._previewer.preview, wanted)
        plan = preview.plan
        asked = tuple(case for case in plan.cases if case not in plan.added) if plan else ()
        comparison = GilComparison(asked, self._session.runs + 1)
        if plan is None or not comparison.pairs:
            reasons = [each.reason for each in plan.unavailable] if plan else []
            why_not = preview.refused or (reasons[0] if reasons else "One of the two settings cannot run here.")
            self._app.notify(why_not, title="A/B", severity="warning")
            return
        if self._session.running:
            return
        self.comparison = comparison
        self._run.start(plan)
        self.open()

    async def _find_reason(self, selection: Selection, interpreter: Interpreter) -> str:
        """Return why there is no other setting, with the names of interpreters on this machine that have one."""
        found = await self._bench.setup.interpreters.survey()
        return select_both_gil_settings(selection, interpreter, found.interpreters)[1]

    def open(self) -> None:
        """Show the latest comparison."""
        from pi_tui.ui.dialogs.gil_comparison import GilComparisonDialog

        if self.comparison is None:
            self._app.notify("Nothing has been compared yet: a runs both settings.", title="A/B")
            return
        self._screen = GilComparisonDialog(self.comparison, self._session, self._ports.machine.usable_cores)
        self._app.push_screen(self._screen)

    def commands(self) -> Iterator[SystemCommand]:
        """Yield the command that shows the latest comparison, where there is one."""
        if self.comparison is not None:
            yield SystemCommand("A/B: show the last one", "Both sides and what they say together", self.open)

    def note_cores(self, shares: tuple[float | None, ...]) -> None:
        """Keep a reading of the cores with the side whose trial is being timed."""
        if self.comparison is not None and self._session.running and self._session.runs == self.comparison.run:
            self.comparison.note_cores(self._session.active_case, shares)

    # ---- as a listener of runs

    def updated(self, events: Sequence[Event]) -> None:
        """Keep new lanes with the side they are of, and draw what is new."""
        from pi_tui.engine.run.events import LanesMoved

        if self.comparison is None:
            return
        for case in {event.case: None for event in events if isinstance(event, LanesMoved)}:
            if (trial := self._session.lanes.find(case)) is not None:
                self.comparison.note_lanes(trial)
        self._show()

    def ended(self, player: ReplayPlayer | None) -> None:  # noqa: ARG002
        """Draw the end of the comparison."""
        self._show()

    def _show(self) -> None:
        """Draw what is new, if it is being looked at, and was not drawn just now by a run that goes on."""
        if self._screen is None or self._app.screen is not self._screen:
            return
        now_s = self._ports.clock()
        if not self._session.running or now_s - self._drawn_s >= DRAWN_S:
            self._drawn_s = now_s
            self._screen.show()
