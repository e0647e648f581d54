"""Widths of text in cells, as terminals draw it and as Rich counts it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some
from rich.cells import cell_len

from pi_tui.analysis.text.cell_width import by_cell, cells, cut, padded

TEXTS = some.text(some.sampled_from("ab ×…é測試なハ한Ａ１。e\u0301\u200b"))


@pytest.mark.parametrize(
    ("text", "taken"),
    [("", 0), ("plain", 5), ("× … π ±", 7), ("測試.py", 7), ("ﾊﾝｶｸ", 4), ("ＡＢ", 4), ("e\u0301", 1), ("한글", 4),
     ("\u1112\u1161\u11ab", 2), ("👩\u200d👩\u200d👧", 2), ("👍🏽", 2)],
)  # fmt: skip
def test_widths_are_those_of_a_terminal(text: str, taken: int) -> None:
    assert cells(text) == cell_len(text) == taken


@given(TEXTS)
def test_the_cells_of_a_text_join_to_the_text(text: str) -> None:
    assert cells(text) == cell_len(text)
    assert len(by_cell(text)) == cells(text)
    assert "".join(by_cell(text)) == text.lstrip("\u0301\u200b")


@given(TEXTS, some.integers(0, 12))
def test_a_cut_text_fits_and_is_the_longest_that_does(text: str, most: int) -> None:
    kept = cut(text, most)
    assert text.lstrip("\u0301\u200b").startswith(kept) or text == kept
    assert cells(kept) <= most
    assert cells(kept) >= min(cells(text), most - 1)


@given(TEXTS, some.booleans())
def test_padding_fills_the_room(text: str, right: bool) -> None:
    assert cells(padded(text, 20, right=right)) == max(20, cells(text))
    assert padded(text, 20, right=right).strip() == text.strip()
