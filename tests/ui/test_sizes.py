"""Any size of terminal, followed at once: no crash, no overlap, everything within reach."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from textual.geometry import Region

from pi_tui.ui.bench.layout import (
    ALL_PANES,
    EXPLAINING_PANES,
    LOWER_PANES,
    PANE_TITLES,
    SETUP_PANES,
    choose_arrangement,
    make_titles,
)
from pi_tui.ui.bench.panes.source import SourceView
from pi_tui.ui.widgets.status_bars import SummaryLines
from tests.ui.pilot import opened, run_to_end, screen_text, seen, until
from tests.ui.scripted import Bench

WIDTHS, HEIGHTS = (40, 60, 77, 78, 100, 117, 118, 150, 169, 170, 260), (12, 15, 19, 20, 24, 33, 34, 47, 48, 90)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(folder=tmp_path)


def shown_regions(bench: Bench) -> dict[str, Region]:
    panes = [pane for pane in bench.app.bench.query(".pane") if pane.display and pane.region.area]
    return {pane.id or "": pane.region for pane in panes}


def assert_in_order(bench: Bench) -> None:
    """Every pane that is shown lies on the screen and covers no other."""
    whole = bench.app.bench.region
    regions = shown_regions(bench)
    assert regions
    for name, region in regions.items():
        assert whole.contains_region(region), (name, region, whole)
    for (one, first), (other, second) in itertools.combinations(regions.items(), 2):
        assert not first.overlaps(second), (one, other, first, second)


async def test_resizing_down_to_the_smallest_and_up_again(bench: Bench) -> None:
    async with opened(bench) as pilot:
        await run_to_end(pilot, bench)
        for width, height in ((80, 24), (60, 20), (40, 12), (100, 15), (300, 100), (118, 34), (40, 60), (170, 20)):
            await pilot.resize_terminal(width, height)
            await until(
                pilot,
                lambda size=(width, height): (
                    bench.app.bench.size == size and len(screen_text(pilot.app).splitlines()) == size[1]
                ),
                "the new size",
            )
            assert_in_order(bench)
            lines = screen_text(pilot.app).splitlines()
            assert max(len(line) for line in lines) <= width


@pytest.mark.parametrize("size", [(118, 34), (120, 40), (200, 60)])
async def test_no_name_in_a_pane_is_cut_where_all_stand_side_by_side(bench: Bench, size: tuple[int, int]) -> None:
    async with opened(bench, size) as pilot:
        bench.choose(start_methods=("forkserver",), more_samples=(3, 4, 5), more_workers=(7,))
        await pilot.pause()
        for pane in map(bench.checklist, ("kernel", "mode", "samples", "workers")):
            assert f" {PANE_TITLES[pane.id or '']} " in screen_text(pilot.app)
            for line, choice in enumerate(pane.choices[: pane.scrollable_content_region.height]):
                assert choice.label in pane.render_line(line).text, (pane.id, choice.label)


@pytest.mark.parametrize("size", [(40, 12), (80, 24), (120, 40), (200, 60)])
async def test_start_methods_keep_a_cell_away_from_the_scroll_bar(bench: Bench, size: tuple[int, int]) -> None:
    async with opened(bench, size) as pilot:
        modes = bench.checklist("mode")
        await pilot.press("tab")  # the next pane, which shares its place with the kernels where there is little room
        await until(pilot, lambda: modes.has_focus and modes.show_vertical_scrollbar, "modes that scroll")
        bar = modes.vertical_scrollbar.region
        lines = screen_text(pilot.app).splitlines()[bar.y : bar.bottom]
        assert any("spawn" in line[: bar.x] for line in lines)
        assert {line[bar.x - 1] for line in lines} == {" "}


async def test_in_a_narrow_terminal_names_and_what_was_found_are_whole(bench: Bench) -> None:
    async with opened(bench, (80, 24)) as pilot:
        kernels = bench.checklist("kernel")
        for choice in kernels.choices:
            assert any(choice.label in kernels.render_line(line).text for line in range(20))
        await run_to_end(pilot, bench)
        sentence = (
            "Other programs used the cores: the last worker to finish was ready but queued for a core 36% of the time; "
            "the kernel and mode are not the cause, so measure again."
        )
        bench.app.screen.query_one(SummaryLines).show((sentence,))
        await seen(pilot, "36% of the time …")


async def test_the_smallest_terminal_reaches_every_pane_by_tab(bench: Bench) -> None:
    async with opened(bench, (40, 12)) as pilot:
        seen_panes = []
        for _ in ALL_PANES:
            seen_panes += list(shown_regions(bench))
            assert len(shown_regions(bench)) == 1
            before = seen_panes[-1]
            await pilot.press("tab")
            await until(pilot, lambda before=before: list(shown_regions(bench)) != [before], "the next pane")
        assert seen_panes == list(ALL_PANES)


async def test_the_smallest_terminal_can_run_and_show_rows(bench: Bench) -> None:
    async with opened(bench, (40, 12)) as pilot:
        await run_to_end(pilot, bench)
        await pilot.press("1")
        await seen(pilot, "python", "threads", "Two threads took turns")
        await pilot.press("f1")
        await seen(pilot, "Manual")


async def test_the_smallest_terminal_tells_whole_keys_in_a_dialogs_border(bench: Bench) -> None:
    async with opened(bench, (40, 12)) as pilot:
        await pilot.press("p")
        await seen(pilot, "─ Space ticks · Escape cancels ─╯")
        await pilot.resize_terminal(80, 24)
        await seen(pilot, "─ Space ticks · Enter applies · Escape cancels ─╯")
        await pilot.press("escape")
        await run_to_end(pilot, bench)
        await pilot.resize_terminal(40, 12)
        await pilot.press("e")
        await seen(pilot, "─ Enter writes · Escape cancels ─╯")


async def test_the_smallest_terminal_says_in_whole_words_what_a_chart_needs(bench: Bench) -> None:
    async with opened(bench, (40, 12)) as pilot:
        await run_to_end(pilot, bench)
        await pilot.press("4")
        await seen(pilot, "Tick two or more in the Workers", "then press r to run.")


async def test_choosers_are_tabs_by_key_in_a_narrow_terminal(bench: Bench) -> None:
    async with opened(bench, (80, 24)) as pilot:
        assert set(shown_regions(bench)) == {"kernel", "run", "cores", "results"}
        await pilot.press("tab")
        await until(pilot, lambda: "mode" in shown_regions(bench), "the modes")
        assert set(shown_regions(bench)) == {"mode", "run", "cores", "results"}


async def test_a_wide_terminal_shows_everything_at_once(bench: Bench) -> None:
    async with opened(bench, (200, 60)) as pilot:
        assert set(shown_regions(bench)) == set(ALL_PANES) - {"scaling"}  # which shares a place with the losses
        await seen(pilot, "def count_hits", "a pure Python loop", "pool-map")
        await pilot.press("4")
        await until(pilot, lambda: "scaling" in shown_regions(bench), "the scaling")
        assert set(shown_regions(bench)) == set(ALL_PANES) - {"losses"}


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("height", HEIGHTS)
def test_every_pane_is_shown_when_it_has_the_focus(width: int, height: int) -> None:
    found = choose_arrangement(width, height)
    for pane in ALL_PANES:
        checklist, lower = pane if pane in SETUP_PANES else "mode", pane if pane in LOWER_PANES else "results"
        explaining = pane if pane in EXPLAINING_PANES else "losses"
        shown, named = make_titles(found, pane, checklist, lower, explaining=explaining)
        assert pane in shown
        assert PANE_TITLES[pane] in named[pane]
    assert len(found.classes) == 2


@pytest.mark.parametrize("width", WIDTHS)
def test_tab_goes_round_and_back(width: int) -> None:
    found = choose_arrangement(width, 40)
    pane, visited = "kernel", []
    for _ in range(20):
        pane = found.neighbour(pane, "results", 1)
        visited.append(pane)
    assert "kernel" in visited
    assert {*SETUP_PANES, "run", "results"} <= set(visited)
    for name in set(visited):
        assert found.neighbour(found.neighbour(name, "results", 1), "results", -1) == name


async def test_in_a_low_terminal_the_file_that_is_read_takes_the_place(bench: Bench) -> None:
    async with opened(bench, (80, 24)) as pilot:
        await pilot.press("3")
        await until(pilot, lambda: len(bench.app.bench.query(SourceView)) == 2, "the sources")
        kernel, mode = bench.app.bench.query(SourceView)
        await until(pilot, lambda: kernel.has_focus and kernel.size.height >= 6, "the kernel's file in sight")
        assert mode.size.height == 1
        assert "def count_hits" in screen_text(pilot.app)
        mode.focus()
        await until(pilot, lambda: mode.size.height >= 6 and kernel.size.height == 1, "the mode's file in sight")
        assert "kernels/python_loop.py" in screen_text(pilot.app)
