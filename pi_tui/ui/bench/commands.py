"""Every action by name, for the command palette."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.app import SystemCommand
from textual.screen import Screen

from pi_tui.host.modes.catalog import MODES
from pi_tui.ui.drawing.results_table import COLUMNS, SORTABLE_COLUMNS
from pi_tui.ui.drawing.spans import escape_markup
from pi_tui.ui.state import selection_edits
from pi_tui.ui.state.ports import HasCommands
from pi_tui.ui.theme.themes import DARK, LIGHT

if TYPE_CHECKING:
    from pi_tui.ui.app import LaboratoryApp


def commands(app: LaboratoryApp, screen: Screen[Any]) -> Iterator[SystemCommand]:
    """The commands that apply on a screen."""
    if isinstance(screen, HasCommands):
        yield from screen.commands()
    if screen is not app.bench:
        return
    if app.session.running:
        yield SystemCommand("Stop", "Stop what runs, within a second (x)", app.action_stop_run)
    else:
        yield SystemCommand("Run", "Run everything that is ticked (r)", app.action_start_run)
        words = "The threads of any program: a PID, or a command to start (v)"
        yield SystemCommand("Watch a program", words, app.action_watch_program)
    yield SystemCommand("GIL: the other setting", "numba or numba-nogil, GIL on or off (g)", app.action_toggle_gil)
    yield SystemCommand("A/B", "Both GIL settings of what is ticked, side by side (a)", app.action_compare)
    if app.ab.comparison is not None:
        yield SystemCommand("A/B: show the last one", "Both sides and what they say together", app.ab.open)
    yield SystemCommand("Pythons", "Choose the interpreters to measure with (p)", app.action_pythons)
    yield SystemCommand("History", "All runs by date: open, compare, replay (h)", app.action_history)
    if app.session.replay is not None:
        yield SystemCommand("Replay: hold or go on", "Time stands still (space)", app.action_hold_replay)
        yield SystemCommand("Replay: faster", "Twice as fast (>)", partial(app.action_pace_replay, 2.0))
        yield SystemCommand("Replay: slower", "Half as fast (<)", partial(app.action_pace_replay, 0.5))
    yield from _choosing(app)
    yield from _results(app)
    other = LIGHT.name if app.theme == DARK.name else DARK.name
    yield SystemCommand(f"Theme: {other}", "Our own theme, light or dark", lambda: setattr(app, "theme", other))
    yield SystemCommand("Theme", "Any theme", app.action_change_theme)
    yield SystemCommand("Picture", "Save the screen as an SVG file (s)", app.action_screenshot)
    yield SystemCommand("Help", "Keys, words and panes (F1)", app.action_help)
    yield SystemCommand("Suspend", "Back to the shell; fg returns (Ctrl+Z)", app.action_suspend_process)
    yield SystemCommand("Quit", "Stop what runs, and leave (q)", app.action_quit)


def _choosing(app: LaboratoryApp) -> Iterator[SystemCommand]:
    bench = app.bench

    def tick(pane: str, key: str) -> None:
        bench.choose(selection_edits.toggle_choice(bench.selection, pane, key))

    def change(option: str) -> None:
        bench.choose(selection_edits.cycle_option(bench.selection, option))

    for pane, summaries, ticked in (
        (
            "kernel",
            {name: kernel.summary for name, kernel in bench.selection.kernels_by_name.items()},
            bench.selection.kernels,
        ),
        ("mode", {name: mode.summary for name, mode in MODES.items()}, bench.selection.modes),
    ):
        for name, summary in summaries.items():
            verb = "Untick" if name in ticked else "Tick"
            words = escape_markup(f"{verb} {pane} {name}")
            yield SystemCommand(words, escape_markup(summary), partial(tick, pane, name))
    words = "A function of your own from a file or a module, as a kernel (f)"
    yield SystemCommand("Open a file", words, app.action_open_file)
    for option in ("start_method", "transport"):
        words = f"{option.replace('_', ' ').capitalize()}: the next"
        yield SystemCommand(words, "For modes made of processes", partial(change, option))
    for purpose in ("samples", "workers", "repeats", "python"):
        words = f"{purpose.capitalize()}: type a value"
        yield SystemCommand(words, selection_edits.QUESTIONS[purpose].example, partial(bench.ask, purpose))
    yield SystemCommand(
        "Host: inside this app or a process of its own",
        "Feel the GIL: threads inside the app slow its screen down",
        partial(bench.run_pane.action_change, "host", 1),
    )


def _scaling(app: LaboratoryApp) -> Iterator[SystemCommand]:
    """What can be done with the charts, where they are shown."""
    pane = app.bench.scaling
    if not pane.has_class("-shown"):
        return
    yield SystemCommand(
        "Chart: the next one", "Speed-up, time or tasks (c in the charts)", partial(pane.action_next_chart, 1)
    )
    yield SystemCommand("Chart: the next series", "Look at one series alone (n)", partial(pane.action_next_series, 1))
    yield SystemCommand("Chart: hide the series", "Hide the one looked at, or show it again (space)", pane.action_hide)
    yield SystemCommand("Chart: what if", "Carry the fitted law to 64, to 1024 workers (i)", pane.action_predict)
    yield SystemCommand("Chart: look closer", "Zoom in; arrows move then (+)", partial(pane.action_zoom, 1))
    yield SystemCommand("Chart: look from further away", "Zoom out (-)", partial(pane.action_zoom, -1))
    yield SystemCommand("Chart: everything in sight", "No zoom (0)", pane.action_whole)
    yield SystemCommand("Chart: save", "As SVG or PNG, for a slide or a report (d)", pane.action_save)


def _results(app: LaboratoryApp) -> Iterator[SystemCommand]:
    bench = app.bench
    yield SystemCommand("Results", "Go to the table (1)", partial(bench.action_show_pane, "results"))
    losses = partial(bench.action_show_pane, "losses")
    yield SystemCommand("Where did the speed-up go?", "Each row as a stacked bar (2)", losses)
    yield SystemCommand("Source", "Go to the source of kernel and mode (3)", partial(bench.action_show_pane, "source"))
    words = "Speed-up against workers, time against samples, time a task (4)"
    yield SystemCommand("Scaling", words, partial(bench.action_show_pane, "scaling"))
    yield from _scaling(app)
    lanes = partial(bench.action_show_pane, "lanes")
    yield SystemCommand("Workers: who runs, who waits", "Go to the lanes (w)", lanes)
    yield SystemCommand("Workers: pause or go on", "Hold the lanes still (space)", bench.lanes.action_pause)
    yield SystemCommand("Microscope", "The trial tick by tick (Enter in the lanes)", bench.open_microscope)
    yield SystemCommand("Filter", "Show only some of the rows (/)", app.action_filter)
    yield SystemCommand("Export", "Write the results to a file (e)", app.action_export)
    yield SystemCommand("Log", "Everything about the selected row (l)", app.action_open_row)
    for column in COLUMNS:
        if column.name in SORTABLE_COLUMNS:
            title = "number" if column.title == "#" else column.title
            again = "A second time turns the order round"
            yield SystemCommand(f"Sort by {title}", again, partial(bench.table.action_sort, column.name))
