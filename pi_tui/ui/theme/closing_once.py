"""Screens that close once, however many keys arrive before they are gone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from textual import events
from textual.await_complete import AwaitComplete
from textual.command import CommandPalette
from textual.widgets import Button, Input, OptionList

T = TypeVar("T")

if TYPE_CHECKING:
    from textual.message import Message
    from textual.screen import Screen

    class _Base(Screen[T]): ...
else:  # Textual looks for styles in the first base class that is a widget

    class _Base(Generic[T]): ...


_INPUT = (events.InputEvent, Button.Pressed, Input.Submitted, OptionList.OptionSelected)


class ClosingOnce(_Base[T], Generic[T]):
    """Makes a screen close once; to be named before the screen's other base.

    Keys that arrive in one burst are dealt with by widgets, which send messages to their screen. Textual would close the screen
    for each of them, and for the second one the screen below. Input that comes after the first is ignored.
    """

    _dismissed_once = False
    _deferred_answer: tuple[T | None] | None = None

    def dismiss(self, result: T | None = None) -> AwaitComplete:
        """Close the screen; while another one is above it, wait until that one is closed."""
        if not self._dismissed_once and not self.is_active:
            self._deferred_answer = (result,)
        if self._dismissed_once or not self.is_active:
            return AwaitComplete()
        self._dismissed_once = True
        return super().dismiss(result)

    def on_screen_resume(self) -> None:
        """Close now, if that was asked for while another screen was above this one."""
        if self._deferred_answer is not None:
            self.dismiss(*self._deferred_answer)

    async def _dispatch_message(self, message: Message) -> None:
        if not (self._dismissed_once and isinstance(message, _INPUT)):
            await super()._dispatch_message(message)


class Palette(ClosingOnce[None], CommandPalette):
    """The command palette; the command that was chosen is carried out once."""
