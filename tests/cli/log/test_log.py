"""`pi-tui log` as a person or a script calls it, over a history with a run or two."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pi_tui.analysis.results import Machine, Trial
from pi_tui.engine.run.events import CaseFinished, Progress, RunFinished, RunStarted, TrialFinished
from pi_tui.engine.run.request import RunRequest
from pi_tui.storage.history import queries
from pi_tui.storage.history.database import open_history
from pi_tui.storage.history.recorder import Recorder
from pi_tui.storage.run_record import RunRecord


class History:
    """A history of its own, and `pi-tui log` over it."""

    def __init__(self, home: Path, call: Any) -> None:
        self.home, self.path = home, home / "data" / "history.db"
        self._call = call

    def __call__(self, *arguments: str, command: str = "log") -> subprocess.CompletedProcess[str]:
        done: subprocess.CompletedProcess[str] = self._call(command, *arguments, PI_TUI_HOME=str(self.home))
        return done

    def add(self, record: RunRecord, started_at: float = 1.7e9) -> None:
        complaints: list[str] = []
        ticks = iter(range(1_000_000))
        writer = Recorder(
            self.path,
            RunRequest(("python",)),
            complaints.append,
            clock=lambda: next(ticks) / 100,
            now=lambda: started_at,
        )
        progress = Progress(1, 2, 0.5, 1.0)
        cases = tuple(result.case for result in record.results)
        writer.record(RunStarted(record.machine, record.interpreters, cases, 6, 7))
        for result in record.results:
            for trial in result.trials:
                writer.record(TrialFinished(result.case, trial, result, progress))
            writer.record(CaseFinished(result, progress))
        writer.record(RunFinished(record.results, False, 1.5))
        writer.close()
        assert complaints == []

    def numbers(self, *arguments: str) -> list[int]:
        return [line["id"] for line in json.loads(self("list", "--format", "json", *arguments).stdout)]


@pytest.fixture
def history(tmp_path: Path, call: Any) -> History:
    return History(tmp_path / "home", call)


@pytest.fixture
def two(history: History, run_record: RunRecord) -> History:
    """Two runs of the same cases: the later one on more cores, five repeats each, its threads at half the time."""
    history.add(_five(run_record, 1.0), 1.7e9)
    more = replace(run_record.machine, usable_cores=8)
    history.add(_five(run_record, 0.5, more), 1.8e9)
    return history


def _five(record: RunRecord, factor: float, machine: Machine | None = None) -> RunRecord:
    def again(trials: tuple[Trial, ...], mode: str) -> tuple[Trial, ...]:
        times = factor if mode == "threads" else 1.0
        return tuple(replace(trials[1], number=n, wall_s=trials[1].wall_s * times * (1 + n / 100)) for n in range(1, 6))

    results = [
        replace(each, trials=again(each.trials, each.case.mode), advice=()) for each in record.results if each.trials
    ]
    return RunRecord(machine or record.machine, record.interpreters, tuple(results))


def test_no_history_is_no_error_and_none_is_made(history: History) -> None:
    assert (history("list").returncode, history("list").stdout) == (
        0,
        "no runs yet: `pi-tui run python` records the first\n",
    )
    assert json.loads(history("list", "--format", "json").stdout) == []
    for command in (("show", "last"), ("compare", "1", "2"), ("export", "1"), ("replay", "1"), ("delete", "1")):
        done = history(*command)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == "pi-tui: there are no runs in the history yet\n"
    assert history("clear").stdout == "there is nothing to remove\n"
    assert not history.path.exists()


def test_a_run_is_kept_and_shown_as_it_was_printed(history: History) -> None:
    small = ("python", "--samples", "1k", "--repeat", "2", "--workers", "2")
    printed = history(*small, "--format", "table", command="run")
    assert printed.returncode == 0
    shown = history("show", "last", "--format", "table")
    heading, _, rest = shown.stdout.partition("\n\n")
    assert heading.startswith("Run 1 · ")
    assert rest == printed.stdout
    exported = history(*small, "--format", "json", "--seed", "3", command="run")
    assert json.loads(history("show", "last").stdout) == json.loads(exported.stdout)
    assert history.numbers() == [2, 1]


def test_no_history_leaves_a_run_out(history: History) -> None:
    done = history("python", "--samples", "1k", "--repeat", "1", "--no-history", command="run")
    assert done.returncode == 0
    assert not history.path.exists()


def test_a_run_that_cannot_be_kept_is_printed_all_the_same(history: History) -> None:
    history.home.mkdir()
    (history.home / "data").write_text("in the way")
    done = history("python", "--samples", "1k", "--repeat", "1", "--format", "json", command="run")
    assert done.returncode == 0
    assert len(json.loads(done.stdout)["results"]) == 2
    (sentence,) = done.stderr.splitlines()
    assert sentence.startswith("pi-tui: cannot write the history")
    assert sentence.endswith("this run is not recorded in the history")


def test_the_list_tells_each_run(two: History) -> None:
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


def test_compare_tells_change_from_noise_and_what_was_not_alike(two: History) -> None:
    printed = two("compare", "1", "last").stdout
    assert "usable cores: 3 before, 8 after" in " ".join(printed.split())
    assert "No more than noise:" in printed
    assert "Faster:" in printed
    found = json.loads(two("compare", "1", "2", "--format", "json").stdout)
    assert [case["verdict"] for case in found["cases"]] == ["noise", "faster"]
    assert found["cases"][1]["ratio"] == pytest.approx(0.5)
    assert found["before"]["id"] == 1


def test_the_reference_is_a_word(two: History) -> None:
    assert two("compare", "reference", "last").returncode == 2
    assert two("reference", "1").returncode == 0
    assert "reference" in two("list").stdout
    assert json.loads(two("compare", "reference", "last", "--format", "json").stdout)["before"]["id"] == 1
    assert two("reference", "2", "--off").stderr == "pi-tui: run 2 is not the reference\n"
    assert two("reference", "1", "--off").returncode == 0
    assert "reference" not in two("list").stdout


def test_a_note_stands_in_the_list(two: History) -> None:
    assert two("note", "1", "on  battery").returncode == 0
    assert "on battery" in two("list").stdout
    assert "on battery" in two("show", "1", "--format", "table").stdout


def test_delete_and_undelete(two: History) -> None:
    assert "undelete 1" in two("delete", "1").stdout
    assert two.numbers() == [2]
    assert two.numbers("--deleted") == [1]
    assert two("delete", "1").stderr == "pi-tui: run 1 is already deleted\n"
    assert two("undelete", "1").returncode == 0
    assert two("undelete", "1").returncode == 2
    assert two.numbers() == [2, 1]


def test_clear_asks_for_yes(two: History) -> None:
    refused = two("clear")
    assert refused.returncode == 2
    assert refused.stderr == "pi-tui: this would remove 2 runs with 20 trials permanently: add --yes to confirm\n"
    assert two.numbers() == [2, 1]
    assert two("clear", "--before", "2025-01-01", "--yes").stdout == "removed 1 run with 10 trials\n"
    assert two.numbers() == [2]
    assert two("clear", "--before", "yesterday").returncode == 2
    assert two("clear", "--yes").returncode == 0
    assert two.numbers() == []
    assert two("export", "all").stderr == "pi-tui: there are no runs in the history yet\n"


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


def test_replay_tells_the_events_in_order(two: History) -> None:
    lines = two("replay", "1").stdout.splitlines()
    assert lines[0].startswith("Run 1 · ")
    assert "2 cases, 6 trials, seed 7" in lines[1]
    assert "measured trial 1 took 303 ms" in lines[2]
    assert lines[-1].endswith("finished after 1.5 s")
    times = [float(line.split(" s ")[0]) for line in lines[1:]]
    assert times == sorted(times)
    assert two("replay", "1", "--speed", "1000000").stdout.splitlines() == lines
    assert {two("replay", "1", "--speed", speed).returncode for speed in ("0", "nan", "inf")} == {2}


def test_a_newer_history_is_refused_and_the_run_goes_on(two: History) -> None:
    with open_history(two.path, print) as database:
        database.connection.execute("PRAGMA user_version = 77")
    listed = two("list")
    assert (listed.returncode, listed.stdout) == (1, "")
    assert "newer pi-tui" in listed.stderr
    done = two("python", "--samples", "1k", "--repeat", "1", command="run")
    assert done.returncode == 0
    assert "newer pi-tui" in done.stderr


def test_a_damaged_history_is_set_aside(two: History) -> None:
    two.path.write_bytes(b"nonsense " * 1000)
    for companion in two.path.parent.glob("history.db-*"):
        companion.unlink()
    listed = two("list")
    assert listed.returncode == 0
    assert "the history was damaged; it was renamed to" in listed.stderr
    assert len(list(two.path.parent.glob("history-damaged-*.db"))) == 1


@pytest.mark.parametrize("command", [[], ["list"], ["show"], ["export"], ["clear"]])
def test_help_has_an_example_and_loads_no_database(command: list[str]) -> None:
    code = (
        "import sys\nfrom pi_tui.cli import main\ntry:\n    "
        f"main({['log', *command, '--help']!r})\nfinally:\n    print('sqlite3' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert "pi-tui log " in done.stdout.partition("Example")[2]
    assert done.stdout.endswith("False\n")


def test_the_shell_completes_runs(two: History, call: Any) -> None:
    done = call(
        PI_TUI_HOME=str(two.home),
        _PI_TUI_COMPLETE="bash_complete",
        COMP_WORDS="pi-tui log show ",
        COMP_CWORD="3",
    )
    assert {line.partition(",")[2] for line in done.stdout.splitlines()} == {"last", "reference", "1", "2"}


def test_log_alone_explains_itself(history: History) -> None:
    done = history()
    assert done.returncode == 0
    assert "compare" in done.stdout


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


def test_a_run_of_which_nothing_could_run_is_not_told_to_be_well(history: History, run_record: RunRecord) -> None:
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
def test_a_damaged_run_is_told_in_a_sentence(two: History, kind: str, body: bytes) -> None:
    with open_history(two.path, print) as database, database.transaction() as connection:
        connection.execute("UPDATE events SET body = ? WHERE run_id = 1 AND kind = ?", (body, kind))
    asked = [("replay", "1"), ("show", "1")] if kind == "RunFinished" else [("replay", "1")]
    for done in (two(*words) for words in asked):
        assert done.returncode == 1
        assert re.fullmatch(r"pi-tui: .*cannot be read.*\n", done.stderr)
    assert two("show", "2").returncode == 0
