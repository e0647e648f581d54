"""Watching a program from the laboratory: asked for in a line, shown above the bench, which waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pi_tui.engine.errors import PiTuiError

if TYPE_CHECKING:
    from textual.app import App

    from pi_tui.ui.bench.screen import BenchScreen
    from pi_tui.ui.state.ports import Ports
    from pi_tui.ui.state.session import Session
    from pi_tui.ui.state.watch_session import WatchSession


class ProgramController:
    """Asks for a program, and watches its threads."""

    def __init__(self, app: App[None], bench: BenchScreen, session: Session, ports: Ports) -> None:
        self._app = app
        self._bench = bench
        self._session = session
        self._ports = ports

    def ask(self) -> None:
        """Ask for a process or a command; not while a run is under way, which the watch would disturb."""
        if self._session.running:
            self._app.notify("A run is under way: watching would disturb it.", severity="warning")
        elif self._app.screen is self._bench:
            self._bench.ask("program")

    def open(self, text: str) -> None:
        """Watch the program that the user named, by its process id or a command line."""
        from pi_tui.engine.watch_client import parse_target
        from pi_tui.ui.watch.screen import WatchScreen

        begin = self._ports.watch
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
        self._app.push_screen(WatchScreen(watch_session, lambda: self._leave(watch_session)))

    def _leave(self, watch_session: WatchSession) -> None:
        """Go back to the bench; say so where there was nothing to be seen."""
        self._app.pop_screen()
        problem = watch_session.refused or (str(watch_session.failed) if watch_session.failed is not None else "")
        if problem:
            self._app.notify(problem, title="Nothing to watch" if watch_session.refused else "Watch", severity="error")
