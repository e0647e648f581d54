"""A row in full."""

from __future__ import annotations

from dataclasses import replace

from pi_tui.ui.drawing.row_details import describe_row
from tests.ui.rows import case, result, row
from tests.ui.scripted import (
    CRASH,
    ended,
)


def test_details_of_a_row_have_its_case_trials_and_log() -> None:
    text = "\n".join(f"{block}" for block in describe_row(row(result())))
    assert "515 ms, from 510 ms to 520 ms" in text
    assert "warm-up" in text
    failed = "\n".join(f"{block}" for block in describe_row(row(ended(case(), "failed", CRASH))))
    assert "Segmentation fault" in failed
    nothing = replace(CRASH, traceback="")
    assert "nothing was printed" in "\n".join(
        f"{block}" for block in describe_row(row(ended(case(), "failed", nothing)))
    )


def test_details_of_a_row_list_the_first_and_last_of_many_trials() -> None:
    shown = result()
    many = tuple(replace(shown.measured_trials[0], number=number) for number in range(10_000))
    lines = [f"{block}" for block in describe_row(row(replace(shown, trials=many)))]
    assert len(lines) < 300
    assert any("and 9800 more" in line for line in lines)
    assert any("9999" in line for line in lines)
