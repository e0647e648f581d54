"""The run pane: what would run and for how long, its settings, and the button that starts or stops it."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip

from pi_tui.ui.drawing.run_form import FIELDS, Field, RunView, draw_run_form
from pi_tui.ui.drawing.spans import Line
from pi_tui.ui.widgets.line_widget import LineWidget


class RunPane(LineWidget, can_focus=True):
    """A form of a few fields; the cursor is shown only with the focus. Only changed lines are drawn again."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("left,minus", "step(-1)", "Less", show=False),
        Binding("right,plus", "step(1)", "More", show=False),
        Binding("space", "use", "change", tooltip="Change what the cursor is on"),
        Binding("enter", "press", "enter", tooltip="Type a value, or press the button", show=False),
    ]

    class ChangeRequested(Message):
        """The user wants to change a field by a step, up or down."""

        def __init__(self, field: Field, step: int) -> None:
            super().__init__()
            self.field = field
            self.step = step

    class ValueRequested(Message):
        """The user wants to type a value for a field."""

        def __init__(self, field: Field) -> None:
            super().__init__()
            self.field = field

    def __init__(self) -> None:
        super().__init__(id="run", classes="pane setup-pane")
        self.border_title = "Run"
        self._view = RunView()
        self._field = len(FIELDS) - 1
        self._lines: list[tuple[Line, str]] = []

    @property
    def view(self) -> RunView:
        """What the form shows."""
        return self._view

    def show(self, view: RunView) -> None:
        """Show a view, where it differs from the present one."""
        if view != self._view:
            self._view = view
            self._redraw()

    def _redraw(self) -> None:
        before, self._lines = self._lines, self._drawing()
        self.refresh_changed(before, self._lines)

    def _drawing(self) -> list[tuple[Line, str]]:
        cursor = FIELDS[self._field] if self.has_focus else None
        return draw_run_form(self._view, self.content_size.width, self.content_size.height, cursor)

    def render_line(self, y: int) -> Strip:
        """Return one line."""
        if not self._lines:  # the first frame is drawn before the size is known
            self._lines = self._drawing()
        line, background = self._lines[y] if y < len(self._lines) else ([], "")
        return self.make_strip(line, self.content_size.width, background)

    def on_focus(self) -> None:
        """Show the cursor."""
        self._redraw()

    def on_blur(self) -> None:
        """Hide the cursor."""
        self._redraw()

    def on_resize(self) -> None:
        """Draw for the new size."""
        self._lines = self._drawing()
        self.refresh()

    def action_move(self, steps: int) -> None:
        """Move the cursor."""
        self._field = min(max(0, self._field + steps), len(FIELDS) - 1)
        self._redraw()

    async def action_step(self, step: int) -> None:
        """Change the field by a step; a step forward presses the button."""
        field = FIELDS[self._field]
        if field != "start":
            self.post_message(self.ChangeRequested(field, step))
        elif step > 0:
            await self.action_press()

    async def action_use(self) -> None:
        """Change the field; for the interpreters, open their dialog."""
        if FIELDS[self._field] == "python":
            await self.action_press()
        else:
            await self.action_step(1)

    async def action_press(self) -> None:
        """Ask for a value of the field, or press the button."""
        field = FIELDS[self._field]
        if field == "start":
            await self.run_action("app.stop_run" if self._view.running else "app.start_run")
        elif field in ("python", "repeats"):
            self.post_message(self.ValueRequested(field))
        else:
            self.post_message(self.ChangeRequested(field, 1))

    def action_change(self, field: Field, step: int) -> None:
        """Change a field by a step; a click on it does so."""
        self._field = FIELDS.index(field)
        self._redraw()
        self.post_message(self.ChangeRequested(field, step))
