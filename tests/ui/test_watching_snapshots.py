"""Lanes and losses as text, at three sizes."""

from __future__ import annotations

from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.ui.pilot import opened, run_to_end, screen_text, seen
from tests.ui.watched import WatchedBench, run_until_shown

SIZES = [(80, 24), (120, 40), (200, 60)]


@pytest.fixture(params=SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def size(request: pytest.FixtureRequest) -> tuple[int, int]:
    found: tuple[int, int] = request.param
    return found


async def test_lanes_running(size: tuple[int, int], tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    bench = WatchedBench(folder=tmp_path)
    async with opened(bench, size) as pilot:
        await pilot.press("w")
        await run_until_shown(pilot, bench, trials=1, pieces=3)
        await seen(pilot, "▓▓▓██▓▓")
        assert screen_text(pilot.app) == snapshot
        bench.laboratory.permit()


async def test_lanes_frozen(size: tuple[int, int], tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    bench = WatchedBench(folder=tmp_path)
    async with opened(bench, size) as pilot:
        await pilot.press("w")
        await run_to_end(pilot, bench)
        await seen(pilot, "▓▓▓██▓▓", "is done")
        assert screen_text(pilot.app) == snapshot


async def test_losses(size: tuple[int, int], tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    bench = WatchedBench(folder=tmp_path)
    async with opened(bench, size) as pilot:
        await run_to_end(pilot, bench)
        await pilot.press("2")
        await seen(pilot, "of 4 ↑↓", "is done")
        assert screen_text(pilot.app) == snapshot


async def test_microscope(tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    bench = WatchedBench(folder=tmp_path)
    async with opened(bench, (120, 40)) as pilot:
        await run_to_end(pilot, bench)
        bench.lanes.action_magnify()
        await seen(pilot, "hand-offs")
        assert screen_text(pilot.app) == snapshot


async def test_both_settings(tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    bench = WatchedBench(folder=tmp_path)
    async with opened(bench, (120, 40)) as pilot:
        bench.laboratory.permit()
        await pilot.press("a")
        await seen(pilot, "times as fast", "╯")
        assert screen_text(pilot.app) == snapshot
