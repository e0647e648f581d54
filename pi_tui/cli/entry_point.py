"""The command `pi-tui` itself: its subcommands, and its error messages and exit codes."""

from __future__ import annotations

import errno
import importlib
import os
import sys
from collections.abc import Sequence

import click

from pi_tui import __version__
from pi_tui.cli.shared_options import add_lanes_hz_option
from pi_tui.cli.stdio import discard_output, has_terminal, make_output_error, write_text
from pi_tui.cli.terminal_text import print_message
from pi_tui.engine.errors import INTERRUPTED_EXIT_CODE, PiTuiError, UsageError

_USAGE_ERROR = 2
_WRITE_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF)
"""Errors of writing standard output: no space, a terminal that is gone, or a descriptor closed by the caller."""

_PATH_ERRORS = (errno.EACCES, errno.EPERM, errno.ENAMETOOLONG, errno.ELOOP, errno.ENOTDIR, errno.EISDIR, errno.ENOENT)
"""Errors of a path that the user gave: they are wrong usage, not a fault of the program."""

_NO_TERMINAL = """\
pi-tui opens a screen, which needs a terminal as standard input, output and error.
Without a screen:

  pi-tui run python numba-nogil --mode threads --workers 1,2     measure and print the results
  pi-tui kernels                                                 the functions that can be measured
  pi-tui modes                                                   the ways to run tasks at once
  pi-tui pythons                                                 the interpreters of this machine
  pi-tui doctor                                                  what affects measurements here
  pi-tui manual                                                  what the figures mean
  pi-tui --help                                                  everything else"""


_COMMANDS = {
    "run": "pi_tui.cli.run",
    "kernels": "pi_tui.cli.catalogs",
    "modes": "pi_tui.cli.catalogs",
    "pythons": "pi_tui.cli.pythons",
    "log": "pi_tui.cli.log",
    "watch": "pi_tui.cli.watch.command",
    "doctor": "pi_tui.cli.doctor",
    "manual": "pi_tui.cli.manual",
    "completion": "pi_tui.cli.completion",
}
"""The module of each command, which defines it under the same name; imported on demand, so that the screen opens sooner."""


_WITH_SCREEN = ("watch", "log")
"""Commands that can open a screen: `watch`, and `replay` of `log`."""


class _Commands(click.Group):
    """A group that imports its commands on demand and suggests the nearest name for an unknown one."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        module = _COMMANDS.get(cmd_name)
        return None if module is None else getattr(importlib.import_module(module), cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        names = self.list_commands(ctx)
        if args and args[0] not in names and not args[0].startswith("-"):
            from pi_tui.engine.suggestions import describe_unknown_name

            raise UsageError(describe_unknown_name("command", args[0], names))
        return super().resolve_command(ctx, args)


@click.group(
    cls=_Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Example: pi-tui run python numba-nogil --mode threads,processes --workers 1,2 --samples 1e6",
)
@click.option("--ascii", is_flag=True, help="Draw with ASCII characters only.")
@click.option("--light", is_flag=True, help="Start with the light theme.")
@add_lanes_hz_option()
@click.version_option(__version__, message="pi-tui %(version)s")
@click.pass_context
def command(ctx: click.Context, ascii: bool, light: bool, lanes_hz: int | None) -> int:
    """Show what cores, threads, processes and the GIL do to Python code.

    Without a command, open the laboratory on the screen.
    """
    try:
        os.getcwd()
    except OSError as error:  # most likely deleted: no relative path could be resolved
        raise UsageError("the current folder no longer exists: change to another one") from error
    if (ascii or light) and ctx.invoked_subcommand not in (None, *_WITH_SCREEN):
        option = "--ascii" if ascii else "--light"
        raise UsageError(f"{option} is for the screen, and `pi-tui {ctx.invoked_subcommand}` has none")
    if lanes_hz is not None and ctx.invoked_subcommand is not None:
        raise UsageError("--lanes-hz before a command is for the screen; for `pi-tui run`, write it after run")
    return _open_laboratory(ascii=ascii, light=light, lanes_hz=lanes_hz) if ctx.invoked_subcommand is None else 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    _reopen_closed_streams()
    code = _run_command(arguments)
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        discard_output(sys.stdout)
    except OSError as error:
        code = code or _report_write_error(error)
    return code


def _reopen_closed_streams() -> None:
    """Replace each standard stream that the caller closed: input is empty, writing output fails, messages are discarded."""
    for name, mode, flags in (("stdin", "r", os.O_RDONLY), ("stdout", "w", os.O_RDONLY), ("stderr", "w", os.O_WRONLY)):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.open(os.devnull, flags), mode))  # noqa: SIM115 -- it stays open to the end


def _run_command(arguments: Sequence[str] | None) -> int:
    try:
        result = command.main(args=arguments, prog_name="pi-tui", standalone_mode=False)
    except (click.exceptions.Abort, KeyboardInterrupt):
        discard_output(sys.stdout)  # its buffer may hold bytes that no reader takes
        print_message("interrupted")
        return INTERRUPTED_EXIT_CODE
    except click.ClickException as error:
        print_message(error.format_message())
        return _USAGE_ERROR
    except PiTuiError as error:
        print_message(str(error))
        return error.exit_code
    except OSError as error:
        if error.errno in _PATH_ERRORS and error.filename is not None:
            print_message(f"{os.fsdecode(error.filename)}: {(error.strerror or str(error)).lower()}")
            return _USAGE_ERROR
        if error.errno not in _WRITE_ERRORS:
            raise
        return _report_write_error(error)
    return result if isinstance(result, int) else 0


def _report_write_error(error: OSError) -> int:
    """Report that standard output could not be written; return the exit code."""
    discard_output(sys.stdout)
    print_message(str(make_output_error(error)))
    return 1


def _open_laboratory(*, ascii: bool, light: bool, lanes_hz: int | None) -> int:
    if not has_terminal():
        stream = sys.stdout if sys.stdout.isatty() and not sys.stderr.isatty() else sys.stderr
        write_text(f"{_NO_TERMINAL}\n", stream)
        return _USAGE_ERROR
    from pi_tui.ui.launch import open_laboratory

    return open_laboratory(ascii=ascii, light=light, lanes_hz=lanes_hz)
