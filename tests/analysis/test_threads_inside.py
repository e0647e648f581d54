"""What is not known of a kernel with threads inside stays unknown: never 0, never a doubt, never a cause."""

from __future__ import annotations

import pytest
from analysis_builders import baseline, case, codes, conditions, ledger, sentence, summary, trial

from pi_tui.analysis.lanes import divide_all
from pi_tui.analysis.losses import cpu_s_per_sample, known_s, ledger_faults, ledger_wall_s, running_s
from pi_tui.analysis.results import Result
from pi_tui.analysis.text.formatting import waiting_share
from pi_tui.cli.explain import explanation
from pi_tui.host.protocol import WorkerLedger, WorkerTicks


def unseen(index: int) -> WorkerLedger:
    more = {"running_s": None, "waiting_s": None, "queued_s": None, "voluntary_switches": None, "page_faults": None}
    return ledger(index, startup_s=0.01, idle_s=0.02, **more)


@pytest.fixture
def result() -> Result:
    trials = [trial(0.5, (unseen(0), unseen(1)), number=number) for number in range(5)]
    alone = case("sequential", 1, kernel="numba-parallel")
    reference = summary(alone, [trial(0.25, (unseen(0),), number=n) for n in range(5)], is_baseline=True)
    a_case = case(kernel="numba-parallel")
    return summary(a_case, trials, conditions("numba-parallel"), baseline=reference)


def test_walls_are_known_and_shares_are_not(result: Result) -> None:
    assert result.speedup == pytest.approx(1.0)
    assert result.estimate is not None
    assert result.losses is None
    assert waiting_share(result) is None
    assert running_s(result.trials[0]) is None
    assert cpu_s_per_sample(result.trials) is None


def test_one_worker_that_is_not_known_makes_the_sum_unknown() -> None:
    mixed = trial(0.5, (unseen(0), ledger(1, running_s=0.4)))
    assert running_s(mixed) is None
    assert running_s(trial(0.5, (ledger(running_s=0.4),))) == 0.4


def test_the_verdict_says_why(result: Result) -> None:
    assert "threads-inside" in codes(result)
    assert "ledger-doubtful" not in codes(result)
    told = sentence(result, "threads-inside")
    assert "by threads of its own" in told
    assert "2 workers" in told
    assert ledger_faults(result.case, result.trials[0]) == ()


def test_other_kernels_are_not_said_to_have_threads_inside() -> None:
    assert "threads-inside" not in codes(baseline())


def test_lanes_divide_nothing() -> None:
    worker = unseen(0)
    ticks = WorkerTicks(0, 10, 100, running=50, lock=50)
    assert divide_all([worker], [ticks]) == (worker,)


def test_an_explanation_says_that_it_is_not_known(result: Result) -> None:
    told = explanation([("numba-parallel", result)], 80)
    assert "What was lost is not known: the kernel starts threads of its own." in told


def test_what_is_not_known_is_no_number() -> None:
    with pytest.raises(ValueError, match="not known"):
        known_s(None)
    with pytest.raises(ValueError, match="not known"):
        ledger_wall_s(unseen(0))
