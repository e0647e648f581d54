"""The categories of a worker's time, each with one style, one name and one glyph on every pane.

`ui.theme.themes` has the colours under the same names. Neighbouring categories differ in brightness as well as in hue, and in
glyph, so that they can be told apart in grey and with NO_COLOR.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pi_tui.analysis.loss_terms import TermName


class TimeCategory(NamedTuple):
    """One category of time: the name of its style, its label, and its glyph."""

    style: str
    label: str
    glyph: str


RUNNING = TimeCategory("running", "running", "█")
GIL_WAIT = TimeCategory("gil-wait", "GIL wait", "▓")
WAITING = TimeCategory("waiting", "waiting", "▚")
LOCK_WAIT = TimeCategory("lock-wait", "lock wait", "▒")
IO_WAIT = TimeCategory("io-wait", "I/O or sleep", "░")
QUEUED = TimeCategory("queued", "queued", "·")
STARTUP = TimeCategory("startup", "startup", "-")
IDLE = TimeCategory("idle", "idle", " ")

TIME_CATEGORIES = (RUNNING, GIL_WAIT, WAITING, LOCK_WAIT, IO_WAIT, QUEUED, STARTUP, IDLE)
"""From the brightest to the dimmest. `WAITING` is waiting whose cause is unknown."""


SPEEDUP = RUNNING._replace(label="speed-up")
BETWEEN = TimeCategory("between", "between tasks", "|")
EXTRA = TimeCategory("extra", "extra", "+")
IMBALANCE = TimeCategory("imbalance", "imbalance", "/")
COLLECT = TimeCategory("collect", "collect", ">")

TERM_CATEGORIES: dict[TermName, TimeCategory] = {
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
