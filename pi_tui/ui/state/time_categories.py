"""The categories of a worker's time, each with one style, one name and one glyph on every pane.

`ui.theme.themes` has the colours under the same names. Neighbouring categories differ in brightness as well as in hue, and in
glyph, so that they can be told apart in grey and with NO_COLOR.
"""

from __future__ import annotations

from typing import NamedTuple

from pi_tui.analysis.loss_terms import TERM_GLYPHS, TERM_NAMES, TermName


class TimeCategory(NamedTuple):
    """One category of time: the name of its style, its label, and its glyph."""

    style: str
    label: str
    glyph: str


TERM_CATEGORIES: dict[TermName, TimeCategory] = {
    name: TimeCategory("running" if name == "speedup" else name.replace("_", "-"), label, TERM_GLYPHS[name])
    for name, label in TERM_NAMES.items()
}
"""The category of each term of a result's losses; the speed-up looks like running."""

RUNNING = TERM_CATEGORIES["speedup"]._replace(label="running")
GIL_WAIT = TERM_CATEGORIES["gil_wait"]
WAITING = TERM_CATEGORIES["waiting"]
LOCK_WAIT = TERM_CATEGORIES["lock_wait"]
IO_WAIT = TERM_CATEGORIES["io_wait"]
QUEUED = TERM_CATEGORIES["queued"]
STARTUP = TERM_CATEGORIES["startup"]
BETWEEN = TERM_CATEGORIES["between"]
EXTRA = TERM_CATEGORIES["extra"]
IMBALANCE = TERM_CATEGORIES["imbalance"]
COLLECT = TERM_CATEGORIES["collect"]
IDLE = TimeCategory("idle", "idle", " ")

TIME_CATEGORIES = (RUNNING, GIL_WAIT, WAITING, LOCK_WAIT, IO_WAIT, QUEUED, STARTUP, IDLE)
"""The categories of a lane or ledger, from the brightest to the dimmest. `WAITING` is waiting whose cause is unknown."""
