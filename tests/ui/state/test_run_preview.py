"""What a selection would run, and why it cannot."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pi_tui.ui.bench.presenter import explain_unavailable
from pi_tui.ui.drawing.spans import line_text
from pi_tui.ui.drawing.status_bar import draw_hint
from pi_tui.ui.state.run_preview import RunPreviewer
from pi_tui.ui.state.selection import Selection
from tests.ui.scripted import (
    BARE_PYTHON,
    PYTHON,
    ScriptedLaboratory,
    machine,
)


def test_a_preview_gives_the_reason_of_what_cannot_run() -> None:
    laboratory = ScriptedLaboratory(machine(), BARE_PYTHON)
    preview = RunPreviewer(laboratory, lambda: BARE_PYTHON).preview(Selection(kernels=("python", "numpy")))
    assert preview.kernel_refusal("numpy") == "numpy is not installed for Python 3.12.1"
    assert preview.kernel_refusal("python") == ""
    assert preview.mode_refusal("threads") == ""
    assert preview.can_run
    only_numpy = RunPreviewer(laboratory, lambda: BARE_PYTHON).preview(Selection(kernels=("numpy",)))
    assert only_numpy.mode_refusal("threads")
    assert not only_numpy.can_run


def test_a_preview_says_which_choice_is_missing() -> None:
    previewer = RunPreviewer(ScriptedLaboratory(machine()), lambda: PYTHON)
    assert previewer.preview(Selection(kernels=())).refused == "Tick a kernel to run."
    assert previewer.preview(Selection(samples=())).refused == "Tick a number of samples."
    assert previewer.preview(Selection(workers=())).refused == "Tick a number of workers."
    inside = previewer.preview(Selection(kernels=("numba",), in_app=True))
    assert "inside the app" in inside.refused
    assert inside.kernel_refusal("numba") == "inside the app only pure Python runs; numba is not loaded"
    told = line_text(draw_hint(explain_unavailable("numba", inside.kernel_refusal("numba")), 80)).strip()
    assert told == "numba cannot run: inside the app only pure Python runs; numba is not loaded"
    parallel = line_text(
        draw_hint(explain_unavailable("numba-parallel", inside.kernel_refusal("numba-parallel")), 80)
    ).strip()
    assert parallel == "numba-parallel cannot run: inside the app only pure Python runs …"


def test_a_preview_inside_the_app_says_nothing_about_another_interpreter() -> None:
    previewer = RunPreviewer(ScriptedLaboratory(machine()), lambda: PYTHON)
    elsewhere = Selection(pythons=(BARE_PYTHON.path,))
    inside = previewer.preview(replace(elsewhere, in_app=True))
    assert inside.interpreters == (PYTHON,)
    assert inside.plan is not None
    assert inside.plan.trials == 5
    assert inside.mode_refusal("threads") == ""
    assert "not installed" in previewer.preview(elsewhere).kernel_refusal("numba")


def test_a_run_refused_for_its_size_can_be_confirmed() -> None:
    preview = RunPreviewer(ScriptedLaboratory(machine()), lambda: PYTHON).preview(Selection(workers=(100,)))
    assert preview.plan is None
    assert preview.forced is not None
    assert preview.needs_confirmation
    assert not preview.can_run
    assert preview.refused == "100 workers are more than 4 times the 2 usable cores (8)."


@pytest.mark.parametrize("in_app", [True, False])
def test_a_refusal_is_a_sentence(in_app: bool) -> None:
    previewer = RunPreviewer(ScriptedLaboratory(machine()), lambda: PYTHON)
    long = previewer.preview(Selection(samples=(10**12,), in_app=in_app))
    assert long.refused.startswith("This would take about ")
    assert long.refused.endswith(" days.")
    large = previewer.preview(Selection(kernels=("numpy",), samples=(10**9,)))
    assert large.refused.startswith("numpy with 1 000 000 000 samples"), "a kernel keeps its name"
    assert large.refused.endswith(" available.")
    assert not previewer.preview(Selection(kernels=("numpy",), in_app=True)).needs_confirmation, "nothing would run"
