"""The history that a command opens, its arguments that name runs, and times as text."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import TYPE_CHECKING

import click

from pi_tui.cli.terminal_text import print_message
from pi_tui.engine.errors import PiTuiError, UsageError

if TYPE_CHECKING:
    from pi_tui.storage.history.database import Database

_WORDS = ("last", "reference")
_MAX_COMPLETIONS = 200


def _complete(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Complete `last`, `reference` and the numbers of the latest runs; errors of the history are ignored."""
    from pi_tui.storage.history.queries import list_runs

    names = list(_WORDS)
    with suppress(PiTuiError), open_history_if_present(lambda _: None) as database:
        names += [f"{line.id}" for line in (list_runs(database) if database is not None else [])[:_MAX_COMPLETIONS]]
    return [name for name in names if name.startswith(incomplete)]


run_argument = click.argument("run", metavar="RUN", shell_complete=_complete)
two_runs = (
    click.argument("before", metavar="BEFORE", shell_complete=_complete),
    click.argument("after", metavar="AFTER", shell_complete=_complete),
)
several_runs = click.argument("runs", metavar="RUN...", nargs=-1, required=True, shell_complete=_complete)


@contextmanager
def open_history_if_present(warn: object = print_message) -> Iterator[Database | None]:
    """Open the history for reading; yield None if there is none yet."""
    from pi_tui.storage.history.database import history_path, open_for_reading

    assert callable(warn)
    database = open_for_reading(history_path(os.environ), warn)
    try:
        yield database
    finally:
        if database is not None:
            database.close()


@contextmanager
def open_existing_history() -> Iterator[Database]:
    """Open the history for reading or editing its runs.

    Raises:
        UsageError: there is no history yet.
    """
    with open_history_if_present() as database:
        if database is None:
            raise UsageError("there are no runs in the history yet")
        yield database


@contextmanager
def open_writable_history() -> Iterator[Database]:
    """Open the history for adding runs; it is created if there is none."""
    from pi_tui.storage.history.database import history_path, open_history

    with open_history(history_path(os.environ), print_message) as database:
        yield database


def format_time(seconds: float) -> str:
    """Format a timestamp as local date and time."""
    return f"{datetime.fromtimestamp(seconds):%Y-%m-%d %H:%M}"


def format_iso_time(seconds: float | None) -> str | None:
    """Format a timestamp as ISO 8601 with its offset from UTC; None stays None."""
    return None if seconds is None else datetime.fromtimestamp(seconds).astimezone().isoformat(timespec="milliseconds")
