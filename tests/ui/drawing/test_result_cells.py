"""The cells of the results table."""

from __future__ import annotations

from dataclasses import replace

from pi_tui.analysis.results import Advice
from pi_tui.ui.drawing import result_cells
from pi_tui.ui.drawing.spans import line_text
from tests.ui.rows import case, result, row


def test_wall_and_speed_up_have_three_figures_and_a_spread() -> None:
    shown = row(result())
    assert "".join(span.text for span in result_cells.draw_wall(shown, "text")).split() == ["515", "ms", "±5"]
    assert line_text(result_cells.draw_speedup(shown, "text", 2, bar_cells=6)) == "0.97× ━━━───"
    assert line_text(result_cells.draw_speedup(shown, "text", 2, bar_cells=0)) == "0.97×"
    assert line_text(result_cells.draw_speedup(replace(shown, in_app=True), "text", 2, bar_cells=6)) == "not compared"


def test_waiting_has_the_colour_of_its_cause() -> None:
    shown = row(result())
    assert result_cells.draw_waiting(shown)[0].style == "gil-wait"
    assert shown.result is not None
    silent = replace(shown, result=replace(shown.result, advice=()))
    assert result_cells.draw_waiting(silent)[0].style == "waiting"
    busy = row(result(case("numba-nogil")))
    assert result_cells.draw_waiting(busy)[0].style == "muted"


def test_an_estimate_that_a_verdict_doubts_is_marked() -> None:
    found = replace(result(), z=-5.25)
    assert result_cells.draw_z(row(found))[0].style == "muted"
    shown = row(replace(found, advice=(Advice("estimate-off", "It is off."),)))
    assert (result_cells.draw_z(shown)[0].text, result_cells.draw_z(shown)[0].style) == ("5.2", "bad")
