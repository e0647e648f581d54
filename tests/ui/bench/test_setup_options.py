"""The choices of the bench's lists."""

from __future__ import annotations

from pi_tui.ui.bench.setup_options import list_mode_choices, list_sample_choices
from pi_tui.ui.state.run_preview import RunPreview
from pi_tui.ui.state.selection import Selection
from pi_tui.ui.state.selection_edits import apply_answer


def test_large_numbers_of_samples_stay_short() -> None:
    selection = apply_answer(Selection(), "samples", "1e9,2.5e10,1234567890")
    labels = [choice.label for choice in list_sample_choices(selection)]
    assert "1e9" in labels
    assert "2.500e10" in labels or "2.5e10" in labels
    assert "1\u00a0234\u00a0567\u00a0890" in labels


def test_notes_on_samples_name_only_kernels_that_would_run() -> None:
    notes = [list_sample_choices(Selection(in_app=in_app))[0].note for in_app in (False, True)]
    assert ["numba" in note for note in notes] == [True, False]
    assert all("python" in note for note in notes)


def test_choices_show_options_only_where_there_are_some() -> None:
    selection = Selection()
    by_name = {choice.key: choice for choice in list_mode_choices(selection, RunPreview(selection))}
    assert [text for text, _ in by_name["processes"].options] == ["spawn", "queue"]
    assert [text for text, _ in by_name["pool-map"].options] == ["spawn"]
    assert by_name["threads"].options == ()
