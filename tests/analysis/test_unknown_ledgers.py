"""Unknown times of kernels with threads inside stay unknown: never 0, never a doubt, never a cause."""

from __future__ import annotations

import pytest

from pi_tui.analysis.lanes import divide_all_waiting
from pi_tui.analysis.losses import check_ledger, cpu_s_per_sample, ledger_wall_s, require_known, total_running_s
from pi_tui.analysis.results import Result
from pi_tui.analysis.text.formatting import waiting_share
from pi_tui.cli.explain import explain_results
from pi_tui.host.protocol import WorkerLedger, WorkerTicks
from tests.analysis.analysis_builders import (
    advice_codes,
    advice_sentence,
    make_baseline,
    make_case,
    make_conditions,
    make_ledger,
    make_trial,
    summarise_trials,
)


def unseen(index: int) -> WorkerLedger:
    more = {"running_s": None, "waiting_s": None, "queued_s": None, "voluntary_switches": None, "page_faults": None}
    return make_ledger(index, startup_s=0.01, idle_s=0.02, **more)


@pytest.fixture
def result() -> Result:
    trials = [make_trial(0.5, (unseen(0), unseen(1)), number=number) for number in range(5)]
    alone = make_case("sequential", 1, kernel="numba-parallel")
    reference = summarise_trials(alone, [make_trial(0.25, (unseen(0),), number=n) for n in range(5)], is_baseline=True)
    a_case = make_case(kernel="numba-parallel")
    return summarise_trials(a_case, trials, make_conditions("numba-parallel"), baseline=reference)


def test_walls_are_known_and_shares_are_not(result: Result) -> None:
    assert result.speedup == pytest.approx(1.0)
    assert result.estimate is not None
    assert result.losses is None
    assert waiting_share(result) is None
    assert total_running_s(result.trials[0]) is None
    assert cpu_s_per_sample(result.trials) is None


def test_one_worker_that_is_not_known_makes_the_sum_unknown() -> None:
    mixed = make_trial(0.5, (unseen(0), make_ledger(1, running_s=0.4)))
    assert total_running_s(mixed) is None
    assert total_running_s(make_trial(0.5, (make_ledger(running_s=0.4),))) == 0.4


def test_the_verdict_says_why(result: Result) -> None:
    assert "threads-inside" in advice_codes(result)
    assert "ledger-doubtful" not in advice_codes(result)
    told = advice_sentence(result, "threads-inside")
    assert "with its own threads" in told
    assert "2 workers" in told
    assert check_ledger(result.case, result.trials[0]) == ()


def test_other_kernels_are_not_said_to_have_threads_inside() -> None:
    assert "threads-inside" not in advice_codes(make_baseline())


def test_lanes_divide_nothing() -> None:
    worker = unseen(0)
    ticks = WorkerTicks(0, 10, 100, running=50, lock=50)
    assert divide_all_waiting([worker], [ticks]) == (worker,)


def test_an_explanation_says_that_it_is_not_known(result: Result) -> None:
    told = explain_results([("numba-parallel", result)], 80)
    assert "The losses are unknown: the kernel itself starts threads." in told


def test_an_unknown_time_is_refused_as_a_number() -> None:
    with pytest.raises(ValueError, match="not known"):
        require_known(None)
    with pytest.raises(ValueError, match="not known"):
        ledger_wall_s(unseen(0))
