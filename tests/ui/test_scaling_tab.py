"""The Scaling tab: the charts of the selected row's run, by key and by mouse, at every size."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from textual.events import MouseScrollUp
from textual.pilot import Pilot

from pi_tui.ui.bench.panes.scaling import ScalingPane
from pi_tui.ui.dialogs.export_chart import ChartExportDialog
from tests.ui.pilot import PATIENCE_S, gone, opened, run_to_end, screen_text, seen, until
from tests.ui.scripted import Bench

SIZES = [(80, 24), (120, 40), (200, 60)]


@asynccontextmanager
async def measured(
    bench: Bench, size: tuple[int, int] = (120, 40), **selected: object
) -> AsyncIterator[tuple[Pilot[Any], ScalingPane]]:
    """The app after a run, with the tab in sight and the laws of its run known."""
    async with opened(bench, size) as pilot:
        bench.choose(**{"kernels": ("numba-nogil",), "workers": (1, 2, 4)} | selected)
        await run_to_end(pilot, bench)
        await pilot.press("4")
        pane = bench.scaling
        await until(pilot, lambda: pane.view.study is not None and pane.view.prepared, "a study of the run")
        yield pilot, pane


def pane_text(pilot: Pilot[Any], pane: ScalingPane) -> str:
    """The tab alone, as a person sees it."""
    left, top, width, height = pane.region
    lines = screen_text(pilot.app).splitlines()[top : top + height]
    return "\n".join(line[left : left + width] for line in lines)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_speedup(size: tuple[int, int], tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    async with measured(Bench(cores=4, folder=tmp_path), size) as (pilot, pane):
        assert pane_text(pilot, pane) == snapshot


@pytest.mark.parametrize("size", SIZES[:2], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_what_if(size: tuple[int, int], tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    async with measured(Bench(cores=4, folder=tmp_path), size, workers=(1, 2, 3, 4)) as (pilot, pane):
        await pilot.press("i")
        await seen(pilot, "prediction", "64 workers")
        assert pane_text(pilot, pane) == snapshot
        await pilot.press("i")
        await seen(pilot, "1024 workers")
        await pilot.press("i")
        await gone(pilot, "prediction")


async def test_the_laws_that_are_not_fitted_name_the_pane_and_no_option(tmp_path: Path) -> None:
    async with measured(Bench(cores=4, folder=tmp_path), workers=(1, 2)) as (pilot, pane):
        await seen(pilot, "three or more are needed.", "Tick four or more in the Workers pane.")
        assert "--workers" not in pane_text(pilot, pane)
        await pilot.press("i")
        await seen(pilot, "no prediction", "Tick four or more in the Workers pane.")
        assert "--workers" not in pane_text(pilot, pane)


async def test_in_ascii(tmp_path: Path) -> None:
    async with measured(Bench(cores=4, folder=tmp_path, ascii_only=True), (80, 24)) as (pilot, _):
        text = "\n".join(
            "".join(segment.text for segment in strip) for strip in pilot.app.screen._compositor.render_strips()
        )
        assert "o numba-nogil" in text
        assert "speed-up" in text


async def test_an_empty_tab_says_what_to_vary_and_which_key(tmp_path: Path) -> None:
    bench = Bench(folder=tmp_path)
    async with opened(bench, (80, 24)) as pilot:
        await pilot.press("4")
        await seen(pilot, "two or more numbers of", "in the Workers pane", "press r")
        await pilot.press("c")
        await seen(pilot, "Time against samples is drawn", "in the Samples pane")
        await pilot.press("c")
        await seen(pilot, "--split --tasks")
        await pilot.press("d")
        await seen(pilot, "no chart to save")


async def test_a_run_with_one_number_of_workers_has_no_speedup_chart(tmp_path: Path) -> None:
    async with measured(Bench(folder=tmp_path), workers=(2,)) as (pilot, _):
        await seen(pilot, "needs two or more numbers of workers", "run 1 has fewer")


async def test_where_only_sizes_vary_the_chart_of_sizes_comes_first(tmp_path: Path) -> None:
    async with measured(Bench(folder=tmp_path), workers=(2,), samples=(1000, 1_000_000)) as (pilot, pane):
        await seen(pilot, "samples in total")
        assert pane.view.kind == "time"


async def test_charts_are_switched_by_key_and_by_mouse(tmp_path: Path) -> None:
    async with measured(Bench(folder=tmp_path), samples=(1000, 1_000_000)) as (pilot, pane):
        assert pane.view.kind == "speedup"
        await pilot.press("c")
        await seen(pilot, "samples in total")
        await pilot.press("right")
        await seen(pilot, "needs")
        await pilot.press("c")
        assert pane.view.kind == "speedup"
        x = screen_text(pilot.app).splitlines()[pane.content_region.y].index(" Time ")
        await pilot.click(offset=(x + 1, pane.content_region.y))
        assert pane.view.kind == "time"


async def test_series_are_looked_at_alone_and_hidden(tmp_path: Path) -> None:
    async with measured(Bench(folder=tmp_path), modes=("threads", "processes")) as (pilot, pane):
        names = pane.view.study.names("speedup")  # type: ignore[union-attr]
        await pilot.press("n")
        assert pane.view.look.selected == names[0]
        await pilot.press("space")
        assert pane.view.look.hidden == {names[0]}
        await pilot.press("space", "n", "n")
        assert pane.view.look.selected == ""
        line = screen_text(pilot.app).splitlines()[pane.content_region.y + 1]
        await pilot.click(offset=(line.index(names[1]) + 1, pane.content_region.y + 1))
        assert pane.view.look.selected == names[1]


async def test_series_are_ticked_in_a_list(tmp_path: Path) -> None:
    async with measured(Bench(folder=tmp_path), modes=("threads", "processes")) as (pilot, pane):
        names = pane.view.study.names("speedup")  # type: ignore[union-attr]
        await pilot.press("t")
        await seen(pilot, "Series", "a ticks all")
        await pilot.press("down", "space")
        assert pane.view.look.hidden == {names[1]}
        await pilot.press("space", "space", "a", "enter")
        assert pane.view.look.hidden == frozenset()
        assert pilot.app.screen is pilot.app.bench  # type: ignore[attr-defined]


async def test_zoom_and_scroll_by_keys_and_wheel(tmp_path: Path) -> None:
    async with measured(Bench(folder=tmp_path)) as (pilot, pane):
        await pilot.press("+")
        await seen(pilot, "2.0× closer")
        before = pane.view.window
        await pilot.press("right", "up")
        assert pane.view.window.x[0] > before.x[0]
        assert pane.view.window.y[0] > before.y[0]
        await pilot.press("0")
        assert pane.view.window.shows_all
        await pilot._post_mouse_events([MouseScrollUp], pane)
        await until(pilot, lambda: not pane.view.window.shows_all, "zoomed by the wheel")
        await pilot.press("-", "-")
        assert pane.view.window.shows_all


async def test_the_charts_are_of_the_selected_rows_run(tmp_path: Path) -> None:
    bench = Bench(cores=4, folder=tmp_path)
    async with measured(bench) as (pilot, pane):
        bench.choose(workers=(1, 2))
        await run_to_end(pilot, bench)
        await seen(pilot, "rows of run 2")
        bench.table.select(bench.app.session.rows[0].number)
        bench.app.bench.show_rows()
        await until(pilot, lambda: pane.view.run == 1 and pane.view.study is not None and pane.view.prepared, "run 1")
        await seen(pilot, "rows of run 1")


async def test_a_study_whose_thread_begins_late_is_of_the_run_it_was_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin, real = threading.Event(), ScalingPane._make_study

    def late(*given: Any) -> None:
        assert begin.wait(PATIENCE_S)
        real(*given)

    monkeypatch.setattr(ScalingPane, "_make_study", late)
    bench = Bench(cores=4, folder=tmp_path)
    async with opened(bench) as pilot:
        pane = bench.scaling
        bench.choose(kernels=("numba-nogil",), workers=(1, 2, 4))
        await run_to_end(pilot, bench)
        await pilot.press("4", "1")  # a study is asked for, and out of sight before it is begun
        bench.choose(workers=(1, 2))
        await run_to_end(pilot, bench)
        begin.set()
        await until(pilot, lambda: pane.view.study is not None and pane.view.prepared, "the study of run 1")
        assert {point.workers for series in pane.view.study.scaling for point in series.points} == {1, 2, 4}  # type: ignore[union-attr]
        await pilot.press("4")
        await until(pilot, lambda: pane.view.run == 2 and pane.view.study is not None and pane.view.prepared, "run 2")


async def test_at_24_lines_the_chart_has_the_screen_and_gives_it_back(tmp_path: Path) -> None:
    async with measured(Bench(folder=tmp_path), (80, 24)) as (pilot, pane):
        assert pane.content_size.height >= 18
        await pilot.press("1")
        await seen(pilot, "Run ─", "Cores")


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_only_whole_sentences_stand_below_a_chart(size: tuple[int, int], tmp_path: Path) -> None:
    bench = Bench(folder=tmp_path)
    async with measured(bench, size, samples=(1_000, 100_000, 10_000_000), kernels=("python", "numba")) as (
        pilot,
        pane,
    ):
        await pilot.press("c")
        await until(pilot, lambda: pane.view.kind == "time", "the chart of sizes")
        last = pane_text(pilot, pane).splitlines()[-4:]
        assert not any("…" in line.replace(" …", "") for line in last), last


@pytest.mark.parametrize("size", [(40, 12), (60, 16), (100, 24), (170, 34), (250, 70)])
async def test_no_size_breaks_it(size: tuple[int, int], tmp_path: Path) -> None:
    async with measured(Bench(folder=tmp_path), size) as (pilot, pane):
        for key in ("i", "+", "c", "n", "space", "0"):
            await pilot.press(key)
        assert pane.content_size.width > 0
        assert "Traceback" not in screen_text(pilot.app)


async def test_a_chart_is_saved_as_a_picture(tmp_path: Path) -> None:
    async with measured(Bench(folder=tmp_path)) as (pilot, _):
        await pilot.press("d")
        await until(pilot, lambda: isinstance(pilot.app.screen, ChartExportDialog), "the dialog")
        field = pilot.app.screen.query_one("#export-path")
        field.value = "chart.svg"  # type: ignore[attr-defined]
        await pilot.press("enter")
        await until(pilot, lambda: (tmp_path / "chart.svg").exists(), "the picture")
        svg = (tmp_path / "chart.svg").read_text()
        assert "Speed-up against workers" in svg
        assert "usable" in svg or "core" in svg
        await pilot.press("d")
        await until(pilot, lambda: isinstance(pilot.app.screen, ChartExportDialog), "the dialog again")
        pilot.app.screen.query_one("#export-path").value = "chart.svg"  # type: ignore[attr-defined]
        await pilot.press("enter")
        await seen(pilot, "is there already")
        await pilot.press("escape")


async def test_the_palette_has_the_tab(tmp_path: Path) -> None:
    async with measured(Bench(folder=tmp_path)) as (pilot, _):
        titles = [command.title for command in bench_commands(pilot)]
        assert "Scaling" in titles
        assert "Chart: what if" in titles
        assert "Chart: draw to file" in titles


def bench_commands(pilot: Pilot[Any]) -> list[Any]:
    return list(pilot.app.get_system_commands(pilot.app.screen))
