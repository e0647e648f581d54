"""`pi-tui log replay`: the screen on a terminal; text elsewhere, or if --format text is given."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from pi_tui.cli.entry_point import command
from pi_tui.cli.log import replay
from pi_tui.engine.errors import UsageError
from pi_tui.engine.paths import Paths
from pi_tui.engine.run.events import RunStarted
from pi_tui.engine.run.request import RunRequest
from pi_tui.storage.history.database import FILE_NAME
from pi_tui.storage.history.recorder import Recorder
from pi_tui.storage.run_record import RunRecord
from pi_tui.ui import launch
from tests.cli.log.log_history import History


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run_record: RunRecord) -> list[dict[str, Any]]:
    """A history with one run, and what the screen is asked for instead of being opened."""
    monkeypatch.setenv("PI_TUI_HOME", str(tmp_path))
    path = Paths.from_environment({"PI_TUI_HOME": str(tmp_path)}).data / FILE_NAME
    recorder = Recorder(path, RunRequest(("python",)), pytest.fail)
    cases = tuple(result.case for result in run_record.results)
    recorder.record(RunStarted(run_record.machine, run_record.interpreters, cases, 1, 7))
    recorder.close()
    asked: list[dict[str, Any]] = []

    def open_laboratory(**options: Any) -> int:
        asked.append(options)
        return 0

    monkeypatch.setattr(launch, "open_laboratory", open_laboratory)
    return asked


def has_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay, "has_terminal", lambda: True)


def run(*arguments: str) -> Any:
    return CliRunner().invoke(command, ["--ascii", "log", "replay", *arguments], standalone_mode=False)


def test_on_a_terminal_the_screen_plays_it(calls: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    has_terminal(monkeypatch)
    run("last")
    run("1", "--speed", "4")
    assert calls == [
        {"ascii": True, "light": False, "replay": (1, 1.0)},
        {"ascii": True, "light": False, "replay": (1, 4.0)},
    ]


def test_format_text_prints_on_a_terminal_too(calls: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    has_terminal(monkeypatch)
    assert "seed 7" in run("last", "--format", "text").output
    assert calls == []


def test_without_a_terminal_text_is_printed_and_the_screen_is_refused(calls: list[dict[str, Any]]) -> None:
    assert sys.stdin is not None
    assert "seed 7" in run("last").output
    refused = run("last", "--format", "screen")
    assert isinstance(refused.exception, UsageError)
    assert "terminal" in str(refused.exception)
    assert calls == []


def test_an_unknown_run_opens_nothing(calls: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    has_terminal(monkeypatch)
    assert isinstance(run("99").exception, UsageError)
    assert calls == []


def test_replay_prints_the_events_in_order(two: History) -> None:
    lines = two("replay", "1").stdout.splitlines()
    assert lines[0].startswith("Run 1 · ")
    assert "2 cases, 6 trials, seed 7" in lines[1]
    assert "measured trial 1 took 303 ms" in lines[2]
    assert lines[-1].endswith("finished after 1.5 s")
    times = [float(line.split(" s ")[0]) for line in lines[1:]]
    assert times == sorted(times)
    assert two("replay", "1", "--speed", "1000000").stdout.splitlines() == lines
    assert {two("replay", "1", "--speed", speed).returncode for speed in ("0", "nan", "inf")} == {2}
