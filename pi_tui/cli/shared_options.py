"""Options that several commands have. Imported before the screen opens, so it imports little itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from pi_tui.engine.errors import UsageError

LEAST_HZ, MOST_HZ = 50, 1000
"""The end of a trial is noticed at the next sample, so below the least rate trials would seem much too long."""


def add_lanes_hz_option() -> Callable[[Any], Any]:
    """Return the option `--lanes-hz` for a command that runs trials."""
    return click.option(
        "--lanes-hz",
        type=_parse_hz,
        metavar="N",
        help=f"Sample the lanes N times per second, {LEAST_HZ} to {MOST_HZ}, whatever the overhead.  "
        "[default: chosen for a small overhead]",
    )


def add_all_fields_option() -> Callable[[Any], Any]:
    """Return the option `--all-fields` for a command that writes results."""
    return click.option("--all-fields", is_flag=True, help="With --format md: write every column that csv has.")


def check_all_fields(all_fields: bool, format: str) -> None:
    """Raise UsageError if `--all-fields` is given for a format that it does not change."""
    if all_fields and format != "md":
        raise UsageError(f"--all-fields is only for --format md, and the format is {format}")


def _parse_hz(text: str) -> int:
    try:
        hz = int(text)
    except ValueError:
        hz = 0
    if not LEAST_HZ <= hz <= MOST_HZ:
        raise UsageError(f"--lanes-hz: {text!r} is not a whole number from {LEAST_HZ} to {MOST_HZ}")
    return hz
