"""The upper part of the bench: what is ticked, and what that would run."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widget import Widget

from pi_tui.host.modes.catalog import MODES
from pi_tui.ui.bench import setup_options
from pi_tui.ui.bench.interpreters import Interpreters
from pi_tui.ui.bench.panes.run import RunPane
from pi_tui.ui.bench.presenter import explain_unavailable, name_key_in_reason
from pi_tui.ui.drawing.spans import Span, escape_markup
from pi_tui.ui.state import selection_edits
from pi_tui.ui.state.run_preview import RunPreview, RunPreviewer
from pi_tui.ui.state.selection import Selection, describe_gil, toggle_gil
from pi_tui.ui.widgets.actions import list_commands
from pi_tui.ui.widgets.checklist import Checklist

if TYPE_CHECKING:
    from pi_tui.analysis.results import Interpreter
    from pi_tui.engine.run.request import RunRequest
    from pi_tui.host.kernels.catalog import Kernel
    from pi_tui.ui.state.ports import Ports
    from pi_tui.ui.widgets.hint_area import HintArea

WARM_AFTER_S = 0.5
"""A host is made ready when the user has stopped ticking for so long."""


class ModeChecklist(Checklist):
    """Modes, with their options changed by key or by a click on their words."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "m", "start_method", "start method", tooltip="Choose the next start method: spawn, fork, forkserver, all"
        ),
        Binding("t", "transport", "transport", tooltip="Choose the next transport of results: queue, pipe, value, ..."),
    ]

    class OptionRequested(Message):
        """The next start method or transport is wanted."""

        def __init__(self, option: str) -> None:
            super().__init__()
            self.option = option

    def action_start_method(self) -> None:
        """Ask for the next start method."""
        self.post_message(self.OptionRequested("start_method"))

    def action_transport(self) -> None:
        """Ask for the next transport."""
        self.post_message(self.OptionRequested("transport"))


