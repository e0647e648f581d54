"""Options that several commands have. Imported before the first frame, so it imports next to nothing itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from pi_tui.engine.errors import UsageError

MOST_HZ = 1000


def lanes_hz() -> Callable[[Any], Any]:
    """The option `--lanes-hz`, for every command that looks at lanes."""
    return click.option(
        "--lanes-hz",
        type=_hz,
        metavar="N",
        help=f"Look at the lanes N times a second, at most {MOST_HZ}, whatever that costs.  "
        "[default: as often as it disturbs little]",
    )


def _hz(text: str) -> int:
    try:
        hz = int(text)
    except ValueError:
        hz = 0
    if not 1 <= hz <= MOST_HZ:
        raise UsageError(f"--lanes-hz: {text!r} is no whole number from 1 to {MOST_HZ}")
    return hz
