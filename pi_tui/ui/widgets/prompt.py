"""A line to type in, which replaces the hint line while a value is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input, Label

Check = Callable[[str], str]


class _Answer(Input):
    """The text that is typed; Enter is among the keys in the last line."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "submit", "take it", key_display="Enter")]


class Prompt(Vertical):
    """Asks for one value at a time and checks it. Enter answers, Escape leaves. Not shown while nothing is asked.

    What is wrong with an answer stands whole below it: half a sentence could say something else.
    """

    DEFAULT_CSS = """
    Prompt { height: auto; padding: 0 1 0 2; }
    Prompt #prompt-line { height: 1; }
    Prompt #prompt-label { color: $key; text-style: bold; margin-right: 1; }
    Prompt Input { width: 1fr; background: $cursor; color: $foreground; }
    Prompt #prompt-error { width: 1fr; height: auto; max-height: 3; color: $error; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "leave", key_display="Esc", tooltip="Leave it as it was")
    ]

    class Typed(Message):
        """The text changed."""

        def __init__(self, purpose: str, text: str) -> None:
            super().__init__()
            self.purpose = purpose
            self.text = text

    class Answered(Message):
        """The text was confirmed, or cancelled (`text` is None)."""

        def __init__(self, purpose: str, text: str | None) -> None:
            super().__init__()
            self.purpose = purpose
            self.text = text

    def __init__(self) -> None:
        super().__init__(id="prompt")
        self.display = False
        self._purpose = ""
        self._check: Check = lambda _: ""
        self._label = Label("", id="prompt-label", markup=False)
        self._input = _Answer(compact=True, select_on_focus=False)
        self._error = Label("", id="prompt-error", markup=False)

    def compose(self) -> ComposeResult:
        """Question, answer, and what is wrong with it."""
        with Horizontal(id="prompt-line"):
            yield self._label
            yield self._input
        yield self._error

    def ask(self, purpose: str, label: str, *, value: str, example: str, check: Check) -> None:
        """Ask for a value.

        Args:
            purpose: what the answer is for; comes back with it.
            label: what is asked.
            value: what stands there at first.
            example: what is shown as long as nothing does.
            check: what is wrong with a text, in one sentence; empty where nothing is.
        """
        self._purpose, self._check = purpose, check
        self._label.update(label)
        self._say("")
        self._input.placeholder = example
        with self._input.prevent(Input.Changed):
            self._input.value = value
        self._input.cursor_position = len(value)
        self.display = True
        self._input.focus()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._say("")
        self.post_message(self.Typed(self._purpose, event.value))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if wrong := self._check(event.value):
            self._say(wrong)
        else:
            self.display = False
            self.post_message(self.Answered(self._purpose, event.value))

    def _say(self, wrong: str) -> None:
        self._error.update(wrong)
        self._error.display = bool(wrong)

    def action_leave(self) -> None:
        """Leave everything as it was."""
        self.display = False
        self.post_message(self.Answered(self._purpose, None))
