"""The export dialog: formats, paths, overwriting, and what goes wrong."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from pi_tui.ui.dialogs.export_results import ExportDialog
from tests.ui.pilot import PATIENCE_S, gone, opened, run_to_end, screen_text, seen, until
from tests.ui.scripted import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(folder=tmp_path)


async def test_results_are_written_where_it_says(bench: Bench, tmp_path: Path) -> None:
    async with opened(bench) as pilot:
        await run_to_end(pilot, bench)
        await pilot.press("e")
        await seen(pilot, "Export 4 results", "pi-tui-20260102-030405.json")
        await pilot.press("enter")
        await seen(pilot, "4 results written")
    document = json.loads((tmp_path / "pi-tui-20260102-030405.json").read_text())
    assert [result["kernel"] for result in document["results"]] == ["python", "python", "numba", "numba"]


async def test_the_table_is_written_as_it_is_filtered_and_sorted(bench: Bench, tmp_path: Path) -> None:
    async with opened(bench) as pilot:
        await run_to_end(pilot, bench)
        await pilot.press("/", *"numba", "enter")
        await seen(pilot, "filter: numba (2 of 4)")
        for _ in range(2):
            bench.table.action_sort("mode")
        await pilot.press("e")
        await seen(pilot, "Export 2 results of 4")
        await pilot.press("enter")
        await seen(pilot, "2 results written")
        await pilot.press("/", *"zzz", "enter", "e")
        await seen(pilot, "No row that answers to the filter is finished")
    document = json.loads((tmp_path / "pi-tui-20260102-030405.json").read_text())
    assert [(each["kernel"], each["mode"]) for each in document["results"]] == [
        ("numba", "threads"),
        ("numba", "sequential"),
    ]


async def test_the_suffix_goes_with_the_format(bench: Bench, tmp_path: Path) -> None:
    async with opened(bench) as pilot:
        await run_to_end(pilot, bench)
        await pilot.press("e")
        await seen(pilot, "Format")
        await pilot.press("shift+tab", "right", "right")
        await seen(pilot, "030405.csv", "for a spreadsheet")
        await pilot.press("tab", "enter")
        await seen(pilot, "4 results written")
    assert (tmp_path / "pi-tui-20260102-030405.csv").read_text().startswith("kernel,mode,")


async def test_the_format_goes_with_a_suffix_that_is_typed(bench: Bench, tmp_path: Path) -> None:
    async with opened(bench) as pilot:
        await run_to_end(pilot, bench)
        await pilot.press("e")
        await seen(pilot, "Format")
        await pilot.press("ctrl+u", *"own.csv")
        await seen(pilot, "for a spreadsheet")
        await pilot.press("enter")
        await seen(pilot, "4 results written")
    assert (tmp_path / "own.csv").read_text().startswith("kernel,mode,")


async def test_an_existing_file_is_asked_about(bench: Bench, tmp_path: Path) -> None:
    there = tmp_path / "pi-tui-20260102-030405.json"
    there.write_text("precious")
    async with opened(bench) as pilot:
        await run_to_end(pilot, bench)
        await pilot.press("e")
        await seen(pilot, "Format")
        await pilot.press("enter")
        await seen(pilot, "is there already", "Overwrite")
        assert there.read_text() == "precious"
        await pilot.press("enter")
        await seen(pilot, "4 results written")
    assert json.loads(there.read_text())["version"] == 1


async def test_a_path_that_cannot_be_written_is_said_in_the_dialog_and_nothing_is_lost(bench: Bench) -> None:
    async with opened(bench) as pilot:
        await run_to_end(pilot, bench)
        await pilot.press("e")
        await seen(pilot, "Format")
        await pilot.press("ctrl+u", *"/nowhere/at/all.json", "enter")
        await seen(pilot, "cannot write /nowhere/at/all.json")
        await pilot.press("ctrl+u", "enter")
        await seen(pilot, "A path is missing")
        await pilot.press("escape")
        await gone(pilot, "Format")
        assert len(bench.app.session.results()) == 4


async def test_the_screen_lives_on_while_a_file_is_written_once(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    written, go_on = list[threading.Thread](), threading.Event()

    def slowly(_screen: ExportDialog, _path: Path, *, overwrite: bool) -> None:
        written.append(threading.current_thread())
        assert not overwrite
        assert go_on.wait(PATIENCE_S)

    monkeypatch.setattr(ExportDialog, "save", slowly)
    async with opened(bench) as pilot:
        await run_to_end(pilot, bench)
        await pilot.press("e")
        await seen(pilot, "Format")
        await pilot.press("enter")
        await until(pilot, lambda: written, "the writing")
        await pilot.press("enter")
        go_on.set()
        await seen(pilot, "4 results written")
        await gone(pilot, "Format")
    assert len(written) == 1
    assert written[0] is not threading.current_thread()


async def test_there_is_nothing_to_export_before_the_first_result(bench: Bench) -> None:
    async with opened(bench) as pilot:
        await pilot.press("e")
        await pilot.pause()
        assert "Format" not in screen_text(pilot.app)


async def test_the_mouse_does_it_as_well(bench: Bench, tmp_path: Path) -> None:
    async with opened(bench) as pilot:
        await run_to_end(pilot, bench)
        await pilot.press("e")
        await seen(pilot, "Format")
        lines = screen_text(pilot.app).splitlines()
        y = next(index for index, line in enumerate(lines) if " jsonl " in line)
        await pilot.click(offset=(lines[y].index(" md ") + 1, y))
        await seen(pilot, "030405.md")
        await pilot.click("#write")
        await until(pilot, lambda: (tmp_path / "pi-tui-20260102-030405.md").exists(), "a file")
