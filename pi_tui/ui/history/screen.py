"""The history: all runs by date, and what can be done with them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from textual import events, on
from textual.app import ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical

from pi_tui.analysis.figures import plural
from pi_tui.engine.errors import PiTuiError
from pi_tui.ui import keys
from pi_tui.ui.history.cells import about_lines
from pi_tui.ui.history.lines import Lines
from pi_tui.ui.history.listing import SORTABLE, SORTED, RunList
from pi_tui.ui.history.tables import RunsTable
from pi_tui.ui.history.telling import broken_list, empty_list, nothing_found
from pi_tui.ui.renderables.pieces import Line, Piece, as_written, wrap
from pi_tui.ui.renderables.status import offer
from pi_tui.ui.screens.dialog import Dialog
from pi_tui.ui.widgets.prompt import Prompt
from pi_tui.ui.widgets.row_table import RowTable, sort_after
from pi_tui.ui.widgets.status_lines import HintLine, KeyLine

if TYPE_CHECKING:
    from pi_tui.log.history.archive import Listing
    from pi_tui.log.history.reading import RunLine
    from pi_tui.ui.history.control import HistoryControl
    from pi_tui.ui.protocols import Archive

T = TypeVar("T")

FRESH_S = 5.0
"""While a run is under way somewhere, the list is read again so often."""
LONGEST_NOTE = 200


class HistoryScreen(Dialog[None]):
    """A list of runs, and below it everything about the selected one. Nothing is read in the screen's own thread."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "compare_runs", "compare", tooltip="What changed from the reference to the selected run"),
        Binding("m", "mark", "mark", tooltip="Mark the run as the one that others are compared with"),
        Binding("n", "note", "note", tooltip="Write a note beside the run"),
        Binding("d", "delete_run", "delete", tooltip="Take the run out of the list; u brings it back"),
        Binding("u", "undo", "undo", tooltip="Bring back the run that was deleted last"),
        Binding("p", "replay", "replay", tooltip="Play the run again, as it went"),
        Binding("t", "trials", "trials", tooltip="Every trial of the run"),
        Binding("e", "export", "export", tooltip="Write the run to a file"),
        Binding("slash", "filter", "filter", key_display="/", tooltip="Show only runs with these words in them"),
        Binding("f1,question_mark", "app.help", "help", key_display="F1"),
        Binding("escape", "leave", "close", key_display="Esc", tooltip="Back to the bench"),
        Binding("h,q", "leave", "close", show=False),
        Binding("s", "app.screenshot", "picture", show=False),
    ]

    def __init__(self, archive: Archive, control: HistoryControl) -> None:
        super().__init__()
        self._archive, self._control = archive, control
        self._list = RunList(archive.local)
        self._sort = SORTED
        self._wanted = ""
        self._problem = ""
        self._known = False
        self._told: list[str] = []

    def compose(self) -> ComposeResult:
        """The list, what is to be known of it, the selected run, a line to type in, and the keys."""
        self.table = RunsTable(self._archive.local)
        self._notice, self._about = Lines("history-notice"), Lines("history-about")
        self._hint, self._prompt, self._keys = HintLine(), Prompt(), KeyLine()
        with Vertical(id="history", classes="dialog-box"):
            yield self.table
        yield self._notice
        yield self._about
        yield Container(self._hint, self._prompt, id="hint-bar")
        yield self._keys

    def on_mount(self) -> None:
        """Read the list, and again from time to time while something is under way."""
        self.table.focus()
        self.bindings_updated_signal.subscribe(self, lambda _: self._show_keys())
        self._show()
        self.refresh_list()
        self.set_interval(FRESH_S, self._look_again)

    def on_resize(self, event: events.Resize) -> None:
        """Fewer lines about the selected run where there is little room."""
        self._about.most_lines = 4 if event.size.height >= 24 else 2 if event.size.height >= 16 else 1
        self._show_selected()

    def on_screen_resume(self) -> None:
        """The keys of this screen."""
        self._show_keys()

    # ---- reading

    def refresh_list(self) -> None:
        """Read the list anew."""
        self._begin(self._read())

    def _look_again(self) -> None:
        if self.is_current and any(line.state == "running" for line in self._list.lines):
            self.refresh_list()

    async def _read(self) -> None:
        try:
            listing: Listing | None = await asyncio.to_thread(self._archive.runs)
            self._problem = ""
        except PiTuiError as error:
            listing, self._problem = None, f"{error}"
        if listing is not None:
            self._list.take(listing.lines)
            self._told += [sentence for sentence in listing.told if sentence not in self._told]
            trials = f"{listing.trials:,}".replace(",", " ")
            box = self.query_one("#history")
            box.border_title = (
                f"History · {plural(len(listing.lines), 'run')}, {trials} trials" if listing.lines else "History"
            )
        self._known = True
        self._show()

    async def _ask(self, question: Callable[[], T]) -> T | None:
        """Put a question to the archive in a thread; what goes wrong is said, and None comes back.

        The list is read anew then: the run may be gone, or the file damaged and set aside.
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
            [[Piece(line, "notice")] for text in self._told for line in wrap(text, self.size.width - 4, 3)]
        )
        shown = f"filter: {self._wanted} ({len(rows)} of {len(self._list.lines)})" if self._wanted else ""
        self.query_one("#history").border_subtitle = as_written(shown)
        self._show_selected()

    def _empty(self) -> tuple[Line, ...]:
        if self._problem:
            return broken_list(self._problem, self.size.width - 6)
        if self._list.lines:
            return nothing_found(self._wanted)
        return empty_list() if self._known else ([Piece("reading …", "muted")],)

    def _show_selected(self) -> None:
        row = self.table.row
        self._about.show(about_lines(row, self._archive.local) if row is not None else [])
        self.refresh_bindings()

    def _show_keys(self) -> None:
        if self.is_current:
            self._keys.show_keys(keys.hints(self))

    def say(self, *line: Piece) -> None:
        """Say something in the hint line."""
        self._hint.show(line)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what applies to a run where one is selected."""
        if action in ("open_run", "compare_runs", "mark", "note", "delete_run", "replay", "trials", "export"):
            return self.table.row is not None if self.is_mounted else False
        return super().check_action(action, parameters)

    def commands(self) -> Iterator[SystemCommand]:
        """Everything that can be done here, for the command palette."""
        for binding in (*RunsTable.BINDINGS, *self.BINDINGS):
            if not isinstance(binding, Binding) or not binding.show or not binding.tooltip:
                continue
            action = binding.action.removeprefix("screen.")
            if self.check_action(action, ()):
                words = f"{binding.tooltip} ({binding.key_display or binding.key})"
                yield SystemCommand(f"History: {binding.description}", words, partial(self.run_action, action))
        for column in SORTABLE:
            again = "A second time turns the order round"
            yield SystemCommand(f"History: sort by {column}", again, partial(self.table.action_sort, column))

    @on(RowTable.Selected)
    def _selected(self) -> None:
        self._show_selected()

    @on(RowTable.SortAsked)
    def _sort_asked(self, event: RowTable.SortAsked) -> None:
        self._sort = sort_after(event.column, self._sort, SORTABLE)
        self._show()

    # ---- what is done with a run

    @on(RowTable.Opened)
    def action_open_run(self) -> None:
        """Bring the run into the tabs."""
        if (row := self.table.row) is not None and self._free("open it"):
            self.say(Piece(f"reading run {row.id} …", "muted"))
            self._begin(self._open(row))

    async def _open(self, row: RunLine) -> None:
        stored = await self._ask(partial(self._archive.load, row.id))
        self.say()
        if stored is not None and self._free("open it"):
            self.dismiss(None)
            self._control.show_stored(stored)

    def action_replay(self) -> None:
        """Play the run again on the bench."""
        if (row := self.table.row) is not None and self._free("replay it"):
            if row.state == "running":
                self.say(Piece(f"Run {row.id} is still under way; it can be replayed when it is over.", "notice"))
                return
            self.dismiss(None)
            self._control.replay(row)

    def _free(self, what: str) -> bool:
        """Whether the bench is free for another run; says so where it is not."""
        if self._control.busy:
            self.say(
                Piece(f"A run is under way on the bench: once it is over, or stopped there, you can {what}.", "notice")
            )
        return not self._control.busy

    def action_trials(self) -> None:
        """Show every trial of the run."""
        if (row := self.table.row) is not None:
            self._begin(self._show_trials(row))

    async def _show_trials(self, row: RunLine) -> None:
        from pi_tui.ui.history.trials import TrialsScreen, trial_rows

        found = await self._ask(lambda: trial_rows(row, *self._archive.trials(row.id)))
        if found is not None:
            self.app.push_screen(TrialsScreen(row, found))

    def action_compare_runs(self) -> None:
        """Compare the run with the reference."""
        row, reference = self.table.row, self._list.reference()
        if row is None:
            return
        if reference is None:
            self.say(
                Piece("No run is the reference yet: ", "notice"), *offer("m", "marks the selected one", "screen.mark")
            )
        elif reference.id == row.id:
            self.say(Piece("This is the reference itself: go to the run to compare with it.", "notice"))
        else:
            self._begin(self._compare(reference, row))

    async def _compare(self, before: RunLine, after: RunLine) -> None:
        from pi_tui.ui.history.comparison import RunComparisonScreen

        found = await self._ask(partial(self._archive.compare, before.id, after.id))
        if found is not None:
            self.app.push_screen(RunComparisonScreen(before, after, found, self._archive.local))

    def action_mark(self) -> None:
        """Mark the run as the reference; the reference itself is no longer one."""
        if (row := self.table.row) is not None:
            self._begin(self._mark(row))

    async def _mark(self, row: RunLine) -> None:
        run_id = None if row.reference else row.id
        if await self._done(partial(self._archive.set_reference, run_id)):
            marked = "is the reference now: c on another run compares" if run_id else "is no longer the reference"
            self.say(Piece(f"Run {row.id} {marked}.", "muted"))

    def action_note(self) -> None:
        """Ask for a note."""
        if (row := self.table.row) is not None:
            self._ask_for(f"note {row.id}", f"Note on run {row.id}", row.note, "before the change", _note_check)

    def action_delete_run(self) -> None:
        """Delete the run."""
        if (row := self.table.row) is not None:
            self._begin(self._delete(row))

    async def _delete(self, row: RunLine) -> None:
        if await self._done(partial(self._archive.delete, row.id)):
            self.say(Piece(f"Run {row.id} is deleted.  ", "text"), *offer("u", "brings it back", "screen.undo"))

    def action_undo(self) -> None:
        """Bring back the run that was deleted last."""
        self._begin(self._undo())

    async def _undo(self) -> None:
        try:
            run_id = await asyncio.to_thread(self._archive.undelete)
        except PiTuiError as error:
            self.say(Piece(f"{error}", "notice"))
            return
        if run_id is None:
            self.say(Piece("No run was deleted that could be brought back.", "muted"))
            return
        await self._read()
        self.table.select(run_id)
        self._show_selected()
        self.say(Piece(f"Run {run_id} is back.", "text"))

    async def _done(self, change: Callable[[], None]) -> bool:
        """Change something; whether that went well. The list then shows it."""

        def changed() -> bool:
            change()
            return True

        done = await self._ask(changed) is True
        if done:
            await self._read()
        return done

    def action_export(self) -> None:
        """Write the run to a file."""
        if (row := self.table.row) is not None:
            self._begin(self._export(row))

    async def _export(self, row: RunLine) -> None:
        stored = await self._ask(partial(self._archive.load, row.id))
        if stored is not None:
            self._control.export(stored.record)

    # ---- typed values

    def action_filter(self) -> None:
        """Ask which runs are wanted."""
        self._ask_for("filter", "Filter", self._wanted, "numba threads failed 2026-01 reference", lambda _: "")

    def _ask_for(self, purpose: str, label: str, value: str, example: str, check: Callable[[str], str]) -> None:
        self._hint.display = False
        self._prompt.ask(purpose, label, value=value, example=example, check=check)

    def on_prompt_typed(self, event: Prompt.Typed) -> None:
        """A filter works as it is typed."""
        if event.purpose == "filter":
            self._filter(event.text)

    def on_prompt_answered(self, event: Prompt.Answered) -> None:
        """Put the answer in place, and the hint line and the focus back."""
        self._hint.display = True
        self.table.focus()
        purpose, _, number = event.purpose.partition(" ")
        if purpose == "filter":
            self._filter(event.text or "")
        elif event.text is not None:
            self._begin(self._write_note(int(number), event.text.strip()))

    async def _write_note(self, run_id: int, text: str) -> None:
        if await self._done(partial(self._archive.set_note, run_id, text)):
            self.say(Piece(f"The note on run {run_id} is {'kept' if text else 'gone'}.", "muted"))

    def _filter(self, wanted: str) -> None:
        self._wanted = wanted.strip()
        self._show()


def _note_check(text: str) -> str:
    return f"at most {LONGEST_NOTE} characters" if len(text) > LONGEST_NOTE else ""
