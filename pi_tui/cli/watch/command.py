"""The command `pi-tui watch` and its options."""

from __future__ import annotations

import math
from pathlib import Path

import click

from pi_tui.cli.option_types import make_seconds_parser
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

On a terminal a screen opens, unless --format is given. The output of COMMAND is then shown on a tab and printed at the
end; without a screen it goes to standard error, as standard output is for the results. --output FILE writes it to FILE in
both cases. Ctrl-C (and q on the screen) ends COMMAND and every process that it started; a process given as PID goes on."""


class _DashesCommand(click.Command):
    """A command that remembers whether its arguments contain two dashes."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta[_DASHES_KEY] = "--" in args
        if "--" not in args:  # an option of COMMAND is then not taken for an unknown option of watch
            return super().parse_args(ctx, args)
        place = args.index("--")
        return super().parse_args(ctx, [*args[:place], *args[place:]])


@click.command(cls=_DashesCommand, epilog=_EXAMPLES)
@click.argument("program", nargs=-1, type=click.UNPROCESSED, metavar="PID | -- COMMAND ...")
@click.option(
    "--duration",
    type=make_seconds_parser("--duration"),
    metavar="SECONDS",
    help="Stop after SECONDS; COMMAND is ended.",
)
@click.option(
    "--every",
    type=make_seconds_parser("--every"),
    metavar="SECONDS",
    default=1,
    show_default=True,
    help="Time between two JSON lines.",
)
@click.option(
    "--format", type=click.Choice(("table", "jsonl")),
    help="Open no screen; print JSON lines, or a table at the end.  [default: a screen on a terminal, jsonl elsewhere]",
)  # fmt: skip
@click.option(
    "--output", "-o", type=click.Path(path_type=Path), metavar="FILE",
    help="Write the output of COMMAND to FILE; the file is replaced.",
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
    """Watch the threads of a program: which run, which wait, and for what.

    The program is a running process (PID) or a COMMAND to start, with all its descendants. It need not be Python, and it
    is not changed. The exit code is that of COMMAND, or 128 plus the number of the signal that ended it.
    """
    for name, value in (("--duration", duration), ("--every", every)):
        if value is not None and not (math.isfinite(value) and 0 < value <= 1e9):
            raise UsageError(f"{name}: {value:g} is out of range; give seconds above 0.")
    from pi_tui.cli.watch.session import WatchOptions, watch_on_screen, watch_without_screen
    from pi_tui.engine.watch_client import make_command_target, make_process_target

    if ctx.meta[_DASHES_KEY]:
        target = make_command_target(program)
    elif len(program) == 1:
        target = make_process_target(program[0])
    else:
        raise UsageError(
            "Give one process id, or a command after two dashes: pi-tui watch PID, pi-tui watch -- COMMAND ..."
        )
    if output is not None and target.pid is not None:
        raise UsageError("--output is for the output of COMMAND; the output of a running process cannot be captured.")
    options = WatchOptions(duration, every, format or "jsonl", output, stay)
    if format is None and has_terminal():
        look = ctx.parent.params if ctx.parent is not None else {}
        return watch_on_screen(target, options, ascii=bool(look.get("ascii")), light=bool(look.get("light")))
    return watch_without_screen(target, options)
