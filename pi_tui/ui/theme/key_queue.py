"""Keys that arrive while what came of an earlier one is under way wait for it."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.app import App
    from textual.dom import DOMNode
    from textual.events import Key, Paste
    from textual.timer import Timer

PATIENCE_S = 1.0
"""After this time the next key is passed on, even if a widget still has not dealt with the one before."""
_MAX_ROUNDS = 6


class KeyQueue:
    """Passes on one key at a time.

    Textual passes each key to the widget that has the focus at that moment. A key may open a dialog or a line to type in, but
    only when it has gone from the widget through all of its ancestors to the app. Keys of one burst would all go to the widget
    that had the focus before, and letters meant for the line would be taken for commands.

    Args:
        app: the app.
        pass_on: lets Textual deal with a key.
    """

    def __init__(self, app: App[None], pass_on: Callable[[Key | Paste], Awaitable[None]]) -> None:
        self._app = app
        self._pass_on = pass_on
        self._waiting: deque[Key | Paste] = deque()
        self._number = 0
        self._busy = False
        self._held = False
        self._timer: Timer | None = None

    def hold(self) -> None:
        """Let all keys wait until `release`."""
        self._held = True

    async def release(self) -> None:
        """Pass on what has waited since `hold`."""
        self._held = False
        if not self._busy:
            await self._pass_on_next()

    async def put(self, key: Key | Paste) -> None:
        """Pass a key on, now or after those before it."""
        self._waiting.append(key)
        if not (self._busy or self._held):
            await self._pass_on_next()

    async def _pass_on_next(self) -> None:
        if not self._waiting or not self._app.screen_stack:
            self._busy = False
            return
        self._busy = True
        self._number += 1
        target = self._app.focused or self._app.screen
        await self._pass_on(self._waiting.popleft())
        self._timer = self._app.set_timer(PATIENCE_S, partial(self._end, self._number))
        self._begin_round(self._number, target, 1)

    def _begin_round(self, number: int, target: DOMNode, rounds: int) -> None:
        """Ask one part after the other, from the widget to the app, to say when it has dealt with what it was sent before."""
        self._ask(number, rounds, [*target.ancestors_with_self], self._find_state())

    def _ask(self, number: int, rounds: int, nodes: list[DOMNode], state: tuple[object, object]) -> None:
        while nodes:
            node = nodes.pop(0)
            if node.is_running and node.call_later(self._ask, number, rounds, nodes, state):
                return
        self._app.call_later(self._end_round, number, rounds, state)

    async def _end_round(self, number: int, rounds: int, state: tuple[object, object]) -> None:
        """End with a round in which the focus stayed where it was; a widget's messages may take a second round."""
        if not self._app.screen_stack or number != self._number:
            return
        settled = rounds > 1 and state == self._find_state()
        if settled or rounds >= _MAX_ROUNDS:
            await self._end(number)
        else:
            self._begin_round(number, self._app.focused or self._app.screen, rounds + 1)

    async def _end(self, number: int) -> None:
        if number == self._number and self._busy:
            if self._timer is not None:
                self._timer.stop()
            await self._pass_on_next()

    def _find_state(self) -> tuple[object, object]:
        return (self._app.screen, self._app.focused) if self._app.screen_stack else (None, None)
