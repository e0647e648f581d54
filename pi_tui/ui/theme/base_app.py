"""The base of both apps: themes and their styles, ASCII drawing, screenshots, notices, and orderly exits."""

from __future__ import annotations

import errno
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar

from rich.segment import Segment
from textual import constants, events
from textual.app import App
from textual.color import Color
from textual.filter import LineFilter
from textual.theme import Theme
from textual.worker import WorkerFailed

from pi_tui.analysis.text.ascii import draw_ascii
from pi_tui.engine.errors import INTERRUPTED_EXIT_CODE, HostError, UsageError
from pi_tui.ui.drawing.spans import make_printable
from pi_tui.ui.theme.closing_once import Palette
from pi_tui.ui.theme.key_queue import KeyQueue
from pi_tui.ui.theme.styles import Styles
from pi_tui.ui.theme.themes import DARK, LIGHT, fallback_variables

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import RenderableType
    from textual.await_complete import AwaitComplete
    from textual.driver import Driver
    from textual.notifications import SeverityLevel

    from pi_tui.ui.theme.shutdown import TerminalRestorer


class ThemedApp(App[None]):
    """An app with the project's themes.

    Args:
        ascii_only: draw with ASCII characters only.
        light: start with the light theme.
    """

    CSS = "ToastRack { dock: top; align: right top; margin-top: 1; }"
    """Notices appear at the top, where they cover the setup for a moment and not the sentence about a result."""

    KILLED_MESSAGE: ClassVar[str] = "pi-tui was ended by force."
    """The sentence that is left on the terminal if the app is killed."""

    def __init__(self, *, ascii_only: bool = False, light: bool = False) -> None:
        self._theme_now: Theme | None = None
        super().__init__()
        self.keys = KeyQueue(self, super().on_event)
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        self.theme = LIGHT.name if light else DARK.name
        self._line_styles: tuple[str, Styles] | None = None
        self.ascii_only = ascii_only
        self._restorer: TerminalRestorer | None = None
        self._signalled = False
        self._exhausted = False
        if ascii_only:
            self._filters.append(AsciiFilter())

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Return the variables that other themes lack."""
        return fallback_variables(self.current_theme)

    @property
    def current_theme(self) -> Theme:
        """The present theme; it is cached, as every drawn line asks for it."""
        if self._theme_now is None or self._theme_now.name != self.theme:
            self._theme_now = super().current_theme
        return self._theme_now

    @property
    def line_styles(self) -> Styles:
        """The styles of the present theme."""
        if self._line_styles is None or self._line_styles[0] != self.theme:
            few_colours = self.no_color or self.console.color_system in (None, "standard", "windows")
            variables = {**fallback_variables(self.current_theme), **self.theme_variables}
            self._line_styles = (self.theme, Styles(variables, few_colours=few_colours))
        return self._line_styles[1]

    def action_command_palette(self) -> None:
        """Open the command palette."""
        if self.use_command_palette and not isinstance(self.screen, Palette):
            self.push_screen(Palette(id="--command-palette"))

    def pop_screen(self) -> AwaitComplete:
        """Close the top screen, and free the cached lines of its widgets."""
        left = super().pop_screen()
        clear_style_cache()
        return left

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,  # noqa: ARG002
    ) -> None:
        """Show a notice. Markup is off, as a path or an error may have brackets."""
        clear_style_cache()  # of earlier notices
        super().notify(
            make_printable(message), title=make_printable(title), severity=severity, timeout=timeout, markup=False
        )

    async def on_event(self, event: events.Event) -> None:
        """Deal with an event; keys and what is pasted come one after the other."""
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            await self.keys.put(event)
        else:
            await super().on_event(event)

    def on_ready(self) -> None:
        """Handle signals and guard the terminal from the first frame on: both restore it when the app ends early."""
        if not self.is_headless:
            from pi_tui.ui.theme.shutdown import TerminalRestorer, handle_signals

            handle_signals(self._leave_by_signal)
            self._restorer = TerminalRestorer(self.KILLED_MESSAGE)
            self._restorer.start()

    def run(self, *how: Any, **more: Any) -> None:
        """Run the app; afterwards, end the process that guards the terminal.

        Raises:
            HostError: the system has no more threads or processes for the app.
        """
        from pi_tui.ui.theme.shutdown import restoring_terminal

        try:
            with restoring_terminal():
                super().run(*how, **more)
        except (RuntimeError, OSError) as error:
            if not is_exhausted(error):
                raise
            self._exhausted = True
        finally:
            if self._restorer is not None:
                self._restorer.stop()
        if self._exhausted:
            raise HostError("The screen was closed: the system has no more threads or processes for pi-tui.")

    def get_driver_class(self) -> type[Driver]:
        """Return the class of the terminal's driver.

        Raises:
            UsageError: the environment names one that is none.
        """
        try:
            return super().get_driver_class()
        except (ImportError, AttributeError, RuntimeError, ValueError, TypeError) as error:
            named = constants.DRIVER
            raise UsageError(f"TEXTUAL_DRIVER is {named!r}, which is no driver of a terminal: unset it") from error

    def _handle_exception(self, error: Exception) -> None:
        """End the app with a sentence, and not with a traceback, if the system has no more threads or processes for it."""
        if is_exhausted(error.error if isinstance(error, WorkerFailed) else error):
            self._exhausted = True
            self.exit(return_code=1)
        else:
            super()._handle_exception(error)

    def _leave_by_signal(self) -> None:
        self._signalled = True
        self.run_worker(self.run_action("app.quit"), exit_on_error=False)

    def exit(self, result: None = None, return_code: int = 0, message: RenderableType | None = None) -> None:
        """Exit; after a signal, with the exit code of an interrupted program."""
        super().exit(result, return_code or (INTERRUPTED_EXIT_CODE if self._signalled else 0), message)

    def action_help_quit(self) -> None:
        """Say which keys quit and stop, as Ctrl-C does neither."""
        self.notify("Press q to quit, x to stop a run.", title="Ctrl+C does not quit")

    def save_picture(self, name: str, folder: Path) -> None:
        """Save the screen as an SVG file, and show its path."""
        try:
            saved = self.save_screenshot(name, str(folder))
        except OSError as error:
            self.notify(f"{name}: {error.strerror or error}", title="No picture", severity="error")
        else:
            self.notify(saved, title="Picture saved")

    def action_press(self, key: str) -> None:
        """Press a key: what a click on it in the last line does."""
        self.simulate_key(key)


def is_exhausted(error: BaseException) -> bool:
    """Return whether an error says that the system has no more threads, processes or memory for this program."""
    if isinstance(error, OSError):
        return error.errno in (errno.EAGAIN, errno.ENOMEM)
    return isinstance(error, RuntimeError) and "can't start new thread" in str(error)


def clear_style_cache() -> None:
    """Free the drawn lines of closed dialogs and old notices.

    Textual 8.2 keeps the last thousand widgets that were drawn, with all their lines, in a cache of a method of `StylesCache`
    (its issue 6665): each time the history was opened, it kept a quarter of a megabyte. The cache holds two styles per widget,
    which are computed again at the next drawing. With a later Textual that has no such cache, this does nothing.
    """
    with suppress(ImportError, AttributeError):
        from textual._styles_cache import StylesCache

        StylesCache.get_inner_outer.cache_clear()


class AsciiFilter(LineFilter):
    """A filter that turns drawn lines into ASCII just before they are shown."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        """Return the segments in ASCII."""
        return [Segment(draw_ascii(text), style, control) for text, style, control in segments]
