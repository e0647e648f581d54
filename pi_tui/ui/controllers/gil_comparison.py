"""A/B as the app does it: started where the GIL has two settings, told why not elsewhere, shown while it runs."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from pi_tui.ui.state.gil_comparison import GilComparison, select_both_gil_settings

if TYPE_CHECKING:
    from pi_tui.analysis.results import Interpreter
    from pi_tui.ui.app import LaboratoryApp
    from pi_tui.ui.dialogs.gil_comparison import ComparisonScreen
    from pi_tui.ui.state.selection import Selection

DRAWN_S = 1.0
"""During a run both sides are drawn at most so often: all of it changes each time, and the trials want the cores."""


class AB:
    """Both settings of the GIL of what is ticked, in one run whose trials take turns.

    Attributes:
        comparison: the latest one; None before the first.
    """

    def __init__(self, app: LaboratoryApp) -> None:
        self.comparison: GilComparison | None = None
        self._app = app
        self._screen: ComparisonScreen | None = None
        self._drawn_s = -DRAWN_S

    async def begin(self) -> None:
        """Run both settings, or say why that cannot be."""
        app = self._app
        if app.session.running:
            app.notify("Something is running already: x stops it.", title="A/B")
            return
        selection, interpreter = app.bench.selection, app.bench.preview.free_threaded or app.ports.interpreter()
        wanted, why_not = select_both_gil_settings(selection, interpreter, chosen=app.bench.preview.interpreters)
        if wanted is None and not selection.in_app and selection.kernels:
            why_not = await self._why_not(selection, interpreter)
        if wanted is None:
            app.notify(why_not, title="A/B")
            return
        preview = await asyncio.to_thread(app.previewer.preview, wanted)
        plan = preview.plan
        asked = tuple(case for case in plan.cases if case not in plan.added) if plan else ()
        comparison = GilComparison(asked, app.session.runs + 1)
        if plan is None or not comparison.pairs:
            reasons = [each.reason for each in plan.unavailable] if plan else []
            why_not = preview.refused or (reasons[0] if reasons else "One of the two settings cannot run here.")
            app.notify(why_not, title="A/B", severity="warning")
            return
        if app.session.running:
            return
        self.comparison = comparison
        app.control.start(plan)
        self.open()

    async def _why_not(self, selection: Selection, interpreter: Interpreter) -> str:
        """The reason, with the names of interpreters on this machine that could."""
        found = await self._app.bench.pythons.survey()
        return select_both_gil_settings(selection, interpreter, found.interpreters)[1]

    def open(self) -> None:
        """Show the latest comparison."""
        from pi_tui.ui.dialogs.gil_comparison import ComparisonScreen

        if self.comparison is None:
            self._app.notify("Nothing has been compared yet: a runs both settings.", title="A/B")
            return
        self._screen = ComparisonScreen(self.comparison, self._app.session, self._app.ports.machine.usable_cores)
        self._app.push_screen(self._screen)

    def note_cores(self, shares: tuple[float | None, ...]) -> None:
        """A reading of the cores: kept with the side whose trial is being timed."""
        session = self._app.session
        if self.comparison is not None and session.running and session.runs == self.comparison.run:
            self.comparison.note_cores(session.active_case, shares)

    def note_lanes(self) -> None:
        """Something was told of a trial's lanes: they are kept with the side they are of."""
        trial = self._app.session.lanes.latest
        if self.comparison is not None and trial is not None:
            self.comparison.note_lanes(trial)

    def show(self) -> None:
        """Draw what is new, if it is being looked at, and was not drawn just now by a run that goes on."""
        if self._screen is None or self._app.screen is not self._screen:
            return
        now_s = self._app.ports.clock()
        if not self._app.session.running or now_s - self._drawn_s >= DRAWN_S:
            self._drawn_s = now_s
            self._screen.show()
