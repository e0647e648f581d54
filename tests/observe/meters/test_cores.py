"""The core meter, with a scripted clock and scripted counters."""

from __future__ import annotations

import os
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pi_tui.observe.meters.cores import CoreMeter, CoreTimes, read_core_times


class Cores:
    """Cores with scripted counters."""

    def __init__(self, count: int) -> None:
        self.now = 100.0
        self.times = [CoreTimes(50.0, 100.0)] * count

    def clock(self) -> float:
        return self.now

    def read(self) -> tuple[CoreTimes, ...]:
        return tuple(self.times)

    def advance(self, seconds: float, *busy: float) -> None:
        self.now += seconds
        self.times = [
            CoreTimes(old.busy_s + share * seconds, old.total_s + seconds)
            for old, share in zip(self.times, busy, strict=True)
        ]


def test_a_reading_has_a_share_per_core() -> None:
    cores = Cores(2)
    meter = CoreMeter(cores.clock, cores.read)
    cores.advance(0.25, 1.0, 0.25)
    reading = meter.read()
    assert reading.taken_at == cores.now
    assert reading.busy == pytest.approx((1.0, 0.25))
    assert reading.mean == pytest.approx(0.625)


def test_no_share_is_known_before_the_counters_advance() -> None:
    cores = Cores(2)
    reading = CoreMeter(cores.clock, cores.read).read()
    assert reading.busy == (None, None)
    assert reading.mean is None


def test_a_reading_covers_one_second() -> None:
    cores = Cores(1)
    meter = CoreMeter(cores.clock, cores.read)
    shares = []
    for busy in [1.0] * 6 + [0.0] * 6:
        cores.advance(0.25, busy)
        shares.append(meter.read().busy[0])
    assert shares == pytest.approx([1.0] * 6 + [0.75, 0.5, 0.25, 0.0, 0.0, 0.0])


def test_after_a_pause_a_reading_covers_the_pause() -> None:
    cores = Cores(1)
    meter = CoreMeter(cores.clock, cores.read)
    cores.advance(60.0, 0.5)
    assert meter.read().busy == pytest.approx((0.5,))


def test_a_core_that_is_switched_off_does_not_change_the_others() -> None:
    cores = Cores(3)
    meter = CoreMeter(cores.clock, cores.read)
    cores.advance(1.0, 0.1, 0.2, 0.3)
    meter.read()
    cores.times.pop(0)
    assert meter.read().busy == (None, None)
    cores.advance(1.0, 1.0, 0.0)
    assert meter.read().busy == pytest.approx((1.0, 0.0))


def test_the_history_keeps_the_latest_readings_in_order() -> None:
    cores = Cores(1)
    meter = CoreMeter(cores.clock, cores.read, max_readings=3)
    for share in (0.1, 0.2, 0.3, 0.4):
        cores.advance(2.0, share)
        meter.read()
    assert [reading.busy[0] for reading in meter.history] == pytest.approx([0.2, 0.3, 0.4])


@given(st.lists(st.tuples(st.floats(0, 5), st.floats(-1, 5), st.floats(-1, 5)), max_size=30))
def test_a_share_is_always_between_0_and_1(steps: list[tuple[float, float, float]]) -> None:
    """Counters of a virtual machine may stand still, jump, or run backwards."""
    cores = Cores(1)
    meter = CoreMeter(cores.clock, cores.read)
    for seconds, busy_s, total_s in steps:
        cores.now += seconds
        last = cores.times[0]
        cores.times = [CoreTimes(last.busy_s + busy_s, last.total_s + total_s)]
        share = meter.read().busy[0]
        assert share is None or 0.0 <= share <= 1.0


def test_the_systems_counters_advance_with_work() -> None:
    before = read_core_times()
    assert len(before) >= (os.cpu_count() or 1)
    started = time.process_time()
    while sum(core.busy_s for core in read_core_times()) - sum(core.busy_s for core in before) < 0.02:
        assert time.process_time() - started < 30, "a busy process, and no core was"
    after = read_core_times()
    assert all(0 <= new.busy_s <= new.total_s + 0.02 for new in after)
