"""The history: all runs by date, and the actions on them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual import on
from textual.app import SystemCommand
from textual.binding import Binding, BindingType

from pi_tui.engine.errors import PiTuiError
from pi_tui.ui.drawing.spans import Span
from pi_tui.ui.drawing.status_bar import draw_key_hint
from pi_tui.ui.history.run_list import SORTABLE_COLUMNS
from pi_tui.ui.history.run_list_screen import RunListScreen
from pi_tui.ui.history.tables import RunTable
from pi_tui.ui.widgets.actions import list_commands
from pi_tui.ui.widgets.prompt import Prompt
from pi_tui.ui.widgets.virtual_table import VirtualTable

if TYPE_CHECKING:
    from pi_tui.storage.history.queries import RunEntry
    from pi_tui.storage.history.service import StoredRun
    from pi_tui.ui.state.ports import HistoryService, Ports

LONGEST_NOTE = 200


class OpenRun(NamedTuple):
    """The screen's answer: show a stored run in the tabs of the bench."""

    stored: StoredRun


class ReplayRun(NamedTuple):
    """The screen's answer: play a stored run again on the bench."""

    line: RunEntry


class HistoryScreen(RunListScreen[OpenRun | ReplayRun]):
    """The list of runs, with all actions on a run.

    It closes with `OpenRun` or `ReplayRun`; an export is asked for here, so that the list stays open.

    Args:
        history: the recorded runs.
        ports: the folder and the time of day, for the names of exported files.
        busy: returns whether a run is under way on the bench.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "c",
            "compare_runs",
            "compare",
            tooltip="Show what changed between the reference and the selected run, the older one first",
        ),
        Binding("m", "mark", "mark", tooltip="Mark the run as the one that others are compared with"),
        Binding("n", "note", "note", tooltip="Write a note beside the run"),
        Binding("d", "delete_run", "delete", tooltip="Take the run out of the list; u brings it back"),
        Binding("u", "undo", "undo", tooltip="Bring back the run that was deleted last"),
        Binding("p", "replay", "replay", tooltip="Replay the run with its original timing"),
        Binding("t", "trials", "trials", tooltip="Show every trial of the run"),
        Binding("e", "export", "export", tooltip="Write the run to a file"),
    ]

    def __init__(self, history: HistoryService, ports: Ports, *, busy: Callable[[], bool]) -> None:
        super().__init__(history)
        self._ports = ports
        self._busy = busy

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Return whether an action applies: those on a run need a selected run."""
        if action in ("open_run", "compare_runs", "mark", "note", "delete_run", "replay", "trials", "export"):
            return self.table.row is not None if self.is_mounted else False
        return super().check_action(action, parameters)

    def commands(self) -> Iterator[SystemCommand]:
        """Yield all actions, for the command palette."""
        for node, bindings in ((self.table, RunTable.BINDINGS), (self, self.BINDINGS), (self, RunListScreen.BINDINGS)):
            yield from list_commands(node, bindings, "History: ")
        for column in SORTABLE_COLUMNS:
            again = "A second time turns the order round"
            yield SystemCommand(f"History: sort by {column}", again, partial(self.table.action_sort, column))

    @on(VirtualTable.Opened)
    def action_open_run(self) -> None:
        """Show the run in the tabs of the bench."""
        if (row := self.table.row) is not None and self._free("open it"):
            self.say(Span(f"reading run {row.id} …", "muted"))
            self._begin(self._open(row))

    async def _open(self, row: RunEntry) -> None:
        stored = await self._ask(partial(self._history.load_run, row.id))
        self.say()
        if stored is not None and self._free("open it"):
            self.dismiss(OpenRun(stored))

    def action_replay(self) -> None:
        """Play the run again on the bench."""
        if (row := self.table.row) is not None and self._free("replay it"):
            if row.state == "running":
                self.say(Span(f"Run {row.id} is still under way; it can be replayed when it is over.", "notice"))
                return
            self.dismiss(ReplayRun(row))

    def _free(self, what: str) -> bool:
        """Return whether the bench is free for another run; where it is not, say so."""
        busy = self._busy()
        if busy:
            self.say(
                Span(f"A run is under way on the bench: once it is over, or stopped there, you can {what}.", "notice")
            )
        return not busy

    def action_trials(self) -> None:
        """Show every trial of the run."""
        if (row := self.table.row) is not None:
            self._begin(self._show_trials(row))

    async def _show_trials(self, row: RunEntry) -> None:
        from pi_tui.ui.history.trials_screen import TrialsDialog, list_trial_rows

        found = await self._ask(lambda: list_trial_rows(row, *self._history.list_trials(row.id)))
        if found is not None:
            self.app.push_screen(TrialsDialog(row, found))

    def action_compare_runs(self) -> None:
        """Compare the run with the reference."""
        row, reference = self.table.row, self._list.reference()
        if row is None:
            return
        if reference is None:
            self.say(
                Span("No run is the reference yet: ", "notice"),
                *draw_key_hint("m", "marks the selected one", "screen.mark"),
            )
        elif reference.id == row.id:
            self.say(Span("This is the reference itself: go to the run to compare with it.", "notice"))
        else:
            older, newer = sorted((reference, row), key=lambda run: (run.started_at, run.id))
            self._begin(self._compare(older, newer))

    async def _compare(self, before: RunEntry, after: RunEntry) -> None:
        from pi_tui.ui.history.run_comparison import RunComparisonDialog

        found = await self._ask(partial(self._history.compare_runs, before.id, after.id))
        if found is not None:
            self.app.push_screen(RunComparisonDialog(before, after, found, self._history.to_local_time))

    def action_mark(self) -> None:
        """Mark the run as the reference; remove the mark where it is the reference."""
        if (row := self.table.row) is not None:
            self._begin(self._mark(row))

    async def _mark(self, row: RunEntry) -> None:
        run_id = None if row.reference else row.id
        if await self._done(partial(self._history.set_reference, run_id)):
            marked = "is the reference now: c on another run compares" if run_id else "is no longer the reference"
            self.say(Span(f"Run {row.id} {marked}.", "muted"))

    def action_note(self) -> None:
        """Ask for a note."""
        if (row := self.table.row) is not None:
            self._ask_for(f"note {row.id}", f"Note on run {row.id}", row.note, "before the change", _note_check)

    def action_delete_run(self) -> None:
        """Delete the run."""
        if (row := self.table.row) is not None:
            self._begin(self._delete(row))

    async def _delete(self, row: RunEntry) -> None:
        if await self._done(partial(self._history.delete, row.id)):
            self.say(Span(f"Run {row.id} is deleted.  ", "text"), *draw_key_hint("u", "brings it back", "screen.undo"))

    def action_undo(self) -> None:
        """Bring back the run that was deleted last."""
        self._begin(self._undo())

    async def _undo(self) -> None:
        try:
            run_id = await asyncio.to_thread(self._history.undelete)
        except PiTuiError as error:
            self.say(Span(f"{error}", "notice"))
            return
        if run_id is None:
            self.say(Span("No run was deleted that could be brought back.", "muted"))
            return
        await self._read()
        self.table.select(run_id)
        self._show_selected()
        self.say(Span(f"Run {run_id} is back.", "text"))

    async def _done(self, change: Callable[[], None]) -> bool:
        """Change something and show the list again; return whether the change succeeded."""

        def changed() -> bool:
            change()
            return True

        done = await self._ask(changed) is True
        if done:
            await self._read()
        return done

    def action_export(self) -> None:
        """Open the dialog that writes the run to a file."""
        if (row := self.table.row) is not None:
            self._begin(self._export(row))

    async def _export(self, row: RunEntry) -> None:
        stored = await self._ask(partial(self._history.load_run, row.id))
        if stored is None:
            return
        if not stored.record.results:
            self.notify("Nothing of this run was finished: there is nothing to export.", title="History")
            return
        from pi_tui.ui.dialogs.export_results import ExportDialog

        self.app.push_screen(ExportDialog(stored.record, self._ports))

    def _answered(self, event: Prompt.Answered) -> None:
        purpose, _, number = event.purpose.partition(" ")
        if purpose != "note":
            super()._answered(event)
        elif event.text is not None:
            self._begin(self._write_note(int(number), event.text.strip()))

    async def _write_note(self, run_id: int, text: str) -> None:
        if await self._done(partial(self._history.set_note, run_id, text)):
            self.say(Span(f"The note on run {run_id} is {'kept' if text else 'gone'}.", "muted"))


def _note_check(text: str) -> str:
    return f"at most {LONGEST_NOTE} characters" if len(text) > LONGEST_NOTE else ""
