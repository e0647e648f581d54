"""`pi-tui watch` on the screen: a small app around one watch."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePath
from typing import Any, ClassVar, Protocol

from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen

from pi_tui.analysis.watched import WatchRecord
from pi_tui.engine.errors import PiTuiError
from pi_tui.host.sightings import NotStarted, Sighting, WatchEnded, WatchMessage
from pi_tui.ui.themed import ThemedApp
from pi_tui.ui.themes import DARK, LIGHT
from pi_tui.ui.watch.screen import WatchScreen

LISTEN_S = 0.1


class Watched(Protocol):
    """What the app needs of a watch; `engine.watch.Watch` is one."""

    def hear(self, timeout_s: float) -> list[WatchMessage]:
        """What was said."""

    def stop(self) -> None:
        """End it; at the second call at once."""


@dataclass(frozen=True)
class Wanted:
    """What is watched: the command line, the process where it ran already, where its output lies, for how long."""

    title: str
    pid: int | None
    kept: Path | None
    duration_s: float | None = None
    stay: bool = False


class WatchApp(ThemedApp):
    """Shows one watch until it is over.

    Args:
        watch: who sees.
        wanted: what is watched.
        clock: seconds.
        now: the time of day, for the names of pictures.
    """

    TITLE = "pi-tui watch"
    CSS_PATH: ClassVar[list[str | PurePath]] = [
        Path(__file__).with_name("watch.tcss"),
        Path(__file__).parents[1] / "dialogs.tcss",
    ]
    ENABLE_COMMAND_PALETTE = True

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1,question_mark", "help", "help", key_display="F1", tooltip="Keys and words"),
        Binding("s", "screenshot", "picture", tooltip="Save the screen as an SVG file"),
        Binding("ctrl+c,ctrl+q", "quit", "Quit", show=False, priority=True),
    ]

    def __init__(
        self,
        watch: Watched,
        wanted: Wanted,
        clock: Callable[[], float],
        now: Callable[[], datetime] = datetime.now,
        *,
        ascii_only: bool = False,
        light: bool = False,
    ) -> None:
        super().__init__(ascii_only=ascii_only, light=light)
        self._watch = watch
        self._wanted = wanted
        self._clock = clock
        self._now = now
        self._began_s = clock()
        self.expired = False
        self.ended: WatchEnded | None = None
        self.refused = ""
        self.failed: PiTuiError | None = None
        self.watching = WatchScreen(wanted.title, wanted.pid, wanted.kept, self.leave)

    @property
    def record(self) -> WatchRecord:
        """Everything that was seen."""
        return self.watching.record

    def get_default_screen(self) -> Screen[None]:
        """The only one."""
        return self.watching

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Every action, for the command palette."""
        if screen is not self.watching:
            return
        for binding in (*WatchScreen.BINDINGS, *self.BINDINGS):
            if isinstance(binding, Binding) and binding.show and binding.tooltip:
                owner = screen if binding in WatchScreen.BINDINGS else self
                key = binding.key_display or binding.key
                yield SystemCommand(
                    f"{binding.description[:1].upper()}{binding.description[1:]}",
                    f"{binding.tooltip} ({key})",
                    lambda owner=owner, action=binding.action: self.call_later(owner.run_action, action),
                )
        other = LIGHT.name if self.theme == DARK.name else DARK.name
        yield SystemCommand(f"Theme: {other}", "Our own theme, light or dark", lambda: setattr(self, "theme", other))
        yield SystemCommand("Theme", "Any theme", self.action_change_theme)

    def on_mount(self) -> None:
        """Listen from now on."""
        self.set_interval(LISTEN_S, self._listen)

    def _listen(self) -> None:
        try:
            messages = self._watch.hear(0.0)
        except PiTuiError as error:
            self.failed = error
            self.exit()
            return
        seen = False
        for message in messages:
            if isinstance(message, Sighting):
                self.watching.add(message)
                seen = True
            elif isinstance(message, NotStarted):
                self.refused = message.why
                self.exit()
            elif isinstance(message, WatchEnded):
                self._over(message)
        if seen:
            self.watching.show()
        late = self._wanted.duration_s is not None and self._clock() - self._began_s >= self._wanted.duration_s
        if late and not self.expired:
            self.expired = True
            self._watch.stop()

    def _over(self, message: WatchEnded) -> None:
        self.ended = message
        if self._wanted.stay and message.why == "ended":
            self.watching.end()
        else:
            self.exit()

    def leave(self) -> None:
        """Stop watching, and end what was started; a second time without waiting for it."""
        if self.ended is not None:
            self.exit()
            return
        self._watch.stop()
        if self._wanted.pid is None:
            self.notify("The command is asked to end; q again ends it at once.")

    async def action_quit(self) -> None:
        """As `q`."""
        self.leave()

    def action_help(self) -> None:
        """Show keys and words."""
        from pi_tui.ui.watch.help import WatchHelp

        if not isinstance(self.screen, WatchHelp):
            self.push_screen(WatchHelp())

    def action_screenshot(self, filename: str | None = None, path: str | None = None) -> None:
        """Save the screen as an SVG file, and say which."""
        name = filename or f"pi-tui-{self._now():%Y%m%d-%H%M%S}.svg"
        self.keep_picture(name, Path(path) if path else Path.cwd())
