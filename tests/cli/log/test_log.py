"""`pi-tui log` and the history as a whole."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from pi_tui.storage.history.database import open_history
from tests.cli.log.log_history import History


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


def test_log_alone_explains_itself(history: History) -> None:
    done = history()
    assert done.returncode == 0
    assert "compare" in done.stdout
