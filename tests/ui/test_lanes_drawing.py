"""Lanes, the microscope and the meters of own work as pure functions."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from watched import TICKS, seen, view_of

from pi_tui.analysis.results import Case
from pi_tui.analysis.text.ascii import draw_ascii
from pi_tui.engine.run.events import LanesMoved
from pi_tui.host.protocol import LanePiece, LanesSeen, LaneState
from pi_tui.ui.drawing.bars import _OTHERS_GLYPH, _OTHERS_STYLE, draw_shared_bar
from pi_tui.ui.drawing.lanes import (
    CATEGORY_OF,
    MISSED,
    LanesPosition,
    choose_other_style,
    choose_spacing,
    compress_lane,
    count_visible_lanes,
    describe_certainty,
    draw_lane,
    draw_lanes,
    draw_legend,
    draw_ruler,
    find_categories,
    find_dominant_letter,
    ticks_per_cell,
)
from pi_tui.ui.drawing.microscope import (
    MicroscopePosition,
    count_visible_workers,
    draw_microscope,
    last_start,
    window_ticks,
)
from pi_tui.ui.drawing.spans import ELLIPSIS, line_text, line_width
from pi_tui.ui.state.lane_history import KEPT_CASES, KEPT_S, Lane, LaneHistory, LanesView, number_lanes
from pi_tui.ui.state.time_categories import (
    GIL_WAIT,
    IDLE,
    IO_WAIT,
    LOCK_WAIT,
    RUNNING,
    TERM_CATEGORIES,
    TIME_CATEGORIES,
)

CASE = Case("python", "threads", None, None, "3.11.7", None, 2, 2, 1000)
letters = st.text(st.sampled_from([str(letter) for letter in LaneState]), max_size=300)


def test_a_cell_is_two_milliseconds_so_that_turns_of_five_are_seen() -> None:
    assert ticks_per_cell(1.0) == 2
    assert ticks_per_cell(2.0) == 1
    assert ticks_per_cell(10.0) == 1
    for period_ms, turn in ((1.0, 5), (2.0, 3)):
        lane = ("R" * turn + "G" * turn) * 20
        shown = compress_lane(lane, 0, ticks_per_cell(period_ms), 40)
        runs = shown.replace("RG", "R G").replace("GR", "G R").split()
        assert len(runs) >= 10
        assert all(2 <= len(run) <= 3 for run in runs[1:-1])


def test_a_cell_shows_what_had_most_of_its_ticks() -> None:
    assert find_dominant_letter("RG") == "R"
    assert find_dominant_letter("GRR") == "R"
    assert find_dominant_letter("-G") == "G"
    assert find_dominant_letter("--") == "-"
    assert find_dominant_letter("..L") == "."


@given(letters, st.integers(0, 9), st.integers(1, 4), st.integers(1, 60))
def test_compressed_lanes_have_their_width_and_show_nothing_that_was_not_there(
    lane: str, first_tick: int, per_cell: int, cells: int
) -> None:
    shown = compress_lane(lane, first_tick, per_cell, cells)
    assert len(shown) == cells
    assert set(shown) <= set(lane) | {" "}


@given(letters.filter(lambda lane: len(lane) > 20))
def test_a_cell_keeps_its_look_while_the_lane_goes_on(lane: str) -> None:
    short, whole = compress_lane(lane[:20], 0, 2, 60).lstrip(" "), compress_lane(lane, 0, 2, 600).lstrip(" ")
    assert whole.startswith(short)


def test_every_letter_has_a_look_of_its_own_meaning() -> None:
    assert set(CATEGORY_OF) == {str(letter) for letter in LaneState}
    assert CATEGORY_OF["R"] is RUNNING
    assert CATEGORY_OF["G"] is GIL_WAIT
    assert CATEGORY_OF["S"] is CATEGORY_OF["I"] is IO_WAIT
    assert line_text(draw_lane("RRGL-. ")) == "██▓▒│  "
    assert CATEGORY_OF["."] is IDLE


def test_letters_and_terms_are_told_apart_in_ascii_and_without_colour() -> None:
    for looks in (set(CATEGORY_OF.values()), {*TERM_CATEGORIES.values()}, {*TIME_CATEGORIES}):
        glyphs = [look.glyph for look in looks]
        assert len({draw_ascii(glyph) for glyph in glyphs}) == len(glyphs)
        assert all(draw_ascii(glyph).isascii() and "?" not in draw_ascii(glyph) for glyph in glyphs)


@pytest.mark.parametrize("lines", range(1, 12))
@pytest.mark.parametrize("cells", [20, 39, 40, 44, 66, 70, 120])
@pytest.mark.parametrize("workers", [1, 2, 3, 12])
def test_the_pane_fits_any_size(cells: int, lines: int, workers: int) -> None:
    drawn = draw_lanes(view_of(workers), LanesPosition(), cells, lines)
    assert len(drawn) <= lines
    assert all(line_width(line) == cells for line in drawn)
    text = "\n".join(map(line_text, drawn))
    for worker in range(min(workers, count_visible_lanes(lines, cells))):
        assert f"w{worker}" in text
    assert len(draw_lanes(None, LanesPosition(), cells, lines)) <= lines


def test_turns_stand_opposite_each_other_and_the_numbers_are_of_the_last_second() -> None:
    ruler, w0, w1, caption = map(line_text, draw_lanes(view_of(2, 4000), LanesPosition(), 80, 4))
    lane = slice(3, 45)
    assert {(a, b) for a, b in zip(w0[lane], w1[lane], strict=True)} == {("█", "▓"), ("▓", "█")}
    assert w0.split()[-4:] == w1.split()[-4:] == ["50%", "50%", "0%", "-"]  # what was queued is not known
    assert ruler.split()[-4:] == ["run", "GIL", "other", "queued"]
    assert "now▕" in ruler
    assert "−50 ms" in ruler
    assert caption.startswith("python threads · trial 1")
    assert "▓▓ GIL wait" in caption


def test_the_right_end_says_whether_it_moves() -> None:
    assert "end▕" in line_text(draw_lanes(view_of(2, ended=True), LanesPosition(), 80, 4)[0])
    assert "paused▕" in line_text(draw_lanes(view_of(2), LanesPosition(paused=True), 80, 4)[0])


def test_more_workers_than_lines_say_which_are_shown() -> None:
    drawn = [line_text(line) for line in draw_lanes(view_of(12), LanesPosition(first=5), 80, 6)]
    assert [line[:3] for line in drawn[1:5]] == ["w5 ", "w6 ", "w7 ", "w8 "]
    assert "6-9 of 12 workers" in drawn[-1]


def test_what_is_not_visible_is_said() -> None:
    blind = LanesView("python threads · trial 1", (), 0, 1_000_000, None, "none", False)
    assert "not visible on this system" in line_text(draw_lanes(blind, LanesPosition(), 100, 2)[0])
    assert describe_certainty(blind) == "not visible on this system"
    assert describe_certainty(view_of(2)) == "0.99 kHz, system calls"
    assert describe_certainty(view_of(2, certainty="state", rate_hz=500.0)) == "0.50 kHz, state only"
    assert describe_certainty(view_of(2, rate_hz=None)) == "system calls"


def test_the_legend_tells_what_occurs() -> None:
    lanes = (Lane("w0", "RRLL"), Lane("w1", "SSII"))
    assert find_categories(lanes) == [RUNNING, LOCK_WAIT, IO_WAIT]
    assert find_categories(lanes, 2) == [LOCK_WAIT, IO_WAIT]
    assert "▒▒ lock wait" in line_text(draw_legend(find_categories(lanes)))


def test_the_ruler_marks_round_times() -> None:
    text = line_text(draw_ruler(50, 2.0, "now"))
    assert text.endswith("now▕")
    assert text.index("│−50 ms") == 50 - 25
    assert len(line_text(draw_ruler(3, 2.0, "now"))) == 3
    assert choose_spacing(8, 2) == (3, 1)
    assert choose_spacing(2, 2) == (1, 0)


def test_other_waiting_has_the_ink_of_its_largest_kind() -> None:
    from pi_tui.analysis.lanes import LaneShares

    assert choose_other_style(LaneShares(0.5, 0.0, 0.4, 0.1, 0.0)) == LOCK_WAIT.style
    assert choose_other_style(LaneShares(0.5, 0.0, 0.1, 0.4, 0.0)) == IO_WAIT.style


# ---- the microscope


def test_the_microscope_shows_200_ms_a_tick_a_cell() -> None:
    view = view_of(2, 1000)
    assert window_ticks(view) == 200
    assert window_ticks(view._replace(period_ns=2_000_000)) == 100
    assert last_start(view) == 800
    drawn = [line_text(line) for line in draw_microscope(view, MicroscopePosition(103), 199, 110, 24)]
    assert drawn[0].startswith("0.103 to 0.303 s of 1.000 s")
    assert "39 here" in drawn[0]
    assert "199 in all, 199 a second" in drawn[0]
    lanes = "".join(line[3:].rstrip() for line in drawn if line.startswith("w0") and "%" not in line)
    assert len(lanes) == 200
    assert lanes[:20] == "█████▓▓▓▓▓" * 2
    assert "│120 ms" in drawn[3]
    assert MISSED.label in drawn[-1]


@pytest.mark.parametrize("cells", [30, 76, 114, 194, 300])
@pytest.mark.parametrize("lines", [6, 10, 20, 50])
@pytest.mark.parametrize("workers", [1, 2, 9])
def test_the_microscope_fits_any_size(cells: int, lines: int, workers: int) -> None:
    for ticks in (7, 150, 1000):
        view = view_of(workers, ticks)
        drawn = draw_microscope(view, MicroscopePosition(last_start(view)), 5, cells, lines)
        assert len(drawn) == lines
        assert all(line_width(line) == cells for line in drawn)
    assert count_visible_workers(view_of(workers), cells, lines) >= 1


@pytest.mark.parametrize("cells", range(36, 130, 3))
@pytest.mark.parametrize("workers", [1, 2, 64])
def test_the_microscope_says_nothing_by_halves(cells: int, workers: int) -> None:
    drawn = [
        line_text(line) for line in draw_microscope(view_of(workers, 1000), MicroscopePosition(103), 199, cells, 10)
    ]
    assert ELLIPSIS not in drawn[0] + drawn[-1]
    assert drawn[0].startswith("0.103 to 0.303 s")
    assert "running" in drawn[-1] or "workers 1-" in drawn[-1]


@pytest.mark.parametrize("start", range(60))
@pytest.mark.parametrize("cells", [40, 80, 120])
def test_every_mark_of_the_microscopes_ruler_has_its_label(start: int, cells: int) -> None:
    drawn = [line_text(line) for line in draw_microscope(view_of(2, 1000), MicroscopePosition(start), 5, cells, 40)]
    rulers = [line for line in drawn if " ms" in line and "w" not in line and "cell" not in line]
    assert rulers
    for ruler in rulers:
        for mark in re.finditer("│", ruler):
            assert re.match(r"│\d+ ms", ruler[mark.start() :]) or re.search(r"\d+ ms│$", ruler[: mark.end()])


def test_the_last_mark_of_the_microscopes_ruler_has_its_label_before_it() -> None:
    ruler = line_text(draw_microscope(view_of(2, 1000), MicroscopePosition(1), 5, 120, 24)[3]).rstrip()
    assert ruler.endswith("100 ms│")
    assert ruler.index("│20 ms") == len("w0 ") + 19


def test_the_microscope_tells_shares_in_sight_and_in_all() -> None:
    view = view_of(2, 1000)
    text = [line_text(line) for line in draw_microscope(view, MicroscopePosition(0), 5, 110, 30)]
    told = next(line for line in text if line.startswith("w0") and "%" in line)
    assert told.split() == ["w0", "51%", "49%", "0%", "0%", "0%", "50%", "50%", "0%", "0%", "0%"]


# ---- what is kept of trials


def test_pieces_of_a_trial_are_put_together() -> None:
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


def test_the_next_trial_takes_the_place_of_the_last_one() -> None:
    watch = LaneHistory()
    watch.add_event(LanesMoved(CASE, "warmup", 0, seen(CASE, 1, 0, 100)))
    watch.add_event(LanesMoved(CASE, "measured", 1, seen(CASE, 2, 0, 50)))
    assert watch.latest is not None
    assert watch.latest.view().ticks == 50
    watch.add_event(LanesMoved(CASE, "measured", 2, seen(CASE, 2, 0, 20)))  # another host counts its trials anew
    assert watch.latest.view().ticks == 20


def test_another_runs_trial_begins_anew_even_where_its_ticks_would_follow() -> None:
    watch = LaneHistory()
    watch.add_event(LanesMoved(CASE, "measured", 1, seen(CASE, 1, 0, 100)), 1)
    before = watch.latest
    watch.add_event(LanesMoved(CASE, "measured", 1, seen(CASE, 1, 100, 150)), 2)
    assert before is not None
    assert before.view().ticks == 100
    assert watch.latest is not None
    assert (watch.latest.run, watch.latest.view().ticks) == (2, 50)


def test_what_is_kept_is_bounded() -> None:
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


def test_workers_of_a_pool_are_named_in_the_order_of_first_sight() -> None:
    pieces = [LanePiece(-1, 50, 50, "R"), LanePiece(-1, 40, 40, "G")]
    assert number_lanes(pieces) == (Lane("w0", "R"), Lane("w1", "G"))
    pieces = [LanePiece(11, 1, 3, "L"), LanePiece(2, 1, 2, "R"), LanePiece(-1, 1, 9, "G")]
    assert number_lanes(pieces) == (Lane("w0", "G"), Lane("w2", "R"), Lane("w11", "L"))


# ---- whose work a core does


def test_own_work_is_bright_and_the_rest_quiet_and_dashed() -> None:
    bar = draw_shared_bar(0.5, 0.75, 40)
    assert line_text(bar) == "━" * 20 + _OTHERS_GLYPH * 10 + "─" * 10
    assert {span.style for span in bar if _OTHERS_GLYPH in span.text} == {_OTHERS_STYLE}
    assert _OTHERS_GLYPH not in line_text(draw_shared_bar(None, 0.75, 40))
    assert _OTHERS_GLYPH not in line_text(draw_shared_bar(0.9, 0.5, 40))
    assert line_text(draw_shared_bar(0.0, 0.5, 40)).startswith(_OTHERS_GLYPH * 20)


@given(st.floats(0, 1), st.floats(0, 1), st.integers(0, 60))
def test_a_shared_bar_has_the_width_it_is_given(own: float, share: float, cells: int) -> None:
    assert line_width(draw_shared_bar(own, share, cells)) == cells


def test_scripted_turns_are_turns() -> None:
    view = view_of(2)
    assert view.ticks == TICKS
    assert view.lanes[0].letters[3:13] == "RRRRRGGGGG"


def test_a_thread_that_cannot_begin_for_the_gil_is_drawn_waiting_for_it_even_before_it_was_seen() -> None:
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


def test_that_the_gil_is_held_may_be_seen_only_later() -> None:
    watch = LaneHistory()
    first = LanePiece(0, 100, 200, ".RRR")
    watch.add_event(LanesMoved(CASE, "measured", 1, LanesSeen(9, 0, 1_000_000, 0, 4, 0, "system call", (first,))))
    assert watch.latest is not None
    assert watch.latest.view().lanes == (Lane("w0", ".RRR"),)
    more = LanesSeen(9, 0, 1_000_000, 4, 8, 0, "system call", (LanePiece(0, 100, 200, "RRRR"),))
    watch.add_event(LanesMoved(CASE, "measured", 1, more, one_gil=True))
    assert watch.latest.view().lanes == (Lane("w0", ".RRRRRRR"), Lane("w1", ".GGGGGGG"))


def test_elsewhere_a_thread_that_begins_late_is_not_said_to_wait() -> None:
    watch = LaneHistory()
    both = (LanePiece(0, 100, 200, ".RRR"), LanePiece(1, 100, 201, "...R"))
    watch.add_event(
        LanesMoved(CASE, "measured", 1, LanesSeen(9, 0, 1_000_000, 0, 4, 0, "system call", both, ended=True))
    )
    assert watch.latest is not None
    assert [lane.letters for lane in watch.latest.view().lanes] == [".RRR", "...R"]


def test_what_was_queued_is_told_apart_from_what_ran_where_there_is_room() -> None:
    lanes = (Lane("w0", "R" * 1000, 0.4), Lane("w1", "RG" * 500, 0.0))
    view = view_of(2, 1000)._replace(lanes=lanes)
    ruler, w0, w1, _ = map(line_text, draw_lanes(view, LanesPosition(), 80, 4))
    assert ruler.split()[-4:] == ["run", "GIL", "other", "queued"]
    assert w0.split()[-4:] == ["60%", "0%", "0%", "40%"]
    assert w1.split()[-4:] == ["50%", "50%", "0%", "0%"]
    narrow = [line_text(line) for line in draw_lanes(view, LanesPosition(), 50, 4)]
    assert narrow[1].split()[-3:] == ["100%", "0%", "0%"]  # no room: what is queued counts as run
