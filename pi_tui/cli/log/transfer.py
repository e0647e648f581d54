"""`pi-tui log export` and `pi-tui log import`."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import click

from pi_tui.analysis.text.formatting import plural
from pi_tui.cli import terminal_text
from pi_tui.cli.log.arguments import open_existing_history, open_writable_history, several_runs
from pi_tui.cli.shared_options import add_all_fields_option, check_all_fields
from pi_tui.cli.stdio import print_bytes
from pi_tui.engine.errors import LogError, UsageError
from pi_tui.storage.export.files import check_writable, write_file
from pi_tui.storage.export.formats import FORMATS, Format, export_run, get_format

_HISTORY_FORMAT = "history"
_HISTORY_SUFFIXES = (".db", ".sqlite", ".sqlite3")


@click.command(
    "export",
    epilog="\b\nExamples:\n  pi-tui log export last -o run.json\n  pi-tui log export 3 5 8 -o runs.db\n"
    "  pi-tui log export all --format history -o everything.db",
)
@several_runs
@click.option(
    "--format", type=click.Choice([*FORMATS, _HISTORY_FORMAT]),
    help="`history` stores several runs with everything recorded.  [default: by the suffix of --output; else json]",
)  # fmt: skip
@click.option(
    "--output", "-o", type=click.Path(path_type=Path), metavar="FILE", help="Write to FILE instead of standard output."
)
@click.option("--force", is_flag=True, help="Replace an existing file.")
@add_all_fields_option()
def export_command(
    runs: tuple[str, ...], format: str | None, output: Path | None, force: bool, all_fields: bool
) -> None:
    """Write RUN to a file or to standard output; `all` stands for every run.

    If writing fails, an existing file is left as it was.
    """
    from pi_tui.storage.history import queries, transfer

    format_name = format or _choose_format(output)
    check_all_fields(all_fields, format_name)
    with open_existing_history() as database:
        ids = (
            [line.id for line in queries.list_runs(database)]
            if runs == ("all",)
            else [queries.resolve_run_id(database, run) for run in runs]
        )
        if not ids:
            raise UsageError("there are no runs in the history yet")
        if format_name == _HISTORY_FORMAT:
            data = transfer.export_history(database, list(dict.fromkeys(ids)))
        elif len(ids) == 1:
            data = export_run(queries.load_run(database, ids[0]), _to_format(format_name), all_fields=all_fields)
        else:
            raise UsageError(f"the format {format_name} holds one run; use --format history for several")
    if output is not None:
        try:
            check_writable(output, overwrite=force)
        except LogError as error:
            instead = "" if force or not os.path.exists(output) else "; --force replaces it"
            raise UsageError(f"{error}{instead}") from error
        write_file(data, output, overwrite=force)
    elif format_name == _HISTORY_FORMAT and sys.stdout.isatty():
        raise UsageError("the format history is not text: use --output FILE")
    else:
        print_bytes(data)


@click.command("import", epilog="Example: pi-tui log import run.json")
@click.argument("file", type=click.Path(path_type=Path))
def import_command(file: Path) -> None:
    """Add the runs in FILE to the history: a run as JSON, or a history written by `export`.

    From a damaged history, all readable runs are added.
    """
    from pi_tui.storage.history.transfer import import_file

    with open_writable_history() as database:
        imported = import_file(database, file, time.time(), terminal_text.print_message)
    numbers = ", ".join(f"{run_id}" for run_id in imported)
    terminal_text.print_line(f"imported {plural(len(imported), 'run')}: {numbers}")


def _choose_format(output: Path | None) -> str:
    if output is None:
        return "json"
    return _HISTORY_FORMAT if output.suffix.lower() in _HISTORY_SUFFIXES else get_format(output)


def _to_format(name: str) -> Format:
    return next(each for each in FORMATS if each == name)
