"""Opening a watch on the terminal."""

from __future__ import annotations

import time
from dataclasses import dataclass

from pi_tui.analysis.watched import WatchRecord
from pi_tui.engine.errors import HostError
from pi_tui.host.sightings import WatchEnded
from pi_tui.ui.watch.app import Wanted, WatchApp, Watched


@dataclass(frozen=True)
class Shown:
    """What came of it: everything that was seen, how it ended, why the command could not be started, or time was up."""

    record: WatchRecord
    ended: WatchEnded | None
    refused: str
    expired: bool


def open_watch(watch: Watched, wanted: Wanted, *, ascii: bool, light: bool) -> Shown:
    """Show a watch on the terminal until it is over.

    Raises:
        HostError: the watcher is gone, or the screen broke down.
    """
    app = WatchApp(watch, wanted, time.monotonic, ascii_only=ascii, light=light)
    app.run()
    if app.failed is not None:
        raise app.failed
    if app.return_code:
        raise HostError("The screen broke down.")
    return Shown(app.record, app.ended, app.refused, app.expired)
