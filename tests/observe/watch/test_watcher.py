"""The rate keeps to its budget, whatever looking costs."""

from __future__ import annotations

from pi_tui.observe.watch.watcher import PERIODS_NS, WatchRate


def test_many_threads_begin_at_a_low_rate() -> None:
    few, many = WatchRate(), WatchRate()
    few.expect_threads(2)
    many.expect_threads(400)
    assert few.period_ns < many.period_ns


def test_a_rate_that_costs_too_much_goes_down_and_comes_back() -> None:
    rate = WatchRate(budget=0.03)
    for _ in range(20):
        rate.adapt_to_cost(0.5)
    assert rate.period_ns == PERIODS_NS[-1]
    for _ in range(20):
        rate.adapt_to_cost(0.001)
    assert rate.period_ns == PERIODS_NS[0]


def test_a_little_beyond_the_budget_changes_nothing() -> None:
    rate = WatchRate(budget=0.03)
    rate.adapt_to_cost(0.033)
    assert rate.period_ns == PERIODS_NS[0]
