"""A history of 100 000 trials: listed, read and exported; and opened, filtered and scrolled on the screen."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from unittest import mock

from textual.pilot import Pilot

from pi_tui.analysis.results import Case, Interpreter, Machine, Result, Spread, Trial
from pi_tui.charts.scaling_study import build_study
from pi_tui.engine.run.events import CaseFinished, Progress, RunFinished, RunStarted, TrialFinished
from pi_tui.engine.run.request import RunRequest
from pi_tui.host.protocol import WorkerLedger
from pi_tui.observe.meters.machine import read_machine
from pi_tui.storage.history import queries, transfer
from pi_tui.storage.history.database import history_path, open_history
from pi_tui.storage.history.recorder import Recorder
from pi_tui.ui.adapters import DeferredLaboratory, make_ports
from pi_tui.ui.app import LaboratoryApp
from tests.benchmarks.figures import Figure, report

TRIALS = 100_000
CASES, REPEAT = 4, 5
ROUNDS = 5
SIZE = (120, 40)
PATIENCE_S = 30.0
STARTED_AT = 1.7e9
FIRST_DAY = datetime.fromtimestamp(STARTED_AT).strftime("%Y-%m-%d")


def figures(trials: int = TRIALS, rounds: int = ROUNDS) -> Iterator[Figure]:
    """Yield median walls, in milliseconds."""
    with tempfile.TemporaryDirectory() as folder:
        home = {"PI_TUI_HOME": folder}
        path = history_path(home)
        began = time.perf_counter()
        _record(path)
        yield report(
            f"history, a run of {CASES * REPEAT} trials recorded", 1000 * (time.perf_counter() - began), "{:.0f} ms"
        )
        _copy(path, trials // (CASES * REPEAT))
        size = f"{trials // 1000} 000 trials"
        yield _timed(f"history of {size}, opened and listed", rounds, lambda: _list(path))
        with open_history(path, print) as database:
            lines = queries.list_runs(database)
            assert sum(line.trials for line in lines) == trials
            yield _timed(f"history of {size}, one run read", rounds, lambda: queries.load_run(database, lines[0].id))
            every = [line.id for line in lines]
            yield _timed(f"history of {size}, all exported", 1, lambda: transfer.export_history(database, every))
        with mock.patch.dict(os.environ, home):
            walls = asyncio.run(_on_screen(rounds, size))
        _grow(path, lines[0].id, trials)
        with open_history(path, print) as database:
            yield _timed(f"one run of {size}, read", rounds, lambda: queries.load_run(database, lines[0].id))
            whole = queries.load_run(database, lines[0].id)
        yield _timed(f"one run of {size}, its scaling studied", rounds, lambda: build_study(whole.results, CASES))
        for what, found in walls.items():
            yield report(
                f"history of {size} on the screen, {what}", 1000 * statistics.median(found), "{:.0f} ms", all=found
            )


async def _on_screen(rounds: int, size: str) -> dict[str, list[float]]:
    """Return the seconds from keys to the drawn result, by action."""
    walls: dict[str, list[float]] = {"opened": [], "filtered": [], "a page scrolled": [], "its end scrolled to": []}
    walls["a key without meaning"] = []
    app = LaboratoryApp(make_ports(DeferredLaboratory(read_machine())))
    async with app.run_test(size=SIZE) as pilot:
        for _ in range(rounds):
            walls["opened"].append(await _until(pilot, ["h"], size))
            walls["a page scrolled"].append(await _until(pilot, ["pagedown"], "", changed=True))
            walls["its end scrolled to"].append(await _until(pilot, ["end"], FIRST_DAY))
            await pilot.press("slash", *FIRST_DAY[:-1])
            walls["filtered"].append(await _until(pilot, [FIRST_DAY[-1], "enter"], "", changed=True))
            walls["a key without meaning"].append(await _until(pilot, ["f9"], ""))
            await _until(pilot, ["slash", *["backspace"] * len(FIRST_DAY), "enter"], "", changed=True)
            await _until(pilot, ["escape"], "", changed=True)
    return walls


async def _until(pilot: Pilot[object], keys: list[str], wanted: str, *, changed: bool = False) -> float:
    """Return the seconds from the first key until `wanted` is on the screen and, with `changed`, it has changed."""
    before = _text(pilot)
    began = time.perf_counter()
    await pilot.press(*keys)
    while wanted not in (now := _text(pilot)) or (changed and now == before):
        await pilot.pause()
        if time.perf_counter() - began > PATIENCE_S:
            raise TimeoutError(f"{keys} never led to {wanted!r}:\n{now}")
    return time.perf_counter() - began


def _text(pilot: Pilot[object]) -> str:
    return "\n".join(strip.text for strip in pilot.app.screen._compositor.render_strips())


def _timed(about: str, rounds: int, action: Callable[[], object]) -> Figure:
    walls = []
    for _ in range(rounds):
        began = time.perf_counter()
        action()
        walls.append(time.perf_counter() - began)
    return report(about, 1000 * statistics.median(walls), "{:.0f} ms", all=walls)


def _grow(path: Path, run_id: int, trials: int) -> None:
    """Repeat the trials of one run until it has `trials` of them."""
    columns = "run_id, position, kind, number, started_at, wall_s, body"
    with closing(sqlite3.connect(path)) as connection, connection:
        for _ in range(trials // (CASES * REPEAT) - 1):
            connection.execute(
                f"INSERT INTO trials ({columns}) SELECT {columns} FROM trials WHERE run_id = ? ORDER BY id LIMIT ?",
                (run_id, CASES * REPEAT),
            )


def _list(path: Path) -> None:
    with open_history(path, print) as database:
        queries.list_runs(database)


def _record(path: Path) -> None:
    """Record one run from the engine's events."""
    machine = Machine("Linux 6", "A Processor", 8, 4, 8, None, 8, 16 << 30, 8 << 30)
    python = Interpreter("3.11.7", "/python", "3.11.7", "cpython", False, True, {}, ("spawn", "fork"))
    cases = [Case("python", "threads", None, None, "3.11.7", None, n, n, 1_000_000) for n in range(1, CASES + 1)]
    recorder = Recorder(path, RunRequest(("python",), repeat=REPEAT), _complain, now=lambda: STARTED_AT)
    recorder.record(RunStarted(machine, (python,), tuple(cases), CASES * REPEAT, 7))
    results = []
    for done, case in enumerate(cases):
        result = _result(case)
        for number, trial in enumerate(result.trials):
            progress = Progress(done * REPEAT + number + 1, CASES * REPEAT, 1.0, 1.0)
            recorder.record(TrialFinished(case, trial, replace(result, trials=result.trials[: number + 1]), progress))
        recorder.record(CaseFinished(result, Progress((done + 1) * REPEAT, CASES * REPEAT, 1.0, 1.0)))
        results.append(result)
    recorder.record(RunFinished(tuple(results), False, 1.0))
    recorder.close()


