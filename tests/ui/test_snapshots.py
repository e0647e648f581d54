"""The whole screen as text, at three sizes and in every state."""

from __future__ import annotations

from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.ui.pilot import opened, run_to_end, run_until, screen_text
from tests.ui.scripted import CRASH, Bench

SIZES = [(80, 24), (120, 40), (200, 60)]
EVENTS_TO_THE_MIDDLE = 4 + 2 * 4 + 2 * 5 + 1
"""The run's start, host and kernels; the warm-ups; half of the measured trials, and one that is under way."""


@pytest.fixture(params=SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def size(request: pytest.FixtureRequest) -> tuple[int, int]:
    found: tuple[int, int] = request.param
    return found


async def test_idle(size: tuple[int, int], tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    bench = Bench(folder=tmp_path)
    async with opened(bench, size) as pilot:
        assert screen_text(pilot.app) == snapshot


async def test_running(size: tuple[int, int], tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    bench = Bench(folder=tmp_path)
    async with opened(bench, size) as pilot:
        await run_until(pilot, bench, EVENTS_TO_THE_MIDDLE)
        assert screen_text(pilot.app) == snapshot
        bench.laboratory.permit()


async def test_failed(size: tuple[int, int], tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    bench = Bench(folder=tmp_path)
    bench.laboratory.failing["numba"] = CRASH
    async with opened(bench, size) as pilot:
        await run_to_end(pilot, bench)
        assert screen_text(pilot.app) == snapshot


async def test_finished(size: tuple[int, int], tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    bench = Bench(folder=tmp_path)
    async with opened(bench, size) as pilot:
        await run_to_end(pilot, bench)
        assert screen_text(pilot.app) == snapshot


async def test_many_cores(tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    bench = Bench(cores=64, folder=tmp_path)
    async with opened(bench, (120, 40)) as pilot:
        assert screen_text(pilot.app) == snapshot
