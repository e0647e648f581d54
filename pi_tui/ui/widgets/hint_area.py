"""The line that says what the cursor is on, and in its place a line to type in."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Container
from textual.widget import Widget

from pi_tui.ui.drawing.spans import Line
from pi_tui.ui.widgets.status_bars import HintBar

if TYPE_CHECKING:
    from pi_tui.ui.widgets.prompt import Prompt


class HintArea(Container):
    """Shows a hint, or asks for a value. The prompt's messages go on to the screen."""

    def __init__(self) -> None:
        super().__init__(id="hint-bar")
        self._hint = HintBar()
        self._prompt: Prompt | None = None
        self._focused_before: Widget | None = None

    def compose(self) -> ComposeResult:
        """Yield the hint line; the prompt is added by `prepare_prompt`."""
        yield self._hint

    def show(self, line: Line) -> None:
        """Show a hint."""
        self._hint.show(line)

    async def prepare_prompt(self) -> None:
        """Add the prompt; called after the first frame, which does without it."""
        from pi_tui.ui.widgets.prompt import Prompt

        self._prompt = Prompt()
        await self.mount(self._prompt)

    @property
    def typing(self) -> bool:
        """Whether a value is being typed."""
        return self._prompt is not None and self._prompt.display

    def ask(self, purpose: str, label: str, *, example: str, check: Callable[[str], str], value: str = "") -> None:
        """Ask for a value; the answer comes as `Prompt.Answered` with the same purpose."""
        if self._prompt is None:
            return
        if not self.typing:
            self._focused_before = self.screen.focused
        self._hint.display = False
        self._prompt.ask(purpose, label, value=value, example=example, check=check)

    def on_prompt_answered(self) -> None:
        """Show the hint again, and return the focus."""
        self._hint.display = True
        if self._focused_before is not None and self._focused_before.is_attached:
            self._focused_before.focus()
