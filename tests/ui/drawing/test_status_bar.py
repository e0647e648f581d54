"""Header, hints, and the line of keys."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pi_tui.ui.drawing.spans import (
    Span,
    line_text,
    line_width,
)
from pi_tui.ui.drawing.status_bar import (
    HeaderView,
    KeyHint,
    ProgressView,
    draw_header,
    draw_hint,
    draw_key_bar,
    join_border_hints,
)


def test_a_hint_leaves_out_what_does_not_fit() -> None:
    done = [Span("Run 1 is done. "), Span("r", action="run"), Span(" again", action="run"), Span("  e", action="e")]
    assert line_text(draw_hint(done, 40)).rstrip() == "  Run 1 is done. r again  e"
    assert line_text(draw_hint(done, 25)).rstrip() == "  Run 1 is done. r again"
    assert line_text(draw_hint(done, 18)).rstrip() == "  Run 1 is done."
    named = [Span("numba-simd  "), Span("darts from a counter: vector code")]
    assert line_text(draw_hint(named, 60)).rstrip() == "  numba-simd  darts from a counter: vector code"
    assert line_text(draw_hint(named, 40)).rstrip() == "  numba-simd  darts from a counter …"
    assert line_text(draw_hint(named, 30)).rstrip() == "  darts from a counter …", "the cursor stands on the name"


def test_a_border_shows_whole_hints_and_always_the_last() -> None:
    hints = ("← → scroll", "PgUp PgDn 200 ms", "Home End", "Escape closes")
    assert join_border_hints(hints, 80) == "← → scroll · PgUp PgDn 200 ms · Home End · Escape closes"
    assert join_border_hints(hints, 45) == "← → scroll · PgUp PgDn 200 ms · Escape closes"
    assert join_border_hints(hints, 40) == "← → scroll · Home End · Escape closes"
    assert join_border_hints(hints, 34) == "← → scroll · Escape closes"
    assert join_border_hints(hints, 20) == "Escape closes"
    assert join_border_hints((), 20) == ""


@given(st.integers(min_value=0, max_value=200), st.floats(min_value=0, max_value=5000))
def test_header_and_keys_fit_any_width(cells: int, late: float) -> None:
    view = HeaderView("CPython 3.14.0t", True, True, 128, late, (late,) * 12)
    assert line_width(draw_header(view, cells)) == cells
    hints = [KeyHint("r", "run", "app.start_run"), KeyHint("F1", "help", "app.help")]
    assert line_width(draw_key_bar(hints, ProgressView(7, 24, 0.3, 12), cells)) == cells


def test_the_heartbeat_is_coloured_by_its_lateness() -> None:
    styles = []
    for late in (0.4, 12.0, 40.0, 250.0):
        line = draw_header(HeaderView("CPython", True, False, 2, late), 100)
        styles.append(next(span.style for span in line if "beat" in span.text))
    assert styles == ["muted", "muted", "notice", "alarm"]
    assert not any("beat" in span.text for span in draw_header(HeaderView("CPython", True, False, 2), 100))


def test_keys_that_do_not_fit_are_left_out_whole() -> None:
    hints = [KeyHint("r", "run", ""), KeyHint("slash", "a long explanation", ""), KeyHint("q", "quit", "")]
    assert line_text(draw_key_bar(hints, None, 16)).strip() == "r run  q quit"
