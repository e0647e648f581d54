"""The run pane."""

from __future__ import annotations

import pytest

from pi_tui.ui.drawing.run_form import FIELDS, RunView, draw_run_form
from pi_tui.ui.drawing.spans import (
    line_text,
    line_width,
)


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


def test_the_run_form_shows_why_nothing_runs() -> None:
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