def _complain(sentence: str) -> None:
    raise RuntimeError(sentence)


def _result(case: Case) -> Result:
    trials = tuple(
        Trial("measured", number, 0.5, 1.7e9 + number, _ledgers(case.workers), (785_398,) * case.workers)
        for number in range(REPEAT)
    )
    spread = Spread(0.5, 0.5, 0.5, 0.0)
    return Result(case, False, "ok", True, None, REPEAT, 7, True, False, trials, spread, 2e6, 1.0, 1.0 / case.workers)


def _ledgers(workers: int) -> tuple[WorkerLedger, ...]:
    return tuple(
        WorkerLedger(index, 100, 200 + index, 1, 1_000_000, 0.01, 0.2, 0.01, 0.25, 0.0, 0.03)
        for index in range(workers)
    )


def _copy(path: Path, runs: int) -> None:
    """Repeat the first run under other ids, each a minute later, until there are `runs` of them."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(runs)")]
        taken = [name for name in columns if name not in ("id", "uid", "started_at", "reference")]
        connection.execute("BEGIN")
        for number in range(1, runs):
            run = connection.execute(
                f"INSERT INTO runs (uid, started_at, {', '.join(taken)}) "
                f"SELECT uid || ?, started_at + ?, {', '.join(taken)} FROM runs WHERE id = 1",
                (f"-{number}", 60.0 * number),
            ).lastrowid
            for table, kept in (
                ("cases", "position, status, body, result"),
                ("trials", "position, kind, number, started_at, wall_s, body"),
                ("events", "sequence, at_s, kind, body"),
            ):
                connection.execute(
                    f"INSERT INTO {table} (run_id, {kept}) SELECT ?, {kept} FROM {table} WHERE run_id = 1",
                    (run,),
                )
        connection.execute("COMMIT")
