"""Driving the app in tests: waiting for conditions, reading the screen as text."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any
from unittest.mock import patch

from textual._context import message_hook as message_hook_context_var
from textual.app import App, ScreenStackError
from textual.command import CommandPalette
from textual.events import Callback
from textual.message import Message
from textual.pilot import Pilot, WaitForScreenTimeout

from tests.ui.scripted import Bench

PATIENCE_S = 60.0
"""How long a state may be waited for: it costs nothing where it comes early, and a busy machine has its time."""

FEWEST_LOOKS = 20
"""So often a condition is looked at, however late it is: a process that stood still has not looked."""

MOST_ROUNDS = 100
STAYS_S = 3600.0


class Traffic:
    """Counts the messages that the app's parts have dealt with, but for those of the pilot that asks whether they are done."""

    def __init__(self) -> None:
        self.messages = 0

    def __call__(self, message: Message) -> None:
        asking = isinstance(message, Callback) and getattr(message.callback, "func", None)
        if getattr(asking, "__name__", "") != "decrement_counter":
            self.messages += 1


class SteadyPilot(Pilot[Any]):
    """A pilot that goes on when the app has dealt with everything, and not when the processor looks idle.

    Textual's own takes a process that used next to no CPU time for a fiftieth of a second for one that is done. On a busy
    machine it may only have had no core; a key is then still on its way when a test looks at what came of it.
    """

    def __init__(self, app: App[Any], traffic: Traffic) -> None:
        super().__init__(app)
        self._traffic = traffic

    async def press(self, *keys: str) -> None:
        """Press keys, each when what came of the one before is done."""
        for key in keys:
            await super().press(key)

    async def pause(self, delay: float | None = None) -> None:
        """Wait until everything is done; an app that has ended has nothing to do."""
        with suppress(ScreenStackError):
            await super().pause(delay)

    async def _wait_for_screen(self, timeout: float = PATIENCE_S) -> bool:
        """Until every part has dealt with what was sent to it, nothing new was sent meanwhile, and all of it is drawn."""
        for _ in range(MOST_ROUNDS):
            before = self._traffic.messages
            try:
                answered = await super()._wait_for_screen(max(timeout, PATIENCE_S))
            except WaitForScreenTimeout:
                if not self.app._exit:
                    raise
                return False  # it ended before it came to the question
            if not answered:
                return False
            await self.app.animator.wait_until_complete()
            if not self.app.screen_stack or (self._traffic.messages == before and self._is_drawn()):
                return True
            self.app.screen._on_timer_update()
        return True

    def _is_drawn(self) -> bool:
        screen = self.app.screen
        return not (
            screen._layout_required
            or screen._scroll_required
            or screen._repaint_required
            or screen._recompose_required
            or screen._dirty_widgets
            or screen._callbacks
        )


@asynccontextmanager
async def running(app: App[Any], size: tuple[int, int] = (80, 24)) -> AsyncIterator[SteadyPilot]:
    """An app, open at a size. What it tells for a moment stays: a moment may pass while the machine is busy."""
    traffic = Traffic()
    heard = message_hook_context_var.set(traffic)  # also of what the test itself opens
    try:
        with patch.object(app, "notify", partial(_notify_for_long, app.notify)):
            async with app.run_test(size=size, notifications=True, message_hook=traffic):
                yield SteadyPilot(app, traffic)
    finally:
        message_hook_context_var.reset(heard)


def _notify_for_long(notify: Callable[..., None], message: str, **more: Any) -> None:
    notify(message, **{**more, "timeout": STAYS_S})


def screen_text(app: App[Any]) -> str:
    """What a person sees, without colours."""
    return "\n".join(strip.text.rstrip() for strip in app.screen._compositor.render_strips())


async def until(pilot: Pilot[Any], condition: Callable[[], object], what: str = "") -> None:
    """Wait until a condition holds; fail with the screen if it never does."""
    deadline, looks = time.monotonic() + PATIENCE_S, 0
    while not condition():
        looks += 1
        if looks > FEWEST_LOOKS and time.monotonic() > deadline:
            raise AssertionError(f"not within {PATIENCE_S:g} s: {what}\n{screen_text(pilot.app)}")
        await pilot.pause()
        await asyncio.sleep(0.005)
    await pilot.pause()


async def seen(pilot: Pilot[Any], *texts: str) -> None:
    """Wait until all texts are on the screen."""
    await until(pilot, lambda: all(text in screen_text(pilot.app) for text in texts), f"{texts} on the screen")


async def gone(pilot: Pilot[Any], text: str) -> None:
    """Wait until a text is no longer on the screen."""
    await until(pilot, lambda: text not in screen_text(pilot.app), f"{text!r} gone")


async def palette(pilot: Pilot[Any], typed: str) -> None:
    """Open the command palette, and type into it until it has found what there is."""
    await pilot.press("ctrl+p")
    await until(pilot, lambda: isinstance(pilot.app.screen, CommandPalette), "the palette")
    await pilot.press(*typed)
    group = CommandPalette._GATHER_COMMANDS_GROUP
    await until(pilot, lambda: not [worker for worker in pilot.app.workers if worker.group == group], "what it finds")


@asynccontextmanager
async def opened(bench: Bench, size: tuple[int, int] = (120, 40)) -> AsyncIterator[Pilot[Any]]:
    """The app, open at a size, with the first forecast on the screen."""
    async with running(bench.app, size) as pilot:
        await until(pilot, lambda: bench.preview.known and bench.meter.reads, "the first forecast")
        yield pilot


async def run_to_end(pilot: Pilot[Any], bench: Bench) -> None:
    """Press r and let every event come."""
    before = bench.app.session.runs
    bench.laboratory.permit()
    await pilot.press("r")
    await until(pilot, lambda: bench.app.session.runs > before and not bench.app.session.running, "the end of the run")


async def run_until(pilot: Pilot[Any], bench: Bench, events: int) -> None:
    """Press r and let some events come; the run then stands still."""
    bench.laboratory.permit(events)
    await pilot.press("r")
    await until(pilot, lambda: bench.laboratory.told >= events, f"{events} events")
    await until(pilot, lambda: not bench.app.run_control.runner.queue.waiting, "an empty inbox")
