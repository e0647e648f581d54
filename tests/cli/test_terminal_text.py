"""Names in wide characters: what stands in columns stays in them, in a terminal that has these and in one that has not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pi_tui.analysis.text.cell_width import cells, cut
from pi_tui.cli import terminal_text
from pi_tui.cli.table import format_table
from pi_tui.storage.run_record import RunRecord

NAME = "測試核心.py:計算"


def at(line: str, column: int) -> str:
    """What stands from a column of the terminal on."""
    return line.removeprefix(cut(line, column))


def test_a_kernel_of_a_wide_name_moves_no_column(run_record: RunRecord) -> None:
    first, second = run_record.results[:2]
    run = replace(run_record, results=(replace(first, case=replace(first.case, kernel=NAME)), second))
    for printed in (format_table(run, 120), terminal_text.make_encodable(format_table(run, 120), "ascii")):
        heading, *rows = printed.splitlines()[2:5]
        column = heading.index("mode")
        assert [at(row, column).split()[0] for row in rows] == ["sequential", "threads"]


def test_columns_and_what_wraps_are_measured_in_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal_text, "get_terminal_width", lambda: 50)
    lines = terminal_text.align_columns([("7", NAME, "words " * 8), ("8", "plain", "wide 語 " * 9)])
    assert max(map(cells, lines)) <= 50
    column = 1 + 2 + cells(NAME) + 2
    assert [at(line, column).split()[0] for line in lines if line[0] != " "] == ["words", "wide"]
    assert all(cut(line, column).isspace() for line in lines if line[0] == " ")


def test_wrapped_lines_hold_every_character_and_fit() -> None:
    words = [f"語{number}" for number in range(40)]
    lines = terminal_text.wrap_text(" ".join(words), 30, "  ")
    assert " ".join(" ".join(lines).split()) == " ".join(words)
    assert all(20 < cells(line) <= 30 for line in lines[:-1])


def test_what_cannot_be_written_takes_as_many_cells() -> None:
    assert terminal_text.make_encodable("a測b", "ascii") == "a??b"
    assert terminal_text.make_encodable("a測b", "utf-8") == "a測b"
