"""`pi-tui watch`: the threads of any running program."""

from __future__ import annotations

import math
from pathlib import Path

import click

from pi_tui.cli.option_types import seconds
from pi_tui.cli.stdio import has_terminal
from pi_tui.engine.errors import UsageError

_DASHES_KEY = "pi_tui.cli.watch.command.dashes"

_EXAMPLES = """\b
Examples:
  pi-tui watch 4711
  pi-tui watch -- python work.py
  pi-tui watch --format jsonl --duration 10 4711 > lanes.jsonl
  pi-tui watch --format table -- pytest -n 4
  pi-tui watch --output work.log -- python work.py

On a terminal a screen opens, unless --format is given. What COMMAND prints is then kept, shown on a tab, and printed at
the end; without a screen it goes to standard error, since standard output carries results alone. --output FILE takes it
in both cases. Ctrl-C (and q on the screen) ends COMMAND with everything that it started; a PID is left as it is."""


class _DashesCommand(click.Command):
    """Remembers whether a command came behind two dashes."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta[_DASHES_KEY] = "--" in args
        if "--" not in args:  # so that what was meant as a command's option is not taken for an unknown one of ours
            return super().parse_args(ctx, args)
        place = args.index("--")
        return super().parse_args(ctx, [*args[:place], *args[place:]])


@click.command(cls=_DashesCommand, epilog=_EXAMPLES)
@click.argument("program", nargs=-1, type=click.UNPROCESSED, metavar="PID | -- COMMAND ...")
@click.option("--duration", type=seconds("--duration"), metavar="SECONDS", help="Stop then; COMMAND is ended.")
@click.option(
    "--every", type=seconds("--every"), metavar="SECONDS", default=1, show_default=True, help="Between two JSON lines."
)
@click.option(
    "--format", type=click.Choice(("table", "jsonl")),
    help="No screen: JSON lines, or a table at the end.  [default: a screen on a terminal, jsonl elsewhere]",
)  # fmt: skip
@click.option(
    "--output", "-o", type=click.Path(path_type=Path), metavar="FILE",
    help="Write what COMMAND prints there; the file is replaced.",
)  # fmt: skip
@click.option("--stay", is_flag=True, help="Keep the screen open when COMMAND has ended.")
@click.pass_context
def watch(
    ctx: click.Context,
    program: tuple[str, ...],
    duration: float | None,
    every: float,
    format: str | None,
    output: Path | None,
    stay: bool,
) -> int:
    """Watch the threads of a program: who runs, who waits, and for what.

    The program is a process that runs already (PID), or a COMMAND to start, with all their children. It may be Python or
    not, and nothing in it is changed. The exit code is that of COMMAND; 128 and the signal's number if one ended it.
    """
    for name, value in (("--duration", duration), ("--every", every)):
        if value is not None and not (math.isfinite(value) and 0 < value <= 1e9):
            raise UsageError(f"{name}: {value:g} s means nothing.")
    from pi_tui.cli.watch.session import WatchOptions, watch_on_screen, watch_without_screen
    from pi_tui.engine.watch_client import make_command_target, make_process_target

    if ctx.meta[_DASHES_KEY]:
        target = make_command_target(program)
    elif len(program) == 1:
        target = make_process_target(program[0])
    else:
        raise UsageError(
            "One process id, or a command behind two dashes: pi-tui watch PID, pi-tui watch -- COMMAND ..."
        )
    if output is not None and target.pid is not None:
        raise UsageError("--output keeps what COMMAND prints; what a running process prints cannot be had.")
    options = WatchOptions(duration, every, format or "jsonl", output, stay)
    if format is None and has_terminal():
        above = ctx.parent.params if ctx.parent is not None else {}
        return watch_on_screen(target, options, ascii=bool(above.get("ascii")), light=bool(above.get("light")))
    return watch_without_screen(target, options)
