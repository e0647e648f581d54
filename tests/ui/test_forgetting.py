"""What is closed is forgotten: an hour of use leaves no lines of dialogs behind."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest
from textual.strip import Strip

from tests.ui.pilot import opened
from tests.ui.scripted import Bench

OPENINGS = 12


def drawn_lines() -> int:
    """How many drawn lines the process holds."""
    gc.collect()
    return sum(type(thing) is Strip for thing in gc.get_objects())


@pytest.mark.parametrize("key", ["p", "ctrl+p"])
async def test_what_was_open_leaves_no_lines_behind(key: str, tmp_path: Path) -> None:
    """Each opening draws dozens of lines."""
    async with opened(Bench(folder=tmp_path)) as pilot:
        for _ in range(3):
            await pilot.press(key, "escape")
        before = drawn_lines()
        for _ in range(OPENINGS):
            await pilot.press(key, "escape")
        assert drawn_lines() - before < 10 * OPENINGS
