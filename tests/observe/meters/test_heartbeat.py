"""The heartbeat, with a scripted clock."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pi_tui.observe.meters.heartbeat import Heartbeat


class Clock:
    now = 10.0

    def __call__(self) -> float:
        return self.now


def test_the_first_beat_cannot_be_late() -> None:
    heart = Heartbeat(Clock(), 0.05)
    assert heart.beat() is None
    assert heart.read().beats == 0
    assert heart.read().p99_s is None


def test_lateness_is_measured_from_the_due_time() -> None:
    clock = Clock()
    heart = Heartbeat(clock, 0.05)
    heart.beat()
    late = []
    for gap in (0.05, 0.08, 0.04, 0.25):
        clock.now += gap
        late.append(heart.beat())
    assert late == pytest.approx([0.0, 0.03, 0.0, 0.20])
    reading = heart.read()
    assert reading.beats == 4
    assert reading.p50_s == pytest.approx(0.0)
    assert reading.p99_s == reading.max_s == pytest.approx(0.20)


def test_a_quantile_is_the_nearest_rank() -> None:
    clock = Clock()
    heart = Heartbeat(clock, 0.0, window_s=1e9)
    heart.beat()
    for number in range(1, 201):
        clock.now += number
        heart.beat()
    reading = heart.read()
    assert (reading.p50_s, reading.p99_s, reading.max_s) == (100, 198, 200)


def test_old_beats_are_forgotten_even_when_no_new_ones_come() -> None:
    clock = Clock()
    heart = Heartbeat(clock, 0.05, window_s=10.0)
    heart.beat()
    clock.now += 1.0
    heart.beat()
    assert heart.read().max_s == pytest.approx(0.95)
    clock.now += 10.5
    assert heart.read().beats == 0


def test_an_intended_pause_is_not_late() -> None:
    clock = Clock()
    heart = Heartbeat(clock, 0.05)
    heart.beat()
    clock.now += 60.0
    heart.restart()
    assert heart.beat() is None
    assert heart.read().beats == 0


@given(st.lists(st.floats(0, 2), min_size=1, max_size=80))
def test_quantiles_are_in_order(gaps: list[float]) -> None:
    clock = Clock()
    heart = Heartbeat(clock, 0.05)
    heart.beat()
    for gap in gaps:
        clock.now += gap
        heart.beat()
    reading = heart.read()
    assert reading.p50_s is not None
    assert reading.p99_s is not None
    assert reading.max_s is not None
    assert 0 <= reading.p50_s <= reading.p99_s <= reading.max_s
