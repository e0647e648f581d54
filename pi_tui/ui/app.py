"""The laboratory on the screen."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen

from pi_tui.ui.bench.presenter import explain_empty_export
from pi_tui.ui.bench.screen import BenchScreen
from pi_tui.ui.bench.setup import Setup
from pi_tui.ui.controllers.gil_comparison import GilComparisonController
from pi_tui.ui.controllers.history import HistoryController
from pi_tui.ui.controllers.messages import EventsWaiting, NotRecorded, RunEnded
from pi_tui.ui.controllers.programs import ProgramController
from pi_tui.ui.controllers.run import RunController
from pi_tui.ui.controllers.ticker import Redraw, Ticker
from pi_tui.ui.state.ports import Ports
from pi_tui.ui.state.run_preview import RunPreviewer
from pi_tui.ui.state.selection import Selection
from pi_tui.ui.state.session import Session
from pi_tui.ui.theme.base_app import ThemedApp
from pi_tui.ui.theme.themes import DARK, LIGHT
from pi_tui.ui.widgets.actions import HasCommands, list_commands

if TYPE_CHECKING:
    from pi_tui.host.kernels.catalog import Kernel


class LaboratoryApp(ThemedApp):
    """Compose the bench, the session and the controllers, and handle their messages and keys.

    Args:
        ports: what the app is given from outside: laboratory, meters, clock, history.
        ascii_only: draw with ASCII alone.
        light: start with the light theme.
        replay: the number of a stored run to play after the first frame, and how many times as fast as it ran.
    """

    TITLE = "pi-tui"
    CSS_PATH = Path(__file__).parent / "bench" / "bench.tcss"
    ENABLE_COMMAND_PALETTE = True
    KILLED_MESSAGE: ClassVar[str] = "pi-tui was ended by force. What it had measured is kept: pi-tui log list shows it."

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "start_run", "run", tooltip="Run everything that is ticked"),
        Binding("x", "stop_run", "stop", tooltip="Stop the run within a second"),
        Binding(
            "g", "toggle_gil", "GIL", tooltip="Toggle the GIL: numba or numba-nogil, on or off in a free-threaded build"
        ),
        Binding("a", "compare", "A/B", tooltip="Run both GIL settings of what is ticked, side by side"),
        Binding("p", "pythons", "Python", tooltip="Choose the interpreters to measure with"),
        Binding("e", "export", "export", tooltip="Write the results to a file"),
        Binding("h", "history", "history", tooltip="Show all runs by date: open, compare, replay"),
        Binding(
            "l", "open_row", "log", tooltip="Show everything about the selected row: trials, error, what it printed"
        ),
        Binding("f", "open_file", "open file", tooltip="Open a function of yours as a kernel: ./work.py:func"),
        Binding("v", "watch_program", "view program", tooltip="Watch any program's threads: a PID or a command"),
        Binding("slash", "filter", "filter", key_display="/", tooltip="Show only some of the rows"),
        Binding("f1,question_mark", "help", "help", key_display="F1", tooltip="Open the manual"),
        Binding("s", "screenshot", "picture", tooltip="Save the screen as an SVG file"),
        Binding("q", "leave", "quit", tooltip="Quit; a run is stopped first, and q is asked for once more"),
        Binding("ctrl+z", "suspend_process", "suspend", show=False, tooltip="Return to the shell; fg comes back"),
        Binding("space", "hold_replay", "hold", priority=True, tooltip="Pause the replay, or continue it"),
        Binding("less_than_sign", "pace_replay(0.5)", "slower", key_display="<", tooltip="Replay at half the speed"),
        Binding("greater_than_sign", "pace_replay(2)", "faster", key_display=">", tooltip="Replay at twice the speed"),
    ]

    def __init__(
        self,
        ports: Ports,
        *,
        ascii_only: bool = False,
        light: bool = False,
        replay: tuple[int, float] | None = None,
    ) -> None:
        super().__init__(ascii_only=ascii_only, light=light)
        self.keys.hold()
        self._replay = replay
        self.ports = ports
        self.session = Session()
        previewer = RunPreviewer(ports.laboratory, ports.interpreter)
        selection = Selection(workers=(ports.machine.usable_cores,))
        self.bench = BenchScreen(ports, self.session, previewer, selection)
        self.run_control = RunController(self, self.bench, self.session, ports)
        self.gil_comparison = GilComparisonController(
            self, self.bench, self.session, ports, previewer, self.run_control
        )
        self.history = HistoryController(self, self.bench, self.session, ports, self.run_control)
        self.programs = ProgramController(self, self.bench, self.session, ports)
        self.run_control.add_listener(self.gil_comparison)
        self.run_control.add_listener(self.history)
        self.ticker = Ticker(ports.cores, ports.heartbeat, self._show_cores, self.bench.show_heartbeat)

    # ---- the app as Textual wants it

    def get_default_screen(self) -> Screen[None]:
        """Return the bench."""
        return self.bench

    def action_command_palette(self) -> None:
        """Open the command palette on a screen that has commands."""
        if isinstance(self.screen, HasCommands):
            super().action_command_palette()

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Yield the commands of the screen; on the bench those of the app as well."""
        if isinstance(screen, HasCommands):
            yield from screen.commands()
        if screen is self.bench:
            yield from list_commands(self, self.BINDINGS)
            yield from self.gil_comparison.commands()
            other = LIGHT.name if self.theme == DARK.name else DARK.name
            yield SystemCommand(
                f"Theme: {other}", "Our own theme, light or dark", lambda: setattr(self, "theme", other)
            )
            yield SystemCommand("Theme", "Any theme", self.action_change_theme)

    def on_mount(self) -> None:
        """Start what the first frame does without, once that frame is drawn."""
        self.call_after_refresh(self._settle)

    async def _settle(self) -> None:
        if not gc.isenabled():  # `launch` turned it off
            gc.freeze()  # objects made so far live as long as the app: the collector skips them
            gc.enable()
        self.bench.setup.preview_again()
        await self.bench.hints.prepare_prompt()
        await self.keys.release()
        self.ticker.start()
        self.set_interval(self.ports.tick_s, self._tick)
        self.app_resume_signal.subscribe(self, lambda _: self._resume())
        self.bench.setup.request_warm()
        if self._replay is not None:
            await self.history.begin_replay(*self._replay)
        if self.ports.installed_kernels is not None:
            self.run_worker(self._offer_installed(self.ports.installed_kernels), group="installed")

    def _resume(self) -> None:
        """Draw the whole screen again after a suspension; the shell has written over it."""
        self.ticker.restart()
        self.screen.refresh(layout=True)

    async def _offer_installed(self, look: Callable[[], Sequence[Kernel]]) -> None:
        self.bench.setup.offer(await asyncio.to_thread(look))

    async def on_unmount(self) -> None:
        """End the run and the hosts, however the app ends."""
        if self.run_control.player is not None:
            self.run_control.player.stop()
        await asyncio.to_thread(self.ports.laboratory.close)

    def _tick(self) -> None:
        due = self.ticker.tick(running=self.session.running, saturated=self.run_control.saturated)
        if not self.session.running or due is Redraw.NOTHING:
            return
        self.run_control.drain()
        if due is Redraw.ALL:
            self.bench.show_progress()

    def _show_cores(self, shares: tuple[float | None, ...]) -> None:
        self.bench.show_cores(shares)
        self.gil_comparison.note_cores(shares)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Return whether an action applies now."""
        if action in ("start_run", "compare", "watch_program"):
            return not self.session.running
        if action == "filter":
            return not self.bench.hints.typing  # its key is a letter there
        if action in ("open_row", "export"):
            return bool(self.session.rows)
        if action in ("hold_replay", "pace_replay"):
            return self.session.replay is not None and self.screen is self.bench and not self.bench.hints.typing
        if action == "stop_run":
            return self.session.running and not self.session.stopping
        return super().check_action(action, parameters)

    # ---- a run

    async def action_start_run(self) -> None:
        """Run what is ticked; ask first where only its size speaks against it."""
        if self.session.running:
            return
        await self.bench.setup.preview_fully()
        if self.session.running:
            return
        preview = self.bench.setup.preview
        if preview.can_run and preview.plan is not None:
            self.run_control.start(preview.plan)
        elif preview.needs_confirmation and preview.forced is not None:
            from pi_tui.ui.dialogs.confirm import ConfirmDialog

            plan = preview.forced
            question = ConfirmDialog("More than is reasonable", preview.refused, "Run it all the same")
            self.push_screen(question, lambda yes: self.run_control.start(plan) if yes else None)
        else:
            self.notify(preview.refused or "Nothing that is ticked can run here.", severity="warning")

    def action_stop_run(self) -> None:
        """Stop the run."""
        self.run_control.stop()

    def on_events_waiting(self, _: EventsWaiting) -> None:
        """Take in the events that the run's thread has queued."""
        self.run_control.drain_soon()

    def on_run_ended(self, message: RunEnded) -> None:
        """Show the end of the run."""
        self.run_control.end(message)

    def on_not_recorded(self, message: NotRecorded) -> None:
        """Say that the run goes on without being recorded."""
        self.notify(message.sentence, title="History", severity="warning", timeout=10)

    # ---- what the bench asks for

    @on(Setup.WarmRequested)
    def _warm(self, message: Setup.WarmRequested) -> None:
        self.run_control.warm(message.request)

    @on(BenchScreen.ProgramNamed)
    def _watch_named_program(self, message: BenchScreen.ProgramNamed) -> None:
        self.programs.open(message.text)

    # ---- everything else that has a key

    def action_toggle_gil(self) -> None:
        """Choose the other GIL setting of what is ticked."""
        self.bench.setup.toggle_gil()

    def action_pythons(self) -> None:
        """Choose the interpreters to measure with."""
        if self.screen is self.bench:
            self.bench.setup.open_interpreters()

    def action_history(self) -> None:
        """Show all runs by date."""
        self.history.open()

    def action_hold_replay(self) -> None:
        """Pause the replay, or continue it."""
        self.history.hold()

    def action_pace_replay(self, factor: float) -> None:
        """Multiply the speed of the replay by a factor."""
        self.history.pace(factor)

    async def action_compare(self) -> None:
        """Run both GIL settings of what is ticked, side by side."""
        await self.gil_comparison.begin()

    def action_open_row(self) -> None:
        """Show everything about the selected row."""
        self.bench.open_row()

    def action_open_file(self) -> None:
        """Ask for a function of the user's, to be measured as a kernel."""
        self.bench.ask("kernel")

    def action_watch_program(self) -> None:
        """Ask for a program to watch."""
        self.programs.ask()

    def action_filter(self) -> None:
        """Ask which rows are to be shown."""
        self.bench.ask("filter")

    def action_export(self) -> None:
        """Ask for a file to write the results into, as the table filters and sorts them.

        They are the session's, or those of the stored run that the selected row belongs to.
        """
        from pi_tui.storage.run_record import RunRecord
        from pi_tui.ui.dialogs.export_results import ExportDialog

        session, row = self.session, self.bench.results.row
        origin = row.origin if row is not None else None
        finished = session.results(origin=origin)
        shown = session.results(self.bench.results.list_rows(), origin)
        if not shown:
            self.notify(explain_empty_export(session.rows, finished=bool(finished)))
            return
        machine, interpreters = session.machine or self.ports.machine, tuple(session.interpreters.values())
        if row is not None and origin is not None:
            machine, interpreters = session.environments[row.run]
        record = RunRecord(machine, interpreters, shown)
        self.push_screen(ExportDialog(record, self.ports, len(finished) if len(shown) < len(finished) else None))

    def action_help(self) -> None:
        """Show the manual, at the topic that explains what is on the screen."""
        from pi_tui.ui.dialogs.help import open_help

        open_help(self)

    def action_screenshot(self, filename: str | None = None, path: str | None = None) -> None:
        """Save the screen as an SVG file, and show its name."""
        name = filename or f"pi-tui-{self.ports.now():%Y%m%d-%H%M%S}.svg"
        self.save_picture(name, Path(path) if path else self.ports.folder)

    def action_suspend_process(self) -> None:
        """Return to the shell until `fg`. A run forbids it: its trials would stop while they are timed."""
        if self.session.running:
            self.notify("Not while something runs: its trials would be held up. x stops it.", severity="warning")
        else:
            super().action_suspend_process()

    async def action_leave(self) -> None:
        """Leave; ask first where that would end a run of this session."""
        if not self.session.running or self.session.replay is not None or self.run_control.leaving:
            await self.action_quit()
            return
        from pi_tui.ui.dialogs.confirm import QuitDialog

        async def end_run(yes: bool | None) -> None:
            if yes:
                await self.action_quit()

        self.push_screen(QuitDialog(), end_run)

    async def action_quit(self) -> None:
        """Leave after the run has been stopped; called a second time, leave at once."""
        if not self.session.running or self.run_control.leaving:
            self.exit()
            return
        self.run_control.leaving = True
        self.run_control.stop()
