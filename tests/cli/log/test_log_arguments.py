"""How the commands of `pi-tui log` find the history and name its runs."""

from __future__ import annotations

import json
from typing import Any

from tests.cli.log.log_history import History


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


def test_the_reference_is_a_word(two: History) -> None:
    assert two("compare", "reference", "last").returncode == 2
    assert two("reference", "1").returncode == 0
    assert "reference" in two("list").stdout
    assert json.loads(two("compare", "reference", "last", "--format", "json").stdout)["before"]["id"] == 1
    assert two("reference", "2", "--off").stderr == "pi-tui: run 2 is not the reference\n"
    assert two("reference", "1", "--off").returncode == 0
    assert "reference" not in two("list").stdout


def test_the_shell_completes_runs(two: History, call: Any) -> None:
    done = call(
        PI_TUI_HOME=str(two.home),
        _PI_TUI_COMPLETE="bash_complete",
        COMP_WORDS="pi-tui log show ",
        COMP_CWORD="3",
    )
    assert {line.partition(",")[2] for line in done.stdout.splitlines()} == {"last", "reference", "1", "2"}
