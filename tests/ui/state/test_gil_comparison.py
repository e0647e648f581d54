"""The GIL comparison: what it runs, its pairs, sides and sentence."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pi_tui.analysis.results import Case, Result
from pi_tui.host.protocol import Failure
from pi_tui.ui.state.gil_comparison import (
    ComparisonSide,
    GilComparison,
    find_pairs,
    gil_wait_share,
    mean_cores_used,
    select_both_gil_settings,
    summarize_comparison,
)
from pi_tui.ui.state.selection import Selection
from pi_tui.ui.state.session import Session
from tests.ui.scripted import FREE_PYTHON, PYTHON, ended, result_of, trial_of
from tests.ui.watched import moved, view_of, with_losses


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


def test_both_settings_of_twins_in_threads() -> None:
    both, why_not = select_both_gil_settings(
        Selection(kernels=("python", "numba"), modes=("sequential", "threads")), PYTHON
    )
    assert both is not None
    assert not why_not
    assert both.kernels == ("numba", "numba-nogil")
    assert both.modes == ("threads",)
    both, _ = select_both_gil_settings(Selection(kernels=("numba-nogil",), modes=("sequential",)), PYTHON)
    assert both is not None
    assert both.kernels == ("numba", "numba-nogil")
    assert both.modes == ("threads",)


def test_both_settings_of_a_free_threaded_interpreter() -> None:
    both, _ = select_both_gil_settings(Selection(kernels=("python",)), FREE_PYTHON)
    assert both is not None
    assert both.gils == (True, False)
    assert both.kernels == ("python",)


def test_a_gil_without_another_setting_is_explained() -> None:
    both, why_not = select_both_gil_settings(Selection(kernels=("python",)), PYTHON, (FREE_PYTHON,))
    assert both is None
    assert "3.14.0t" in why_not
    assert "run in a host process" in select_both_gil_settings(Selection(in_app=True), PYTHON)[1]
    assert select_both_gil_settings(Selection(kernels=()), PYTHON)[1] == "Tick a kernel first."


def test_pairs_differ_in_the_gil_alone() -> None:
    held, released = case_of("numba", 4), case_of("numba-nogil", 4)
    on, off = case_of(gil=True), case_of(gil=False)
    pairs = find_pairs([released, off, held, on, case_of("numba", 8), case_of("python")])
    assert [(pair.held, pair.released) for pair in pairs] == [(held, released), (on, off)]


def test_the_sentence_compares_walls_and_waiting() -> None:
    sentence = summarize_comparison(side("numba"), side("numba-nogil"))
    assert sentence.startswith("Without the GIL 2 threads took")
    assert "times as fast; with it, they waited" in sentence
    assert "of the time for the GIL." in sentence
    assert "queued" not in sentence
    busy = done(case_of("numba-nogil"))
    assert busy.losses is not None
    busy = replace(busy, losses=replace(busy.losses, queued=0.5))
    assert summarize_comparison(side("numba"), side("numba-nogil", busy)).endswith(
        "queued 25% of the time, as no core was free."
    )
    unsure = done(case_of("numba"))
    trials = tuple(
        replace(trial, workers=tuple(replace(worker, gil_wait_s=None) for worker in trial.workers))
        for trial in unsure.trials
    )
    unsure = replace(unsure, trials=trials)
    assert gil_wait_share(unsure)[1] is False
    assert summarize_comparison(side("numba", unsure), side("numba-nogil")).endswith("of the time for their turn.")


def test_the_sentence_for_equal_or_unknown_walls() -> None:
    same = side("numba")
    assert "took as long as with it" in summarize_comparison(same, same)
    assert "longer than" in summarize_comparison(side("numba-nogil"), side("numba"))
    early = side("numba")._replace(result=None)
    assert "after the first measured trial" in summarize_comparison(early, early)
    failed = side("numba", ended(case_of("numba"), "failed", Failure("SIGSEGV", "it crashed.")))
    assert summarize_comparison(failed, same) == "numba: it crashed. There is nothing to compare."
    one = side("numba")._replace(case=case_of("numba", 1))
    assert "has the GIL to itself" in summarize_comparison(one, one)


def test_mean_cores_used_is_cpu_time_by_wall() -> None:
    result = done(case_of("numba-nogil"))
    used = mean_cores_used(result)
    assert used is not None
    assert 1.8 < used <= 2.0
    assert mean_cores_used(None) is None
    held, certain = gil_wait_share(done(case_of("numba")))
    assert held is not None
    assert certain
    assert held > 0.3
    assert gil_wait_share(None) == (None, False)


def test_one_worker_with_an_unknown_cause_does_not_hide_the_others() -> None:
    whole = done(case_of("numba"), 5)
    first = whole.trials[0]
    blind = replace(first, workers=(replace(first.workers[0], gil_wait_s=None), *first.workers[1:]))
    share, certain = gil_wait_share(replace(whole, trials=(blind, *whole.trials[1:])))
    assert certain
    assert share == pytest.approx(gil_wait_share(whole)[0], rel=0.01)


def test_the_sentence_distinguishes_short_times() -> None:
    def lasting(kernel: str, seconds: float) -> ComparisonSide:
        result = done(case_of(kernel))
        assert result.wall_s is not None
        return side(kernel, replace(result, wall_s=replace(result.wall_s, median=seconds)))

    assert "129 ms instead of 166 ms: 1.29 times" in summarize_comparison(
        lasting("numba", 0.166), lasting("numba-nogil", 0.129)
    )


def test_readings_of_cores_belong_to_the_side_whose_trial_runs() -> None:
    held, released = case_of("numba"), case_of("numba-nogil")
    comparison = GilComparison((held, released), 1)
    comparison.note_cores(held, (0.5, None, 1.0))
    comparison.note_cores(None, (0.9,))
    comparison.note_cores(released, (1.0, 1.0))

    from pi_tui.ui.state.session import Session

    sides = comparison.sides(Session(), 0)
    assert [each.cores for each in sides] == [(0.75,), (1.0,)]
    assert [each.name for each in sides] == ["GIL held · numba", "GIL released · numba-nogil"]


def test_a_side_has_the_wall_of_the_trial_whose_lanes_it_shows() -> None:
    case, other = case_of("numba"), case_of("numba-nogil")
    session = Session()
    session.begin(in_app=False)
    session.put_result(done(case))
    comparison = GilComparison((case, other), 1)
    for event in moved(case, "measured", 2, 7):
        session.lanes.add_event(event, 1)
    watched = session.lanes.latest
    assert watched is not None
    comparison.note_lanes(watched)
    held, released = comparison.sides(session, 0)
    assert held.trial_s == next(
        trial.wall_s for trial in done(case).trials if (trial.kind, trial.number) == ("measured", 2)
    )
    assert released.trial_s is None
