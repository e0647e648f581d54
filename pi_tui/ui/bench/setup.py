"""How keys, clicks and typed values change what is ticked."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, cast

from textual import on
from textual.containers import Container
from textual.screen import Screen
from textual.widget import Widget

from pi_tui.ui.bench.interpreters import Pythons
from pi_tui.ui.bench.panes.modes import ModeChooser
from pi_tui.ui.bench.panes.run import RunPane
from pi_tui.ui.bench.presenter import reason_here
from pi_tui.ui.drawing.spans import Line, Span
from pi_tui.ui.state import selection_edits
from pi_tui.ui.state.run_preview import RunPreview
from pi_tui.ui.state.selection import Selection
from pi_tui.ui.widgets.checklist import Checklist
from pi_tui.ui.widgets.status_bars import HintBar

if TYPE_CHECKING:
    from pi_tui.ui.app import LaboratoryApp
    from pi_tui.ui.state.ports import Ports
    from pi_tui.ui.widgets.prompt import Prompt

WARM_AFTER_S = 0.5
"""A host is made ready when the person has stopped ticking."""


class SelectingScreen(Screen[None]):
    """A screen with choosers, a run pane and a hint line, and the selection they change.

    Args:
        ports: what comes from outside the app.
        selection: what is ticked at first.
        preview: what that would run.
    """

    hint: HintBar

    def __init__(self, ports: Ports, selection: Selection, preview: RunPreview) -> None:
        super().__init__(id="bench")
        self.selection = selection
        self.preview = preview
        self.wanted = ""
        self.ports = ports
        self.pythons = Pythons(self)
        self._prompt: Prompt | None = None
        self._before_prompt: Widget | None = None

    @property
    def laboratory_app(self) -> LaboratoryApp:
        """The app, by its own type."""
        return cast("LaboratoryApp", self.app)

    def show_selection(self) -> None:
        """Show what is ticked and what it would run."""
        raise NotImplementedError

    def filter_rows(self, wanted: str) -> None:
        """Show only the rows that have these words in them."""
        raise NotImplementedError

    def show_opened(self, kernel: str) -> None:
        """Show a kernel of the person's own that was just opened."""
        raise NotImplementedError

    def show_hint(self, line: Line) -> None:
        """Say something in the hint line."""
        self.hint.show(line)

    # ---- the selection and what it would run

    def choose(self, selection: Selection) -> None:
        """Take a selection, and find out what it would run: at once, or in a thread where another Python is to be asked."""
        if selection == self.selection:
            return
        self.selection = selection
        if selection.needs_probe:
            self.run_worker(self._look_elsewhere(selection), group="preview", exclusive=True)
        else:
            self.look_again()
        self.warm_soon()

    def look_again(self) -> None:
        """Find out anew what the selection would run."""
        if not self.selection.needs_probe or self.preview.selection == self.selection:
            self.preview = self.laboratory_app.previewer.preview(self.selection)
        self.show_selection()

    async def look_closely(self) -> None:
        """Find out anew what the selection would run, also where another Python has not answered yet."""
        self.look_again()
        while self.preview.selection != self.selection:
            await self._look_elsewhere(self.selection)

    async def _look_elsewhere(self, selection: Selection) -> None:
        preview = await asyncio.to_thread(self.laboratory_app.previewer.preview, selection)
        if selection == self.selection:
            self.preview = preview
            self.show_selection()

    def warm_soon(self) -> None:
        """Make a host ready once the person has stopped ticking."""
        selection = self.selection
        self.set_timer(WARM_AFTER_S, lambda: self.warm() if selection is self.selection else None)

    def warm(self) -> None:
        """Make a host ready for what is ticked, so that its first row comes sooner."""
        idle = not self.laboratory_app.session.running and not self.selection.in_app and not self.selection.needs_probe
        if idle and self.preview.can_run:
            work = partial(self.laboratory_app.control.runner.warm, self.selection.request())
            self.run_worker(work, thread=True, group="warm", exit_on_error=False)

    # ---- what the panes tell

    @on(Checklist.Toggled)
    def _toggled(self, event: Checklist.Toggled) -> None:
        pane = event.checklist.id or ""
        if event.choice.adds:
            self.ask(pane)
        elif event.choice.reason and not event.choice.ticked:
            self.notify(reason_here(event.choice.reason), title=f"{event.choice.label} cannot run", severity="warning")
        else:
            self.choose(selection_edits.toggle_choice(self.selection, pane, event.choice.key))

    @on(ModeChooser.OptionAsked)
    def _option_asked(self, event: ModeChooser.OptionAsked) -> None:
        self.choose(selection_edits.cycle_option(self.selection, event.option))

    @on(RunPane.Changed)
    def _field_changed(self, event: RunPane.Changed) -> None:
        if event.field == "repeats":
            self.choose(selection_edits.change_repeats(self.selection, event.step))
        elif event.field == "host":
            self.choose(replace(self.selection, in_app=not self.selection.in_app))
            self._say_host()
        elif event.field == "gil":
            self.pythons.toggle_gil()
        elif event.field == "python":
            self.run_worker(self.pythons.step(event.step), group="pythons", exclusive=True)

    @on(RunPane.Asked)
    def _field_asked(self, event: RunPane.Asked) -> None:
        if event.field == "python":
            self.pythons.open()
        else:
            self.ask(event.field)

    def _say_host(self) -> None:
        if self.selection.in_app:
            text = "Threads will run inside this app, pure Python only. Watch the beat at the top."
            self.show_hint([Span(text, "alarm")])
        else:
            self.show_hint([Span("Everything runs in a host process of its own, watched from outside.", "muted")])

    # ---- typed values

    async def prepare_prompt(self) -> None:
        """Have the line to type in at hand, once the first frame stands."""
        from pi_tui.ui.widgets.prompt import Prompt

        self._prompt = Prompt()
        await self.query_one("#hint-bar", Container).mount(self._prompt)

    @property
    def typing(self) -> bool:
        """Whether a value is being typed."""
        return self._prompt is not None and self._prompt.display

    def ask(self, purpose: str) -> None:
        """Ask for a value in the place of the hint line."""
        if self._prompt is None:
            return
        if not self._prompt.display:
            self._before_prompt = self.focused
        self.hint.display = False
        question = selection_edits.QUESTIONS[purpose]
        self._prompt.ask(
            purpose,
            question.label,
            value=self.wanted if purpose == "filter" else "",
            example=question.example,
            check=selection_edits.make_check(purpose, self.selection),
        )

    def on_prompt_typed(self, event: Prompt.Typed) -> None:
        """A filter works as it is typed."""
        if event.purpose == "filter":
            self.filter_rows(event.text)

    def on_prompt_answered(self, event: Prompt.Answered) -> None:
        """Put the answer in place, and the hint line and the focus back."""
        self.hint.display = True
        if self._before_prompt is not None and self._before_prompt.is_attached:
            self._before_prompt.focus()
        if event.purpose == "filter":
            self.filter_rows(event.text or "")
        elif event.purpose == "program":
            if event.text is not None:
                self.laboratory_app.programs.open(event.text)
        elif event.text is not None:
            self.choose(selection_edits.apply_answer(self.selection, event.purpose, event.text))
            if event.purpose == "kernel":
                self.show_opened(self.selection.kernels[-1])
