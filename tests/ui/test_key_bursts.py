"""Keys that arrive faster than the app deals with them: none is lost, and none finds a dialog that has gone."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest
from textual import events
from textual.keys import _character_to_key
from textual.pilot import Pilot

from tests.ui.pilot import opened, run_to_end, running, screen_text, until
from tests.ui.scripted import Bench


@pytest.fixture
def bench() -> Bench:
    return Bench()


async def send(pilot: Pilot[Any], *keys: str, settle: bool = True) -> None:
    """Send keys in one burst, as a terminal does that was pasted into; with `settle`, then wait until all is done."""
    driver = pilot.app._driver
    assert driver is not None
    for key in keys:
        event = events.Key(_character_to_key(key) if len(key) == 1 else key, key if len(key) == 1 else None)
        event.set_sender(pilot.app)
        driver.send_message(event)
    if settle:
        await pilot.pause()


@pytest.mark.parametrize("after", ["", "x", "the"])
@pytest.mark.parametrize("times", [1, 2, 5])
async def test_enters_that_come_after_the_palette_has_gone_do_nothing(bench: Bench, after: str, times: int) -> None:
    async with opened(bench) as pilot:
        await send(pilot, "ctrl+p", *after, *["enter"] * times)
        await send(pilot, "escape", "escape")
        await pilot.press("q")
    assert bench.app._exception is None


async def test_a_dialog_closes_once_and_leaves_the_screen_below(bench: Bench) -> None:
    async with opened(bench) as pilot:
        await run_to_end(pilot, bench)
        await pilot.press("l")
        assert len(pilot.app.screen_stack) == 2
        below, dialog = pilot.app.screen_stack
        dialog.dismiss()
        dialog.dismiss()
        await pilot.pause()
        assert pilot.app.screen_stack == [below]


async def test_a_dialog_below_another_one_closes_when_that_one_is_closed(bench: Bench) -> None:
    async with opened(bench) as pilot:
        await run_to_end(pilot, bench)
        await pilot.press("l")
        below, dialog = pilot.app.screen_stack
        await pilot.press("f1")
        assert len(pilot.app.screen_stack) == 3
        dialog.dismiss()
        await pilot.pause()
        assert len(pilot.app.screen_stack) == 3, "the manual stays"
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen_stack == [below], "the bench")


@pytest.mark.parametrize("seed", range(4))
async def test_after_a_storm_of_keys_ctrl_q_ends_the_app(bench: Bench, seed: int) -> None:
    dice = random.Random(seed)
    async with opened(bench) as pilot:
        for _ in range(30):
            keys = ("ctrl+p", "escape", "enter", "down", "f1", "ctrl+p", "h", "e", "p", "a")
            await send(pilot, *dice.choices(keys, k=dice.randint(1, 12)), settle=False)
            await asyncio.sleep(0)
        await send(pilot, "ctrl+q", settle=False)
        await until(pilot, lambda: pilot.app._exit, "the end")
    assert bench.app._exception is None


async def test_keys_that_come_with_the_first_frame_all_arrive(bench: Bench) -> None:
    async with running(bench.app, (120, 40)) as pilot:
        await send(pilot, "/", *"numba", "enter", settle=False)
        await until(pilot, lambda: "filter: numba" in screen_text(pilot.app), "the filter")
