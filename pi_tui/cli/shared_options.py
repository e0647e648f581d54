"""Options that several commands have. Imported before the first frame, so it imports next to nothing itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from pi_tui.engine.errors import UsageError

LEAST_HZ, MOST_HZ = 50, 1000
"""Below the least a trial would seem to end much later than it does, as its end is heard of at a look."""


def lanes_hz() -> Callable[[Any], Any]:
    """The option `--lanes-hz`, for what looks at the lanes of its own trials."""
    return click.option(
        "--lanes-hz",
        type=_hz,
        metavar="N",
        help=f"Look at the lanes N times a second, {LEAST_HZ} to {MOST_HZ}, whatever that costs.  "
        "[default: as often as it disturbs little]",
    )


def _hz(text: str) -> int:
    try:
        hz = int(text)
    except ValueError:
        hz = 0
    if not LEAST_HZ <= hz <= MOST_HZ:
        raise UsageError(f"--lanes-hz: {text!r} is no whole number from {LEAST_HZ} to {MOST_HZ}")
    return hz
