"""Drawing as pure functions: widths, cuts, levels, and what each state looks like."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from pi_tui.analysis.text.ascii import draw_ascii
from pi_tui.ui.drawing.bars import HEAT_STEPS, count_halves, draw_bar, draw_heat_bar, heat_step
from pi_tui.ui.drawing.checklist_row import Choice, draw_choice
from pi_tui.ui.drawing.cores import draw_cores, mean_share, wanted_lines
from pi_tui.ui.drawing.empty_pane import draw_disc
from pi_tui.ui.drawing.paragraphs import Entry, Heading, Paragraph, Verbatim, lay_out
from pi_tui.ui.drawing.run_form import FIELDS, RunView, draw_run_form
from pi_tui.ui.drawing.source_code import NUMBER_CELLS, fold_line, highlight
from pi_tui.ui.drawing.spans import (
    Span,
    align_right,
    fit,
    join_lines,
    justify,
    line_text,
    line_width,
    slice_line,
    wrap,
    wrap_sentences,
)
from pi_tui.ui.drawing.sparkline import draw_sparkline
from pi_tui.ui.drawing.status_bar import (
    HeaderView,
    KeyHint,
    ProgressView,
    draw_header,
    draw_hint,
    draw_key_bar,
    join_border_hints,
)
from pi_tui.ui.state.source_files import read_kernel_source, read_mode_source

words = st.text(st.characters(blacklist_categories=("C", "Z")), max_size=12)
lines = st.lists(st.builds(Span, words), max_size=5)
shares = st.floats(min_value=-0.5, max_value=1.5)


@given(lines, lines, st.integers(min_value=0, max_value=60))
def test_lines_have_exactly_the_width_they_are_given(left: list[Span], right: list[Span], cells: int) -> None:
    assert line_width(fit(left, cells)) == cells
    assert line_width(align_right(left, cells)) == cells
    assert line_width(justify(left, right, cells)) == cells


def test_what_is_cut_says_so() -> None:
    assert line_text(fit([Span("abc"), Span("def")], 5)) == "abcd…"
    assert line_text(fit([Span("abc")], 5)) == "abc  "
    assert line_text(fit([Span("日本語")], 4)).startswith("日…")
    assert line_text(join_lines([[Span("a")], [Span("b")]], "  ")) == "a  b"


@given(st.text(max_size=200), st.integers(min_value=1, max_value=40), st.integers(min_value=1, max_value=5))
def test_wrapped_text_stays_within_its_room(text: str, cells: int, count: int) -> None:
    wrapped = wrap(text, cells, count)
    assert len(wrapped) <= count
    assert all(cell_len(line) <= cells for line in wrapped)


def test_only_whole_sentences_are_shown_but_always_one() -> None:
    assert wrap_sentences(["One two.", "Three four."], 20, 1) == ["One two. Three four."]
    assert wrap_sentences(["One two.", "Three four."], 12, 1) == ["One two."]
    assert wrap_sentences(["A sentence much too long."], 10, 1) == ["A sentenc…"]
    assert wrap_sentences(["It waited long; so it was late."], 20, 1) == ["It waited long …"]
    assert wrap_sentences(["It waited, so it was late."], 14, 1) == ["It waited …"]
    assert wrap_sentences(["It: a thing that waited."], 20, 1) == ["It: a thing that wa…"], "too little would be left"
    assert wrap_sentences([], 10, 2) == []


def test_a_number_is_never_broken_between_its_thousands() -> None:
    assert wrap("at most 1 000 000, not 99 999 999", 18, 3) == ["at most 1 000 000,", "not 99 999 999"]


def test_a_hint_leaves_out_what_does_not_fit_whole() -> None:
    done = [Span("Run 1 is done. "), Span("r", action="run"), Span(" again", action="run"), Span("  e", action="e")]
    assert line_text(draw_hint(done, 40)).rstrip() == "  Run 1 is done. r again  e"
    assert line_text(draw_hint(done, 25)).rstrip() == "  Run 1 is done. r again"
    assert line_text(draw_hint(done, 18)).rstrip() == "  Run 1 is done."
    named = [Span("numba-simd  "), Span("darts from a counter: vector code")]
    assert line_text(draw_hint(named, 60)).rstrip() == "  numba-simd  darts from a counter: vector code"
    assert line_text(draw_hint(named, 40)).rstrip() == "  numba-simd  darts from a counter …"
    assert line_text(draw_hint(named, 30)).rstrip() == "  darts from a counter …", "the cursor stands on the name"


@given(st.text("ab (,[", max_size=90), st.integers(min_value=0, max_value=60))
def test_folded_source_keeps_every_character_within_the_room(text: str, cells: int) -> None:
    drawn = fold_line(7, [Span(text)], cells)
    assert all(line_width(line) <= max(cells, NUMBER_CELLS + 1) for line in drawn)
    assert "".join(line_text(line[1:]) for line in drawn) == text
    assert [line_text(line)[:4] for line in drawn] == ["   7", *["    "] * (len(drawn) - 1)]


def test_folded_source_goes_on_deeper_and_after_a_blank() -> None:
    drawn = [line_text(line) for line in fold_line(12, [Span("    call(first, second)")], 22)]
    assert drawn == ["  12      call(first, ", "      second)"], "there is no room to stand deeper"
    drawn = [line_text(line) for line in fold_line(12, [Span("    call(first, second, third)")], 30)]
    assert drawn == ["  12      call(first, second, ", "              third)"]


def test_a_border_tells_whole_hints_and_the_way_out_first() -> None:
    hints = ("← → scroll", "PgUp PgDn 200 ms", "Home End", "Escape closes")
    assert join_border_hints(hints, 80) == "← → scroll · PgUp PgDn 200 ms · Home End · Escape closes"
    assert join_border_hints(hints, 45) == "← → scroll · PgUp PgDn 200 ms · Escape closes"
    assert join_border_hints(hints, 40) == "← → scroll · Home End · Escape closes"
    assert join_border_hints(hints, 34) == "← → scroll · Escape closes"
    assert join_border_hints(hints, 20) == "Escape closes"
    assert join_border_hints((), 20) == ""


def test_an_option_is_cut_before_the_name_it_belongs_to() -> None:
    choice = Choice("a", "pool-starmap-async", options=(("forkserver", "start_method"),))
    assert line_text(draw_choice(choice, 28, 19)) == "◦ pool-starmap-async forks… "
    assert line_text(draw_choice(choice, 20, 19)) == "◦ pool-starmap-async"


@pytest.mark.parametrize("note", ["", "each task is handed to a worker of its own, one after the other"])
@given(cells=st.integers(min_value=22, max_value=90))
def test_what_stands_at_the_right_keeps_a_cell_away_from_the_scroll_bar(note: str, cells: int) -> None:
    options = (("forkserver", "start_method"), ("queue", "transport"))
    for choice in (Choice("a", "pool-starmap-async", note, options=options), Choice("a", "pool-starmap-async", note)):
        drawn = line_text(draw_choice(choice, cells, 19))
        assert len(drawn) == cells
        assert drawn[-1] == " "


def test_labels_at_the_right_make_do_with_a_narrow_pane() -> None:
    assert line_text(draw_choice(Choice("2", "2"), 9, 10, right=True)) == "◦       2"


@given(shares, st.integers(min_value=0, max_value=40))
def test_bars_fill_their_cells_and_grow_with_the_share(share: float, cells: int) -> None:
    assert line_width(draw_bar(share, cells, "running")) == cells
    assert line_text(draw_heat_bar(share, cells)) == line_text(draw_bar(share, cells, "running"))
    assert 0 <= count_halves(share, cells) <= 2 * cells
    assert count_halves(share, cells) <= count_halves(share + 0.1, cells)


def test_a_little_is_never_nothing() -> None:
    assert line_text(draw_bar(0.001, 10, "running")) == "╾─────────"
    assert line_text(draw_bar(0.0, 4, "running")) == "────"
    assert line_text(draw_bar(1.0, 4, "running")) == "━━━━"
    assert draw_sparkline([0.001], 1)[0] != draw_sparkline([0.0], 1)[0]


def test_heat_goes_up_with_the_share() -> None:
    steps = [heat_step(share / 100) for share in range(101)]
    assert steps == sorted(steps)
    assert (steps[0], steps[-1]) == (0, HEAT_STEPS - 1)
    styles = [span.style for span in draw_heat_bar(1.0, 2 * HEAT_STEPS)]
    assert styles == [f"heat-{step}" for step in range(HEAT_STEPS)]


def test_a_history_shows_the_newest_at_the_right() -> None:
    assert draw_sparkline([1.0, 1.0], 2) == ["⠀⣿"]
    assert draw_sparkline([None, 0.5], 1) == ["⢠"]
    assert draw_sparkline([1.0, 0.5], 1, 2) == ["⡇", "⣿"]
    assert draw_sparkline([], 3) == ["⠀⠀⠀"]
    assert draw_sparkline([1.0], 0) == [""]


@given(
    st.integers(min_value=1, max_value=300),
    st.integers(min_value=20, max_value=200),
    st.integers(min_value=1, max_value=14),
)
def test_cores_of_any_number_fit_any_room(cores: int, cells: int, count: int) -> None:
    now = [abs(math.sin(core)) for core in range(cores)]
    drawn = draw_cores(now, [now, now], cells, count)
    assert 1 <= len(drawn) <= count
    assert all(line_width(line) <= cells for line in drawn)
    assert wanted_lines(cores, cells, count) <= max(1, count)


def test_few_cores_have_a_meter_each_and_many_a_grid() -> None:
    few = [line_text(line) for line in draw_cores([0.87, None], [[0.87, None]], 60, 2)]
    assert few[0].startswith("0 ━")
    assert " 87%" in few[0]
    assert few[1].startswith("1 ───")
    many = [line_text(line) for line in draw_cores([0.5] * 64, [[0.5] * 64], 100, 4)]
    assert [line.split()[0] for line in many] == ["0", "16", "32", "48"]
    assert many[0].count("▅") == 16
    assert line_text(draw_cores([], [], 40, 2)[0]).startswith("No reading")
    assert mean_share([0.5, None, 1.0]) == 0.75
    assert mean_share([None]) is None


def test_what_is_pointed_at_can_be_told_by_its_glyph_alone() -> None:
    assert line_text(draw_choice(Choice("a", "alpha", ticked=True), 20, 5)).startswith("✓ alpha")
    assert line_text(draw_choice(Choice("a", "alpha"), 20, 5)).startswith("◦ alpha")
    assert line_text(draw_choice(Choice("a", "alpha", ticked=True, reason="no"), 20, 5)).startswith("- alpha")
    assert line_text(draw_choice(Choice("a", "more", adds=True), 20, 5)).startswith("+ more")
    assert line_text(draw_choice(Choice("7", "7"), 20, 5, right=True)).startswith("◦     7")


@given(st.integers(min_value=4, max_value=90), words, words)
def test_choices_fill_their_line(cells: int, label: str, option: str) -> None:
    choice = Choice("a", label, "a note about it", options=((option, "do"),))
    assert line_width(draw_choice(choice, cells, cell_len(label))) == cells


def test_choices_in_wide_characters_keep_to_their_side() -> None:
    assert line_text(draw_choice(Choice("a", "測試"), 20, 6, right=True)).startswith("◦   測試")
    noted = [Choice("a", "測試", "a note that says enough of it"), Choice("b", "ab", "a note that says enough of it")]
    starts = [cell_len(line_text(draw_choice(choice, 60, 4)).split("a note")[0]) for choice in noted]
    assert starts[0] == starts[1]


@given(
    st.lists(st.sampled_from(["a", "b", " ", "(", "測", "語", "é", "\u26a0\ufe0f", "👩\u200d💻", "👍🏽"])).map("".join),
    st.integers(min_value=8, max_value=60),
)
def test_folded_source_in_wide_characters_fits_and_loses_none(text: str, cells: int) -> None:
    drawn = [line_text(line) for line in fold_line(7, [Span(text)], cells)]
    assert all(cell_len(line) <= max(cells, NUMBER_CELLS + 2) for line in drawn)
    kept = "".join(line[NUMBER_CELLS:] for line in drawn)
    assert [char for char in kept if char != " "] == [char for char in text if char != " "]


@pytest.mark.parametrize(
    "text", ['print("\u26a0\ufe0f careful")', "# \u2714\ufe0f ok \u26a0\ufe0f done", "x = '👩\u200d💻👍🏽'  # end"]
)
def test_source_with_emoji_is_drawn_whole(text: str) -> None:
    (line,) = fold_line(1, [Span(text)], 60)
    assert line_text(line).rstrip() == f"   1  {text}"


def test_what_is_shifted_is_shifted_by_cells() -> None:
    line = [Span("測試", "text"), Span("abc", "muted")]
    assert line_text(slice_line(line, 2, 5)) == "試abc"
    assert line_text(slice_line(line, 1, 5)) == " 試ab"
    assert line_text(slice_line(line, 0, 3)) == "測 "


@pytest.mark.parametrize("count", range(3, 14))
@pytest.mark.parametrize("cells", [16, 24, 30, 60])
@pytest.mark.parametrize("running", [True, False])
def test_the_run_form_always_has_its_buttons(count: int, cells: int, running: bool) -> None:
    view = RunView(cases=12, added=3, unavailable=2, estimate_s=500, python="3.11", running=running, trials=72, trial=9)
    for cursor in (*FIELDS, None):
        drawn = draw_run_form(view, cells, count, cursor)
        assert len(drawn) <= count
        assert all(line_width(line) == cells for line, _ in drawn)
        assert ("Stop" if running else "Run") in line_text(drawn[-1][0])
        if cursor is not None and cursor != "start" and count >= 6:
            assert [ground for _, ground in drawn].count("cursor") == 1


def test_the_run_form_says_why_nothing_runs() -> None:
    refused = draw_run_form(RunView(refused="Tick a kernel to run."), 30, 8, None)
    assert line_text(refused[0][0]).startswith("Tick a kernel to run.")
    idle = draw_run_form(RunView(cases=1, estimate_s=90.0), 40, 8, None)
    assert line_text(idle[0][0]) == "1 case × 5 repeats" + " " * 14 + "≈ 90 s".rjust(8)
    long = "300 workers are more than 4 times the 2 usable cores (8)."
    asking = [
        line_text(line)
        for line, _ in draw_run_form(RunView(cases=2, refused=long, needs_confirmation=True), 27, 8, None)
    ]
    assert " ".join(" ".join(asking[:3]).split()) == long
    assert asking[-1].split() == ["▸", "Run", "r", "asks", "■", "Stop", "x"]
    inside = draw_run_form(RunView(cases=1, estimate_s=90.0, in_app=True), 40, 8, None)
    assert line_text(inside[1][0]).startswith("no warm-up")
    unknown = draw_run_form(RunView(known=False), 30, 8, None)
    assert not line_text(unknown[0][0]).strip()


@given(st.integers(min_value=0, max_value=200), st.floats(min_value=0, max_value=5000))
def test_header_and_keys_fit_any_width(cells: int, late: float) -> None:
    view = HeaderView("CPython 3.14.0t", True, True, 128, late, (late,) * 12)
    assert line_width(draw_header(view, cells)) == cells
    hints = [KeyHint("r", "run", "app.start_run"), KeyHint("F1", "help", "app.help")]
    assert line_width(draw_key_bar(hints, ProgressView(7, 24, 0.3, 12), cells)) == cells


def test_the_beat_is_calm_or_an_alarm() -> None:
    styles = []
    for late in (0.4, 12.0, 40.0, 250.0):
        line = draw_header(HeaderView("CPython", True, False, 2, late), 100)
        styles.append(next(span.style for span in line if "beat" in span.text))
    assert styles == ["muted", "muted", "notice", "alarm"]
    assert not any("beat" in span.text for span in draw_header(HeaderView("CPython", True, False, 2), 100))


def test_keys_that_do_not_fit_are_left_out_whole() -> None:
    hints = [KeyHint("r", "run", ""), KeyHint("slash", "a long explanation", ""), KeyHint("q", "quit", "")]
    assert line_text(draw_key_bar(hints, None, 16)).strip() == "r run  q quit"


def test_text_is_laid_out_with_names_in_a_column() -> None:
    blocks = [Heading("Keys"), Entry("r", "run what is ticked", 6), Verbatim("  a\n\tb"), Paragraph("one two three")]
    assert [line_text(line).rstrip() for line in lay_out(blocks, 16)] == [
        "Keys",
        "r     run what",
        "      is ticked",
        "  a",
        "    b",
        "one two three",
    ]
    assert [line_text(line).rstrip() for line in lay_out([Entry("a long name", "x", 4)], 20)] == [
        "a long name",
        "    x",
    ]


def test_sources_are_shown_from_their_function_on() -> None:
    kernel, mode = read_kernel_source("numba-nogil"), read_mode_source("processes")
    assert "count_hits_nogil" in kernel.title
    lines = kernel.text.splitlines()
    assert any("count_hits_nogil" in line for line in lines[kernel.line : kernel.line + 4])
    assert mode.text.splitlines()[mode.line].startswith("def run")


def test_highlighting_keeps_every_character() -> None:
    for source in (read_kernel_source("python"), read_mode_source("pool-imap-unordered")):
        drawn = highlight(source.text)
        assert [line_text(line) for line in drawn] == source.text.rstrip("\n").split("\n")
        assert {"code-keyword", "code-name", "code-comment"} <= {span.style for line in drawn for span in line}


def test_the_picture_of_an_empty_table_is_a_disc() -> None:
    picture = draw_disc(10)
    assert all(line_width(line) == 20 for line in picture)
    assert next(span.style for span in picture[0]) == "faint"
    assert {span.style for span in picture[5]} == {"running"}


@given(st.text(max_size=40))
def test_ascii_keeps_the_width(text: str) -> None:
    shown = draw_ascii(text)
    assert shown.isascii()


@given(st.sampled_from("╭─╮│╰╯━╾█▓▒░▚▁▇⣿⠀⣀×±≈…·✓◦✗◌▸▾■πµ"))
def test_every_glyph_of_ours_has_a_likeness(glyph: str) -> None:
    assert draw_ascii(glyph) != "?"
    assert len(draw_ascii(glyph)) == cell_len(glyph) == 1
