"""`pi-tui log compare`: what changed between two runs, and whether the change exceeds the noise."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Literal

import click

from pi_tui.cli import terminal_text
from pi_tui.cli.log.arguments import open_existing_history, two_runs
from pi_tui.cli.log.listing import describe_entry, get_entry_fields
from pi_tui.cli.progress import describe_case

if TYPE_CHECKING:
    from pi_tui.analysis.run_comparison import Comparison, Difference
    from pi_tui.storage.history.queries import RunEntry

_INDENT = "    "


@click.command("compare", epilog="Example: pi-tui log compare reference last")
@two_runs[0]
@two_runs[1]
@click.option(
    "--format", type=click.Choice(["table", "json"]), default="table", show_default=True, help="Output format."
)
def compare_command(before: str, after: str, format: Literal["table", "json"]) -> None:
    """Show what changed from the run BEFORE to the run AFTER.

    A difference that the trials of both runs do not support is called noise.
    """
    from pi_tui.analysis.run_comparison import compare_runs
    from pi_tui.storage.history.queries import get_run_entry, load_run, resolve_run_id

    with open_existing_history() as database:
        ids = resolve_run_id(database, before), resolve_run_id(database, after)
        lines = get_run_entry(database, ids[0]), get_run_entry(database, ids[1])
        found = compare_runs(load_run(database, ids[0]), load_run(database, ids[1]))
    if format == "json":
        both = {"before": get_entry_fields(lines[0]), "after": get_entry_fields(lines[1])}
        click.echo(json.dumps(both | asdict(found), indent=2))
        return
    for printed in _format_comparison(found, lines):
        terminal_text.print_line(printed)


def _format_comparison(found: Comparison, lines: tuple[RunEntry, RunEntry]) -> list[str]:
    width = terminal_text.get_terminal_width()
    printed = [
        *terminal_text.wrap_text(f"before: {describe_entry(lines[0])}", width),
        *terminal_text.wrap_text(f"after:  {describe_entry(lines[1])}", width),
        *_format_differences(found.differences, ""),
        "",
    ]
    shared = _find_shared(found)
    printed += [*_format_differences(shared, ""), ""] if shared else []
    for each in found.cases:
        size = f"{each.case.samples:,}".replace(",", " ")
        printed += terminal_text.wrap_text(f"{describe_case(each.case)}, {size} samples", width)
        printed += terminal_text.wrap_text(each.sentence, width, _INDENT)
        printed += _format_differences([one for one in each.differences if one not in shared], _INDENT)
    for what, cases in (("before", found.only_before), ("after", found.only_after)):
        for case in cases:
            printed += terminal_text.wrap_text(f"{describe_case(case)}: only in the run {what}", width)
    return printed if found.cases else [*printed, "The two runs have no case in common."]


def _find_shared(found: Comparison) -> list[Difference]:
    """Return the differences that all cases share, which are printed once."""
    first, *rest = [each.differences for each in found.cases] or [()]
    return [one for one in first if rest and all(one in others for others in rest)]


def _format_differences(differences: Sequence[Difference], indent: str) -> list[str]:
    return [
        printed
        for one in differences
        for printed in terminal_text.wrap_text(
            f"Not measured alike: {one.sentence}.", terminal_text.get_terminal_width(), indent
        )
    ]
