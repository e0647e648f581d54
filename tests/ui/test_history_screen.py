"""The history on the screen: all runs, what is done with them, by keys, mouse and palette."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from pi_tui.engine.run.events import Event, RunFinished
from pi_tui.storage.export.formats import export_run
from pi_tui.storage.history import queries
from pi_tui.storage.history.database import Database
from pi_tui.storage.history.service import HistoryService
from pi_tui.ui.dialogs.export_results import ExportDialog
from pi_tui.ui.drawing.spans import Line
from pi_tui.ui.history.cells import describe_run
from pi_tui.ui.history.screen import HistoryScreen
from pi_tui.ui.history.tables import RunTable, TrialTable
from tests.ui.kept import REQUESTS, STARTED_S, give, local, many_runs, record, some_runs
from tests.ui.pilot import gone, opened, palette, run_to_end, run_until, screen_text, seen, until
from tests.ui.scripted import Bench


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "history.db"


@pytest.fixture
def bench(tmp_path: Path, path: Path) -> Bench:
    made = Bench(folder=tmp_path)
    give(made, path)
    return made


async def open_history(pilot: Pilot[Any]) -> HistoryScreen:
    await pilot.press("h")
    await until(pilot, lambda: isinstance(pilot.app.screen, HistoryScreen), "the history")
    screen = pilot.app.screen
    assert isinstance(screen, HistoryScreen)
    await until(pilot, lambda: screen._known, "the list")
    assert screen.styles.background.a == 1, "what is below would be drawn anew with each change of it"
    return screen


async def settled(pilot: Pilot[Any]) -> None:
    await pilot.pause()
    await until(pilot, lambda: not [w for w in pilot.app.workers if w.group == "history"], "the history's answer")


def selected(screen: HistoryScreen) -> int | None:
    return screen.table.row.id if screen.table.row else None


def place_of(pilot: Pilot[Any], text: str) -> tuple[int, int]:
    for y, line in enumerate(screen_text(pilot.app).splitlines()):
        if text in line:
            return line.index(text), y
    raise AssertionError(f"{text!r} is not on the screen\n{screen_text(pilot.app)}")


async def test_an_empty_history_says_what_will_be_there_and_which_key_makes_it_so(bench: Bench) -> None:
    async with opened(bench) as pilot:
        await open_history(pilot)
        await seen(pilot, "No runs yet.", "Escape goes back to the bench, and r there runs the selection.")
        await pilot.press("escape")
        assert pilot.app.screen is bench.app.bench


async def test_every_run_is_told_with_what_it_was_and_what_became_of_it(bench: Bench, path: Path) -> None:
    some_runs(path)
    async with opened(bench, (200, 60)) as pilot:
        screen = await open_history(pilot)
        assert [line.id for line in screen.table.rows] == [4, 3, 2, 1]
        await seen(
            pilot, "4 runs", "2026-01-04 12:00", "failed", "3.11.7", "A Processor, 2 cores",
            "python, numba · sequential, threads · 1, 2 workers · 1 000 000 samples",
        )  # fmt: skip
        await pilot.press("j")
        await seen(pilot, "Run 3  2026-01-03 12:00", "interrupted, the program that ran it was ended", "a-machine")


async def test_a_run_of_which_some_or_all_could_not_run_is_not_told_to_be_well(bench: Bench, path: Path) -> None:
    record(path, REQUESTS[0], STARTED_S)
    record(path, REQUESTS[0], STARTED_S + 60)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE cases SET status = 'unavailable' WHERE run_id = 1 OR position = 0")
    async with opened(bench, (120, 40)) as pilot:
        await open_history(pilot)
        await seen(pilot, "partial", "unavailable", "6 cases, 36 trials: 1 of the cases could not be run")
        await pilot.press("j")
        await seen(pilot, "6 cases: none could be run")
    (_, line) = HistoryService(path).list_runs().lines
    assert "1 case: it could not be run" in _said(describe_run(replace(line, cases=1, unavailable=1), local))


def _said(lines: list[Line]) -> str:
    return "\n".join("".join(span.text for span in line) for line in lines)


@pytest.mark.parametrize(
    ("status", "stopped"), [("ok", False), ("partial", False), ("unavailable", False), ("stopped", True)]
)
async def test_an_opened_run_is_told_as_stopped_where_it_was(
    bench: Bench, path: Path, monkeypatch: pytest.MonkeyPatch, status: str, stopped: bool
) -> None:
    record(path, REQUESTS[0], STARTED_S)
    told: list[Event] = []
    monkeypatch.setattr("pi_tui.ui.state.event_reducer.apply_event", lambda session, event: told.append(event))
    stored = HistoryService(path).load_run(1)
    async with opened(bench, (120, 40)):
        bench.app.history.show_stored(replace(stored, line=replace(stored.line, state=status)))
    assert [event.stopped for event in told if isinstance(event, RunFinished)] == [stopped]


async def test_a_run_that_cannot_be_read_is_told_beside_the_others(bench: Bench, path: Path) -> None:
    some_runs(path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE runs SET title = x'ff', started_at = 'abc' WHERE id = 4")
    async with opened(bench, (120, 40)) as pilot:
        screen = await open_history(pilot)
        assert [line.id for line in screen.table.rows] == [3, 2, 1, 4]
        await pilot.press("end")
        await seen(pilot, "unreadable", "Run 4 cannot be read: its stored started at and title is invalid")
        await pilot.press("t")
        await seen(pilot, "Run 4 cannot be read")
        await pilot.press("enter")
        await settled(pilot)
        assert isinstance(pilot.app.screen, HistoryScreen)


async def test_keys_and_mouse_move_the_cursor(bench: Bench, path: Path) -> None:
    many_runs(path, 100)
    async with opened(bench, (80, 24)) as pilot:
        screen = await open_history(pilot)
        for key, wanted in (("j", 99), ("k", 100), ("end", 1), ("home", 100), ("pagedown", 86), ("pageup", 100)):
            await pilot.press(key)
            assert selected(screen) == wanted, key
        await pilot.click(RunTable, offset=(20, 3))
        assert selected(screen) == 98
        await pilot._post_mouse_events([_wheel()], RunTable, (20, 3), button=0)
        await until(pilot, lambda: screen.table.scroll_offset.y > 0, "the wheel to scroll")
        assert selected(screen) == 98


def _wheel() -> Any:
    from textual.events import MouseScrollDown

    return MouseScrollDown


async def test_the_filter_works_as_it_is_typed_and_titles_sort(bench: Bench, path: Path) -> None:
    some_runs(path)
    async with opened(bench) as pilot:
        screen = await open_history(pilot)
        await pilot.press("slash", *"failed")
        assert [line.id for line in screen.table.rows] == [2]
        await seen(pilot, "filter: failed (1 of 4)")
        await pilot.press(*" nothing")
        await seen(pilot, "No run has failed nothing in it.")
        await pilot.press("escape")
        assert len(screen.table.rows) == 4
        await pilot.click(offset=place_of(pilot, "started"))
        assert [line.id for line in screen.table.rows] == [1, 2, 3, 4]
        await pilot.click(offset=place_of(pilot, "trials  python"))
        assert [line.trials for line in screen.table.rows] == sorted(line.trials for line in screen.table.rows)
        await pilot.press("O")
        assert screen.table.rows[0].trials == max(line.trials for line in screen.table.rows)
        before = [line.id for line in screen.table.rows]
        await pilot.press("o")
        assert [line.id for line in screen.table.rows] != before


async def test_a_note_is_asked_for_and_kept(bench: Bench, path: Path) -> None:
    some_runs(path)
    async with opened(bench) as pilot:
        await open_history(pilot)
        await pilot.press("j", "n")
        await pilot.press(*"a quiet morning", "enter")
        await settled(pilot)
        await seen(pilot, "a quiet morning", "The note on run 3 is kept.")
        await pilot.press("n")
        pilot.app.screen.query_one(Input).value = "x" * 201
        await pilot.press("enter")
        await seen(pilot, "at most 200 characters")
        await pilot.press("escape")
        assert {line.id: line.note for line in HistoryService(path).list_runs().lines}[3] == "a quiet morning"


async def test_a_deleted_run_comes_back(bench: Bench, path: Path) -> None:
    some_runs(path)
    async with opened(bench) as pilot:
        screen = await open_history(pilot)
        await pilot.press("j")
        await pilot.click(offset=place_of(pilot, "d delete"))
        await settled(pilot)
        await seen(pilot, "Run 3 is deleted.", "3 runs")
        assert [line.id for line in screen.table.rows] == [4, 2, 1]
        await pilot.click(offset=place_of(pilot, "brings it back"))
        await settled(pilot)
        await seen(pilot, "Run 3 is back.", "4 runs")
        assert selected(screen) == 3
        await pilot.press("u")
        await settled(pilot)
        await seen(pilot, "No run was deleted that could be brought back.")


async def test_a_run_is_compared_with_the_reference(bench: Bench, path: Path) -> None:
    some_runs(path)
    async with opened(bench, (120, 40)) as pilot:
        screen = await open_history(pilot)
        await pilot.press("c")
        await seen(pilot, "No run is the reference yet")
        await pilot.press("end", "m")
        await settled(pilot)
        await until(pilot, lambda: screen.table.row is not None and screen.table.row.reference, "the mark")
        await pilot.press("c")
        await seen(pilot, "This is the reference itself")
        await pilot.press("home", "c")
        await seen(pilot, "Run 1 and run 4: what changed", "changed no more than noise does", "No more than noise:")
        await pilot.press("escape")
        await pilot.press("end", "m")
        await settled(pilot)
        await until(pilot, lambda: screen._list.reference() is None, "the mark to go")


async def test_an_opened_run_stands_in_the_tabs_as_it_was_and_only_once(bench: Bench, path: Path) -> None:
    some_runs(path)
    stored = HistoryService(path).load_run(1).record.results
    async with opened(bench, (200, 60)) as pilot:
        await open_history(pilot)
        await pilot.press("end", "enter")
        await until(pilot, lambda: pilot.app.screen is bench.app.bench, "the bench")
        session = bench.app.session
        assert tuple(row.result for row in session.rows) == stored
        await seen(pilot, "run 1 2026-01-01 12:00", "Run 1 of 2026-01-01 12:00 is in the tabs")
        assert session.results() == (), "what is from the history is never exported as measured now"
        assert not session.running
        row = bench.table.row
        assert row is not None
        assert screen_text(pilot.app).count(row.case.kernel) > 1
        await pilot.press("4")
        await until(pilot, lambda: bench.scaling.view.study is not None, "its charts")
        await seen(pilot, "rows of run 1 of 2026-01-01 12:00")
        bench.table.select(bench.table.rows[0].number)
        await pilot.press("e")
        await until(pilot, lambda: isinstance(pilot.app.screen, ExportDialog), "the dialog")
        await seen(pilot, f"Export {len(stored)} results")
        file = path.parent / "opened.json"
        pilot.app.screen.query_one(Input).value = str(file)
        await pilot.press("shift+tab", "enter")  # Enter writes from the format as well
        await until(pilot, file.exists, "the file")
        record = HistoryService(path).load_run(1).record
        assert json.loads(file.read_text())["machine"] == json.loads(export_run(record, "json"))["machine"]
        assert len(json.loads(file.read_text())["results"]) == len(stored)
        await until(pilot, lambda: pilot.app.screen is bench.app.bench, "the bench")
        rows = list(session.rows)
        await open_history(pilot)
        await pilot.press("end")
        await pilot.double_click(RunTable, offset=(20, 4))
        await until(pilot, lambda: pilot.app.screen is bench.app.bench, "the bench")
        assert session.rows == rows


async def test_a_run_of_another_machine_keeps_its_own_ideal_and_leaves_ours_alone(bench: Bench, path: Path) -> None:
    some_runs(path)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE runs SET usable_cores = 64 WHERE id = 1")
    async with opened(bench) as pilot:
        await open_history(pilot)
        await pilot.press("end", "enter")
        await until(pilot, lambda: pilot.app.screen is bench.app.bench, "the bench")
        origin = bench.app.session.rows[0].origin
        assert origin is not None
        assert origin.usable_cores == 64
        assert bench.app.session.machine is None
        await run_to_end(pilot, bench)
        assert bench.app.session.machine == bench.machine
        assert all(row.origin is None for row in bench.app.session.rows if row.run == 2)
        assert len(bench.app.session.results()) == 4


async def test_while_a_run_is_under_way_the_bench_is_not_disturbed(bench: Bench, path: Path) -> None:
    some_runs(path)
    async with opened(bench) as pilot:
        await run_until(pilot, bench, 6)
        rows = len(bench.app.session.rows)
        await open_history(pilot)
        for key in ("enter", "p"):
            await pilot.press(key)
            await seen(pilot, "A run is under way on the bench")
        assert len(bench.app.session.rows) == rows
        bench.laboratory.permit()
        await until(pilot, lambda: not bench.app.session.running, "the end")


async def test_a_run_is_exported_from_the_list(bench: Bench, path: Path) -> None:
    some_runs(path)
    async with opened(bench) as pilot:
        await open_history(pilot)
        await pilot.press("e")
        await until(pilot, lambda: isinstance(pilot.app.screen, ExportDialog), "the dialog")
        await seen(pilot, f"Export {len(HistoryService(path).load_run(4).record.results)} results")


async def test_every_trial_can_be_seen(bench: Bench, path: Path) -> None:
    some_runs(path)
    async with opened(bench) as pilot:
        await open_history(pilot)
        await pilot.press("end", "t")
        await until(pilot, lambda: isinstance(pilot.app.focused, TrialTable), "the trials")
        table = pilot.app.focused
        assert isinstance(table, TrialTable)
        assert len(table.rows) == HistoryService(path).list_runs().lines[-1].trials
        await pilot.press("o", "o", "O")
        walls = [row.trial.wall_s for row in table.rows]
        assert walls == sorted(walls, reverse=True)
        await pilot.press("escape")
        assert isinstance(pilot.app.screen, HistoryScreen)


async def test_the_palette_has_every_action(bench: Bench, path: Path) -> None:
    some_runs(path)
    async with opened(bench) as pilot:
        screen = await open_history(pilot)
        named = {command.title for command in pilot.app.get_system_commands(screen)}
        wanted = ["open", "compare", "mark", "note", "delete", "undo", "replay", "trials", "export", "filter", "close"]
        assert {f"History: {word}" for word in wanted} <= named
        await palette(pilot, "history: trials")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.focused, TrialTable), "the trials")


def unwrapped(pilot: Pilot[Any]) -> str:
    """What is on the screen as one line: where a sentence wraps depends on how long its path is."""
    return " ".join(screen_text(pilot.app).replace("│", " ").split())


async def test_a_newer_history_is_refused_with_its_sentence_and_left_as_it_is(bench: Bench, path: Path) -> None:
    some_runs(path)
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
        connection.execute("PRAGMA journal_mode = DELETE")
    before = path.read_bytes()
    async with opened(bench) as pilot:
        await open_history(pilot)
        await until(pilot, lambda: "was written by a newer pi-tui" in unwrapped(pilot), "the sentence")
        assert "it was not changed" in unwrapped(pilot)
        await pilot.press("u")
    assert path.read_bytes() == before


async def test_a_damaged_history_is_set_aside_with_its_sentence(bench: Bench, path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"no database at all" * 100)
    async with opened(bench) as pilot:
        await open_history(pilot)
        await seen(pilot, "The history was damaged; it was renamed to", "No runs yet.")
    assert [each.read_bytes()[:11] for each in path.parent.glob("*damaged*")] == [b"no database"]


async def test_a_history_that_cannot_be_written_can_be_looked_at(bench: Bench, path: Path) -> None:
    some_runs(path)
    listing = HistoryService(path).list_runs()
    history = bench.ports.history
    assert history is not None
    unwritable(history(), listing)
    async with opened(bench) as pilot:
        screen = await open_history(pilot)
        await seen(pilot, "is read-only here")
        assert len(screen.table.rows) == 4
        await pilot.press("d")
        await seen(pilot, "permission denied")
        assert len(screen.table.rows) == 4


def unwritable(history: Any, listing: Any) -> None:
    """A history as it is where the file may only be read: root may write everything, so the answers are made."""
    from dataclasses import replace

    from pi_tui.engine.errors import LogError

    def refuse(run_id: int) -> None:
        raise LogError("cannot write the history: permission denied")

    history.list_runs = lambda: replace(listing, notices=("The history is read-only here.",), writable=False)
    history.delete = refuse


async def test_a_run_that_is_gone_meanwhile_is_said_and_leaves_the_list(bench: Bench, path: Path) -> None:
    some_runs(path)
    async with opened(bench) as pilot:
        screen = await open_history(pilot)
        gone_id = selected(screen)
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("DELETE FROM runs WHERE id = ?", (gone_id,))
        await pilot.press("t")
        await seen(pilot, f"There is no run {gone_id} in the history")
        await until(pilot, lambda: len(screen.table.rows) == 3, "the list without it")
        assert pilot.app.screen is screen


async def test_only_the_lines_in_sight_are_drawn_and_nothing_is_asked_per_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts: dict[int, tuple[int, int]] = {}
    for count in (10, 3000):
        path = tmp_path / f"{count}" / "history.db"
        many_runs(path, count)
        bench = Bench(folder=tmp_path)
        give(bench, path)
        asked: list[str] = []
        drawn: list[object] = []
        query, line = Database.query, RunTable.draw_row
        with monkeypatch.context() as patch:
            patch.setattr(
                Database, "query", lambda *given, ask=asked, real=query: (ask.append(given[1]), real(*given))[1]
            )
            patch.setattr(
                RunTable, "draw_row", lambda *given, ask=drawn, real=line: (ask.append(given[1]), real(*given))[1]
            )
            async with opened(bench, (120, 40)) as pilot:
                screen = await open_history(pilot)
                assert len(screen.table.rows) == count
                visible = screen.table.size.height
                queries = len(asked)
                assert (
                    len(set(map(id, drawn))) <= 40
                )  # the terminal's lines: it may be drawn before its place is settled
                drawn.clear()
                await pilot.press("j")
                assert len(drawn) <= 2 * visible
                await pilot.press("end")
                assert len(drawn) <= 4 * visible
                assert len(asked) == queries, "scrolling asks nothing of the file"
        counts[count] = (queries, 0)
    assert counts[10] == counts[3000]


async def test_a_hundred_thousand_trials_are_a_list_of_which_a_screen_is_drawn(bench: Bench, path: Path) -> None:
    record(path, REQUESTS[2], STARTED_S)
    with sqlite3.connect(path) as connection:
        connection.execute("DELETE FROM trials WHERE id > 1")
        connection.executemany(
            "INSERT INTO trials (run_id, position, kind, number, started_at, wall_s, body)"
            " SELECT run_id, position, kind, ?, started_at, wall_s, body FROM trials WHERE id = 1",
            [(number,) for number in range(100_000 - 1)],
        )
    drawn: list[object] = []
    async with opened(bench, (80, 24)) as pilot:
        await open_history(pilot)
        await pilot.press("t")
        await until(pilot, lambda: isinstance(pilot.app.focused, TrialTable), "the trials")
        table = pilot.app.focused
        assert isinstance(table, TrialTable)
        assert len(table.rows) == 100_000
        real = table.draw_row
        table.draw_row = lambda row, cells: (drawn.append(row), real(row, cells))[1]  # type: ignore[method-assign]
        await pilot.press("end", "home", "pagedown")
        assert 0 < len(drawn) < 10 * 24
    assert len(queries.TrialEntry.__slots__) == 5, "no ledger is read for a list"


async def test_it_can_be_used_down_to_the_smallest_terminal(bench: Bench, path: Path) -> None:
    some_runs(path)
    async with opened(bench, (40, 12)) as pilot:
        screen = await open_history(pilot)
        await pilot.press("j", "end", "right", "left", "m")
        await settled(pilot)
        await pilot.press("home", "c")
        await seen(pilot, "what changed")
        await pilot.press("escape")
        await pilot.resize_terminal(200, 60)
        await seen(pilot, "machine", "note")
        assert selected(screen) == 4
        await pilot.press("h")
        await gone(pilot, "History ·")
