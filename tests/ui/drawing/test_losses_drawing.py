"""Where the speed-up went: bars, terms and ledgers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pi_tui.analysis.results import Case, Losses, Result
from pi_tui.host.protocol import Failure, WorkerLedger
from pi_tui.ui.drawing.bars import draw_stacked_bar
from pi_tui.ui.drawing.ledgers import draw_ledgers, list_ledger_shares
from pi_tui.ui.drawing.losses import draw_losses, draw_terms, draw_terms_inline, list_loss_parts
from pi_tui.ui.drawing.spans import line_text, line_width
from pi_tui.ui.state.gil_comparison import (
    gil_wait_share,
    mean_cores_used,
)
from pi_tui.ui.state.row_summary import list_sentences
from pi_tui.ui.state.session import Row
from pi_tui.ui.state.time_categories import WAITING
from tests.ui.scripted import ended, result_of, trial_of
from tests.ui.watched import with_losses

LOSSES = Losses(0.98, 0.02, 0.0, 0.99, 0.99, 0.0, 0.0, 0.0, -0.04, 0.0, 0.05, 2, 1, 1)


def case_of(kernel: str = "python", workers: int = 2, **changes: object) -> Case:
    case = Case(kernel, "threads", None, None, "3.11.7", None, workers, workers, 1_000_000)
    return replace(case, **changes)  # type: ignore[arg-type]


def done(case: Case, repeat: int = 3) -> Result:
    trials = tuple(trial_of(case, "measured", number + 1) for number in range(repeat))
    return with_losses(result_of(case, trials, repeat), 2)


def row_of(number: int, case: Case) -> Row:
    return Row(number, 1, case, "ok", False, done(case))


def unseen(case: Case) -> Result:
    """A result of a kernel with threads inside: what its workers did in its calls is not known."""
    nothing = {"running_s": None, "waiting_s": None, "queued_s": None, "gil_wait_s": None}
    trials = tuple(
        replace(trial, workers=tuple(replace(worker, **nothing) for worker in trial.workers))
        for trial in done(case).trials
    )
    return replace(result_of(case, trials, len(trials)), losses=None, advice=())


def test_runs_inside_the_app_have_no_bars() -> None:
    inside = [replace(row_of(1, case_of()), in_app=True)]
    assert "inside the app has no bars" in " ".join(map(line_text, draw_losses(inside, 1, 60, 12)))
    assert "Press r to run" in " ".join(map(line_text, draw_losses([], None, 60, 12)))


def test_a_bar_is_as_long_as_there_are_workers() -> None:
    exact = replace(LOSSES, extra=0.0, collect=0.01)
    assert line_text(draw_stacked_bar(list_loss_parts(exact), 20.0, 100)) == "█" * 20 + "▓" * 20
    assert line_width(draw_stacked_bar(list_loss_parts(exact), 20.0, 100)) == 40


def test_terms_are_in_workers_with_two_decimals() -> None:
    text = [line_text(line) for line in draw_terms(LOSSES, 80)]
    assert text[0].split()[1:3] == ["speed-up", "0.98"]
    assert any("+ GIL wait" in line and "0.99" in line and "▓▓▓" in line for line in text)
    negative = next(line for line in text if "extra" in line)
    assert "-0.04" in negative
    assert "+++" not in negative
    assert any("= workers" in line and "2.00" in line for line in text)
    assert "between" in text[-1]
    assert "0.00:" in text[-1] or "0.00:" in text[-2]
    assert "1.60× by clock" in line_text(draw_terms(LOSSES, 80, 1.6)[0])
    assert "by clock" not in line_text(draw_terms(LOSSES, 80, 0.99)[0])


def test_unknown_terms_are_not_zero() -> None:
    unknown = replace(LOSSES, queued=None, gil_wait=None, lock_wait=None, io_wait=None)
    text = "\n".join(line_text(line) for line in draw_terms(unknown, 80))
    assert "does not report queued time" in text
    assert "GIL" not in text
    assert "▚▚▚ + waiting" in text
    assert (WAITING, 0.99) in list_loss_parts(unknown)
    assert "▚▚ waiting 0.99" in line_text(draw_terms_inline(unknown, 200)[0])


@pytest.mark.parametrize("cells", [36, 60, 76, 91, 92, 116, 200])
@pytest.mark.parametrize("lines", [1, 3, 7, 11, 19, 40])
def test_the_pane_fits_any_size(cells: int, lines: int) -> None:
    waiting = Row(9, 1, case_of("numpy"), "running", True, None)
    broken = Row(10, 1, case_of("numba"), "failed", False, ended(case_of("numba"), "failed", Failure("E", "no")))
    rows = [*(row_of(number, case_of(workers=number)) for number in range(1, 9)), waiting, broken]
    for chosen in (None, 1, 5, 9, 10):
        drawn = draw_losses(rows, chosen, cells, lines)
        assert len(drawn) <= lines
        assert all(line_width(line) == cells for line in drawn)
    assert len(draw_losses([], None, cells, lines)) <= lines


def test_the_selected_row_is_large_with_its_workers_below() -> None:
    rows = [row_of(1, case_of("numba-nogil")), row_of(2, case_of())]
    text = "\n".join(line_text(line) for line in draw_losses(rows, 2, 116, 19))
    assert "▸ 2  python threads × 2" in text
    assert "row 2 of 2" in text
    assert "the median trial" in text
    assert "GIL wait" in text
    assert "w0" in text
    assert "w1" in text
    narrow = "\n".join(line_text(line) for line in draw_losses(rows, 2, 76, 7))
    assert "GIL wait" in narrow
    assert "w1" in narrow
    assert "numba-nogil" not in narrow


def test_a_worker_is_the_sum_of_its_parts() -> None:
    worker = WorkerLedger(0, 1, 2, 1, 10, 0.1, 0.5, 0.0, 0.3, 0.0, 0.1, gil_wait_s=0.2, lock_wait_s=0.1, io_wait_s=0.0)
    shares = {meaning.label: round(share, 6) for meaning, share in list_ledger_shares(worker)}
    assert shares["running"] == 0.5
    assert shares["GIL wait"] == 0.2
    assert shares["lock wait"] == 0.1
    assert sum(shares.values()) == pytest.approx(1.0)
    unknown = replace(worker, gil_wait_s=None, lock_wait_s=None, io_wait_s=None)
    assert (WAITING, pytest.approx(0.3)) in list_ledger_shares(unknown)
    assert list_ledger_shares(WorkerLedger(0, None, None, 0, 0, 0, 0, 0, 0, 0, 0)) == []


def test_many_workers_are_cut_and_counted() -> None:
    trial = trial_of(case_of(workers=30), "measured", 1)
    drawn = draw_ledgers(trial, 3, 80, 6)
    assert len(drawn) == 6
    assert line_text(drawn[-1]).startswith("and 25 more")
    assert draw_ledgers(trial, 3, 80, 0) == []


def test_threads_inside_a_kernel_are_reported_as_unknown() -> None:
    case = case_of("numba-parallel")
    row = replace(row_of(1, case), result=unseen(case))
    drawn = "\n".join(line_text(line) for line in draw_losses([row, row_of(2, case_of())], 1, 100, 24))
    assert "unknown: the kernel starts threads" in drawn
    assert "The losses are unknown" in drawn
    assert "the kernel starts threads" in list_sentences(row)[0]
    assert mean_cores_used(row.result) is None
    assert gil_wait_share(row.result) == (None, False)
