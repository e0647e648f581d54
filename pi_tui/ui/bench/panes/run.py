"""The run pane: what would run and for how long, its settings, and the two buttons."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip

from pi_tui.ui.drawing.run_form import FIELDS, Field, RunView, draw_run_form
from pi_tui.ui.drawing.spans import Line
from pi_tui.ui.widgets.line_widget import LineWidget


class RunPane(LineWidget, can_focus=True):
    """A form of a few fields; which one the cursor is on shows only with the focus. Only lines that changed are drawn again."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("left,minus", "step(-1)", "Less", show=False),
        Binding("right,plus", "step(1)", "More", show=False),
        Binding("space", "use", "change", tooltip="Change what the cursor is on"),
        Binding("enter", "press", "enter", tooltip="Type a value, or press the button", show=False),
    ]

    class Changed(Message):
        """A field is to be changed by a step, up or down."""

        def __init__(self, field: Field, step: int) -> None:
            super().__init__()
            self.field = field
            self.step = step

    class Asked(Message):
        """A value of a person's own is to be asked for."""

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
        """What is shown."""
        return self._view

    def show(self, view: RunView) -> None:
        """Show a view; nothing is drawn again unless it changed."""
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
        """One line of the form."""
        if not self._lines:  # the first frame does not wait to be told its size
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
        """Lay the lines out anew."""
        self._lines = self._drawing()
        self.refresh()

    def action_move(self, steps: int) -> None:
        """Move the cursor."""
        self._field = min(max(0, self._field + steps), len(FIELDS) - 1)
        self._redraw()

    async def action_step(self, step: int) -> None:
        """Change the field by a step; the buttons are pressed by going forward."""
        field = FIELDS[self._field]
        if field != "start":
            self.post_message(self.Changed(field, step))
        elif step > 0:
            await self.action_press()

    async def action_use(self) -> None:
        """Change the field; for the Pythons there is a dialog."""
        if FIELDS[self._field] == "python":
            await self.action_press()
        else:
            await self.action_step(1)

    async def action_press(self) -> None:
        """Type a value of one's own, or press the button that applies."""
        field = FIELDS[self._field]
        if field == "start":
            await self.run_action("app.stop_run" if self._view.running else "app.start_run")
        elif field in ("python", "repeats"):
            self.post_message(self.Asked(field))
        else:
            self.post_message(self.Changed(field, 1))

    def action_change(self, field: Field, step: int) -> None:
        """What a click on a field does."""
        self._field = FIELDS.index(field)
        self._redraw()
        self.post_message(self.Changed(field, step))
