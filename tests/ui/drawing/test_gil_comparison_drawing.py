"""The two sides of a GIL comparison as they are drawn."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pi_tui.analysis.results import Case, Result
from pi_tui.ui.drawing.gil_comparison import draw_comparison
from pi_tui.ui.drawing.spans import line_text, line_width
from pi_tui.ui.state.gil_comparison import (
    ComparisonSide,
)
from pi_tui.ui.state.time_categories import GIL_WAIT, RUNNING
from tests.ui.scripted import result_of, trial_of
from tests.ui.watched import view_of, with_losses


def case_of(kernel: str = "python", workers: int = 2, **changes: object) -> Case:
    case = Case(kernel, "threads", None, None, "3.11.7", None, workers, workers, 1_000_000)
    return replace(case, **changes)  # type: ignore[arg-type]


def done(case: Case, repeat: int = 3) -> Result:
    trials = tuple(trial_of(case, "measured", number + 1) for number in range(repeat))
    return with_losses(result_of(case, trials, repeat), 2)


def side(kernel: str, result: Result | None = None, **changes: object) -> ComparisonSide:
    case = case_of(kernel)
    made = ComparisonSide(kernel, case, result or done(case), view_of(2), (0.5,) * 30, False)
    return made._replace(**changes)


@pytest.mark.parametrize("cells", [40, 76, 87, 88, 116, 196])
@pytest.mark.parametrize("lines", [8, 20, 36, 56])
def test_the_comparison_fits_any_size(cells: int, lines: int) -> None:
    for held, released in (
        (side("numba"), side("numba-nogil")),
        (side("numba")._replace(lanes=None, result=None, cores=()), side("numba-nogil", active=True)),
    ):
        drawn = draw_comparison(held, released, 2, cells, lines)
        assert len(drawn) <= lines
        assert all(line_width(line) == cells for line in drawn)
    text = "\n".join(map(line_text, draw_comparison(side("numba"), side("numba-nogil"), 2, 116, 36)))
    assert text.count("speed-up") >= 2
    assert GIL_WAIT.glyph in text
    assert RUNNING.glyph in text


def test_the_two_sides_are_beside_each_other() -> None:
    few = side("numba-nogil")._replace(cores=())
    for released in (side("numba-nogil"), few):
        drawn = list(map(line_text, draw_comparison(side("numba"), released, 2, 116, 50)))
        for title in ("wall", "cores used", "cores during its trials", "where the speed-up went"):
            assert all(line.count(title) == 2 for line in drawn if title in line), title
        assert any("where the speed-up went" in line for line in drawn)


def test_the_whole_trial_is_drawn_from_the_first_tick_with_a_worker_to_the_last() -> None:
    """The look at a trial begins before its work and ends after it: that is no part of it."""
    view = view_of(2, ended=True)
    late = view._replace(
        lanes=tuple(lane._replace(letters=f"{'.' * 90}{lane.letters}{'.' * 60}") for lane in view.lanes)
    )
    for trial_s, told in ((0.0423, "its whole last trial, 42.3 ms"), (None, "its whole last trial, 397 ms")):
        both = [side(kernel)._replace(lanes=late, trial_s=trial_s) for kernel in ("numba", "numba-nogil")]
        drawn = [line_text(line) for line in draw_comparison(*both, 2, 120, 50)]
        heading = next(index for index, line in enumerate(drawn) if told in line)
        assert drawn[heading].count(told) == 2
        assert not drawn[heading + 1].removeprefix("w0 ").startswith(" ")
