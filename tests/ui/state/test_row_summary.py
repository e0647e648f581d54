"""The sentences about a row."""

from __future__ import annotations

from dataclasses import replace

from pi_tui.host.protocol import Failure
from pi_tui.ui.state.row_summary import summarize_row
from tests.ui.rows import case, result, row
from tests.ui.scripted import (
    CRASH,
    DUPLICATED,
    ended,
)


def test_sentences_name_no_cause_of_waiting_that_the_advice_does_not_name() -> None:
    assert summarize_row(row(result())).startswith("Two threads took turns")
    silent = summarize_row(row(replace(result(), advice=())))
    assert silent.startswith("2 threads: ")
    assert "waiting" in silent
    assert "GIL" not in silent
    assert summarize_row(row(replace(result(), advice=(DUPLICATED,)))) == DUPLICATED.sentence
    assert "baseline" in summarize_row(row(result(case("python", "sequential", 1))))
    assert summarize_row(row(ended(case(), "failed", CRASH))).endswith("Press l for the log.")
    raised = Failure("ValueError", "work.py:7, in bad: ValueError: no such luck")
    assert summarize_row(row(ended(case(), "failed", raised))).startswith("work.py:7, in bad"), "a file keeps its name"
    assert "Warm-up" in summarize_row(row(result(measured=0)))
    assert "not compared" in summarize_row(replace(row(result(measured=5)), in_app=True))


def test_a_failed_baseline_with_measured_trials_still_serves() -> None:
    whole = replace(result(case("python", "sequential", 1)), baseline=True)
    broken = replace(ended(whole.case, "failed", CRASH), baseline=True, trials=whole.trials)
    serves = "The other rows are compared with the trials before the failure: 3 trials."
    assert serves in summarize_row(row(broken))
    assert serves not in summarize_row(row(replace(broken, trials=())))
    assert serves not in summarize_row(row(replace(broken, baseline=False)))
    assert serves not in summarize_row(row(whole))
