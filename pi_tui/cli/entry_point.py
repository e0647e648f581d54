"""The command `pi-tui` itself: its sub-commands, and how everything that goes wrong is told."""

from __future__ import annotations

import errno
import importlib
import os
import sys
from collections.abc import Sequence

import click

from pi_tui import __version__
from pi_tui.cli.shared_options import lanes_hz
from pi_tui.cli.stdio import discard_output, has_terminal, make_output_error, write_text
from pi_tui.cli.terminal_text import print_message
from pi_tui.engine.errors import INTERRUPTED_EXIT_CODE, PiTuiError, UsageError

_USAGE_ERROR = 2
_WRITE_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF)
"""How writing to standard output fails: no room, a terminal that is gone, or it was closed from the beginning."""

_PATH_ERRORS = (errno.EACCES, errno.EPERM, errno.ENAMETOOLONG, errno.ELOOP, errno.ENOTDIR, errno.EISDIR, errno.ENOENT)
"""How a path that a person named can be one that cannot be used."""

_NO_TERMINAL = """\
pi-tui opens a laboratory on the screen, and this is no terminal: it needs one for standard input, output and error.
Without a screen:

  pi-tui run python numba-nogil --mode threads --workers 1,2     measure, and print the results
  pi-tui kernels                                                 what can be computed
  pi-tui modes                                                   how it can be run at once
  pi-tui pythons                                                 which interpreters there are
  pi-tui doctor                                                  what this machine has
  pi-tui manual                                                  what all of this means
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
"""Where each command is, under its own name: imported when it is asked for, so that the screen opens sooner."""


_WITH_SCREEN = ("watch", "log")
"""Commands that can open a screen of their own; of `log` it is `replay`."""


class _Commands(click.Group):
    """A group that imports its commands on demand, and suggests the nearest for one that is none."""

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
@click.option("--ascii", is_flag=True, help="Draw with plain characters, for terminals that lack others.")
@click.option("--light", is_flag=True, help="Begin with the light theme.")
@lanes_hz()
@click.version_option(__version__, message="pi-tui %(version)s")
@click.pass_context
def command(ctx: click.Context, ascii: bool, light: bool, lanes_hz: int | None) -> int:
    """A laboratory for what cores, threads, processes and the GIL do to Python code.

    Without a command it opens on the screen.
    """
    try:
        os.getcwd()
    except OSError as error:  # deleted, most likely: no path that is not absolute would have a meaning
        raise UsageError("the current folder is not there any more: go to one that is") from error
    if (ascii or light) and ctx.invoked_subcommand not in (None, *_WITH_SCREEN):
        option = "--ascii" if ascii else "--light"
        raise UsageError(f"{option} concerns the screen, and `pi-tui {ctx.invoked_subcommand}` has none")
    if lanes_hz is not None and ctx.invoked_subcommand is not None:
        raise UsageError(
            "--lanes-hz without a command concerns the screen; `pi-tui run` has one of its own, written after run"
        )
    return _open_laboratory(ascii=ascii, light=light, lanes_hz=lanes_hz) if ctx.invoked_subcommand is None else 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; its exit code."""
    _reopen_closed_streams()
    code = _run(arguments)
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        discard_output(sys.stdout)
    except OSError as error:
        code = code or _report_write_error(error)
    return code


def _reopen_closed_streams() -> None:
    """Where whoever started us has closed a standard stream: nothing to read, results that cannot be written, no words."""
    for name, mode, flags in (("stdin", "r", os.O_RDONLY), ("stdout", "w", os.O_RDONLY), ("stderr", "w", os.O_WRONLY)):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.open(os.devnull, flags), mode))  # noqa: SIM115 -- it stays open to the end


def _run(arguments: Sequence[str] | None) -> int:
    try:
        result = command.main(args=arguments, prog_name="pi-tui", standalone_mode=False)
    except (click.exceptions.Abort, KeyboardInterrupt):
        discard_output(sys.stdout)  # what is left in its buffer may be there because nobody reads
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
    """What a command printed could not be written."""
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
