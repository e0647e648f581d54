"""The app of `pi-tui watch`, around one watch."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path, PurePath
from typing import Any, ClassVar

from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen

from pi_tui.engine.errors import INTERRUPTED_EXIT_CODE, HostError
from pi_tui.ui.state.watch_session import WatchSession
from pi_tui.ui.theme.base_app import ThemedApp
from pi_tui.ui.theme.themes import DARK, LIGHT
from pi_tui.ui.watch.screen import WatchScreen


class WatchApp(ThemedApp):
    """Shows one watch until it is over.

    Args:
        watch_session: the watch.
        now: the time of day, for the names of pictures.
    """

    TITLE = "pi-tui watch"
    CSS_PATH: ClassVar[list[str | PurePath]] = [
        Path(__file__).with_name("watch.tcss"),
        Path(__file__).parents[1] / "dialogs" / "dialogs.tcss",
    ]
    ENABLE_COMMAND_PALETTE = True

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c,ctrl+q", "quit", "Quit", show=False, priority=True),
    ]

    def __init__(
        self,
        watch_session: WatchSession,
        now: Callable[[], datetime] = datetime.now,
        *,
        ascii_only: bool = False,
        light: bool = False,
    ) -> None:
        super().__init__(ascii_only=ascii_only, light=light)
        self._now = now
        self.watching = WatchScreen(watch_session, self.exit)

    def get_default_screen(self) -> Screen[None]:
        """Return the only screen."""
        return self.watching

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Yield all actions, for the command palette."""
        if screen is not self.watching:
            return
        yield from self.watching.commands()
        other = LIGHT.name if self.theme == DARK.name else DARK.name
        yield SystemCommand(f"Theme: {other}", "Our own theme, light or dark", lambda: setattr(self, "theme", other))
        yield SystemCommand("Theme", "Any theme", self.action_change_theme)

    async def action_quit(self) -> None:
        """Leave as `q` does."""
        self.watching.action_leave()

    def action_screenshot(self, filename: str | None = None, path: str | None = None) -> None:
        """Save the screen as an SVG file, and show its name."""
        name = filename or f"pi-tui-{self._now():%Y%m%d-%H%M%S}.svg"
        self.save_picture(name, Path(path) if path else Path.cwd())


def open_watch(watch_session: WatchSession, *, ascii: bool, light: bool) -> bool:
    """Show a watch on the terminal until it is over; return whether a signal ended it.

    Raises:
        HostError: the watcher ended unexpectedly, or the screen failed.
    """
    app = WatchApp(watch_session, ascii_only=ascii, light=light)
    app.run()
    if watch_session.failed is not None:
        raise watch_session.failed
    if app.return_code not in (None, 0, INTERRUPTED_EXIT_CODE):
        raise HostError("The screen broke down.")
    return app.return_code == INTERRUPTED_EXIT_CODE
