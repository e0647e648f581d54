"""The selection of the bench and its GIL."""

from __future__ import annotations

from pi_tui.ui.state.selection import Selection, describe_gil, list_worker_presets, toggle_gil
from tests.ui.scripted import (
    FREE_PYTHON,
    PYTHON,
)


def test_workers_are_offered_up_to_four_times_the_cores() -> None:
    assert list_worker_presets(1) == (1, 2, 4)
    assert list_worker_presets(2) == (1, 2, 4, 8)
    assert list_worker_presets(6) == (1, 2, 4, 6, 8, 16, 24)


def test_the_gil_of_a_selection_is_described() -> None:
    assert describe_gil(Selection(kernels=("python", "numba")), PYTHON) == ("held by numba", True)
    assert describe_gil(Selection(kernels=("numba-nogil",)), PYTHON) == ("released", True)
    assert describe_gil(Selection(kernels=("numba", "numba-nogil")), PYTHON) == ("held and released", False)
    assert describe_gil(Selection(kernels=("python",)), PYTHON) == ("on, always", False)
    assert describe_gil(Selection(kernels=("python",)), FREE_PYTHON) == ("off", True)
    assert describe_gil(Selection(in_app=True), PYTHON) == ("on, the app's own", False)
    assert describe_gil(Selection(in_app=True, gils=(True,)), FREE_PYTHON) == ("off, the app's own", False)
    assert Selection(in_app=True, gils=(True,)).request().gils == (None,)
    unchanged, words = toggle_gil(Selection(in_app=True), PYTHON)
    assert unchanged == Selection(in_app=True)
    assert "app's own: it is on and cannot be changed" in words
    assert describe_gil(Selection(kernels=("python",), gils=(True,)), FREE_PYTHON) == ("on", True)


def test_toggling_a_fixed_gil_names_an_interpreter_that_could() -> None:
    selection, words = toggle_gil(Selection(kernels=("python",)), PYTHON, [PYTHON, FREE_PYTHON])
    assert selection.kernels == ("python",)
    assert FREE_PYTHON.id in words
    _, words = toggle_gil(Selection(kernels=("python",)), PYTHON)
    assert "free-threaded" in words
