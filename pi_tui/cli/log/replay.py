"""`pi-tui log replay`: play the events of a stored run again, on the laboratory's screen or as text."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

import click

from pi_tui.analysis.text.formatting import plural
from pi_tui.analysis.text.prose import format_seconds, percent
from pi_tui.analysis.text.short_names import shorten_kernel_name
from pi_tui.cli import terminal_text
from pi_tui.cli.log.arguments import open_existing_history, run_argument
from pi_tui.cli.log.listing import describe_entry
from pi_tui.cli.progress import describe_case
from pi_tui.cli.stdio import has_terminal
from pi_tui.engine.errors import UsageError
from pi_tui.engine.run.events import (
    CaseFinished,
    Event,
    HostDisturbed,
    HostReady,
    KernelPrepared,
    LanesMoved,
    RunFinished,
    RunStarted,
    TrialFinished,
    TrialStarted,
)

if TYPE_CHECKING:
    from pi_tui.storage.history.database import Database


@click.command("replay", epilog="Example: pi-tui log replay last --speed 2")
@run_argument
@click.option(
    "--speed",
    type=click.FloatRange(0, min_open=True),
    metavar="N",
    help="Speed relative to the run: 1 takes as long as the run did.  [default: 1 on the screen, no delay as text]",
)
@click.option(
    "--format", type=click.Choice(["screen", "text"]),
    help="The laboratory's screen, or one line per event.  [default: screen on a terminal, text otherwise]",
)  # fmt: skip
@click.pass_context
def replay_command(ctx: click.Context, run: str, speed: float | None, format: Literal["screen", "text"] | None) -> int:
    """Play RUN again on the screen; nothing is measured or recorded.

    As text, print its events in their recorded order.
    """
    from pi_tui.storage.history.queries import resolve_run_id

    terminal = has_terminal()
    if speed is not None and not math.isfinite(speed):
        raise UsageError(f"--speed: {speed} is not a finite number")
    if format == "screen" and not terminal:
        raise UsageError("--format screen needs a terminal; --format text does not")
    with open_existing_history() as database:
        run_id = resolve_run_id(database, run)
        if format == "text" or not terminal:
            _print_events(database, run_id, speed)
            return 0
    from pi_tui.ui.launch import open_laboratory

    options = ctx.find_root().params
    return open_laboratory(ascii=options["ascii"], light=options["light"], replay=(run_id, speed or 1.0))


def _print_events(database: Database, run_id: int, speed: float | None) -> None:
    from pi_tui.storage.history.queries import get_run_entry
    from pi_tui.storage.history.replay import replay_events

    line = get_run_entry(database, run_id)
    terminal_text.print_line(describe_entry(line))
    wait = _make_wait(speed, time.monotonic, time.sleep)
    for moment in replay_events(database, run_id):
        sentence = describe_event(moment.event)
        if sentence:
            wait(moment.at_s)
            terminal_text.print_line(f"{moment.at_s:9.3f} s  {sentence}")
    if line.lanes_left_out:
        terminal_text.print_line(f"the lanes of {plural(line.lanes_left_out, 'trial')} were too large to store")
    if line.state == "interrupted":
        terminal_text.print_line("here the program that ran it ended")


def describe_event(event: Event) -> str:
    """Describe an event in a few words; "" for one that is not worth a line."""
    match event:
        case RunStarted():
            return f"{plural(len(event.cases), 'case')}, {plural(event.trials, 'trial')}, seed {event.seed}"
        case HostReady():
            return f"the host is ready: Python {event.python}, process {event.pid}"
        case HostDisturbed():
            return event.sentence
        case KernelPrepared():
            took = f"imported in {format_seconds(event.import_s)}, compiled in {format_seconds(event.compile_s)}"
            return f"{shorten_kernel_name(event.kernel)} is ready: {took}"
        case TrialStarted():
            return f"{describe_case(event.case)}: {event.kind} trial {event.number} starts"
        case TrialFinished():
            trial, done = event.trial, f"{event.progress.done} of {event.progress.total}"
            return (
                f"{describe_case(event.case)}: {trial.kind} trial {trial.number} took {format_seconds(trial.wall_s)} "
                f"({done})"
            )
        case CaseFinished():
            return f"{describe_case(event.result.case)}: {_describe_outcome(event)}"
        case LanesMoved():
            return _describe_lanes(event)
        case RunFinished():
            how = "stopped" if event.stopped else "finished"
            return f"{how} after {format_seconds(event.elapsed_s)}"


def _describe_outcome(event: CaseFinished) -> str:
    result = event.result
    if result.error is not None:
        return terminal_text.summarize_failure(result.status, result.error)
    if result.wall_s is None:
        return result.status
    return f"{result.status}, median {format_seconds(result.wall_s.median)}"


def _describe_lanes(event: LanesMoved) -> str:
    """Describe what the workers of a finished trial did; "" if its lanes are empty."""
    lanes = event.lanes
    if not lanes.ticks:
        return ""
    waiting = sum(each.gil + each.lock + each.sleep + each.io + each.blocked for each in lanes.ticks)
    all_ticks = waiting + sum(each.running for each in lanes.ticks)
    if not all_ticks:
        return ""
    running = percent((all_ticks - waiting) / all_ticks)
    return f"{plural(len(lanes.ticks), 'worker')} seen: {running} running, the rest waiting"


def _make_wait(
    speed: float | None, clock: Callable[[], float], sleep: Callable[[float], object]
) -> Callable[[float], None]:
    """Return a function that sleeps until a moment of the run at the given speed; without a speed it does not sleep."""
    began_s = clock()

    def wait(at_s: float) -> None:
        if speed is not None and (left_s := at_s / speed - (clock() - began_s)) > 0:
            sleep(left_s)

    return wait