class Setup(Horizontal):
    """The checklists of kernels, modes, samples and workers, and the run pane.

    Args:
        ports: the machine and its interpreters.
        previewer: finds out what a selection would run.
        selection: what is ticked at first.
        hints: shows hints and asks for values.
    """

    class Changed(Message):
        """The selection changed, or what is known of the run that it would make."""

    class WarmRequested(Message):
        """A host is to be made ready for a request, so that its first row comes sooner."""

        def __init__(self, request: RunRequest) -> None:
            super().__init__()
            self.request = request

    def __init__(self, ports: Ports, previewer: RunPreviewer, selection: Selection, hints: HintArea) -> None:
        super().__init__(id="setup")
        self.selection = selection
        self.preview = RunPreview(selection, known=False)
        self.interpreters = Interpreters(ports.laboratory.pythons, ports.interpreter, hints.show)
        self.kernels, self.modes = Checklist("Kernel"), ModeChecklist("Mode")
        self.sizes, self.counts = Checklist("Samples", right=True), Checklist("Workers", right=True)
        self.run_pane = RunPane()
        self._usable_cores = ports.machine.usable_cores
        self._previewer = previewer
        self._hints = hints

    @property
    def panes(self) -> tuple[Widget, ...]:
        """The panes, from left to right."""
        return self.kernels, self.modes, self.sizes, self.counts, self.run_pane

    def compose(self) -> ComposeResult:
        """Yield the checklists and the run pane."""
        yield from self.panes

    def show(self) -> None:
        """Show what is ticked."""
        selection, preview = self.selection, self.preview
        self.kernels.show(setup_options.list_kernel_choices(selection, preview))
        self.modes.show(setup_options.list_mode_choices(selection, preview))
        self.sizes.show(setup_options.list_sample_choices(selection))
        self.counts.show(setup_options.list_worker_choices(selection, self._usable_cores))

    # ---- the selection and what it would run

    def choose(self, selection: Selection) -> None:
        """Take a selection and find out what it would run: at once, or in a thread where another Python must be asked."""
        if selection == self.selection:
            return
        self.selection = selection
        if selection.needs_probe:
            self.run_worker(self._preview_elsewhere(selection), group="preview", exclusive=True)
        else:
            self.preview_again()
        self.set_timer(WARM_AFTER_S, lambda: self.request_warm() if selection is self.selection else None)

    def offer(self, kernels: Sequence[Kernel]) -> None:
        """Offer kernels of installed packages besides the catalog's."""
        selection = self.selection
        for kernel in kernels:
            selection = selection.add_user_kernel(kernel, ticked=False)
        self.choose(selection)

    def preview_again(self) -> None:
        """Preview the selection again, unless another Python is still being asked about it."""
        if not self.selection.needs_probe or self.preview.selection == self.selection:
            self.preview = self._previewer.preview(self.selection)
        self._show_change()

    async def preview_fully(self) -> None:
        """Preview the selection again, and wait for the answer of another Python."""
        self.preview_again()
        while self.preview.selection != self.selection:
            await self._preview_elsewhere(self.selection)

    async def _preview_elsewhere(self, selection: Selection) -> None:
        preview = await asyncio.to_thread(self._previewer.preview, selection)
        if selection == self.selection:
            self.preview = preview
            self._show_change()

    def _show_change(self) -> None:
        self.show()
        self.post_message(self.Changed())

    def request_warm(self) -> None:
        """Ask for a host that is ready for what is ticked; another Python's starts with its run."""
        if self.preview.can_run and not self.selection.in_app and not self.selection.needs_probe:
            self.post_message(self.WarmRequested(self.selection.request()))

    # ---- what the panes say

    @on(Checklist.Highlighted)
    def _say_choice(self, event: Checklist.Highlighted) -> None:
        choice = event.choice
        if choice.reason:
            self._hints.show(explain_unavailable(choice.label, choice.reason))
        else:
            named = event.checklist in (self.kernels, self.modes)
            self._hints.show([Span(f"{choice.label}  " if named else "", "strong"), Span(choice.note, "muted")])

    @on(Checklist.Toggled)
    def _toggled(self, event: Checklist.Toggled) -> None:
        pane = event.checklist.id or ""
        if event.choice.adds:
            self.ask(pane)
        elif event.choice.reason and not event.choice.ticked:
            self.notify(
                name_key_in_reason(event.choice.reason), title=f"{event.choice.label} cannot run", severity="warning"
            )
        else:
            self.choose(selection_edits.toggle_choice(self.selection, pane, event.choice.key))

    @on(ModeChecklist.OptionRequested)
    def _option_asked(self, event: ModeChecklist.OptionRequested) -> None:
        self.choose(selection_edits.cycle_option(self.selection, event.option))

    @on(RunPane.ChangeRequested)
    def _field_changed(self, event: RunPane.ChangeRequested) -> None:
        if event.field == "repeats":
            self.choose(selection_edits.change_repeats(self.selection, event.step))
        elif event.field == "host":
            self.choose(replace(self.selection, in_app=not self.selection.in_app))
            self._say_host()
        elif event.field == "gil":
            self.toggle_gil()
        elif event.field == "python":
            self.run_worker(self._step_interpreter(event.step), group="pythons", exclusive=True)

    @on(RunPane.ValueRequested)
    def _field_asked(self, event: RunPane.ValueRequested) -> None:
        if event.field == "python":
            self.open_interpreters()
        else:
            self.ask(event.field)

    def _say_host(self) -> None:
        if self.selection.in_app:
            text = "Threads will run inside this app, pure Python only. Watch the beat at the top."
            self._hints.show([Span(text, "alarm")])
        else:
            self._hints.show([Span("Everything runs in a host process of its own, watched from outside.", "muted")])

    # ---- typed values

    def ask(self, purpose: str) -> None:
        """Ask for a value of the selection: a kernel, samples, workers, repeats or a Python."""
        question = selection_edits.QUESTIONS[purpose]
        check = selection_edits.make_check(purpose, self.selection)
        self._hints.ask(purpose, question.label, example=question.example, check=check)

    def put_answer(self, purpose: str, text: str) -> None:
        """Put a typed value into the selection; a kernel of the user's is pointed at."""
        self.choose(selection_edits.apply_answer(self.selection, purpose, text))
        if purpose == "kernel":
            self.kernels.point_at(self.selection.kernels[-1])

    # ---- interpreters and their GIL

    def open_interpreters(self) -> None:
        """Open the dialog in which interpreters are ticked."""
        self.app.push_screen(self.interpreters.make_dialog(self.selection, self.preview), self._choose_interpreters)

    def _choose_interpreters(self, pythons: tuple[str, ...] | None) -> None:
        if pythons is not None and pythons != self.selection.pythons:
            self.choose(replace(self.selection, pythons=pythons, gils=(None,)))

    async def _step_interpreter(self, step: int) -> None:
        self.choose(await self.interpreters.select_neighbour(self.selection, step))

    def toggle_gil(self) -> None:
        """Choose the other GIL setting of what is ticked; where there is none, name what has one."""
        interpreter = self.preview.free_threaded or self.interpreters.own()
        fixed = not describe_gil(self.selection, interpreter).changeable and not self.selection.in_app
        if fixed and not self.interpreters.survey_done:
            self.run_worker(self._toggle_gil_after_survey(interpreter), group="pythons", exclusive=True)
        else:
            self._toggle_gil(interpreter)

    async def _toggle_gil_after_survey(self, interpreter: Interpreter) -> None:
        await self.interpreters.survey()
        self._toggle_gil(interpreter)

    def _toggle_gil(self, interpreter: Interpreter) -> None:
        selection, what = toggle_gil(self.selection, interpreter, self.interpreters.found)
        if selection == self.selection:
            self.notify(what, title="GIL")
        else:
            self.choose(selection)
            self._hints.show([Span("GIL  ", "strong"), Span(what, "text")])

    # ---- the command palette

    def commands(self) -> Iterator[SystemCommand]:
        """Yield a command for each choice and each value that can be typed."""
        selection = self.selection
        for pane, summaries, ticked in (
            ("kernel", {name: kernel.summary for name, kernel in selection.kernels_by_name.items()}, selection.kernels),
            ("mode", {name: mode.summary for name, mode in MODES.items()}, selection.modes),
        ):
            for name, summary in summaries.items():
                title = escape_markup(f"{'Untick' if name in ticked else 'Tick'} {pane} {name}")
                yield SystemCommand(title, escape_markup(summary), partial(self._tick, pane, name))
        yield from list_commands(self.modes, ModeChecklist.BINDINGS, "Mode: ")
        for purpose in ("samples", "workers", "repeats", "python"):
            example = selection_edits.QUESTIONS[purpose].example
            yield SystemCommand(f"{purpose.capitalize()}: type a value", example, partial(self.ask, purpose))
        yield SystemCommand(
            "Host: inside this app or a process of its own",
            "Feel the GIL: threads inside the app slow its screen down",
            partial(self.run_pane.action_change, "host", 1),
        )

    def _tick(self, pane: str, key: str) -> None:
        self.choose(selection_edits.toggle_choice(self.selection, pane, key))
