from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pi_tui.analysis.gil_attribution import attribute_gil_waits, gil_held_share, is_gil_mostly_held
from pi_tui.host.protocol import OutsideTicks, PossibleGilWait, WorkerLedger, WorkerTicks
from tests.analysis.analysis_builders import make_ledger

counts = st.integers(min_value=0, max_value=100_000)
seconds = st.floats(min_value=0.0, max_value=10.0)


def total(book: WorkerLedger) -> float:
    parts = (book.startup_s, book.running_s, book.queued_s, book.waiting_s, book.between_s, book.idle_s)
    return sum(part or 0.0 for part in parts)


@given(st.none() | st.builds(OutsideTicks, counts, counts), seconds, seconds, seconds, seconds)
def test_the_sum_stays_and_nothing_falls_below_zero(
    outside: OutsideTicks | None, startup: float, between: float, at_start: float, in_gaps: float
) -> None:
    maybe = PossibleGilWait(0, min(at_start, startup), min(in_gaps, between))
    before = make_ledger(startup_s=startup, running_s=1.0, waiting_s=0.5, between_s=between)
    (after,) = attribute_gil_waits((before,), (maybe,), outside)
    assert total(after) == pytest.approx(total(before), abs=1e-9)
    assert after.startup_s >= 0
    assert after.between_s >= 0
    assert (after.waiting_s or 0.0) - 0.5 == pytest.approx(after.held_back_s, abs=1e-9)
    assert after.held_back_s <= maybe.startup_s + maybe.between_s


def test_observed_gil_waits_are_moved_to_waiting() -> None:
    before = (make_ledger(startup_s=0.01, running_s=1.0), make_ledger(startup_s=1.01, running_s=1.0, between_s=0.2))
    maybe = (PossibleGilWait(0, 0.0, 0.0), PossibleGilWait(before[1].index, 1.0, 0.1))
    after = attribute_gil_waits(before[1:], maybe[1:], OutsideTicks(gil=900, running=100))
    assert (after[0].startup_s, after[0].between_s) == (pytest.approx(0.11), pytest.approx(0.11))
    assert after[0].held_back_s == after[0].waiting_s == pytest.approx(0.99)


@pytest.mark.parametrize("outside", [None, OutsideTicks(0, 0), OutsideTicks(0, 500)])
def test_unobserved_gil_waits_are_not_moved(outside: OutsideTicks | None) -> None:
    before = make_ledger(startup_s=1.0, running_s=1.0)
    assert attribute_gil_waits((before,), (PossibleGilWait(before.index, 0.9, 0.0),), outside) == (before,)
    assert gil_held_share(outside) == 0.0
    assert not is_gil_mostly_held(outside)


def test_a_wait_just_before_a_call_is_moved_without_outside_ticks() -> None:
    before = make_ledger(startup_s=0.2, running_s=0.0, waiting_s=0.2)
    maybe = (PossibleGilWait(before.index, 0.2, 0.0),)
    pid, tid = before.pid or 0, before.tid or 0
    (after,) = attribute_gil_waits(
        (before,), maybe, OutsideTicks(0, 0), (WorkerTicks(0, pid, tid, gil=190, sleep=200),), 0.001
    )
    assert after.held_back_s == pytest.approx(0.19)
    assert total(after) == pytest.approx(total(before))
    (inside,) = attribute_gil_waits((before,), maybe, OutsideTicks(0, 0), (WorkerTicks(0, pid, tid, gil=200),), 0.001)
    assert inside.held_back_s == pytest.approx(0.0, abs=1e-9), "it waited inside"


def test_ledgers_without_waiting_or_possible_waits_stay() -> None:
    unknown = make_ledger(startup_s=1.0, waiting_s=None)
    silent = make_ledger(startup_s=1.0)
    seen = OutsideTicks(9, 1)
    assert attribute_gil_waits((unknown,), (PossibleGilWait(unknown.index, 0.9, 0.0),), seen) == (unknown,)
    assert attribute_gil_waits((silent,), (), seen) == (silent,)
    assert is_gil_mostly_held(seen)
