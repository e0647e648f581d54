"""The manual on the screen: topics, pages, and the search, at every size."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import pi_tui
from pi_tui.manual.pages import TOPICS, page_title, search_pages
from pi_tui.ui.history.screen import HistoryScreen
from tests.ui.kept import give
from tests.ui.pilot import opened, screen_text, seen, until
from tests.ui.scripted import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(folder=tmp_path)


async def test_topics_stand_beside_the_page_where_there_is_room(bench: Bench) -> None:
    async with opened(bench, (120, 40)) as pilot:
        await seen(pilot, "╭─ Kernel")
        await pilot.press("f1")
        await seen(pilot, "Run everything that is ticked", *map(page_title, TOPICS))
        await pilot.press("tab", "home")
        await seen(pilot, "This takes five minutes")
        await pilot.press("down", "down", "down")
        await seen(pilot, "Each term has one meaning")
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is bench.app.bench)


@pytest.mark.parametrize("size", [(80, 24), (40, 12), (30, 10)])
async def test_topics_stand_in_the_place_of_the_page_where_there_is_none(bench: Bench, size: tuple[int, int]) -> None:
    async with opened(bench, size) as pilot:
        await pilot.press("f1")
        await seen(pilot, "Every key of every")
        assert "First steps" not in screen_text(pilot.app)
        await pilot.press("tab", "home")
        await seen(pilot, "First steps", "The screen")
        assert "Every key of every" not in screen_text(pilot.app)
        await pilot.press("end", "enter")
        await seen(pilot, "Developing pi-tui")
        assert "The screen" not in screen_text(pilot.app)


@pytest.mark.parametrize("topic", TOPICS)
async def test_every_topic_is_drawn_to_its_end(bench: Bench, topic: str) -> None:
    async with opened(bench, (80, 24)) as pilot:
        await pilot.press("f1", "tab", "home", *["down"] * TOPICS.index(topic), "enter")
        await seen(pilot, page_title(topic))
        await pilot.press("end")
        await until(pilot, lambda: pilot.app.screen.query_one("#help-page").is_vertical_scroll_end)


async def test_a_search_goes_from_match_to_match_through_all_topics(bench: Bench) -> None:
    async with opened(bench, (80, 24)) as pilot:
        await pilot.press("f1", "slash", *"convoy")
        await pilot.press("enter")
        assert len(search_pages("convoy")) == 1
        await seen(pilot, "convoy: 1 of 1", "gil-convoy")
        await pilot.press("slash", *["backspace"] * 6, *"hand-off")
        await pilot.press("enter")
        await seen(pilot, "hand-off: 1 of")
        first = screen_text(pilot.app)
        await pilot.press("n")
        await seen(pilot, "hand-off: 2 of")
        await pilot.press("N")
        await seen(pilot, "hand-off: 1 of")
        assert screen_text(pilot.app) == first
        await pilot.press("N")
        count = first.partition(": 1 of ")[2].partition(" ")[0]
        await seen(pilot, f"hand-off: {count} of {count}")


async def test_a_search_that_finds_nothing_says_so_where_it_was_typed(bench: Bench) -> None:
    async with opened(bench, (80, 24)) as pilot:
        await pilot.press("f1", "slash", *"zebra")
        await pilot.press("enter")
        await seen(pilot, "The manual does not mention 'zebra'.")
        await pilot.press("escape")
        await seen(pilot, "Every key of every screen")
        await pilot.press("n")
        await seen(pilot, "Every key of every screen")


async def test_what_was_found_stands_out(bench: Bench) -> None:
    async with opened(bench, (120, 40)) as pilot:
        await pilot.press("f1", "slash", *"splitmix")
        await pilot.press("enter")
        await seen(pilot, "splitmix: 1 of")
        styles = {
            str(segment.style)
            for strip in pilot.app.screen._compositor.render_strips()
            for segment in strip
            if segment.text == "SplitMix" and segment.style is not None
        }
        plain = {
            str(segment.style)
            for strip in pilot.app.screen._compositor.render_strips()
            for segment in strip
            if "random numbers are" in segment.text and segment.style is not None
        }
        assert len(styles) == 1
        assert styles.isdisjoint(plain)


async def test_in_ascii_every_page_is_ascii(tmp_path: Path) -> None:
    bench = Bench(folder=tmp_path, ascii_only=True)
    async with opened(bench, (80, 24)) as pilot:
        await pilot.press("f1", "tab", "home", *["down"] * TOPICS.index("ledger"), "enter")
        await seen(pilot, "The ledger")
        await pilot.press("end")
        await until(pilot, lambda: "GIL wait" in screen_text(pilot.app))
        assert screen_text(pilot.app).isascii()


async def test_the_history_opens_its_own_page(bench: Bench, tmp_path: Path) -> None:
    give(bench, tmp_path / "data" / "history.db")
    async with opened(bench) as pilot:
        await pilot.press("h")
        await until(pilot, lambda: isinstance(pilot.app.screen, HistoryScreen), "the history")
        await pilot.press("f1")
        await seen(pilot, "Every run is kept with all its trials")


@pytest.mark.parametrize(("key", "title"), [("2", "The ledger"), ("4", "Scaling"), ("w", "Lanes"), ("1", "Keys")])
async def test_help_begins_with_what_has_the_focus(bench: Bench, key: str, title: str) -> None:
    async with opened(bench, (80, 24)) as pilot:
        await pilot.press(key, "f1")
        await until(pilot, lambda: f"│  {title} " in screen_text(pilot.app), title)


def test_the_manual_is_imported_when_it_is_asked_for() -> None:
    """The first frame does without it."""
    code = (
        "import sys, pi_tui.ui.app; print([name for name in sys.modules if 'manual' in name or name.endswith('help')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(pi_tui.__file__).parents[1]
    )
    assert done.stdout.strip() == "[]"
