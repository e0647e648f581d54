"""The screen with the list of runs: read, sorted, filtered, and details of the selected run."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical

from pi_tui.analysis.text.formatting import plural
from pi_tui.engine.errors import PiTuiError
from pi_tui.ui.dialogs.base import Dialog
from pi_tui.ui.drawing.spans import Line, Span, escape_markup, wrap
from pi_tui.ui.history.cells import describe_run
from pi_tui.ui.history.run_list import DEFAULT_SORT, SORTABLE_COLUMNS, RunList
from pi_tui.ui.history.tables import RunTable
from pi_tui.ui.widgets import key_hints
from pi_tui.ui.widgets.prompt import Prompt
from pi_tui.ui.widgets.status_bars import HintBar, KeyBar, LinesBox
from pi_tui.ui.widgets.virtual_table import VirtualTable, next_sort

if TYPE_CHECKING:
    from pi_tui.storage.history.service import RunListing
    from pi_tui.ui.state.ports import HistoryService

T = TypeVar("T")
R = TypeVar("R")

REREAD_S = 5.0
"""While a run is under way, in any program, the list is read again at this interval."""


class RunListScreen(Dialog[R], Generic[R]):
    """A list of runs, and below it details of the selected one. The history is read in threads."""

    FILLS_TERMINAL: ClassVar[bool] = True

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "filter", key_display="/", tooltip="Show only runs with these words in them"),
        Binding("f1,question_mark", "app.help", "help", key_display="F1"),
        Binding("escape", "leave", "close", key_display="Esc", tooltip="Back to the bench"),
        Binding("h,q", "leave", "close", show=False),
        Binding("s", "app.screenshot", "picture", show=False),
    ]

    def __init__(self, history: HistoryService) -> None:
        super().__init__()
        self._history = history
        self._list = RunList(history.to_local_time)
        self._sort = DEFAULT_SORT
        self._wanted = ""
        self._problem = ""
        self._known = False
        self._notices: list[str] = []

    def compose(self) -> ComposeResult:
        """Yield the list, notices, details of the selected run, a line to type in, and the keys."""
        self.table = RunTable(self._history.to_local_time)
        self._notice, self._about = LinesBox("history-notice"), LinesBox("history-about")
        self._hint, self._prompt, self._keys = HintBar(), Prompt(), KeyBar()
        with Vertical(id="history", classes="dialog-box"):
            yield self.table
        yield self._notice
        yield self._about
        yield Container(self._hint, self._prompt, id="hint-bar")
        yield self._keys

    def on_mount(self) -> None:
        """Read the list, and read it again at intervals while a run is under way."""
        self.table.focus()
        self.bindings_updated_signal.subscribe(self, lambda _: self._show_keys())
        self._show()
        self.refresh_list()
        self.set_interval(REREAD_S, self._look_again)

    def on_resize(self, event: events.Resize) -> None:
        """Show fewer details where there is little room."""
        self._about.most_lines = 4 if event.size.height >= 24 else 2 if event.size.height >= 16 else 1
        self._show_selected()

    def on_screen_resume(self) -> None:
        """Show the keys of this screen."""
        self._show_keys()

    @property
    def help_topic(self) -> str:
        """The topic of the manual that explains this screen."""
        return "history"

    # ---- reading

    def refresh_list(self) -> None:
        """Read the list again."""
        self._begin(self._read())

    def _look_again(self) -> None:
        if self.is_current and any(line.state == "running" for line in self._list.lines):
            self.refresh_list()

    async def _read(self) -> None:
        try:
            listing: RunListing | None = await asyncio.to_thread(self._history.list_runs)
            self._problem = ""
        except PiTuiError as error:
            listing, self._problem = None, f"{error}"
        if listing is not None:
            self._list.take(listing.lines)
            self._notices += [sentence for sentence in listing.notices if sentence not in self._notices]
            trials = f"{listing.trials:,}".replace(",", " ")
            box = self.query_one("#history")
            box.border_title = (
                f"History · {plural(len(listing.lines), 'run')}, {trials} trials" if listing.lines else "History"
            )
        self._known = True
        self._show()

    async def _ask(self, question: Callable[[], T]) -> T | None:
        """Call the history in a thread, and return the answer; show an error and return None.

        After an error the list is read again: the run may be gone, or the file damaged and set aside.
        """
        try:
            return await asyncio.to_thread(question)
        except PiTuiError as error:
            text = f"{error}"
            self.notify(f"{text[:1].upper()}{text[1:]}.", title="History", severity="warning", timeout=8)
            self.refresh_list()
            return None

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        self.run_worker(work, group="history", exit_on_error=True)

    # ---- showing

    def _show(self) -> None:
        rows = self._list.arranged(self._sort, self._wanted)
        self.table.show(rows, self._sort, self._empty())
        self._notice.show(
            [[Span(line, "notice")] for text in self._notices for line in wrap(text, self.size.width - 4, 3)]
        )
        shown = f"filter: {self._wanted} ({len(rows)} of {len(self._list.lines)})" if self._wanted else ""
        self.query_one("#history").border_subtitle = escape_markup(shown)
        self._show_selected()

    def _empty(self) -> tuple[Line, ...]:
        if self._problem:
            return explain_broken_history(self._problem, self.size.width - 6)
        if self._list.lines:
            return explain_no_match(self._wanted)
        return explain_empty_history() if self._known else ([Span("reading …", "muted")],)

    def _show_selected(self) -> None:
        row = self.table.row
        self._about.show(describe_run(row, self._history.to_local_time) if row is not None else [])
        self.refresh_bindings()

    def _show_keys(self) -> None:
        if self.is_current:
            self._keys.show_keys(key_hints.collect_key_hints(self))

    def say(self, *line: Span) -> None:
        """Show a hint."""
        self._hint.show(line)

    @on(VirtualTable.Selected)
    def _selected(self) -> None:
        self._show_selected()

    @on(VirtualTable.SortRequested)
    def _sort_requested(self, event: VirtualTable.SortRequested) -> None:
        self._sort = next_sort(event.column, self._sort, SORTABLE_COLUMNS)
        self._show()

    # ---- typed values

    def action_filter(self) -> None:
        """Ask which runs to show."""
        self._ask_for("filter", "Filter", self._wanted, "numba threads failed 2026-01 reference", lambda _: "")

    def _ask_for(self, purpose: str, label: str, value: str, example: str, check: Callable[[str], str]) -> None:
        self._hint.display = False
        self._prompt.ask(purpose, label, value=value, example=example, check=check)

    def on_prompt_typed(self, event: Prompt.Typed) -> None:
        """Filter while the filter is typed."""
        if event.purpose == "filter":
            self._filter(event.text)

    def on_prompt_answered(self, event: Prompt.Answered) -> None:
        """Show the hint again, return the focus, and use the answer."""
        self._hint.display = True
        self.table.focus()
        self._answered(event)

    def _answered(self, event: Prompt.Answered) -> None:
        if event.purpose == "filter":
            self._filter(event.text or "")

    def _filter(self, wanted: str) -> None:
        self._wanted = wanted.strip()
        self._show()


def explain_empty_history() -> tuple[Line, ...]:
    """Return what is shown where there are no runs."""
    return (
        [Span("No runs yet.", "text")],
        [Span("Escape", "key", "screen.leave"), Span(" goes back to the bench, and ", "muted"), Span("r", "key"),
         Span(" there runs the selection.", "muted")],
        [Span("Every run is kept here with all its trials, as they happen.", "faint")],
    )  # fmt: skip


def explain_no_match(wanted: str) -> tuple[Line, ...]:
    """Return what is shown where no run matches the filter."""
    return (
        [Span("No run has ", "muted"), Span(wanted, "text"), Span(" in it.", "muted")],
        [Span("/", "key", "screen.filter"), Span(" changes the filter, ", "muted"), Span("Escape", "key"),
         Span(" in it clears it.", "muted")],
    )  # fmt: skip


def explain_broken_history(problem: str, cells: int) -> tuple[Line, ...]:
    """Return what is shown where the history cannot be read, in lines of at most `cells`."""
    sentence = f"{problem[:1].upper()}{problem[1:]}."
    return tuple([Span(line, "notice")] for line in wrap(sentence, max(20, cells), 6))
