from __future__ import annotations

import pytest

from pi_tui.analysis.text.prose import count, format_seconds, grouped, percent, significant


@pytest.mark.parametrize(
    ("value", "text"),
    [(1.4142, "1.41 s"), (120.4, "120 s"), (0.01234, "12.3 ms"), (3.4e-4, "340 µs"), (0.99999, "1 s"), (0.0, "0 µs")],
)
def test_seconds_have_the_unit_that_suits(value: float, text: str) -> None:
    assert format_seconds(value) == text


def test_counts_agree_with_their_noun() -> None:
    assert count(1, "thread") == "one thread"
    assert count(2, "process", "processes") == "two processes"
    assert count(64, "thread") == "64 threads"


def test_shares_and_large_numbers() -> None:
    assert percent(0.484) == "48%"
    assert percent(0.004) == "under 1%"
    assert percent(0.0) == "0%"
    assert grouped(683_412) == "680 000"
    assert significant(0.0, 3) == 0.0
