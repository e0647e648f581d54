"""`pi-tui completion`: the script with which a shell completes names and options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class


@click.command(epilog="Example: pi-tui completion bash >> ~/.bashrc")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the script with which SHELL completes names and options.

    Append it to the shell's start-up file.
    """
    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"there is no completion for {shell}")
    click.echo(kind(ctx.find_root().command, {}, "pi-tui", "_PI_TUI_COMPLETE").source())
