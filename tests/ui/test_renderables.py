"""Drawing as pure functions: widths, cuts, levels, and what each state looks like."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from pi_tui.ui.drawing.bars import HEATS, bar, halves, heat, heat_bar
from pi_tui.ui.drawing.checklist_row import Choice, chooser_line
from pi_tui.ui.drawing.cores import core_lines, mean, wanted_lines
from pi_tui.ui.drawing.empty_pane import disc_lines
from pi_tui.ui.drawing.paragraphs import Entry, Heading, Paragraph, Verbatim, laid_out
from pi_tui.ui.drawing.run_form import FIELDS, RunView, form_lines
from pi_tui.ui.drawing.source_code import NUMBER_CELLS, folded, highlighted
from pi_tui.ui.drawing.spans import (
    Piece,
    align_right,
    fit,
    joined,
    justify,
    plain,
    sliced,
    whole_sentences,
    width,
    wrap,
)
from pi_tui.ui.drawing.sparkline import area
from pi_tui.ui.drawing.status_bar import (
    HeaderView,
    KeyHint,
    ProgressView,
    border_hints,
    header_line,
    hint_line,
    key_line,
)
from pi_tui.ui.state.source_files import kernel_source, mode_source
from pi_tui.ui.theme.ascii_filter import plain as in_ascii

words = st.text(st.characters(blacklist_categories=("C", "Z")), max_size=12)
lines = st.lists(st.builds(Piece, words), max_size=5)
shares = st.floats(min_value=-0.5, max_value=1.5)


@given(lines, lines, st.integers(min_value=0, max_value=60))
def test_lines_have_exactly_the_width_they_are_given(left: list[Piece], right: list[Piece], cells: int) -> None:
    assert width(fit(left, cells)) == cells
    assert width(align_right(left, cells)) == cells
    assert width(justify(left, right, cells)) == cells


def test_what_is_cut_says_so() -> None:
    assert plain(fit([Piece("abc"), Piece("def")], 5)) == "abcd…"
    assert plain(fit([Piece("abc")], 5)) == "abc  "
    assert plain(fit([Piece("日本語")], 4)).startswith("日…")
    assert plain(joined([[Piece("a")], [Piece("b")]], "  ")) == "a  b"


@given(st.text(max_size=200), st.integers(min_value=1, max_value=40), st.integers(min_value=1, max_value=5))
def test_wrapped_text_stays_within_its_room(text: str, cells: int, count: int) -> None:
    wrapped = wrap(text, cells, count)
    assert len(wrapped) <= count
    assert all(cell_len(line) <= cells for line in wrapped)


def test_only_whole_sentences_are_shown_but_always_one() -> None:
    assert whole_sentences(["One two.", "Three four."], 20, 1) == ["One two. Three four."]
    assert whole_sentences(["One two.", "Three four."], 12, 1) == ["One two."]
    assert whole_sentences(["A sentence much too long."], 10, 1) == ["A sentenc…"]
    assert whole_sentences(["It waited long; so it was late."], 20, 1) == ["It waited long …"]
    assert whole_sentences(["It waited, so it was late."], 14, 1) == ["It waited …"]
    assert whole_sentences(["It: a thing that waited."], 20, 1) == ["It: a thing that wa…"], "too little would be left"
    assert whole_sentences([], 10, 2) == []


def test_a_number_is_never_broken_between_its_thousands() -> None:
    assert wrap("at most 1 000 000, not 99 999 999", 18, 3) == ["at most 1 000 000,", "not 99 999 999"]


def test_a_hint_leaves_out_what_does_not_fit_whole() -> None:
    done = [Piece("Run 1 is done. "), Piece("r", action="run"), Piece(" again", action="run"), Piece("  e", action="e")]
    assert plain(hint_line(done, 40)).rstrip() == "  Run 1 is done. r again  e"
    assert plain(hint_line(done, 25)).rstrip() == "  Run 1 is done. r again"
    assert plain(hint_line(done, 18)).rstrip() == "  Run 1 is done."
    named = [Piece("numba-simd  "), Piece("darts from a counter: vector code")]
    assert plain(hint_line(named, 60)).rstrip() == "  numba-simd  darts from a counter: vector code"
    assert plain(hint_line(named, 40)).rstrip() == "  numba-simd  darts from a counter …"
    assert plain(hint_line(named, 30)).rstrip() == "  darts from a counter …", "the cursor stands on the name"


@given(st.text("ab (,[", max_size=90), st.integers(min_value=0, max_value=60))
def test_folded_source_keeps_every_character_within_the_room(text: str, cells: int) -> None:
    drawn = folded(7, [Piece(text)], cells)
    assert all(width(line) <= max(cells, NUMBER_CELLS + 1) for line in drawn)
    assert "".join(plain(line[1:]) for line in drawn) == text
    assert [plain(line)[:4] for line in drawn] == ["   7", *["    "] * (len(drawn) - 1)]


def test_folded_source_goes_on_deeper_and_after_a_blank() -> None:
    drawn = [plain(line) for line in folded(12, [Piece("    call(first, second)")], 22)]
    assert drawn == ["  12      call(first, ", "      second)"], "there is no room to stand deeper"
    drawn = [plain(line) for line in folded(12, [Piece("    call(first, second, third)")], 30)]
    assert drawn == ["  12      call(first, second, ", "              third)"]


def test_a_border_tells_whole_hints_and_the_way_out_first() -> None:
    hints = ("← → scroll", "PgUp PgDn 200 ms", "Home End", "Escape closes")
    assert border_hints(hints, 80) == "← → scroll · PgUp PgDn 200 ms · Home End · Escape closes"
    assert border_hints(hints, 45) == "← → scroll · PgUp PgDn 200 ms · Escape closes"
    assert border_hints(hints, 40) == "← → scroll · Home End · Escape closes"
    assert border_hints(hints, 34) == "← → scroll · Escape closes"
    assert border_hints(hints, 20) == "Escape closes"
    assert border_hints((), 20) == ""


def test_an_option_is_cut_before_the_name_it_belongs_to() -> None:
    choice = Choice("a", "pool-starmap-async", options=(("forkserver", "start_method"),))
    assert plain(chooser_line(choice, 28, 19)) == "◦ pool-starmap-async forks… "
    assert plain(chooser_line(choice, 20, 19)) == "◦ pool-starmap-async"


@pytest.mark.parametrize("note", ["", "each task is handed to a worker of its own, one after the other"])
@given(cells=st.integers(min_value=22, max_value=90))
def test_what_stands_at_the_right_keeps_a_cell_away_from_the_scroll_bar(note: str, cells: int) -> None:
    options = (("forkserver", "start_method"), ("queue", "transport"))
    for choice in (Choice("a", "pool-starmap-async", note, options=options), Choice("a", "pool-starmap-async", note)):
        drawn = plain(chooser_line(choice, cells, 19))
        assert len(drawn) == cells
        assert drawn[-1] == " "


def test_labels_at_the_right_make_do_with_a_narrow_pane() -> None:
    assert plain(chooser_line(Choice("2", "2"), 9, 10, right=True)) == "◦       2"


@given(shares, st.integers(min_value=0, max_value=40))
def test_bars_fill_their_cells_and_grow_with_the_share(share: float, cells: int) -> None:
    assert width(bar(share, cells, "running")) == cells
    assert plain(heat_bar(share, cells)) == plain(bar(share, cells, "running"))
    assert 0 <= halves(share, cells) <= 2 * cells
    assert halves(share, cells) <= halves(share + 0.1, cells)


def test_a_little_is_never_nothing() -> None:
    assert plain(bar(0.001, 10, "running")) == "╾─────────"
    assert plain(bar(0.0, 4, "running")) == "────"
    assert plain(bar(1.0, 4, "running")) == "━━━━"
    assert area([0.001], 1)[0] != area([0.0], 1)[0]


def test_heat_goes_up_with_the_share() -> None:
    steps = [heat(share / 100) for share in range(101)]
    assert steps == sorted(steps)
    assert (steps[0], steps[-1]) == (0, HEATS - 1)
    inks = [piece.ink for piece in heat_bar(1.0, 2 * HEATS)]
    assert inks == [f"heat-{step}" for step in range(HEATS)]


def test_a_history_shows_the_newest_at_the_right() -> None:
    assert area([1.0, 1.0], 2) == ["⠀⣿"]
    assert area([None, 0.5], 1) == ["⢠"]
    assert area([1.0, 0.5], 1, 2) == ["⡇", "⣿"]
    assert area([], 3) == ["⠀⠀⠀"]
    assert area([1.0], 0) == [""]


@given(
    st.integers(min_value=1, max_value=300),
    st.integers(min_value=20, max_value=200),
    st.integers(min_value=1, max_value=14),
)
def test_cores_of_any_number_fit_any_room(cores: int, cells: int, count: int) -> None:
    now = [abs(math.sin(core)) for core in range(cores)]
    drawn = core_lines(now, [now, now], cells, count)
    assert 1 <= len(drawn) <= count
    assert all(width(line) <= cells for line in drawn)
    assert wanted_lines(cores, cells, count) <= max(1, count)


def test_few_cores_have_a_meter_each_and_many_a_grid() -> None:
    few = [plain(line) for line in core_lines([0.87, None], [[0.87, None]], 60, 2)]
    assert few[0].startswith("0 ━")
    assert " 87%" in few[0]
    assert few[1].startswith("1 ───")
    many = [plain(line) for line in core_lines([0.5] * 64, [[0.5] * 64], 100, 4)]
    assert [line.split()[0] for line in many] == ["0", "16", "32", "48"]
    assert many[0].count("▅") == 16
    assert plain(core_lines([], [], 40, 2)[0]).startswith("No reading")
    assert mean([0.5, None, 1.0]) == 0.75
    assert mean([None]) is None


def test_what_is_pointed_at_can_be_told_by_its_glyph_alone() -> None:
    assert plain(chooser_line(Choice("a", "alpha", ticked=True), 20, 5)).startswith("✓ alpha")
    assert plain(chooser_line(Choice("a", "alpha"), 20, 5)).startswith("◦ alpha")
    assert plain(chooser_line(Choice("a", "alpha", ticked=True, reason="no"), 20, 5)).startswith("- alpha")
    assert plain(chooser_line(Choice("a", "more", adds=True), 20, 5)).startswith("+ more")
    assert plain(chooser_line(Choice("7", "7"), 20, 5, right=True)).startswith("◦     7")


@given(st.integers(min_value=4, max_value=90), words, words)
def test_choices_fill_their_line(cells: int, label: str, option: str) -> None:
    choice = Choice("a", label, "a note about it", options=((option, "do"),))
    assert width(chooser_line(choice, cells, cell_len(label))) == cells


def test_choices_in_wide_characters_keep_to_their_side() -> None:
    assert plain(chooser_line(Choice("a", "測試"), 20, 6, right=True)).startswith("◦   測試")
    noted = [Choice("a", "測試", "a note that says enough of it"), Choice("b", "ab", "a note that says enough of it")]
    starts = [cell_len(plain(chooser_line(choice, 60, 4)).split("a note")[0]) for choice in noted]
    assert starts[0] == starts[1]


@given(
    st.lists(st.sampled_from(["a", "b", " ", "(", "測", "語", "é", "\u26a0\ufe0f", "👩\u200d💻", "👍🏽"])).map("".join),
    st.integers(min_value=8, max_value=60),
)
def test_folded_source_in_wide_characters_fits_and_loses_none(text: str, cells: int) -> None:
    drawn = [plain(line) for line in folded(7, [Piece(text)], cells)]
    assert all(cell_len(line) <= max(cells, NUMBER_CELLS + 2) for line in drawn)
    kept = "".join(line[NUMBER_CELLS:] for line in drawn)
    assert [char for char in kept if char != " "] == [char for char in text if char != " "]


@pytest.mark.parametrize(
    "text", ['print("\u26a0\ufe0f careful")', "# \u2714\ufe0f ok \u26a0\ufe0f done", "x = '👩\u200d💻👍🏽'  # end"]
)
def test_source_with_emoji_is_drawn_whole(text: str) -> None:
    (line,) = folded(1, [Piece(text)], 60)
    assert plain(line).rstrip() == f"   1  {text}"


def test_what_is_shifted_is_shifted_by_cells() -> None:
    line = [Piece("測試", "text"), Piece("abc", "muted")]
    assert plain(sliced(line, 2, 5)) == "試abc"
    assert plain(sliced(line, 1, 5)) == " 試ab"
    assert plain(sliced(line, 0, 3)) == "測 "


@pytest.mark.parametrize("count", range(3, 14))
@pytest.mark.parametrize("cells", [16, 24, 30, 60])
@pytest.mark.parametrize("running", [True, False])
def test_the_run_form_always_has_its_buttons(count: int, cells: int, running: bool) -> None:
    view = RunView(cases=12, added=3, unavailable=2, estimate_s=500, python="3.11", running=running, trials=72, trial=9)
    for cursor in (*FIELDS, None):
        drawn = form_lines(view, cells, count, cursor)
        assert len(drawn) <= count
        assert all(width(line) == cells for line, _ in drawn)
        assert ("Stop" if running else "Run") in plain(drawn[-1][0])
        if cursor is not None and cursor != "start" and count >= 6:
            assert [ground for _, ground in drawn].count("cursor") == 1


def test_the_run_form_says_why_nothing_runs() -> None:
    refused = form_lines(RunView(refused="Tick a kernel to run."), 30, 8, None)
    assert plain(refused[0][0]).startswith("Tick a kernel to run.")
    idle = form_lines(RunView(cases=1, estimate_s=90.0), 40, 8, None)
    assert plain(idle[0][0]) == "1 case × 5 repeats" + " " * 14 + "≈ 90 s".rjust(8)
    long = "300 workers are more than 4 times the 2 usable cores (8)."
    asking = [plain(line) for line, _ in form_lines(RunView(cases=2, refused=long, asks=True), 27, 8, None)]
    assert " ".join(" ".join(asking[:3]).split()) == long
    assert asking[-1].split() == ["▸", "Run", "r", "asks", "■", "Stop", "x"]
    inside = form_lines(RunView(cases=1, estimate_s=90.0, in_app=True), 40, 8, None)
    assert plain(inside[1][0]).startswith("no warm-up")
    unknown = form_lines(RunView(known=False), 30, 8, None)
    assert not plain(unknown[0][0]).strip()


@given(st.integers(min_value=0, max_value=200), st.floats(min_value=0, max_value=5000))
def test_header_and_keys_fit_any_width(cells: int, late: float) -> None:
    view = HeaderView("CPython 3.14.0t", True, True, 128, late, (late,) * 12)
    assert width(header_line(view, cells)) == cells
    hints = [KeyHint("r", "run", "app.start_run"), KeyHint("F1", "help", "app.help")]
    assert width(key_line(hints, ProgressView(7, 24, 0.3, 12), cells)) == cells


def test_the_beat_is_calm_or_an_alarm() -> None:
    inks = []
    for late in (0.4, 12.0, 40.0, 250.0):
        line = header_line(HeaderView("CPython", True, False, 2, late), 100)
        inks.append(next(piece.ink for piece in line if "beat" in piece.text))
    assert inks == ["muted", "muted", "notice", "alarm"]
    assert not any("beat" in piece.text for piece in header_line(HeaderView("CPython", True, False, 2), 100))


def test_keys_that_do_not_fit_are_left_out_whole() -> None:
    hints = [KeyHint("r", "run", ""), KeyHint("slash", "a long explanation", ""), KeyHint("q", "quit", "")]
    assert plain(key_line(hints, None, 16)).strip() == "r run  q quit"


def test_text_is_laid_out_with_names_in_a_column() -> None:
    blocks = [Heading("Keys"), Entry("r", "run what is ticked", 6), Verbatim("  a\n\tb"), Paragraph("one two three")]
    assert [plain(line).rstrip() for line in laid_out(blocks, 16)] == [
        "Keys",
        "r     run what",
        "      is ticked",
        "  a",
        "    b",
        "one two three",
    ]
    assert [plain(line).rstrip() for line in laid_out([Entry("a long name", "x", 4)], 20)] == ["a long name", "    x"]


def test_sources_are_shown_from_their_function_on() -> None:
    kernel, mode = kernel_source("numba-nogil"), mode_source("processes")
    assert "count_hits_nogil" in kernel.title
    lines = kernel.text.splitlines()
    assert any("count_hits_nogil" in line for line in lines[kernel.line : kernel.line + 4])
    assert mode.text.splitlines()[mode.line].startswith("def run")


def test_highlighting_keeps_every_character() -> None:
    for source in (kernel_source("python"), mode_source("pool-imap-unordered")):
        drawn = highlighted(source.text)
        assert [plain(line) for line in drawn] == source.text.rstrip("\n").split("\n")
        assert {"code-keyword", "code-name", "code-comment"} <= {piece.ink for line in drawn for piece in line}


def test_the_picture_of_an_empty_table_is_a_disc() -> None:
    picture = disc_lines(10)
    assert all(width(line) == 20 for line in picture)
    assert next(piece.ink for piece in picture[0]) == "faint"
    assert {piece.ink for piece in picture[5]} == {"running"}


@given(st.text(max_size=40))
def test_ascii_keeps_the_width(text: str) -> None:
    shown = in_ascii(text)
    assert shown.isascii()


@given(st.sampled_from("╭─╮│╰╯━╾█▓▒░▚▁▇⣿⠀⣀×±≈…·✓◦✗◌▸▾■πµ"))
def test_every_glyph_of_ours_has_a_likeness(glyph: str) -> None:
    assert in_ascii(glyph) != "?"
    assert len(in_ascii(glyph)) == cell_len(glyph) == 1
