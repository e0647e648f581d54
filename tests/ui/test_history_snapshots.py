"""The history as text, at three sizes."""

from __future__ import annotations

from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from pi_tui.storage.history.service import HistoryService
from tests.ui.kept import give, some_runs
from tests.ui.pilot import opened, screen_text, seen, until
from tests.ui.scripted import Bench

SIZES = [(80, 24), (120, 40), (200, 60)]


@pytest.fixture(params=SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def size(request: pytest.FixtureRequest) -> tuple[int, int]:
    found: tuple[int, int] = request.param
    return found


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    path = tmp_path / "history.db"
    some_runs(path)
    history = HistoryService(path)
    history.set_note(1, "before the change")
    history.set_reference(1)
    made = Bench(folder=tmp_path)
    give(made, path)
    return made


async def test_list(bench: Bench, size: tuple[int, int], snapshot: SnapshotAssertion) -> None:
    async with opened(bench, size) as pilot:
        await pilot.press("h")
        await seen(pilot, "4 runs", "Run 4", "F1" if size[0] > 80 else "open")
        assert screen_text(pilot.app) == snapshot


async def test_comparison(bench: Bench, size: tuple[int, int], snapshot: SnapshotAssertion) -> None:
    async with opened(bench, size) as pilot:
        await pilot.press("h")
        await seen(pilot, "4 runs")
        await pilot.press("c")
        await seen(pilot, "what changed")
        assert screen_text(pilot.app) == snapshot


async def test_opened_run(bench: Bench, size: tuple[int, int], snapshot: SnapshotAssertion) -> None:
    async with opened(bench, size) as pilot:
        await pilot.press("h")
        await seen(pilot, "4 runs")
        await pilot.press("enter")
        await until(pilot, lambda: pilot.app.screen is bench.app.bench, "the bench")
        await seen(pilot, "is in the tabs")
        place = bench.app.bench.results.region
        lines = screen_text(pilot.app).splitlines()[place.y : place.bottom]
        assert "\n".join(line[place.x : place.right] for line in lines) == snapshot
