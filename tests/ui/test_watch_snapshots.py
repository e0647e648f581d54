"""The screen of a watch as text, at three sizes."""

from __future__ import annotations

from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from pi_tui.host.watch_protocol import WatchEnded
from tests.ui.pilot import running, screen_text, seen
from tests.ui.watch_script import FAMILY, SIGHTING, Script, app_of

SIZES = [(80, 24), (120, 40), (200, 60)]


@pytest.fixture(params=SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def size(request: pytest.FixtureRequest) -> tuple[int, int]:
    found: tuple[int, int] = request.param
    return found


async def test_taking_turns(size: tuple[int, int], snapshot: SnapshotAssertion) -> None:
    app = app_of(Script(SIGHTING))
    async with running(app, size) as pilot:
        await seen(pilot, "took turns", "██▓▓")
        assert screen_text(app) == snapshot


async def test_several_processes_that_ended(size: tuple[int, int], tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    kept = tmp_path / "out"
    kept.write_text("listening on 127.0.0.1\n")
    app = app_of(Script(FAMILY, WatchEnded("ended", 0)), kept, stay=True)
    async with running(app, size) as pilot:
        await pilot.press("2")
        await seen(pilot, "ended ·", "since the start", "postgres -D data")
        assert screen_text(app) == snapshot
