"""`pi-tui log`: the history of runs, without a screen."""

from __future__ import annotations

import click

from pi_tui.cli.log.compare import compare_command
from pi_tui.cli.log.edit import clear_command, delete_command, note_command, reference_command, undelete_command
from pi_tui.cli.log.listing import list_command, show_command
from pi_tui.cli.log.replay import replay_command
from pi_tui.cli.log.transfer import export_command, import_command

_EXAMPLES = """\b
Examples:
  pi-tui log list
  pi-tui log show last --explain
  pi-tui log compare reference last
  pi-tui log export 12 -o run.json

Every run is recorded with all its trials. RUN is a number that `list` shows, `last` or `reference`."""


@click.group(epilog=_EXAMPLES, invoke_without_command=True)
@click.pass_context
def log(ctx: click.Context) -> None:
    """Work with earlier runs: list, show, compare, export, import, replay, delete."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


for _command in (
    list_command,
    show_command,
    compare_command,
    export_command,
    import_command,
    replay_command,
    note_command,
    reference_command,
    delete_command,
    undelete_command,
    clear_command,
):
    log.add_command(_command)
