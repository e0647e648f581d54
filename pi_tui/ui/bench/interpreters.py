"""Which Pythons are measured with: found off the screen's thread, chosen in a dialog or in turn, and their GIL."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from pi_tui.ui.drawing.spans import Span
from pi_tui.ui.state.selection import describe_gil, toggle_gil

if TYPE_CHECKING:
    from pi_tui.analysis.results import Interpreter
    from pi_tui.engine.interpreters.interpreter_list import Survey
    from pi_tui.ui.bench.setup import SelectingScreen


class Pythons:
    """The interpreters of this machine as the bench chooses among them."""

    def __init__(self, bench: SelectingScreen) -> None:
        self._bench = bench
        self._survey: Survey | None = None

    async def survey(self) -> Survey:
        """What there is; looked for when it is first needed, and the hint line says so meanwhile."""
        if self._survey is None:
            self._bench.show_hint([Span("Looking for other Pythons …", "muted")])
            self._survey = await asyncio.to_thread(self._bench.ports.laboratory.pythons)
            self._bench.show_hint([])
        return self._survey

    # ---- choosing

    def open(self) -> None:
        """Open the dialog in which any number of them is ticked."""
        from pi_tui.ui.dialogs.interpreters import PythonsScreen

        bench = self._bench
        chosen = {python.path for python in bench.preview.interpreters}
        typed = [name for name in bench.selection.pythons if name] if bench.preview.refused else []
        screen = PythonsScreen(self.survey, bench.ports.interpreter(), chosen, typed)
        bench.app.push_screen(screen, self._chosen)

    def _chosen(self, pythons: tuple[str, ...] | None) -> None:
        bench = self._bench
        if pythons is not None and pythons != bench.selection.pythons:
            bench.choose(replace(bench.selection, pythons=pythons, gils=(None,)))

    async def step(self, step: int) -> None:
        """The next one alone, or the one before."""
        bench = self._bench
        own = bench.ports.interpreter()
        paths = ["", *(each.path for each in (await self.survey()).interpreters if each.path != own.path)]
        present = bench.selection.pythons[0]
        if present not in paths:
            paths.append(present)
        if len(paths) == 1:
            bench.show_hint([Span("No other Python was found; p asks for one by path or version.", "muted")])
            return
        following = paths[(paths.index(present) + step) % len(paths)]
        bench.choose(replace(bench.selection, pythons=(following,), gils=(None,)))

    # ---- the GIL

    def toggle_gil(self) -> None:
        """The other GIL setting of what is ticked; where none can be had, say what could."""
        bench = self._bench
        interpreter = bench.preview.free_threaded or bench.ports.interpreter()
        fixed = not describe_gil(bench.selection, interpreter).changeable and not bench.selection.in_app
        if fixed and self._survey is None:
            bench.run_worker(self._toggle_with_others(interpreter), group="pythons", exclusive=True)
        else:
            self._toggle(interpreter)

    async def _toggle_with_others(self, interpreter: Interpreter) -> None:
        await self.survey()
        self._toggle(interpreter)

    def _toggle(self, interpreter: Interpreter) -> None:
        bench = self._bench
        others = self._survey.interpreters if self._survey is not None else ()
        selection, what = toggle_gil(bench.selection, interpreter, others)
        if selection == bench.selection:
            bench.notify(what, title="GIL")
        else:
            bench.choose(selection)
            bench.show_hint([Span("GIL  ", "strong"), Span(what, "text")])
