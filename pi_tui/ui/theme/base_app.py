"""What both of our apps share: themes, the styles of the present one, ASCII alone, pictures of the screen, and leaving."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import App
from textual.theme import Theme

from pi_tui.ui.drawing.spans import make_printable
from pi_tui.ui.theme.styles import Styles
from pi_tui.ui.theme.themes import DARK, LIGHT, fallback_variables

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import RenderableType
    from textual.await_complete import AwaitComplete
    from textual.notifications import SeverityLevel

    from pi_tui.ui.theme.shutdown import TerminalRestorer


class ThemedApp(App[None]):
    """An app in our themes.

    Args:
        ascii_only: draw with ASCII alone.
        light: start with the light theme.
    """

    KILLED_MESSAGE: ClassVar[str] = "pi-tui was ended by force."
    """What stands on the terminal should the app be killed."""

    def __init__(self, *, ascii_only: bool = False, light: bool = False) -> None:
        self._theme_now: Theme | None = None
        super().__init__()
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        self.theme = LIGHT.name if light else DARK.name
        self._line_styles: tuple[str, Styles] | None = None
        self.ascii_only = ascii_only
        self._restorer: TerminalRestorer | None = None
        self._signalled = False
        if ascii_only:
            from pi_tui.ui.theme.ascii_filter import AsciiFilter

            self._filters.append(AsciiFilter())

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """What other themes lack."""
        return fallback_variables(self.current_theme)

    @property
    def current_theme(self) -> Theme:
        """The present theme; remembered, as every line that is drawn asks for it."""
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

    def pop_screen(self) -> AwaitComplete:
        """Leave the screen on top, and keep nothing of it."""
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
        """Tell something for a moment. There is no markup in it: a path or an error may have brackets."""
        clear_style_cache()  # of earlier notices
        super().notify(
            make_printable(message), title=make_printable(title), severity=severity, timeout=timeout, markup=False
        )

    def on_ready(self) -> None:
        """The first frame stands: from here on, whatever ends the app gives the terminal back."""
        if not self.is_headless:
            from pi_tui.ui.theme.shutdown import TerminalRestorer, handle_signals

            handle_signals(self._leave_by_signal)
            self._restorer = TerminalRestorer(self.KILLED_MESSAGE)
            self._restorer.start()

    def run(self, *how: Any, **more: Any) -> None:
        """As Textual's; when it is over, the terminal is given back."""
        try:
            super().run(*how, **more)
        finally:
            if self._restorer is not None:
                self._restorer.stop()

    def _leave_by_signal(self) -> None:
        self._signalled = True
        self.run_worker(self.run_action("app.quit"), exit_on_error=False)

    def exit(self, result: None = None, return_code: int = 0, message: RenderableType | None = None) -> None:
        """Leave; after a signal with the exit code that says so."""
        from pi_tui.ui.theme.shutdown import SIGNAL_EXIT_CODE

        super().exit(result, return_code or (SIGNAL_EXIT_CODE if self._signalled else 0), message)

    def action_help_quit(self) -> None:
        """Ctrl-C ends nothing here: say what does."""
        self.notify("q leaves the program, x stops a run.", title="Ctrl+C ends nothing here")

    def save_picture(self, name: str, folder: Path) -> None:
        """Save the screen as an SVG file, and say which."""
        try:
            saved = self.save_screenshot(name, str(folder))
        except OSError as error:
            self.notify(f"{name}: {error.strerror or error}", title="No picture", severity="error")
        else:
            self.notify(saved, title="Picture saved")

    def action_press(self, key: str) -> None:
        """What a click on a key in the last line does."""
        self.simulate_key(key)


def clear_style_cache() -> None:
    """Let go of the lines that closed dialogs and old notices were drawn with.

    Textual 8.2 caches a method of each widget's cache by the instance (its issue 6665), so the last thousand widgets that were
    drawn stay for good, each with all its lines: the history kept a quarter of a megabyte each time it was opened. What is
    emptied here is two styles a widget, which are made anew at the next drawing. Where a later Textual has no such cache,
    nothing happens.
    """
    with suppress(ImportError, AttributeError):
        from textual._styles_cache import StylesCache

        StylesCache.get_inner_outer.cache_clear()
