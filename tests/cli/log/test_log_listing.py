"""`pi-tui log list` and `pi-tui log show`."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from pi_tui.storage.history import queries
from pi_tui.storage.history.database import open_history
from pi_tui.storage.run_record import RunRecord
from tests.cli.log.log_history import History


def test_the_list_has_each_run(two: History) -> None:
    lines = two("list").stdout.splitlines()
    assert lines[0].split() == ["RUN", "STARTED", "STATE", "TRIALS", "PYTHON", "WHAT"]
    assert lines[1].startswith("2 ")
    assert " ok " in lines[1]
    first = json.loads(two("list", "--format", "json").stdout)[1]
    assert (first["id"], first["state"], first["trials"], first["kernels"]) == (1, "ok", 10, ["python"])
    assert first["started_at"].startswith("2023-11-1")
    assert two.numbers("--limit", "1") == [2]


def test_show_explains_and_takes_every_format(two: History, tmp_path: Path) -> None:
    assert "Where did the speed-up go?" in two("show", "1", "--format", "table", "--explain").stdout
    assert [row["mode"] for row in csv.DictReader(io.StringIO(two("show", "1", "--format", "csv").stdout))] == [
        "sequential",
        "threads",
    ]
    assert len(two("show", "1", "--format", "jsonl").stdout.splitlines()) == 2
    file = tmp_path / "run.md"
    assert two("show", "1", "-o", str(file)).stdout == ""
    assert file.read_text().startswith("|")


def test_what_is_shown_is_what_is_stored(two: History) -> None:
    with open_history(two.path, print) as database:
        assert len(queries.load_run(database, 2).results) == len(json.loads(two("show", "2").stdout)["results"])


def test_show_draws_the_charts_of_a_run_that_has_some(history: History, run_record: RunRecord, tmp_path: Path) -> None:
    threads = run_record.results[1]
    four = replace(threads, case=replace(threads.case, workers=4, tasks=4))
    history.add(replace(run_record, results=(run_record.results[0], threads, four)))
    picture = tmp_path / "scaling.svg"
    done = history("show", "last", "--format", "table", "--plot", "--plot", str(picture))
    assert done.returncode == 0, done.stderr
    assert "Speed-up against workers" in done.stdout
    assert picture.read_text().startswith("<svg")
    done = history("show", "last", "--plot", str(tmp_path / "scaling.xls"))
    assert done.returncode == 2
    assert "has an unknown extension; use .svg or .png" in done.stderr


def test_a_run_in_which_no_case_could_run_is_not_ok(history: History, run_record: RunRecord) -> None:
    baseline, *_, missing = run_record.results
    history.add(replace(run_record, results=(missing,)), 1.7e9)
    history.add(replace(run_record, results=(baseline, missing)), 1.8e9)
    printed = history("list").stdout
    assert " partial " in printed
    assert " unavailable " in printed
    told = [(each["state"], each["unavailable"]) for each in json.loads(history("list", "--format", "json").stdout)]
    assert told == [("partial", 1), ("unavailable", 1)]
    assert "no case could be run" in history("show", "1", "--format", "table").stdout
    assert "1 of 2 cases could not be run" in history("show", "2", "--format", "table").stdout


@pytest.mark.parametrize(
    ("kind", "body"), [("RunFinished", b"[]"), ("RunFinished", b'{"positions": [7, 7]}'), ("RunStarted", b"{}")]
)
def test_a_damaged_run_is_reported_in_a_sentence(two: History, kind: str, body: bytes) -> None:
    with open_history(two.path, print) as database, database.transaction() as connection:
        connection.execute("UPDATE events SET body = ? WHERE run_id = 1 AND kind = ?", (body, kind))
    asked = [("replay", "1"), ("show", "1")] if kind == "RunFinished" else [("replay", "1")]
    for done in (two(*words) for words in asked):
        assert done.returncode == 1
        assert re.fullmatch(r"pi-tui: .*cannot be read.*\n", done.stderr)
    assert two("show", "2").returncode == 0
