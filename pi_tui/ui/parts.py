"""The terms of the losses as they are drawn: each its ink, its words and its glyph."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pi_tui.ui.state.time_categories import GIL_WAIT, IO_WAIT, LOCK_WAIT, QUEUED, RUNNING, STARTUP, WAITING, Meaning

if TYPE_CHECKING:
    from pi_tui.analysis.loss_terms import TermName

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
