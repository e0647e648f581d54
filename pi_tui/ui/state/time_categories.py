"""What a worker's time can mean, and how each meaning looks: one name of an ink, one glyph, everywhere.

The colours stand in `ui.themes` under the same names. Neighbours differ in brightness as well as in hue, and in glyph, so
that neither grey nor NO_COLOR loses anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pi_tui.analysis.loss_terms import TermName


class Meaning(NamedTuple):
    """One thing that time can be spent on: its ink, its words, its glyph."""

    ink: str
    label: str
    glyph: str


RUNNING = Meaning("running", "running", "█")
GIL_WAIT = Meaning("gil-wait", "GIL wait", "▓")
WAITING = Meaning("waiting", "waiting", "▚")
LOCK_WAIT = Meaning("lock-wait", "lock wait", "▒")
IO_WAIT = Meaning("io-wait", "I/O or sleep", "░")
QUEUED = Meaning("queued", "queued", "·")
STARTUP = Meaning("startup", "startup", "-")
IDLE = Meaning("idle", "idle", " ")

MEANINGS = (RUNNING, GIL_WAIT, WAITING, LOCK_WAIT, IO_WAIT, QUEUED, STARTUP, IDLE)
"""From the brightest to the most quiet. `WAITING` is waiting of a kind that is not known."""


SPEEDUP = RUNNING._replace(label="speed-up")
BETWEEN = Meaning("between", "between tasks", "|")
EXTRA = Meaning("extra", "extra", "+")
IMBALANCE = Meaning("imbalance", "imbalance", "/")
COLLECT = Meaning("collect", "collect", ">")

TERMS: dict[TermName, Meaning] = {
    "speedup": SPEEDUP,
    "startup": STARTUP,
    "queued": QUEUED,
    "waiting": WAITING,
    "gil_wait": GIL_WAIT,
    "lock_wait": LOCK_WAIT,
    "io_wait": IO_WAIT,
    "between": BETWEEN,
    "extra": EXTRA,
    "imbalance": IMBALANCE,
    "collect": COLLECT,
}
