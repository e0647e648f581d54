"""What the bench shows of a session: header, progress, notes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pi_tui.engine.run.events import Progress
from pi_tui.ui.bench.presenter import ProgressClock, describe_run_end, make_header_view
from pi_tui.ui.drawing.spans import line_text
from pi_tui.ui.drawing.status_bar import draw_hint
from pi_tui.ui.state.run_preview import RunPreviewer
from pi_tui.ui.state.selection import Selection
from pi_tui.ui.state.session import Session
from tests.ui.rows import case, result
from tests.ui.scripted import (
    CRASH,
    FREE_PYTHON,
    ScriptedLaboratory,
    ended,
    machine,
)


def test_the_header_shows_the_gil_of_the_app_for_runs_inside_it() -> None:
    selection = Selection(kernels=("python",), gils=(True,))
    preview = RunPreviewer(ScriptedLaboratory(machine(), FREE_PYTHON), lambda: FREE_PYTHON).preview(selection)
    assert make_header_view(selection, preview, 2, None, ()).gil_enabled is True
    inside = replace(selection, in_app=True)
    assert make_header_view(inside, preview, 2, None, ()).gil_enabled is False


@pytest.mark.parametrize("stopped", [True, False])
def test_the_note_after_a_run_inside_the_app_offers_no_export(stopped: bool) -> None:
    session = Session()
    session.begin(in_app=True)
    note = describe_run_end(session, (result(),), 25.2, stopped=stopped, gil_changeable=True)
    how = "was stopped after 25 s" if stopped else "is done: 1 case in 25 s"
    assert line_text(note) == f"Run 1 {how}.  It is not kept and not exported.  r again"
    assert {span.action for span in note if span.action} == {"app.start_run"}
    assert line_text(draw_hint(note, 80)).rstrip().endswith("r again")


def test_the_progress_of_a_run_never_decreases() -> None:
    session, pace = Session(), ProgressClock()
    assert pace.view(session, 0.0) is None
    session.begin(in_app=False)
    pace.begin(0.0)
    first = pace.view(session, 0.0)
    assert first is not None
    assert first.trials == 0
    session.progress = Progress(6, 12, 5.0, 5.0)
    pace.note_update(1.0)
    middle = pace.view(session, 2.0)
    assert middle is not None
    assert (middle.trial, middle.share, middle.left_s) == (7, 0.6, 4)
    session.progress = Progress(7, 12, 6.0, 20.0)
    later = pace.view(session, 2.0)
    assert later is not None
    assert later.share == 0.6
    assert (pace.view(session, 1e6) or middle).share < 1.0


def test_the_end_of_a_run_says_what_failed_and_what_could_not_run() -> None:
    session = Session()
    session.begin(in_app=False)
    crashed, absent = ended(case("numba"), "failed", CRASH), ended(case("numpy"), "unavailable", CRASH)
    told = {
        "Run 1 is done: 1 case in 5.0 s.": [result()],
        "Run 1 is done: 2 cases in 5.0 s, 1 failed.": [result(), crashed],
        "Run 1 is done: 4 cases in 5.0 s, 2 failed and 1 could not run.": [result(), crashed, crashed, absent],
        "Run 1 was stopped: 1 of 2 cases was measured in 5.0 s.": [result(), ended(case("numba"), "stopped", None)],
    }
    for words, results in told.items():
        assert line_text(
            describe_run_end(session, results, 5.0, stopped="stopped" in words, gil_changeable=True)
        ).startswith(f"{words}  ")
