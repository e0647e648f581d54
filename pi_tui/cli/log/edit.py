"""`pi-tui log note`, `reference`, `delete`, `undelete` and `clear`."""

from __future__ import annotations

import sys
import time
from datetime import datetime

import click

from pi_tui.analysis.text.formatting import plural
from pi_tui.cli import terminal_text
from pi_tui.cli.log.arguments import open_existing_history, open_history_if_present, run_argument
from pi_tui.engine.errors import UsageError


@click.command("note", epilog='Example: pi-tui log note last "laptop on battery"')
@run_argument
@click.argument("note", metavar="TEXT")
def note_command(run: str, note: str) -> None:
    """Set the note of RUN; an empty TEXT removes it."""
    from pi_tui.storage.history import edits, queries

    with open_existing_history() as database:
        edits.set_note(database, queries.resolve_run_id(database, run), " ".join(note.split()))


@click.command("reference", epilog="Example: pi-tui log reference 12")
@run_argument
@click.option("--off", is_flag=True, help="Remove the mark.")
def reference_command(run: str, off: bool) -> None:
    """Make RUN the reference, the run that others are compared with; there is at most one."""
    from pi_tui.storage.history import edits, queries

    with open_existing_history() as database:
        run_id = queries.resolve_run_id(database, run)
        if off and not queries.get_run_entry(database, run_id).reference:
            raise UsageError(f"run {run_id} is not the reference")
        edits.set_reference(database, None if off else run_id)


@click.command("delete", epilog="Example: pi-tui log delete 12")
@run_argument
def delete_command(run: str) -> None:
    """Delete RUN; `undelete` restores it within 30 days."""
    from pi_tui.storage.history import edits, queries

    with open_existing_history() as database:
        run_id = queries.resolve_run_id(database, run)
        if queries.get_run_entry(database, run_id).deleted_at is not None:
            raise UsageError(f"run {run_id} is already deleted")
        edits.delete(database, run_id, time.time())
    terminal_text.print_line(f"deleted run {run_id}; `pi-tui log undelete {run_id}` restores it within 30 days")


@click.command("undelete", epilog="Example: pi-tui log undelete 12")
@run_argument
def undelete_command(run: str) -> None:
    """Restore a deleted RUN; `list --deleted` lists them."""
    from pi_tui.storage.history import edits, queries

    with open_existing_history() as database:
        run_id = queries.resolve_run_id(database, run)
        if queries.get_run_entry(database, run_id).deleted_at is None:
            raise UsageError(f"run {run_id} is not deleted")
        edits.undelete(database, run_id)


@click.command("clear", epilog="Example: pi-tui log clear --before 2026-01-01")
@click.option(
    "--before", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Remove only runs that started before that day."
)
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
def clear_command(before: datetime | None, yes: bool) -> None:
    """Remove all runs permanently, including deleted ones.

    A run in progress is kept.
    """
    from pi_tui.storage.history import edits

    with open_history_if_present() as database:
        lines = [] if database is None else edits.list_clearable(database, before.timestamp() if before else None)
        if database is None or not lines:
            terminal_text.print_line("there is nothing to remove")
            return
        what = f"{plural(len(lines), 'run')} with {plural(sum(line.trials for line in lines), 'trial')}"
        if not yes:
            if not (sys.stdin.isatty() and sys.stdout.isatty()):
                raise UsageError(f"this would remove {what} permanently: add --yes to confirm")
            if not click.confirm(f"Remove {what} permanently?"):
                return
        edits.clear(database, lines)
    terminal_text.print_line(f"removed {what}")
