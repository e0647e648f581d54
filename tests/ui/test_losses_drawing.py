"""Where the speed-up went, and both settings of the GIL side by side, as pure functions."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scripted import FREE_PYTHON, PYTHON, ended, result_of, trial_of
from watched import moved, view_of, with_losses

from pi_tui.analysis.results import Case, Losses, Result
from pi_tui.host.protocol import Failure, WorkerLedger
from pi_tui.ui.drawing.bars import draw_stacked_bar
from pi_tui.ui.drawing.gil_comparison import draw_comparison
from pi_tui.ui.drawing.ledgers import draw_ledgers, list_ledger_shares
from pi_tui.ui.drawing.losses import draw_losses, draw_terms, draw_terms_inline, list_loss_parts
from pi_tui.ui.drawing.spans import line_text, line_width
from pi_tui.ui.state.gil_comparison import (
    ComparisonSide,
    GilComparison,
    find_pairs,
    gil_wait_share,
    mean_cores_used,
    select_both_gil_settings,
    summarize_comparison,
)
from pi_tui.ui.state.row_summary import list_sentences
from pi_tui.ui.state.selection import Selection
from pi_tui.ui.state.session import Row, Session
from pi_tui.ui.state.time_categories import GIL_WAIT, RUNNING, TERM_CATEGORIES, WAITING

LOSSES = Losses(0.98, 0.02, 0.0, 0.99, 0.99, 0.0, 0.0, 0.0, -0.04, 0.0, 0.05, 2, 1, 1)


def case_of(kernel: str = "python", workers: int = 2, **changes: object) -> Case:
    case = Case(kernel, "threads", None, None, "3.11.7", None, workers, workers, 1_000_000)
    return replace(case, **changes)  # type: ignore[arg-type]


def done(case: Case, repeat: int = 3) -> Result:
    trials = tuple(trial_of(case, "measured", number + 1) for number in range(repeat))
    return with_losses(result_of(case, trials, repeat), 2)


def row_of(number: int, case: Case) -> Row:
    return Row(number, 1, case, "ok", False, done(case))


parts = st.lists(st.tuples(st.sampled_from(list(TERM_CATEGORIES.values())), st.floats(-1, 4)), max_size=12)


@given(parts, st.floats(0.1, 50), st.integers(0, 100))
def test_a_stacked_bar_stays_within_its_room_and_leaves_out_what_is_negative(
    shown: list[tuple[object, float]], scale: float, room: int
) -> None:
    bar = draw_stacked_bar(shown, scale, room)  # type: ignore[arg-type]
    positive = sum(max(0.0, value) for _, value in shown)
    assert line_width(bar) == min(room, round(positive * scale)) or abs(line_width(bar) - positive * scale) <= 0.5
    assert line_width(bar) <= room


def test_of_rows_from_inside_the_app_it_is_said_that_they_have_no_bars() -> None:
    inside = [replace(row_of(1, case_of()), in_app=True)]
    assert "inside the app has no bars" in " ".join(map(line_text, draw_losses(inside, 1, 60, 12)))
    assert "runs what is ticked" in " ".join(map(line_text, draw_losses([], None, 60, 12)))


def test_a_bar_is_as_long_as_there_are_workers() -> None:
    exact = replace(LOSSES, extra=0.0, collect=0.01)
    assert line_text(draw_stacked_bar(list_loss_parts(exact), 20.0, 100)) == "█" * 20 + "▓" * 20
    assert line_width(draw_stacked_bar(list_loss_parts(exact), 20.0, 100)) == 40


def test_terms_are_told_in_workers_with_two_decimals() -> None:
    text = [line_text(line) for line in draw_terms(LOSSES, 80)]
    assert text[0].split()[1:3] == ["speed-up", "0.98"]
    assert any("+ GIL wait" in line and "0.99" in line and "▓▓▓" in line for line in text)
    negative = next(line for line in text if "extra" in line)
    assert "-0.04" in negative
    assert "+++" not in negative
    assert any("= workers" in line and "2.00" in line for line in text)
    assert "between" in text[-1]
    assert "0.00:" in text[-1] or "0.00:" in text[-2]
    assert "1.60× by clock" in line_text(draw_terms(LOSSES, 80, 1.6)[0])
    assert "by clock" not in line_text(draw_terms(LOSSES, 80, 0.99)[0])


def test_what_is_not_known_is_not_nought() -> None:
    unknown = replace(LOSSES, queued=None, gil_wait=None, lock_wait=None, io_wait=None)
    text = "\n".join(line_text(line) for line in draw_terms(unknown, 80))
    assert "queued is not told by this system" in text
    assert "GIL" not in text
    assert "▚▚▚ + waiting" in text
    assert (WAITING, 0.99) in list_loss_parts(unknown)
    assert "▚▚ waiting 0.99" in line_text(draw_terms_inline(unknown, 200)[0])


@pytest.mark.parametrize("cells", [36, 60, 76, 91, 92, 116, 200])
@pytest.mark.parametrize("lines", [1, 3, 7, 11, 19, 40])
def test_the_pane_fits_any_size(cells: int, lines: int) -> None:
    waiting = Row(9, 1, case_of("numpy"), "running", True, None)
    broken = Row(10, 1, case_of("numba"), "failed", False, ended(case_of("numba"), "failed", Failure("E", "no")))
    rows = [*(row_of(number, case_of(workers=number)) for number in range(1, 9)), waiting, broken]
    for chosen in (None, 1, 5, 9, 10):
        drawn = draw_losses(rows, chosen, cells, lines)
        assert len(drawn) <= lines
        assert all(line_width(line) == cells for line in drawn)
    assert len(draw_losses([], None, cells, lines)) <= lines


def test_the_selected_row_is_large_with_its_workers_below() -> None:
    rows = [row_of(1, case_of("numba-nogil")), row_of(2, case_of())]
    text = "\n".join(line_text(line) for line in draw_losses(rows, 2, 116, 19))
    assert "▸ 2  python threads × 2" in text
    assert "row 2 of 2" in text
    assert "the median trial" in text
    assert "GIL wait" in text
    assert "w0" in text
    assert "w1" in text
    narrow = "\n".join(line_text(line) for line in draw_losses(rows, 2, 76, 7))
    assert "GIL wait" in narrow
    assert "w1" in narrow
    assert "numba-nogil" not in narrow


def test_a_worker_is_its_parts() -> None:
    worker = WorkerLedger(0, 1, 2, 1, 10, 0.1, 0.5, 0.0, 0.3, 0.0, 0.1, gil_wait_s=0.2, lock_wait_s=0.1, io_wait_s=0.0)
    shares = {meaning.label: round(share, 6) for meaning, share in list_ledger_shares(worker)}
    assert shares["running"] == 0.5
    assert shares["GIL wait"] == 0.2
    assert shares["lock wait"] == 0.1
    assert sum(shares.values()) == pytest.approx(1.0)
    unknown = replace(worker, gil_wait_s=None, lock_wait_s=None, io_wait_s=None)
    assert (WAITING, pytest.approx(0.3)) in list_ledger_shares(unknown)
    assert list_ledger_shares(WorkerLedger(0, None, None, 0, 0, 0, 0, 0, 0, 0, 0)) == []


def test_many_workers_are_cut_and_counted() -> None:
    trial = trial_of(case_of(workers=30), "measured", 1)
    drawn = draw_ledgers(trial, 3, 80, 6)
    assert len(drawn) == 6
    assert line_text(drawn[-1]).startswith("and 25 more")
    assert draw_ledgers(trial, 3, 80, 0) == []


# ---- A/B


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


def test_where_there_is_no_other_setting_the_reason_is_said() -> None:
    both, why_not = select_both_gil_settings(Selection(kernels=("python",)), PYTHON, (FREE_PYTHON,))
    assert both is None
    assert "3.14.0t" in why_not
    assert "its own process" in select_both_gil_settings(Selection(in_app=True), PYTHON)[1]
    assert select_both_gil_settings(Selection(kernels=()), PYTHON)[1] == "Tick a kernel first."


def test_pairs_differ_in_the_gil_alone() -> None:
    held, released = case_of("numba", 4), case_of("numba-nogil", 4)
    on, off = case_of(gil=True), case_of(gil=False)
    pairs = find_pairs([released, off, held, on, case_of("numba", 8), case_of("python")])
    assert [(pair.held, pair.released) for pair in pairs] == [(held, released), (on, off)]


def side(kernel: str, result: Result | None = None, **changes: object) -> ComparisonSide:
    case = case_of(kernel)
    made = ComparisonSide(kernel, case, result or done(case), view_of(2), (0.5,) * 30, False)
    return made._replace(**changes)


def test_the_sentence_compares_walls_and_tells_the_waiting() -> None:
    sentence = summarize_comparison(side("numba"), side("numba-nogil"))
    assert sentence.startswith("Without the GIL 2 threads took")
    assert "times as fast; with it, they waited" in sentence
    assert "of the time for the GIL." in sentence
    assert "queued" not in sentence
    busy = done(case_of("numba-nogil"))
    assert busy.losses is not None
    busy = replace(busy, losses=replace(busy.losses, queued=0.5))
    assert summarize_comparison(side("numba"), side("numba-nogil", busy)).endswith(
        "queued 25% of the time, for want of a free core."
    )
    unsure = done(case_of("numba"))
    trials = tuple(
        replace(trial, workers=tuple(replace(worker, gil_wait_s=None) for worker in trial.workers))
        for trial in unsure.trials
    )
    unsure = replace(unsure, trials=trials)
    assert gil_wait_share(unsure)[1] is False
    assert summarize_comparison(side("numba", unsure), side("numba-nogil")).endswith("of the time for their turn.")


def test_the_sentence_of_what_makes_no_difference_or_is_not_known() -> None:
    same = side("numba")
    assert "took as long as with it" in summarize_comparison(same, same)
    assert "longer than" in summarize_comparison(side("numba-nogil"), side("numba"))
    early = side("numba")._replace(result=None)
    assert "comes with the first measured trial" in summarize_comparison(early, early)
    failed = side("numba", ended(case_of("numba"), "failed", Failure("SIGSEGV", "it crashed.")))
    assert summarize_comparison(failed, same) == "numba: it crashed. There is nothing to compare."
    one = side("numba")._replace(case=case_of("numba", 1))
    assert "has the GIL to itself" in summarize_comparison(one, one)


def test_cores_used_is_cpu_time_by_wall() -> None:
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


def test_one_worker_whose_waiting_is_not_told_apart_does_not_spoil_the_others() -> None:
    whole = done(case_of("numba"), 5)
    first = whole.trials[0]
    blind = replace(first, workers=(replace(first.workers[0], gil_wait_s=None), *first.workers[1:]))
    share, certain = gil_wait_share(replace(whole, trials=(blind, *whole.trials[1:])))
    assert certain
    assert share == pytest.approx(gil_wait_share(whole)[0], rel=0.01)


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


def test_what_is_compared_stands_side_by_side() -> None:
    few = side("numba-nogil")._replace(cores=())
    for released in (side("numba-nogil"), few):
        drawn = list(map(line_text, draw_comparison(side("numba"), released, 2, 116, 50)))
        for title in ("wall", "cores used", "cores, while its trials ran", "where the speed-up went"):
            assert all(line.count(title) == 2 for line in drawn if title in line), title
        assert any("where the speed-up went" in line for line in drawn)


def test_the_sentence_tells_short_times_apart() -> None:
    def lasting(kernel: str, seconds: float) -> ComparisonSide:
        result = done(case_of(kernel))
        assert result.wall_s is not None
        return side(kernel, replace(result, wall_s=replace(result.wall_s, median=seconds)))

    assert "129 ms instead of 166 ms: 1.29 times" in summarize_comparison(
        lasting("numba", 0.166), lasting("numba-nogil", 0.129)
    )


def test_cores_are_kept_with_the_side_whose_trial_runs() -> None:
    held, released = case_of("numba"), case_of("numba-nogil")
    comparison = GilComparison((held, released), 1)
    comparison.note_cores(held, (0.5, None, 1.0))
    comparison.note_cores(None, (0.9,))
    comparison.note_cores(released, (1.0, 1.0))

    from pi_tui.ui.state.session import Session

    sides = comparison.sides(Session(), 0)
    assert [each.cores for each in sides] == [(0.75,), (1.0,)]
    assert [each.name for each in sides] == ["GIL held · numba", "GIL released · numba-nogil"]


def unseen(case: Case) -> Result:
    """A result of a kernel with threads inside: what its workers did in its calls is not known."""
    nothing = {"running_s": None, "waiting_s": None, "queued_s": None, "gil_wait_s": None}
    trials = tuple(
        replace(trial, workers=tuple(replace(worker, **nothing) for worker in trial.workers))
        for trial in done(case).trials
    )
    return replace(result_of(case, trials, len(trials)), losses=None, advice=())


def test_threads_inside_a_kernel_are_said_to_be_unseen() -> None:
    case = case_of("numba-parallel")
    row = replace(row_of(1, case), result=unseen(case))
    drawn = "\n".join(line_text(line) for line in draw_losses([row, row_of(2, case_of())], 1, 100, 24))
    assert "not known: threads of its own" in drawn
    assert "the kernel starts threads of its own" in drawn
    assert "starts threads of its own" in list_sentences(row)[0]
    assert mean_cores_used(row.result) is None
    assert gil_wait_share(row.result) == (None, False)


def test_the_whole_trial_is_told_from_the_first_sight_of_a_worker_to_the_last() -> None:
    """The look at a trial begins before its work and ends after it: that is no part of it."""
    view = view_of(2, ended=True)
    late = view._replace(
        lanes=tuple(lane._replace(letters=f"{'.' * 90}{lane.letters}{'.' * 60}") for lane in view.lanes)
    )
    for trial_s, told in ((0.0423, "its last trial as a whole, 42.3 ms"), (None, "its last trial as a whole, 397 ms")):
        both = [side(kernel)._replace(lanes=late, trial_s=trial_s) for kernel in ("numba", "numba-nogil")]
        drawn = [line_text(line) for line in draw_comparison(*both, 2, 120, 50)]
        heading = next(index for index, line in enumerate(drawn) if told in line)
        assert drawn[heading].count(told) == 2
        assert not drawn[heading + 1].removeprefix("w0 ").startswith(" ")


def test_a_side_knows_how_long_the_very_trial_took_that_was_watched() -> None:
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
