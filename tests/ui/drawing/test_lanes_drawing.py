"""Lanes as they are drawn."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pi_tui.analysis.text.ascii import draw_ascii
from pi_tui.host.protocol import LaneState
from pi_tui.ui.drawing.lanes import (
    CATEGORY_OF,
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
from pi_tui.ui.drawing.spans import line_text, line_width
from pi_tui.ui.state.lane_history import Lane, LanesView
from pi_tui.ui.state.time_categories import (
    GIL_WAIT,
    IDLE,
    IO_WAIT,
    LOCK_WAIT,
    RUNNING,
    TERM_CATEGORIES,
    TIME_CATEGORIES,
)
from tests.ui.watched import TICKS, view_of

letters = st.text(st.sampled_from([str(letter) for letter in LaneState]), max_size=300)


def test_cells_of_two_milliseconds_show_turns_of_five() -> None:
    assert ticks_per_cell(1.0) == 2
    assert ticks_per_cell(2.0) == 1
    assert ticks_per_cell(10.0) == 1
    for period_ms, turn in ((1.0, 5), (2.0, 3)):
        lane = ("R" * turn + "G" * turn) * 20
        shown = compress_lane(lane, 0, ticks_per_cell(period_ms), 40)
        runs = shown.replace("RG", "R G").replace("GR", "G R").split()
        assert len(runs) >= 10
        assert all(2 <= len(run) <= 3 for run in runs[1:-1])


def test_a_cell_shows_its_most_frequent_state() -> None:
    assert find_dominant_letter("RG") == "R"
    assert find_dominant_letter("GRR") == "R"
    assert find_dominant_letter("-G") == "G"
    assert find_dominant_letter("--") == "-"
    assert find_dominant_letter("..L") == "."


@given(letters, st.integers(0, 9), st.integers(1, 4), st.integers(1, 60))
def test_compressed_lanes_have_their_width_and_only_letters_that_occurred(
    lane: str, first_tick: int, per_cell: int, cells: int
) -> None:
    shown = compress_lane(lane, first_tick, per_cell, cells)
    assert len(shown) == cells
    assert set(shown) <= set(lane) | {" "}


@given(letters.filter(lambda lane: len(lane) > 20))
def test_a_cell_does_not_change_while_the_lane_grows(lane: str) -> None:
    short, whole = compress_lane(lane[:20], 0, 2, 60).lstrip(" "), compress_lane(lane, 0, 2, 600).lstrip(" ")
    assert whole.startswith(short)


def test_every_letter_has_a_category() -> None:
    assert set(CATEGORY_OF) == {str(letter) for letter in LaneState}
    assert CATEGORY_OF["R"] is RUNNING
    assert CATEGORY_OF["G"] is GIL_WAIT
    assert CATEGORY_OF["S"] is CATEGORY_OF["I"] is IO_WAIT
    assert line_text(draw_lane("RRGL-. ")) == "██▓▒│  "
    assert CATEGORY_OF["."] is IDLE


def test_categories_differ_in_ascii_and_without_colour() -> None:
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


def test_turns_alternate_and_numbers_are_of_the_last_second() -> None:
    ruler, w0, w1, caption = map(line_text, draw_lanes(view_of(2, 4000), LanesPosition(), 80, 4))
    lane = slice(3, 45)
    assert {(a, b) for a, b in zip(w0[lane], w1[lane], strict=True)} == {("█", "▓"), ("▓", "█")}
    assert w0.split()[-4:] == w1.split()[-4:] == ["50%", "50%", "0%", "-"]  # what was queued is not known
    assert ruler.split()[-4:] == ["run", "GIL", "other", "queued"]
    assert "now▕" in ruler
    assert "−50 ms" in ruler
    assert caption.startswith("python threads · trial 1")
    assert "▓▓ GIL wait" in caption


def test_the_ruler_says_whether_the_lanes_move() -> None:
    assert "end▕" in line_text(draw_lanes(view_of(2, ended=True), LanesPosition(), 80, 4)[0])
    assert "paused▕" in line_text(draw_lanes(view_of(2), LanesPosition(paused=True), 80, 4)[0])


def test_lanes_that_do_not_fit_are_counted() -> None:
    drawn = [line_text(line) for line in draw_lanes(view_of(12), LanesPosition(first=5), 80, 6)]
    assert [line[:3] for line in drawn[1:5]] == ["w5 ", "w6 ", "w7 ", "w8 "]
    assert "6-9 of 12 workers" in drawn[-1]


def test_a_system_without_lanes_is_explained() -> None:
    blind = LanesView("python threads · trial 1", (), 0, 1_000_000, None, "none", False)
    assert "does not show what threads wait for" in line_text(draw_lanes(blind, LanesPosition(), 100, 2)[0])
    assert describe_certainty(blind) == "not visible on this system"
    assert describe_certainty(view_of(2)) == "0.99 kHz, system calls"
    assert describe_certainty(view_of(2, certainty="state", rate_hz=500.0)) == "0.50 kHz, state only"
    assert describe_certainty(view_of(2, rate_hz=None)) == "system calls"


def test_the_legend_has_the_categories_that_occur() -> None:
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


def test_other_waiting_has_the_style_of_its_largest_part() -> None:
    from pi_tui.analysis.lanes import LaneShares

    assert choose_other_style(LaneShares(0.5, 0.0, 0.4, 0.1, 0.0)) == LOCK_WAIT.style
    assert choose_other_style(LaneShares(0.5, 0.0, 0.1, 0.4, 0.0)) == IO_WAIT.style


def test_scripted_turns_are_turns() -> None:
    view = view_of(2)
    assert view.ticks == TICKS
    assert view.lanes[0].letters[3:13] == "RRRRRGGGGG"


def test_queued_time_has_a_column_where_there_is_room() -> None:
    lanes = (Lane("w0", "R" * 1000, 0.4), Lane("w1", "RG" * 500, 0.0))
    view = view_of(2, 1000)._replace(lanes=lanes)
    ruler, w0, w1, _ = map(line_text, draw_lanes(view, LanesPosition(), 80, 4))
    assert ruler.split()[-4:] == ["run", "GIL", "other", "queued"]
    assert w0.split()[-4:] == ["60%", "0%", "0%", "40%"]
    assert w1.split()[-4:] == ["50%", "50%", "0%", "0%"]
    narrow = [line_text(line) for line in draw_lanes(view, LanesPosition(), 50, 4)]
    assert narrow[1].split()[-3:] == ["100%", "0%", "0%"]  # no room: what is queued counts as run
