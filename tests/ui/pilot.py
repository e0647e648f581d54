"""Driving the app in tests: waiting for conditions, reading the screen as text."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from scripted import Bench
from textual.app import App
from textual.pilot import Pilot

PATIENCE_S = 20.0


def screen_text(app: App[Any]) -> str:
    """What a person sees, without colours."""
    return "\n".join(strip.text.rstrip() for strip in app.screen._compositor.render_strips())


async def until(pilot: Pilot[Any], condition: Callable[[], object], what: str = "") -> None:
    """Wait until a condition holds; fail with the screen if it never does."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > deadline:
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


@asynccontextmanager
async def opened(bench: Bench, size: tuple[int, int] = (120, 40)) -> AsyncIterator[Pilot[Any]]:
    """The app, open at a size, with the first forecast on the screen."""
    async with bench.app.run_test(size=size, notifications=True) as pilot:
        await until(pilot, lambda: bench.app.bench.outlook.known and bench.meter.reads, "the first forecast")
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
    await until(pilot, lambda: not bench.app.control.runner.inbox.waiting, "an empty inbox")
