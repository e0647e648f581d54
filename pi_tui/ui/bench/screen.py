"""The bench: everything of an experiment on one screen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.geometry import Size
from textual.message import Message
from textual.screen import Screen
from textual.widget import Widget

from pi_tui.ui.bench.activity import Activity
from pi_tui.ui.bench.layout import (
    LOWER_PANES,
    SCREEN_CLASSES,
    SETUP_PANES,
    UPPER_PANES,
    Arrangement,
    PanesInFront,
    choose_arrangement,
)
from pi_tui.ui.bench.panes.losses import LossesPane
from pi_tui.ui.bench.panes.results import ResultsPane, ResultsTable
from pi_tui.ui.bench.panes.scaling import ScalingPane
from pi_tui.ui.bench.panes.source import SourcePane
from pi_tui.ui.bench.presenter import (
    ProgressClock,
    describe_run_start,
    explain_empty_table,
    make_header_view,
    make_run_view,
)
from pi_tui.ui.bench.setup import Setup
from pi_tui.ui.drawing.cores import abbreviate_cores
from pi_tui.ui.drawing.spans import Line
from pi_tui.ui.state.run_preview import RunPreviewer
from pi_tui.ui.state.selection import Selection
from pi_tui.ui.state.selection_edits import QUESTIONS, make_check
from pi_tui.ui.state.session import Row, Session
from pi_tui.ui.widgets import key_hints
from pi_tui.ui.widgets.actions import list_commands
from pi_tui.ui.widgets.checklist import Checklist
from pi_tui.ui.widgets.hint_area import HintArea
from pi_tui.ui.widgets.status_bars import HeaderBar, KeyBar

if TYPE_CHECKING:
    from collections.abc import Callable

    from pi_tui.analysis.results import Case
    from pi_tui.ui.state.ports import Ports
    from pi_tui.ui.widgets.prompt import Prompt


HELP_TOPICS = {"lanes": "lanes", "losses": "ledger", "scaling": "scaling"}
"""Panes that need more explanation than their keys."""


class BenchScreen(Screen[None]):
    """Setup, activity, results, losses, scaling and source, arranged by the terminal's size.

    Args:
        ports: what comes from outside the app.
        session: the rows of all runs, and the run under way.
        previewer: finds out what a selection would run.
        selection: what is ticked at first.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        # With priority, so that the next key, however soon it comes, goes to the pane that this one leads to.
        Binding("tab", "pane(1)", "next pane", show=False, priority=True, tooltip="Go to the next pane"),
        Binding("shift+tab", "pane(-1)", "pane before", show=False, priority=True, tooltip="Go to the pane before"),
        Binding("1", "show_pane('results')", "results", tooltip="Show the table of results"),
        Binding("2", "show_pane('losses')", "losses", tooltip="Show where the speed-up of each row went"),
        Binding("3", "show_pane('source')", "source", tooltip="Show the source of the selected row's kernel and mode"),
        Binding(
            "4", "show_pane('scaling')", "scaling", tooltip="Show how speed-up and time change with workers and samples"
        ),
        Binding("w", "show_pane('lanes')", "lanes", tooltip="Show the workers: who runs, who waits"),
    ]

    class ProgramNamed(Message):
        """The user named a program to watch: a process id or a command line."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, ports: Ports, session: Session, previewer: RunPreviewer, selection: Selection) -> None:
        super().__init__(id="bench")
        machine = ports.machine
        self.hints = HintArea()
        self.setup = Setup(ports, previewer, selection, self.hints)
        self.activity = Activity(ports, session, self.hints)
        self.results = ResultsPane(session, machine.usable_cores)
        self.losses = LossesPane()
        self.scaling = ScalingPane(session, ports)
        self.source = SourcePane()
        self._usable_cores = machine.usable_cores
        self._header = HeaderBar(make_header_view(selection, self.setup.preview, machine.usable_cores, None, ()))
        self._keys = KeyBar()
        self._lower = Container(self.results, self.activity, self.losses, self.scaling, self.source, id="lower")
        activity = (self.activity.cores, self.activity.lanes)
        self._panes: tuple[Widget, ...] = (
            *self.setup.panes, *activity, self.results, self.losses, self.scaling, self.source
        )  # fmt: skip
        self._clock = ports.clock
        self._progress = ProgressClock()
        self._session = session
        self._in_front = PanesInFront()
        self._subject = ("python", "sequential")
        self._beat: tuple[float | None, tuple[float, ...]] = (None, ())
        self._arrangement: Arrangement | None = None

    # ---- what stands where

    def compose(self) -> ComposeResult:
        """Yield header, setup, hint, cores and lanes above results, losses, scaling and source, and the keys."""
        self._arrange(self.app.size)
        yield self._header
        yield self.setup
        yield self.hints
        yield self._lower
        yield self._keys

    def on_mount(self) -> None:
        """Fill the panes."""
        self.setup.show()
        self._show_selection()
        self.show_rows()
        self.bindings_updated_signal.subscribe(self, lambda _: self._show_keys())

    @property
    def help_topic(self) -> str:
        """The topic of the manual that explains the pane with the focus."""
        return HELP_TOPICS.get(self._in_front.pane, "keys")

    def on_resize(self, event: events.Resize) -> None:
        """Arrange the panes for the new size."""
        self._arrange(event.size)

    def _arrange(self, size: Size) -> None:
        found = choose_arrangement(size.width, size.height)
        if found != self._arrangement:
            self._arrangement = found
            self.update_classes({name: name in found.classes for name in SCREEN_CLASSES})
            self.activity.arrange_panes(found)
            self._show_panes(found)

    def _show_panes(self, found: Arrangement) -> None:
        shown, named = self._in_front.titles(found)
        for pane in self._panes:
            pane.set_class(pane.id in shown, "-shown")
            pane.display = pane.id in shown  # at once: a class works at the next idle moment
            if pane.id in named:
                pane.border_title = named[pane.id]
        focused = self._in_front.pane
        alone = focused == "scaling" and found.tall == "-low"  # a chart wants height more than anything
        self.setup.display = not alone if not found.one_pane else focused in (*SETUP_PANES, "run")
        self._lower.display = not found.one_pane or focused in (*UPPER_PANES, *LOWER_PANES)
        self.activity.display = not alone if not found.one_pane else focused in UPPER_PANES
        self._show_source()
        self.scaling.show_session()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Remember the pane with the focus, and bring it to the front where only one is shown."""
        if event.widget is not self.focused:
            return  # when a pane hides, Textual focuses a neighbour for a moment; this event is late
        pane = next((node for node in event.widget.ancestors_with_self if node.has_class("pane")), None)
        if pane is not None and pane.id and pane.id != self._in_front.pane and self._arrangement is not None:
            self._in_front.go_to(pane.id)
            self._show_panes(self._arrangement)

    def action_pane(self, step: int) -> None:
        """Go to the pane after or before this one."""
        if self._arrangement is not None:
            self.action_show_pane(self._arrangement.neighbour(self._in_front.pane, self._in_front.lower, step))

    def action_show_pane(self, pane: str) -> None:
        """Show a pane and give it the focus."""
        if self._arrangement is not None:
            self._in_front.go_to(pane)
            self._show_panes(self._arrangement)
            if not self._focus_pane():
                self.call_after_refresh(self._focus_pane)  # what it is made of comes first

    def _focus_pane(self) -> bool:
        """Give the focus to the pane in front; return whether it has anything yet that takes it."""
        pane = next(pane for pane in self._panes if pane.id == self._in_front.pane)
        inside = (node for node in pane.walk_children(Widget, with_self=True) if node.focusable)
        if (target := next(inside, None)) is not None:
            self.set_focus(target)
        return target is not None

    # ---- showing

    @on(Setup.Changed)
    def _show_selection(self) -> None:
        self.show_heartbeat(*self._beat)
        self.show_progress()
        if not self._session.rows:
            self.show_rows()
            self.show_lanes()

    def show_hint(self, line: Line) -> None:
        """Say something in the hint line."""
        self.hints.show(line)

    def show_progress(self) -> None:
        """Show what would run, or how far the run is."""
        progress = self._progress.view(self._session, self._clock())
        self.setup.run_pane.show(make_run_view(self.setup.selection, self.setup.preview, self._session, progress))
        self._keys.show_progress(progress)

    def show_heartbeat(self, lateness_ms: float | None, pulse: tuple[float, ...]) -> None:
        """Show how late the app's own beats are."""
        self._beat = (lateness_ms, pulse)
        view = make_header_view(self.setup.selection, self.setup.preview, self._usable_cores, lateness_ms, pulse)
        replay = self._session.replay
        self._header.show(view if replay is None else view._replace(replay=replay.label.capitalize()))

    def refresh_heartbeat(self) -> None:
        """Draw the header again after a replay began or ended."""
        self.show_heartbeat(*self._beat)

    def show_cores(self, shares: tuple[float | None, ...]) -> None:
        """Show how busy each core is, as a share of 1: in their pane, and where that is a tab, in its title."""
        self.activity.show_cores(shares)
        found = self._arrangement
        self._in_front.cores = "" if self._session.replay is not None else abbreviate_cores(shares)
        if found is not None and found.upper == "tabs":
            titles = self._in_front.titles(found)[1]
            for pane in (self.activity.cores, self.activity.lanes):
                if pane.border_title != titles.get(pane.id or ""):
                    pane.border_title = titles.get(pane.id or "")

    def show_lanes(self, row: Row | None = None) -> None:
        """Show the lanes of the trial under way, or of a row's last trial."""
        self.activity.show_lanes(row, in_app_next=self.setup.selection.in_app)

    def show_rows(self) -> None:
        """Show the rows that answer to the filter, in their order."""
        self.results.show(explain_empty_table(self.setup.run_pane.view, self.results.wanted))
        self._show_losses()

    def _show_losses(self) -> None:
        number = self.results.row.number if self.results.row is not None else None
        self.losses.show(self.results.table.rows, number)
        self.scaling.show_row(number)

    def _show_keys(self) -> None:
        if self.is_current:
            # without rows the filter can be typed, for what is to come, but there is better to offer
            self._keys.show_keys(key_hints.collect_key_hints(self, but="" if self._session.rows else "filter"))

    def _show_subject(self, kernel: str, mode: str) -> None:
        self._subject = (kernel, mode)
        self._show_source()

    def _show_source(self) -> None:
        if self.source.has_class("-shown"):
            self.source.show(*self._subject)

    # ---- a run

    def follow_clock(self, clock: Callable[[], float]) -> None:
        """Take the time from another clock, in seconds: a replay has its own."""
        self._clock = clock

    def begin_run(self) -> None:
        """Prepare for a run: its rows come first, and the cursor stands on the first of them."""
        self._progress.begin(self._clock())
        self.results.table.select(None)
        self.activity.begin_run()
        if self._arrangement is not None and self._arrangement.upper == "tabs" and not self._session.in_app:
            self._in_front.upper = "lanes"  # who runs and who waits; the cores are in the tab's title
            self._show_panes(self._arrangement)
        self.show_progress()
        self.show_rows()
        self.show_hint(describe_run_start(self._session, self.setup.selection.repeat))

    def make_room(self, cases: tuple[Case, ...]) -> None:
        """Make room in the table for the cases of the run."""
        self.results.table.reserve(cases)

    def show_events(self) -> None:
        """Show what the session has taken in of the run just now."""
        self._progress.note_update(self._clock())
        self.show_progress()
        self.show_rows()

    def end_run(self) -> None:
        """Show a run that is over: what it taught makes the next forecast better, and the most telling row is selected."""
        self.setup.preview_again()
        self.show_progress()
        self.show_rows()
        if (row := self.results.select_notable_row()) is not None:
            self._show_losses()
            self._show_subject(row.case.kernel, row.case.mode)

    def show_opened_run(self, cases: tuple[Case, ...]) -> None:
        """Show a stored run that was brought in: its rows come first, and the most telling one is selected."""
        self.results.table.select(None)
        self.make_room(cases)
        self.end_run()

    def point_at(self, row: Row) -> None:
        """Put the cursor on a row, also on one that the filter hides."""
        if row not in self.results.table.rows:
            self.filter_rows("")
        self.results.table.select(row.number)
        self.results.show_sentence()
        self._selected()

    # ---- what the panes say

    @on(Checklist.Highlighted)
    def _highlighted(self, event: Checklist.Highlighted) -> None:
        kernel, mode = self.setup.kernels.highlighted, self.setup.modes.highlighted
        named = event.checklist in (self.setup.kernels, self.setup.modes)
        if named and kernel is not None and mode is not None and not kernel.adds:
            self._show_subject(kernel.key, mode.key)

    @on(LossesPane.Picked)
    def _picked(self, event: LossesPane.Picked) -> None:
        self.results.table.select(event.number)
        self.results.show_sentence()
        self._selected()

    @on(ResultsTable.Selected)
    def _selected(self) -> None:
        self._show_losses()
        if (row := self.results.row) is not None:
            self._show_subject(row.case.kernel, row.case.mode)
            if not self._session.running:
                self.show_lanes(row)

    @on(ResultsTable.Opened)
    def open_row(self) -> None:
        """Show everything about the selected row."""
        from pi_tui.ui.dialogs.row_details import RowDetailsDialog

        if (row := self.results.row) is not None:
            self.app.push_screen(RowDetailsDialog(row))

    @on(ResultsTable.SortRequested)
    def _sorted(self) -> None:
        self.show_rows()

    # ---- typed values

    def ask(self, purpose: str) -> None:
        """Ask for a value in the place of the hint line: a filter, a program to watch, or one of the setup's."""
        if purpose in ("filter", "program"):
            question, check = QUESTIONS[purpose], make_check(purpose, self.setup.selection)
            value = self.results.wanted if purpose == "filter" else ""
            self.hints.ask(purpose, question.label, example=question.example, check=check, value=value)
        else:
            self.setup.ask(purpose)

    def on_prompt_typed(self, event: Prompt.Typed) -> None:
        """Filter while the filter is typed."""
        if event.purpose == "filter":
            self.filter_rows(event.text)

    def on_prompt_answered(self, event: Prompt.Answered) -> None:
        """Put the answer in place; an answer of None leaves everything as it was, and no filter."""
        if event.purpose == "filter":
            self.filter_rows(event.text or "")
        elif event.text is None:
            return
        elif event.purpose == "program":
            self.post_message(self.ProgramNamed(event.text))
        else:
            self.setup.put_answer(event.purpose, event.text)
            if event.purpose == "kernel":
                self._show_subject(self.setup.selection.kernels[-1], self._subject[1])

    def filter_rows(self, wanted: str) -> None:
        """Show only the rows that have these words in them."""
        self.results.wanted = wanted.strip()
        self.show_rows()

    # ---- the command palette

    def commands(self) -> Iterator[SystemCommand]:
        """Yield the commands of the bench and of its parts."""
        yield from list_commands(self, self.BINDINGS)
        yield from self.setup.commands()
        yield from self.activity.commands()
        yield from self.results.commands()
        if self.scaling.has_class("-shown"):
            yield from list_commands(self.scaling, ScalingPane.BINDINGS, "Chart: ")
