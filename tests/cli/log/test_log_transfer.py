"""`pi-tui log export` and `pi-tui log import`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pi_tui.storage.run_record import RunRecord
from tests.cli.log.log_history import History


def test_an_export_is_imported_once(two: History, tmp_path: Path, call: Any) -> None:
    file, other = tmp_path / "run.json", History(tmp_path / "elsewhere", call)
    assert two("export", "1", "-o", str(file)).returncode == 0
    there, nowhere = two("export", "1", "-o", str(file)), two("export", "1", "-o", str(tmp_path / "no" / "run.json"))
    assert (there.returncode, there.stderr) == (2, f"pi-tui: {file} already exists; --force replaces it\n")
    assert nowhere.returncode == 2
    assert "run.json: no such file or directory" in nowhere.stderr
    assert two("export", "1", "--force", "-o", str(file)).returncode == 0
    assert other("import", str(file)).stdout == "imported 1 run: 1\n"
    again = other("import", str(file))
    assert (again.returncode, again.stderr) == (2, f"pi-tui: {file} is in the history already, as run 1\n")
    one, same = (json.loads(each("show", "1").stdout) for each in (two, other))
    assert one == same


def test_several_runs_go_into_one_history(two: History, tmp_path: Path, call: Any) -> None:
    file, other = tmp_path / "runs.db", History(tmp_path / "elsewhere", call)
    assert two("export", "1", "2", "--format", "json").returncode == 2
    assert two("export", "all", "-o", str(file)).returncode == 0
    assert other("import", str(file)).stdout == "imported 2 runs: 1, 2\n"
    assert other("replay", "1").stdout == two("replay", "2").stdout.replace("Run 2 ", "Run 1 ")
    assert two("export", "all", "--format", "history", "-o", str(tmp_path / "run.any")).returncode == 0


@pytest.mark.parametrize("content", ["", "kernel,mode\n", "{}", '{"version": 1}', "SQLite format 3\0 and no more"])
def test_a_foreign_file_is_one_sentence(history: History, tmp_path: Path, content: str) -> None:
    file = tmp_path / "foreign"
    file.write_text(content)
    done = history("import", str(file))
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert "foreign" in done.stderr
    assert history.numbers() == []


@pytest.mark.parametrize("format", ["html", "pyperf"])
def test_a_run_is_exported_as_report_and_for_pyperf(history: History, run_record: RunRecord, format: str) -> None:
    history.add(run_record)
    done = history("export", "last", "--format", format)
    assert done.returncode == 0, done.stderr
    assert "python" in done.stdout


def test_all_fields_are_for_markdown(history: History, run_record: RunRecord) -> None:
    history.add(run_record)
    for command in ("export", "show"):
        short, full = (history(command, "last", "--format", "md", *more) for more in ((), ("--all-fields",)))
        assert "losses.imbalance" not in short.stdout
        assert "losses.imbalance" in full.stdout
        refused = history(command, "last", "--format", "json", "--all-fields")
        assert (refused.returncode, refused.stdout) == (2, "")
        assert "only for --format md" in refused.stderr
