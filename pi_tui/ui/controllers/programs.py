"""Watching a program from the laboratory: asked for in a line, shown above the bench, which waits."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from pi_tui.engine.errors import PiTuiError

if TYPE_CHECKING:
    from pi_tui.engine.watch_client import WatchTarget
    from pi_tui.ui.app import LaboratoryApp
    from pi_tui.ui.state.watch_session import WatchSession

Begin = Callable[["WatchTarget"], "WatchSession"]
"""Begins to watch; raises a PiTuiError where that cannot be."""


class Programs:
    """What the bench does with other programs.

    Args:
        app: the laboratory.
    """

    def __init__(self, app: LaboratoryApp) -> None:
        self._app = app

    def ask(self) -> None:
        """Ask for a process or a command; not while a run is under way, which the watch would disturb."""
        if self._app.session.running:
            self._app.notify("A run is under way: watching would disturb it.", severity="warning")
        elif self._app.screen is self._app.bench:
            self._app.bench.ask("program")

    def open(self, text: str) -> None:
        """Watch what a person named, a process id or a command line, above the bench."""
        from pi_tui.engine.watch_client import parse_target
        from pi_tui.ui.watch.screen import WatchScreen

        begin = self._app.ports.watch
        if begin is None:
            self._app.notify("Nothing can be watched here.", severity="warning")
            return
        try:
            target = parse_target(text)
            watch_session = begin(target)
        except PiTuiError as error:
            self._app.notify(str(error), title="Nothing to watch", severity="error")
            return
        if target.note:
            self._app.notify(target.note, timeout=10)
        self._app.push_screen(WatchScreen(watch_session, lambda: self._over(watch_session)))

    def _over(self, watch_session: WatchSession) -> None:
        """Back to the bench, with a word where there was nothing to be seen."""
        self._app.pop_screen()
        told = watch_session.refused or (str(watch_session.failed) if watch_session.failed is not None else "")
        if told:
            self._app.notify(told, title="Nothing to watch" if watch_session.refused else "Watch", severity="error")
