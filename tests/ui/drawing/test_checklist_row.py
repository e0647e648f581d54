"""The rows of a checklist."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from pi_tui.ui.drawing.checklist_row import Choice, draw_choice
from pi_tui.ui.drawing.spans import (
    line_text,
    line_width,
)

words = st.text(st.characters(blacklist_categories=("C", "Z")), max_size=12)


def test_an_option_is_cut_before_the_name_it_belongs_to() -> None:
    choice = Choice("a", "pool-starmap-async", options=(("forkserver", "start_method"),))
    assert line_text(draw_choice(choice, 28, 19)) == "◦ pool-starmap-async forks… "
    assert line_text(draw_choice(choice, 20, 19)) == "◦ pool-starmap-async"


@pytest.mark.parametrize("note", ["", "each task is handed to a worker of its own, one after the other"])
@given(cells=st.integers(min_value=22, max_value=90))
def test_notes_and_options_keep_a_cell_between_them_and_the_scroll_bar(note: str, cells: int) -> None:
    options = (("forkserver", "start_method"), ("queue", "transport"))
    for choice in (Choice("a", "pool-starmap-async", note, options=options), Choice("a", "pool-starmap-async", note)):
        drawn = line_text(draw_choice(choice, cells, 19))
        assert len(drawn) == cells
        assert drawn[-1] == " "


def test_right_aligned_labels_fit_a_narrow_pane() -> None:
    assert line_text(draw_choice(Choice("2", "2"), 9, 10, right=True)) == "◦       2"


def test_states_of_a_choice_have_different_glyphs() -> None:
    assert line_text(draw_choice(Choice("a", "alpha", ticked=True), 20, 5)).startswith("✓ alpha")
    assert line_text(draw_choice(Choice("a", "alpha"), 20, 5)).startswith("◦ alpha")
    assert line_text(draw_choice(Choice("a", "alpha", ticked=True, reason="no"), 20, 5)).startswith("- alpha")
    assert line_text(draw_choice(Choice("a", "more", adds=True), 20, 5)).startswith("+ more")
    assert line_text(draw_choice(Choice("7", "7"), 20, 5, right=True)).startswith("◦     7")


@given(st.integers(min_value=4, max_value=90), words, words)
def test_choices_fill_their_line(cells: int, label: str, option: str) -> None:
    choice = Choice("a", label, "a note about it", options=((option, "do"),))
    assert line_width(draw_choice(choice, cells, cell_len(label))) == cells


def test_choices_in_wide_characters_stay_aligned() -> None:
    assert line_text(draw_choice(Choice("a", "測試"), 20, 6, right=True)).startswith("◦   測試")
    noted = [Choice("a", "測試", "a note that says enough of it"), Choice("b", "ab", "a note that says enough of it")]
    starts = [cell_len(line_text(draw_choice(choice, 60, 4)).split("a note")[0]) for choice in noted]
    assert starts[0] == starts[1]
