"""The lanes of the latest trials, as they come in."""

from __future__ import annotations

from hypothesis import strategies as st

from pi_tui.analysis.results import Case
from pi_tui.engine.run.events import LanesMoved
from pi_tui.host.protocol import LanePiece, LanesSeen, LaneState
from pi_tui.ui.state.lane_history import KEPT_CASES, KEPT_S, Lane, LaneHistory, number_lanes
from tests.ui.watched import seen

CASE = Case("python", "threads", None, None, "3.11.7", None, 2, 2, 1000)


letters = st.text(st.sampled_from([str(letter) for letter in LaneState]), max_size=300)


def test_lanes_of_a_trial_are_joined() -> None:
    watch = LaneHistory()
    assert watch.latest is None
    for first in (0, 100, 200):
        watch.add_event(LanesMoved(CASE, "measured", 3, seen(CASE, 9, first, first + 100)))
    trial = watch.latest
    assert trial is not None
    view = trial.view()
    assert view.title == "python threads · trial 3"
    assert [lane.label for lane in view.lanes] == ["w0", "w1"]
    assert view.ticks == 300
    assert not view.ended
    assert trial.threads == ((100, 200), (100, 201))
    watch.add_event(LanesMoved(CASE, "measured", 3, seen(CASE, 9, 300, 300, ended=True)))
    latest = watch.latest
    assert latest is not None
    assert latest.view().ended


def test_the_next_trial_replaces_the_last_one() -> None:
    watch = LaneHistory()
    watch.add_event(LanesMoved(CASE, "warmup", 0, seen(CASE, 1, 0, 100)))
    watch.add_event(LanesMoved(CASE, "measured", 1, seen(CASE, 2, 0, 50)))
    assert watch.latest is not None
    assert watch.latest.view().ticks == 50
    watch.add_event(LanesMoved(CASE, "measured", 2, seen(CASE, 2, 0, 20)))  # another host counts its trials anew
    assert watch.latest.view().ticks == 20


def test_a_trial_of_another_run_begins_new_lanes() -> None:
    watch = LaneHistory()
    watch.add_event(LanesMoved(CASE, "measured", 1, seen(CASE, 1, 0, 100)), 1)
    before = watch.latest
    watch.add_event(LanesMoved(CASE, "measured", 1, seen(CASE, 1, 100, 150)), 2)
    assert before is not None
    assert before.view().ticks == 100
    assert watch.latest is not None
    assert (watch.latest.run, watch.latest.view().ticks) == (2, 50)


def test_lanes_have_a_bound() -> None:
    watch = LaneHistory()
    kept = round(KEPT_S * 1000 / 10)
    piece = LanePiece(0, 1, 2, "R" * kept)
    for number in range(2):
        told = LanesSeen(1, 0, 10_000_000, number * kept, kept, 0, "system call", (piece,))
        watch.add_event(LanesMoved(CASE, "measured", 1, told))
    assert watch.latest is not None
    view = watch.latest.view()
    assert view.ticks == kept
    assert view.first_tick == kept
    cases = [Case("python", "threads", None, None, "3.11.7", None, 1, 1, samples) for samples in range(1, 12)]
    for case in cases:
        watch.add_event(LanesMoved(case, "measured", 1, seen(case, 1, 0, 10)))
    assert [case for case in cases if watch.find(case) is not None] == cases[-KEPT_CASES:]


def test_workers_of_a_pool_are_numbered_as_they_were_first_seen() -> None:
    pieces = [LanePiece(-1, 50, 50, "R"), LanePiece(-1, 40, 40, "G")]
    assert number_lanes(pieces) == (Lane("w0", "R"), Lane("w1", "G"))
    pieces = [LanePiece(11, 1, 3, "L"), LanePiece(2, 1, 2, "R"), LanePiece(-1, 1, 9, "G")]
    assert number_lanes(pieces) == (Lane("w0", "G"), Lane("w2", "R"), Lane("w11", "L"))


def test_a_thread_that_cannot_begin_for_the_gil_is_drawn_as_waiting_for_it() -> None:
    watch = LaneHistory()
    first = LanePiece(0, 100, 200, ".RRR")
    watch.add_event(
        LanesMoved(CASE, "measured", 1, LanesSeen(9, 0, 1_000_000, 0, 4, 0, "system call", (first,)), one_gil=True)
    )
    trial = watch.latest
    assert trial is not None
    assert trial.view().lanes == (Lane("w0", ".RRR"), Lane("w1", ".GGG"))
    both = (LanePiece(0, 100, 200, "...."), LanePiece(1, 100, 201, ".RRR"))
    last = LanesSeen(9, 0, 1_000_000, 4, 8, 0, "system call", both, ended=True)
    watch.add_event(LanesMoved(CASE, "measured", 1, last, one_gil=True))
    assert trial.view().lanes == (Lane("w0", ".RRR...."), Lane("w1", ".GGG.RRR"))


def test_lanes_show_gil_wait_from_the_moment_the_gil_is_known() -> None:
    watch = LaneHistory()
    first = LanePiece(0, 100, 200, ".RRR")
    watch.add_event(LanesMoved(CASE, "measured", 1, LanesSeen(9, 0, 1_000_000, 0, 4, 0, "system call", (first,))))
    assert watch.latest is not None
    assert watch.latest.view().lanes == (Lane("w0", ".RRR"),)
    more = LanesSeen(9, 0, 1_000_000, 4, 8, 0, "system call", (LanePiece(0, 100, 200, "RRRR"),))
    watch.add_event(LanesMoved(CASE, "measured", 1, more, one_gil=True))
    assert watch.latest.view().lanes == (Lane("w0", ".RRRRRRR"), Lane("w1", ".GGGGGGG"))


def test_without_one_gil_a_late_thread_is_not_drawn_as_waiting() -> None:
    watch = LaneHistory()
    both = (LanePiece(0, 100, 200, ".RRR"), LanePiece(1, 100, 201, "...R"))
    watch.add_event(
        LanesMoved(CASE, "measured", 1, LanesSeen(9, 0, 1_000_000, 0, 4, 0, "system call", both, ended=True))
    )
    assert watch.latest is not None
    assert [lane.letters for lane in watch.latest.view().lanes] == [".RRR", "...R"]
