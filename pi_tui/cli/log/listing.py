"""`pi-tui log list` and `pi-tui log show`."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from pi_tui.analysis.text.formatting import plural
from pi_tui.cli import terminal_text
from pi_tui.cli.log.arguments import (
    format_iso_time,
    format_time,
    open_existing_history,
    open_history_if_present,
    run_argument,
)
from pi_tui.cli.option_types import make_count_parser
from pi_tui.cli.output import FORMATS, Format, Output
from pi_tui.cli.plot import IN_TEXT, ChartOutput
from pi_tui.cli.shared_options import add_all_fields_option

if TYPE_CHECKING:
    from pi_tui.storage.history.queries import RunEntry

_TIME_FIELDS = ("started_at", "finished_at", "deleted_at")


@click.command("list", epilog="Example: pi-tui log list --limit 10")
@click.option(
    "--format", type=click.Choice(["table", "json"]), default="table", show_default=True, help="Output format."
)
@click.option("--limit", type=click.IntRange(1), metavar="N", help="List only the latest N runs.")
@click.option("--deleted", is_flag=True, help="List deleted runs that can still be restored.")
def list_command(format: Literal["table", "json"], limit: int | None, deleted: bool) -> None:
    """List the runs, the latest first."""
    from pi_tui.storage.history.queries import list_runs

    with open_history_if_present() as database:
        lines = [] if database is None else list_runs(database, deleted=deleted)[:limit]
    if format == "json":
        click.echo(json.dumps([get_entry_fields(line) for line in lines], indent=2))
        return
    if not lines:
        terminal_text.print_line(
            "no runs were deleted" if deleted else "no runs yet: `pi-tui run python` records the first"
        )
        return
    rows = [("RUN", "STARTED", "STATE", "TRIALS", "PYTHON", "WHAT"), *(_format_row(line) for line in lines)]
    for printed in terminal_text.align_columns(rows):
        terminal_text.print_line(printed)


@click.command(
    "show", epilog="\b\nExamples:\n  pi-tui log show last --explain\n  pi-tui log show 7 --plot --plot scaling.png"
)
@run_argument
@click.option("--explain", is_flag=True, help="Explain below the table where the speed-up was lost.")
@click.option(
    "--plot", multiple=True, is_flag=False, flag_value=IN_TEXT, metavar="[FILE]",
    help="Draw charts of scaling below the table, or into FILE.svg or FILE.png; may be repeated.",
)  # fmt: skip
@click.option(
    "--what-if", type=make_count_parser("--what-if"), metavar="N",
    help="With --plot: predict the speed-up with N workers from the fitted scaling law.",
)  # fmt: skip
@click.option(
    "--format", type=click.Choice(FORMATS),
    help="[default: by the suffix of --output; else table on a terminal, json otherwise]",
)  # fmt: skip
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the results to FILE instead of standard output.",
)
@add_all_fields_option()
def show_command(
    run: str,
    explain: bool,
    plot: tuple[str, ...],
    what_if: int | None,
    format: Format | None,
    output: Path | None,
    all_fields: bool,
) -> None:
    """Print the results of RUN as `pi-tui run` did.

    An interrupted run shows all trials that it finished.
    """
    from pi_tui.storage.history.queries import get_run_entry, load_run, resolve_run_id

    charts = ChartOutput(plot, what_if)
    destination = Output(format, output, explain=explain, all_fields=all_fields, charts=charts)
    with open_existing_history() as database:
        run_id = resolve_run_id(database, run)
        line, record = get_run_entry(database, run_id), load_run(database, run_id)
    if destination.format == "table" and output is None:
        for printed in terminal_text.wrap_text(describe_entry(line), terminal_text.get_terminal_width()):
            terminal_text.print_line(printed)
        terminal_text.print_line("")
    for result in record.results:
        destination.add_result(result)
    destination.write(record)


def describe_entry(line: RunEntry) -> str:
    """Describe a run in one line: number, start, outcome, note, marks."""
    parts = [f"Run {line.id}", _format_start(line), _describe_state(line), line.note]
    if line.reference:
        parts.append("the reference")
    if line.deleted_at is not None:
        parts.append("deleted")
    return " · ".join(part for part in parts if part)


def get_entry_fields(line: RunEntry) -> dict[str, Any]:
    """Return the fields of an entry for JSON, with times in ISO 8601."""
    unknown = ("started_at",) if line.state == "unreadable" else ()
    return asdict(line) | {
        name: None if name in unknown else format_iso_time(getattr(line, name)) for name in _TIME_FIELDS
    }


def _format_start(line: RunEntry) -> str:
    return "" if line.state == "unreadable" else format_time(line.started_at)


def _describe_state(line: RunEntry) -> str:
    if line.state == "unavailable":
        return f"{line.state}: no case could be run"
    if line.state == "partial":
        missing = f"{line.unavailable} of {plural(line.cases, 'case')} could not be run"
        return f"{plural(line.trials, 'trial')}, {missing}"
    if line.state == "unreadable":
        return f"cannot be read: {line.reason}"
    if line.state == "ok":
        return plural(line.trials, "trial")
    done = f"{line.trials} of {plural(line.trials_planned, 'trial')}"
    return f"{line.state} after {done}" + (f": {line.reason}" if line.reason else "")


def _format_row(line: RunEntry) -> tuple[str, ...]:
    trials = f"{line.trials}" if line.completed else f"{line.trials}/{line.trials_planned}"
    what = " · ".join(part for part in ("reference" if line.reference else "", line.note, line.title) if part)
    return (f"{line.id}", _format_start(line), line.state, trials, ", ".join(line.pythons), what)
