"""The bench: everything of an experiment on one screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal, Vertical
from textual.geometry import Size
from textual.widget import Widget

from pi_tui.ui.bench import setup_options
from pi_tui.ui.bench.layout import LOWER, SCREEN_CLASSES, SETUP, TELLING, UPPER, Arrangement, arrangement, titles
from pi_tui.ui.bench.panes.losses import LossesPane
from pi_tui.ui.bench.panes.modes import ModeChooser
from pi_tui.ui.bench.panes.results import ResultsTable
from pi_tui.ui.bench.panes.run import RunPane
from pi_tui.ui.bench.panes.scaling import ScalingPane
from pi_tui.ui.bench.panes.source import SourcePane
from pi_tui.ui.bench.presenter import Pace, cannot_run, empty_table, header_view, run_view, start_note
from pi_tui.ui.bench.scaling import ChartingScreen
from pi_tui.ui.drawing.results_table import SORTABLE_COLUMNS
from pi_tui.ui.drawing.spans import Span, escape_markup
from pi_tui.ui.state.row_order import DEFAULT_SORT, find_notable_row, sort_rows
from pi_tui.ui.state.row_summary import list_sentences
from pi_tui.ui.state.run_preview import RunPreview
from pi_tui.ui.state.selection import Selection
from pi_tui.ui.state.session import Row, Session
from pi_tui.ui.widgets import key_hints
from pi_tui.ui.widgets.checklist import Checklist
from pi_tui.ui.widgets.status_bars import HeaderBar, HintBar, KeyBar, SummaryLines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pi_tui.analysis.results import Case
    from pi_tui.host.kernels.catalog import Kernel
    from pi_tui.ui.state.ports import Ports


class BenchScreen(ChartingScreen):
    """Panes to choose in, the run pane, cores, lanes, results, losses, scaling and source, arranged by the terminal's size."""

    BINDINGS: ClassVar[list[BindingType]] = [
        # With priority, so that the next key, however soon it comes, goes to the pane that this one leads to.
        Binding("tab", "pane(1)", "next pane", show=False, priority=True, tooltip="Go to the next pane"),
        Binding("shift+tab", "pane(-1)", "pane before", show=False, priority=True, tooltip="Go to the pane before"),
        Binding("1", "show_pane('results')", "results", tooltip="The table of results"),
        Binding("2", "show_pane('losses')", "losses", tooltip="Where the speed-up of each row went"),
        Binding("3", "show_pane('source')", "source", tooltip="The source of the selected row's kernel and mode"),
        Binding(
            "4", "show_pane('scaling')", "scaling", tooltip="How speed-up and time change with workers and samples"
        ),
        Binding("w", "show_pane('lanes')", "lanes", tooltip="The workers: who runs, who waits"),
    ]

    def __init__(self, ports: Ports, session: Session, selection: Selection, preview: RunPreview) -> None:
        super().__init__(ports, selection, preview)
        self.pace = Pace()
        self.run_clock = ports.clock
        self._session = session
        self._sort = DEFAULT_SORT
        self._reverse = False
        self._pane, self._chooser, self._lower = "kernel", "kernel", "results"
        self._upper, self._telling = "cores", "losses"
        self._subject = ("python", "sequential")
        self._beat: tuple[float | None, tuple[float, ...]] = (None, ())
        self._arrangement: Arrangement | None = None

    # ---- what stands where

    def compose(self) -> ComposeResult:
        """Header, choosers and run pane, hint, cores and lanes above results, losses and source, keys."""
        machine = self.ports.machine
        self.header = HeaderBar(header_view(self.selection, self.preview, machine.usable_cores, None, ()))
        self.kernels, self.modes = Checklist("Kernel"), ModeChooser("Mode")
        self.sizes, self.counts = Checklist("Samples", right=True), Checklist("Workers", right=True)
        self.run_pane = RunPane()
        self.hint = HintBar()
        self.table = ResultsTable(machine.usable_cores)
        self.sentence = SummaryLines()
        self.results = Vertical(self.table, self.sentence, id="results", classes="pane")
        upper = self.make_upper()
        self.source = SourcePane()
        self.scaling = ScalingPane(machine.usable_cores)
        self.key_line = KeyBar()
        choosers = (self.kernels, self.modes, self.sizes, self.counts)
        self._setup = Horizontal(*choosers, self.run_pane, id="setup")
        self._lower_panes = Container(self.results, upper, self.losses, self.scaling, self.source, id="lower")
        above: tuple[Widget, ...] = (*choosers, self.run_pane, self.cores, self.lanes)
        self._panes: tuple[Widget, ...] = (*above, self.results, self.losses, self.scaling, self.source)
        self._arrange(self.app.size)
        yield self.header
        yield self._setup
        yield Container(self.hint, id="hint-bar")
        yield self._lower_panes
        yield self.key_line

    def on_mount(self) -> None:
        """Fill the panes."""
        self.show_selection()
        self.show_rows()
        self.bindings_updated_signal.subscribe(self, lambda _: self.show_keys())

    def on_resize(self, event: events.Resize) -> None:
        """Arrange the panes for the new size."""
        self._arrange(event.size)

    def _arrange(self, size: Size) -> None:
        found = arrangement(size.width, size.height)
        if found != self._arrangement:
            self._arrangement = found
            self.update_classes({name: name in found.classes for name in SCREEN_CLASSES})
            self.arrange_upper(found)
            self._show_panes(found)

    def _show_panes(self, found: Arrangement) -> None:
        if self._pane in TELLING:
            self._telling = self._pane
        if self._pane in LOWER:
            self._lower = self._pane
        elif self._pane in UPPER:
            self._upper = self._pane
        elif self._pane in SETUP:
            self._chooser = self._pane
        shown, named = titles(found, self._pane, self._chooser, self._lower, self._upper, self._telling)
        for pane in self._panes:
            pane.set_class(pane.id in shown, "-shown")
            pane.display = pane.id in shown  # at once: a class works at the next idle moment
            if pane.id in named:
                pane.border_title = named[pane.id]
        alone = self._pane == "scaling" and found.tall == "-low"  # a chart wants height more than anything
        self._setup.display = not alone if not found.one_pane else self._pane in (*SETUP, "run")
        self._lower_panes.display = not found.one_pane or self._pane in (*UPPER, *LOWER)
        self.upper.display = not alone if not found.one_pane else self._pane in UPPER
        self._show_source()
        self.show_scaling()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Remember the pane with the focus, and bring it to the front where only one is shown."""
        if event.widget is not self.focused:
            return  # Textual gave the focus of a pane that is hidden to a neighbour for a moment; that is told late
        pane = next((node for node in event.widget.ancestors_with_self if node.has_class("pane")), None)
        if pane is not None and pane.id and pane.id != self._pane and self._arrangement is not None:
            self._pane = pane.id
            self._show_panes(self._arrangement)

    def action_pane(self, step: int) -> None:
        """Go to the pane after or before this one."""
        if self._arrangement is not None:
            self.action_show_pane(self._arrangement.neighbour(self._pane, self._lower, step))

    def action_show_pane(self, pane: str) -> None:
        """Show a pane and give it the focus."""
        if self._arrangement is not None:
            self._pane = pane
            self._show_panes(self._arrangement)
            if not self._focus_pane():
                self.call_after_refresh(self._focus_pane)  # what it is made of comes first

    def _focus_pane(self) -> bool:
        """Give the focus to the present pane; whether there is anything in it yet that takes it."""
        pane = next(pane for pane in self._panes if pane.id == self._pane)
        inside = (node for node in pane.walk_children(Widget, with_self=True) if node.focusable)
        if (target := next(inside, None)) is not None:
            self.set_focus(target)
        return target is not None

    # ---- showing

    def show_selection(self) -> None:
        """Show what is ticked and what it would run."""
        if not self.is_mounted:
            return
        selection, preview = self.selection, self.preview
        self.kernels.show(setup_options.kernel_choices(selection, preview))
        self.modes.show(setup_options.mode_choices(selection, preview))
        self.sizes.show(setup_options.sample_choices(selection))
        self.counts.show(setup_options.worker_choices(selection, self.ports.machine.usable_cores))
        self.show_beat(*self._beat)
        self.show_progress()
        if not self._session.rows:
            self.show_rows()
            self.show_lanes()

    def show_opened(self, kernel: str) -> None:
        """Point at a kernel that was just opened, and show its source."""
        self.kernels.point_at(kernel)
        self._subject = (kernel, self._subject[1])
        self._show_source()

    def offer(self, kernels: Sequence[Kernel]) -> None:
        """Offer kernels of installed packages besides the catalog's."""
        selection = self.selection
        for kernel in kernels:
            selection = selection.add_user_kernel(kernel, ticked=False)
        self.choose(selection)

    def show_progress(self) -> None:
        """Show what would run, or how far the run is."""
        progress = self.pace.view(self._session, self.run_clock())
        self.run_pane.show(run_view(self.selection, self.preview, self._session, progress))
        self.key_line.show_progress(progress)

    def show_beat(self, lateness_ms: float | None, pulse: tuple[float, ...]) -> None:
        """Show how late the app's own beats are."""
        self._beat = (lateness_ms, pulse)
        cores = self.ports.machine.usable_cores
        view = header_view(self.selection, self.preview, cores, lateness_ms, pulse)
        replay = self._session.replay
        self.header.show(view if replay is None else view._replace(replay=replay.label.capitalize()))

    def show_beat_again(self) -> None:
        """Show the header anew: a replay began or ended."""
        self.show_beat(*self._beat)

    def show_cores(self, shares: tuple[float | None, ...]) -> None:
        """Show how busy the cores are; of a replay that is not known."""
        if self._session.replay is not None:
            self.cores.tell_replay(len(shares))
            return
        self.cores.show(shares, self.own_share())

    def shown_rows(self) -> list[Row]:
        """The rows that answer to the filter, in their order."""
        return sort_rows(self._session.rows, self._sort, reverse=self._reverse, wanted=self.wanted)

    def show_rows(self) -> None:
        """Show the rows that answer to the filter, in their order."""
        rows = self.shown_rows()
        empty = empty_table(self.run_pane.view, self.wanted)
        self.table.show(rows, run=self._session.runs, sort=(self._sort, self._reverse), empty=empty)
        self.show_sentence()
        self.show_losses(rows, self.table.row.number if self.table.row else None)

    def show_sentence(self) -> None:
        """Say what the selected row means, and below it which stored run it is from, and which rows have left."""
        row, left = self.table.row, self._session.rows_dropped
        parts = [f"filter: {self.wanted} ({len(self.table.rows)} of {len(self._session.rows)})"] if self.wanted else []
        parts += [row.origin.label] if row is not None and row.origin is not None else []
        parts += [f"rows 1-{left} have left: see h, the history"] if left else []
        shown = escape_markup(" · ".join(parts))
        if shown != (self.results.border_subtitle or ""):
            self.results.border_subtitle = shown
        self.sentence.show(
            tuple(list_sentences(row)) if row else (), "bad" if row and row.state == "failed" else "text"
        )

    def show_keys(self) -> None:
        """Offer the keys that apply now."""
        if self.is_current:
            # without rows the filter can be typed, for what is to come, but there is better to offer
            self.key_line.show_keys(key_hints.collect_key_hints(self, but="" if self._session.rows else "filter"))

    def _show_source(self) -> None:
        if self.source.has_class("-shown"):
            self.source.show(*self._subject)

    # ---- a run

    def begin_run(self) -> None:
        """A run was asked for: its rows come first, and the cursor stands on the first of them."""
        self.pace.begin(self.run_clock())
        self.table.select(None)
        self.begin_lanes()
        self.show_progress()
        self.show_rows()
        self.show_hint(start_note(self._session, self.selection.repeat))

    def make_room(self, cases: tuple[Case, ...]) -> None:
        """The cases of the run are known: make room for their rows."""
        self.table.reserve(cases)

    def end_run(self) -> None:
        """A run is over: what it taught makes the next forecast better, and the most telling row is selected."""
        self.look_again()
        self.show_rows()
        if not self.table.chosen_by_user and (row := find_notable_row(self.table.rows, self._session.runs)) is not None:
            self.table.select(row.number)
            self.show_sentence()
            self.show_losses(self.table.rows, row.number)
            self._subject = (row.case.kernel, row.case.mode)
            self._show_source()

    def show_opened_run(self, cases: tuple[Case, ...]) -> None:
        """A stored run was brought in: its rows come first, and the most telling one is selected."""
        self.table.select(None)
        self.make_room(cases)
        self.end_run()

    def point_at(self, row: Row) -> None:
        """Put the cursor on a row, also on one that the filter hides."""
        if row not in self.table.rows:
            self.filter_rows("")
        self.table.select(row.number)
        self._selected()

    # ---- what the panes tell

    @on(Checklist.Highlighted)
    def _highlighted(self, event: Checklist.Highlighted) -> None:
        choice = event.choice
        if choice.reason:
            self.show_hint(cannot_run(choice.label, choice.reason))
        else:
            named = event.checklist in (self.kernels, self.modes)
            self.show_hint([Span(f"{choice.label}  " if named else "", "strong"), Span(choice.note, "muted")])
        kernel, mode = self.kernels.highlighted, self.modes.highlighted
        if event.checklist not in (self.kernels, self.modes) or kernel is None or mode is None:
            return
        if not kernel.adds:
            self._subject = (kernel.key, mode.key)
            self._show_source()

    @on(LossesPane.Picked)
    def _picked(self, event: LossesPane.Picked) -> None:
        self.table.select(event.number)
        self._selected()

    @on(ResultsTable.Selected)
    def _selected(self) -> None:
        self.show_sentence()
        self.show_losses(self.table.rows, self.table.row.number if self.table.row else None)
        if (row := self.table.row) is not None:
            self._subject = (row.case.kernel, row.case.mode)
            self._show_source()
            if not self._session.running:
                self.show_lanes(row)

    @on(ResultsTable.Opened)
    def open_row(self) -> None:
        """Show everything about the selected row."""
        from pi_tui.ui.dialogs.row_details import RowScreen

        if (row := self.table.row) is not None:
            self.app.push_screen(RowScreen(row))

    @on(ResultsTable.SortRequested)
    def _sort_requested(self, event: ResultsTable.SortRequested) -> None:
        """By a column, by the next (">"), or turned round ("~", or the same column again)."""
        if event.column in ("~", self._sort):
            self._reverse = not self._reverse
        elif event.column == ">":
            following = SORTABLE_COLUMNS[(SORTABLE_COLUMNS.index(self._sort) + 1) % len(SORTABLE_COLUMNS)]
            self._sort, self._reverse = following, False
        else:
            self._sort, self._reverse = event.column, False
        self.show_rows()

    def filter_rows(self, wanted: str) -> None:
        """Show only the rows that have these words in them."""
        self.wanted = wanted.strip()
        self.show_rows()
