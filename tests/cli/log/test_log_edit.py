"""`pi-tui log note`, `reference`, `delete`, `undelete` and `clear`."""

from __future__ import annotations

from tests.cli.log.log_history import History


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
