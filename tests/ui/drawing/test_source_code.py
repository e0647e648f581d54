"""Source code highlighted and folded."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from pi_tui.ui.drawing.source_code import NUMBER_CELLS, fold_line, highlight
from pi_tui.ui.drawing.spans import (
    Span,
    line_text,
    line_width,
)
from pi_tui.ui.state.source_files import read_kernel_source, read_mode_source


@given(st.text("ab (,[", max_size=90), st.integers(min_value=0, max_value=60))
def test_folded_source_keeps_every_character_within_the_room(text: str, cells: int) -> None:
    drawn = fold_line(7, [Span(text)], cells)
    assert all(line_width(line) <= max(cells, NUMBER_CELLS + 1) for line in drawn)
    assert "".join(line_text(line[1:]) for line in drawn) == text
    assert [line_text(line)[:4] for line in drawn] == ["   7", *["    "] * (len(drawn) - 1)]


def test_folded_source_is_indented_and_broken_after_a_blank() -> None:
    drawn = [line_text(line) for line in fold_line(12, [Span("    call(first, second)")], 22)]
    assert drawn == ["  12      call(first, ", "      second)"], "there is no room to stand deeper"
    drawn = [line_text(line) for line in fold_line(12, [Span("    call(first, second, third)")], 30)]
    assert drawn == ["  12      call(first, second, ", "              third)"]


@given(
    st.lists(st.sampled_from(["a", "b", " ", "(", "測", "語", "é", "\u26a0\ufe0f", "👩\u200d💻", "👍🏽"])).map("".join),
    st.integers(min_value=8, max_value=60),
)
def test_folded_source_in_wide_characters_fits_and_loses_none(text: str, cells: int) -> None:
    drawn = [line_text(line) for line in fold_line(7, [Span(text)], cells)]
    assert all(cell_len(line) <= max(cells, NUMBER_CELLS + 2) for line in drawn)
    kept = "".join(line[NUMBER_CELLS:] for line in drawn)
    assert [char for char in kept if char != " "] == [char for char in text if char != " "]


@pytest.mark.parametrize(
    "text", ['print("\u26a0\ufe0f careful")', "# \u2714\ufe0f ok \u26a0\ufe0f done", "x = '👩\u200d💻👍🏽'  # end"]
)
def test_source_with_emoji_is_drawn_whole(text: str) -> None:
    (line,) = fold_line(1, [Span(text)], 60)
    assert line_text(line).rstrip() == f"   1  {text}"


def test_highlighting_keeps_every_character() -> None:
    for source in (read_kernel_source("python"), read_mode_source("pool-imap-unordered")):
        drawn = highlight(source.text)
        assert [line_text(line) for line in drawn] == source.text.rstrip("\n").split("\n")
        assert {"code-keyword", "code-name", "code-comment"} <= {span.style for line in drawn for span in line}
