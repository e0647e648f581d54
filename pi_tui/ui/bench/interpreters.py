"""The interpreters that the bench can measure with: looked for in a thread, and one chosen after the other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from pi_tui.ui.drawing.spans import Line, Span

if TYPE_CHECKING:
    from pi_tui.analysis.results import Interpreter
    from pi_tui.engine.interpreters.interpreter_list import Survey
    from pi_tui.ui.dialogs.interpreters import InterpretersDialog
    from pi_tui.ui.state.run_preview import RunPreview
    from pi_tui.ui.state.selection import Selection


class Interpreters:
    """The interpreters of this machine.

    Args:
        find: finds them; takes a moment, and may be called from any thread.
        own: returns the app's own interpreter.
        show_hint: shows a line to the user.
    """

    def __init__(
        self, find: Callable[[], Survey], own: Callable[[], Interpreter], show_hint: Callable[[Line], object]
    ) -> None:
        self.own = own
        self._find = find
        self._show_hint = show_hint
        self._survey: Survey | None = None

    @property
    def survey_done(self) -> bool:
        """Whether the interpreters have been looked for."""
        return self._survey is not None

    @property
    def found(self) -> tuple[Interpreter, ...]:
        """The interpreters found so far; none before the survey."""
        return self._survey.interpreters if self._survey is not None else ()

    async def survey(self) -> Survey:
        """Return all interpreters. The first call looks for them; the hint line says so meanwhile."""
        if self._survey is None:
            self._show_hint([Span("Looking for other Pythons …", "muted")])
            self._survey = await asyncio.to_thread(self._find)
            self._show_hint([])
        return self._survey

    def make_dialog(self, selection: Selection, preview: RunPreview) -> InterpretersDialog:
        """Return the dialog in which any number of interpreters is ticked."""
        from pi_tui.ui.dialogs.interpreters import InterpretersDialog

        chosen = {python.path for python in preview.interpreters}
        typed = [name for name in selection.pythons if name] if preview.refused else []
        return InterpretersDialog(self.survey, self.own(), chosen, typed)

    async def select_neighbour(self, selection: Selection, step: int) -> Selection:
        """Return the selection with the next interpreter alone, or the one before; unchanged where there is no other."""
        own = self.own()
        paths = ["", *(each.path for each in (await self.survey()).interpreters if each.path != own.path)]
        present = selection.pythons[0]
        if present not in paths:
            paths.append(present)
        if len(paths) == 1:
            self._show_hint([Span("No other Python was found; p asks for one by path or version.", "muted")])
            return selection
        following = paths[(paths.index(present) + step) % len(paths)]
        return replace(selection, pythons=(following,), gils=(None,))
