from __future__ import annotations

import pytest

from pi_tui.observe.process.sampling_rate import BUSY_PERIOD_NS, SHOWN_PERIODS_NS, SamplingRate


class Cpu:
    def __init__(self) -> None:
        self.now = 0

    def __call__(self) -> int:
        return self.now


def trial(rate: SamplingRate, cpu: Cpu, workers: int, cost_ns: int, ticks: int = 1000) -> int:
    period = rate.begin_trial(workers)
    cpu.now += cost_ns * ticks
    rate.end_trial(ticks)
    return period


def test_cheap_ticks_come_a_thousand_times_per_second() -> None:
    cpu = Cpu()
    rate = SamplingRate(2, cpu)
    assert [trial(rate, cpu, 2, 12_000) for _ in range(3)] == [1_000_000] * 3


def test_costly_ticks_come_less_often_in_the_next_trial() -> None:
    cpu = Cpu()
    rate = SamplingRate(2, cpu)
    assert [trial(rate, cpu, 2, 40_000) for _ in range(3)] == [1_000_000, 2_000_000, 2_000_000]
    assert trial(rate, cpu, 1, 40_000) == 1_000_000  # each number of workers for itself


def test_hidden_lanes_have_a_smaller_budget() -> None:
    cpu = Cpu()
    rate = SamplingRate(2, cpu, lanes_shown=False)
    assert [trial(rate, cpu, 2, 25_000) for _ in range(3)] == [1_000_000, 4_000_000, 4_000_000]
    shown = SamplingRate(2, cpu)
    assert [trial(shown, cpu, 2, 25_000) for _ in range(3)] == [1_000_000] * 3


def test_a_requested_rate_is_kept_whatever_it_costs() -> None:
    rate = SamplingRate(2, hz=1000)
    for _ in range(3):
        assert rate.begin_trial(2, work=7) == 1_000_000
        rate.end_trial(1000, running=1.0)  # all cores busy, and nobody waits
    assert SamplingRate(2, hz=100).begin_trial(8) == 10_000_000


@pytest.mark.parametrize(
    ("cores", "shown", "budget"),
    [(1, True, 0.01), (2, True, 0.03), (64, True, 0.03), (1, False, 0.01), (2, False, 0.02), (64, False, 0.03)],
)
def test_more_cores_allow_more_but_never_much_of_one(cores: int, shown: bool, budget: float) -> None:
    assert SamplingRate(cores, lanes_shown=shown).budget == pytest.approx(budget)


def test_turns_at_the_gil_are_always_resolved() -> None:
    cpu = Cpu()
    rate = SamplingRate(1, cpu)
    assert [trial(rate, cpu, 8, 10**6) for _ in range(3)][-1] == SHOWN_PERIODS_NS[-1]


def test_few_ticks_do_not_measure_the_cost() -> None:
    cpu = Cpu()
    rate = SamplingRate(2, cpu)
    trial(rate, cpu, 2, 10**6, ticks=5)
    assert rate.cost_ns(2) is None
    assert rate.begin_trial(2) == SHOWN_PERIODS_NS[0]


def test_the_rate_rises_again_when_ticks_become_cheaper() -> None:
    cpu = Cpu()
    rate = SamplingRate(2, cpu)
    trial(rate, cpu, 2, 40_000)
    assert [trial(rate, cpu, 2, 10_000) for _ in range(3)] == [2_000_000, 1_000_000, 1_000_000]


def test_busy_work_is_sampled_less_often_the_next_time() -> None:
    rate = SamplingRate(2, Cpu())
    assert rate.begin_trial(2, work=7) == SHOWN_PERIODS_NS[0]
    rate.end_trial(1000, running=0.995)
    assert rate.begin_trial(2, work=8) == SHOWN_PERIODS_NS[0]  # another case
    rate.end_trial(1000, running=0.5)
    assert rate.begin_trial(2, work=7) == BUSY_PERIOD_NS
    rate.end_trial(1000, running=0.6)
    assert rate.begin_trial(2, work=7) == SHOWN_PERIODS_NS[0]  # it began to wait


def test_ticks_of_short_trials_of_the_same_work_are_added_up() -> None:
    rate = SamplingRate(2, Cpu())
    periods = []
    for _ in range(5):
        periods.append(rate.begin_trial(2, work=7))
        rate.end_trial(14, running=1.0)
        rate.begin_trial(2, work=8)
        rate.end_trial(14, running=0.5)
    assert periods == [SHOWN_PERIODS_NS[0]] * 3 + [BUSY_PERIOD_NS] * 2
    assert rate.begin_trial(2, work=8) == SHOWN_PERIODS_NS[0]
    assert rate.cost_ns(2) is None


def test_fewer_workers_than_cores_do_not_count_as_busy() -> None:
    rate = SamplingRate(4, Cpu())
    rate.begin_trial(2, work=7)
    rate.end_trial(1000, running=1.0)
    assert rate.begin_trial(2, work=7) == SHOWN_PERIODS_NS[0]


def test_a_trial_without_sampled_workers_does_not_count_as_busy() -> None:
    rate = SamplingRate(2, Cpu())
    rate.begin_trial(2, work=7)
    rate.end_trial(1000, running=None)
    assert rate.begin_trial(2, work=7) == SHOWN_PERIODS_NS[0]
