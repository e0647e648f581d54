"""Counts as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pi_tui.analysis.text.formatting import human_count
from pi_tui.engine.errors import UsageError
from pi_tui.engine.number_parsing import MAX_COUNT, MAX_LIST_LENGTH, parse_count, parse_counts, parse_percent


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("1", 1),
        (" 1e6 ", 1_000_000),
        ("1E6", 1_000_000),
        ("1_000_000", 1_000_000),
        ("1 000 000", 1_000_000),
        ("10M", 10_000_000),
        ("10k", 10_000),
        ("1.5k", 1500),
        ("2.5e3", 2500),
        ("5G", 5_000_000_000),
    ],
)
def test_numbers_are_read(text: str, count: int) -> None:
    assert parse_count(text) == count


@pytest.mark.parametrize(
    "text", ["", "abc", "0", "-3", "1e400", "1.5", "1e", "1__0", "0x10", "1e16", "٣x", "nan", "inf"]
)
def test_what_is_no_count_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_count(text)
    assert len(str(refused.value)) > 10
    assert "\n" not in str(refused.value)


@given(st.integers(min_value=1, max_value=MAX_COUNT))
def test_what_is_shown_can_be_typed(count: int) -> None:
    assert parse_count(human_count(count)) == count
    assert parse_count(f"{count}") == count
    assert parse_count(f"{count:_}") == count


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("1-4,16", (1, 2, 3, 4, 16)),
        ("4, 2 ,4", (4, 2)),
        ("1e3,1e5", (1000, 100_000)),
        ("3-3", (3,)),
        ("1k-1003", (1000, 1001, 1002, 1003)),
    ],
)
def test_lists_and_ranges_are_read(text: str, counts: tuple[int, ...]) -> None:
    assert parse_counts(text) == counts


@pytest.mark.parametrize("text", ["", ",", "4-1", "1-", "-", "1-2-3", f"1-{MAX_LIST_LENGTH + 1}", "1,x"])
def test_what_is_no_list_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_counts(text)


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("1-4096x2", tuple(2**power for power in range(13))),
        ("1e3-1e7x100", (1000, 100_000, 10_000_000)),
        ("1-10 x 3", (1, 3, 9)),
        ("5-5x2,7", (5, 7)),
    ],
)
def test_a_range_may_grow_by_a_factor(text: str, counts: tuple[int, ...]) -> None:
    assert parse_counts(text) == counts


@pytest.mark.parametrize("text", ["1-8x1", "8-1x2", "1-8x", "1-8x0", "1-8xa"])
def test_a_range_that_does_not_grow_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_counts(text)


@pytest.mark.parametrize(("text", "share"), [("5", 0.05), ("5%", 0.05), (" 0.5 % ", 0.005)])
def test_a_percentage(text: str, share: float) -> None:
    assert parse_percent(text) == pytest.approx(share)


@pytest.mark.parametrize("text", ["0", "100", "-1", "nan", "inf", "", "five"])
def test_a_percentage_without_meaning_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_percent(text)
