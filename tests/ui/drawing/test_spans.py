"""Lines of spans: measured, cut, aligned, wrapped, sliced."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from pi_tui.ui.drawing.spans import (
    Span,
    align_right,
    fit,
    join_lines,
    justify,
    line_text,
    line_width,
    slice_header,
    slice_line,
    wrap,
    wrap_sentences,
)


def test_a_header_has_arrows_where_it_goes_on() -> None:
    heading = [Span("workers  samples  wall")]
    assert line_text(slice_header(heading, 0, 22)) == "workers  samples  wall"
    assert line_text(slice_header(heading, 0, 12)) == "workers  sa›"
    assert line_text(slice_header(heading, 0, 7)) == "workers", "whole as it is"
    assert line_text(slice_header(heading, 3, 12)) == "‹ers  sampl›"
    assert line_text(slice_header(heading, 10, 12)) == "‹mples  wall"
    assert [span.action for span in slice_header(heading, 3, 12) if span.action] == ["shift(-1)", "shift(1)"]


words = st.text(st.characters(blacklist_categories=("C", "Z")), max_size=12)


lines = st.lists(st.builds(Span, words), max_size=5)


@given(lines, lines, st.integers(min_value=0, max_value=60))
def test_lines_have_exactly_the_given_width(left: list[Span], right: list[Span], cells: int) -> None:
    assert line_width(fit(left, cells)) == cells
    assert line_width(align_right(left, cells)) == cells
    assert line_width(justify(left, right, cells)) == cells


def test_a_cut_line_ends_with_an_ellipsis() -> None:
    assert line_text(fit([Span("abc"), Span("def")], 5)) == "abcd…"
    assert line_text(fit([Span("abc")], 5)) == "abc  "
    assert line_text(fit([Span("日本語")], 4)).startswith("日…")
    assert line_text(join_lines([[Span("a")], [Span("b")]], "  ")) == "a  b"


@given(st.text(max_size=200), st.integers(min_value=1, max_value=40), st.integers(min_value=1, max_value=5))
def test_wrapped_text_fits_its_width_and_lines(text: str, cells: int, count: int) -> None:
    wrapped = wrap(text, cells, count)
    assert len(wrapped) <= count
    assert all(cell_len(line) <= cells for line in wrapped)


def test_whole_sentences_are_shown_and_at_least_a_part_of_one() -> None:
    assert wrap_sentences(["One two.", "Three four."], 20, 1) == ["One two. Three four."]
    assert wrap_sentences(["One two.", "Three four."], 12, 1) == ["One two."]
    assert wrap_sentences(["A sentence much too long."], 10, 1) == ["A sentenc…"]
    assert wrap_sentences(["It waited long; so it was late."], 20, 1) == ["It waited long …"]
    assert wrap_sentences(["It waited, so it was late."], 14, 1) == ["It waited …"]
    assert wrap_sentences(["It: a thing that waited."], 20, 1) == ["It: a thing that wa…"], "too little would be left"
    assert wrap_sentences([], 10, 2) == []


def test_a_number_is_never_broken_between_its_thousands() -> None:
    assert wrap("at most 1 000 000, not 99 999 999", 18, 3) == ["at most 1 000 000,", "not 99 999 999"]


def test_lines_are_sliced_by_cells() -> None:
    line = [Span("測試", "text"), Span("abc", "muted")]
    assert line_text(slice_line(line, 2, 5)) == "試abc"
    assert line_text(slice_line(line, 1, 5)) == " 試ab"
    assert line_text(slice_line(line, 0, 3)) == "測 "
