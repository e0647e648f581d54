"""Changes of the selection by ticks and typed values."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pi_tui.engine.errors import UsageError
from pi_tui.ui.bench.setup_options import list_worker_choices
from pi_tui.ui.state.selection import Selection
from pi_tui.ui.state.selection_edits import apply_answer, change_repeats, cycle_option, make_check, toggle_choice


def test_ticked_kernels_keep_the_order_of_the_catalog() -> None:
    selection = toggle_choice(Selection(kernels=()), "kernel", "numba")
    selection = toggle_choice(selection, "kernel", "python")
    assert selection.kernels == ("python", "numba")
    assert toggle_choice(selection, "kernel", "numba").kernels == ("python",)
    assert toggle_choice(selection, "samples", "1000").samples == (1000, 1_000_000)
    assert toggle_choice(Selection(workers=(2,)), "workers", "2").workers == ()
    assert toggle_choice(selection, "mode", "threads").modes == ("sequential",)


def test_typed_values_are_added_to_the_choices() -> None:
    selection = apply_answer(Selection(), "workers", "3,5-6")
    assert selection.workers == (1, 3, 5, 6)
    assert selection.more_workers == (3, 5, 6)
    labels = [choice.label for choice in list_worker_choices(selection, 2)]
    assert labels == ["1", "2", "3", "4", "5", "6", "8", "custom"]
    assert apply_answer(selection, "repeats", "12").repeat == 12
    until = apply_answer(selection, "repeats", "2%")
    assert until.until_stable == 0.02
    assert until.request().until_stable == 0.02
    assert replace(until, in_app=True).request().until_stable is None
    assert apply_answer(until, "repeats", "7").until_stable is None
    assert apply_answer(selection, "python", " 3.14 ").pythons == ("3.14",)
    assert apply_answer(selection, "python", "3.14, 3.13t").pythons == ("3.14", "3.13t")
    with pytest.raises(UsageError):
        apply_answer(selection, "repeats", "1e6")
    assert make_check("samples", selection)("12x")
    assert not make_check("samples", selection)("12")
    assert not make_check("filter", selection)("anything at all")


def test_options_and_repeats_stay_within_what_there_is() -> None:
    selection = Selection()
    for _ in range(4):
        selection = cycle_option(selection, "start_method")
    assert selection.start_methods == ("spawn",)
    assert cycle_option(replace(selection, transports=("pipe", "value")), "transport").transports == ("queue",)
    assert change_repeats(Selection(repeat=1), -1).repeat == 1
    assert change_repeats(Selection(repeat=999), 1).repeat == 999


def test_a_file_with_a_syntax_error_is_refused_as_it_is_named(tmp_path: Path) -> None:
    """Where another interpreter is ticked, the error is that one's to find: its syntax may be newer."""
    file = tmp_path / "work.py"
    file.write_text("def func(samples, seed):\n    return samples +\n")
    sentence = make_check("kernel", Selection())(f"{file}:func")
    assert sentence.startswith("work.py cannot be parsed: line 2: ")
    assert make_check("kernel", Selection(pythons=("3.14",)))(f"{file}:func") == ""
    file.write_text("def func(samples, seed):\n    return samples\n")
    assert make_check("kernel", Selection())(f"{file}:func") == ""
