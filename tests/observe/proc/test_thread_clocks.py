"""How long a thread queues for a core next to its waits for the GIL, from scripted and from recorded clocks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pi_tui.analysis.lanes import find_gil_wait_range
from pi_tui.observe.proc.thread_clocks import Clocks, GilQueueing

MS = 1_000_000
RECORDING = Path(__file__).with_name("gil_queueing.txt")

Tick = tuple[str, float, float, int]
"""A letter, and the increase of the clocks before it: milliseconds on a core, milliseconds queued, slices."""

WAIT: Tick = ("G", 0, 0, 0)
QUEUE: Tick = ("R", 0, 0, 0)


class Meter:
    """Feeds a `GilQueueing` with ticks."""

    def __init__(self) -> None:
        self.clocks = Clocks(0, 0, 0)
        self.reads = 0
        self.queueing = GilQueueing(3, self._read)

    def _read(self, descriptor: int) -> Clocks:
        assert descriptor == 3
        self.reads += 1
        return self.clocks

    def see(self, *ticks: Tick) -> None:
        for letter, cpu, queued, slices in ticks:
            now = self.clocks
            self.clocks = Clocks(now.cpu_ns + round(cpu * MS), now.queued_ns + round(queued * MS), now.slices + slices)
            self.queueing.see(blocked=letter == "G", ready=letter == "R")

    @property
    def between_ms(self) -> float:
        return self.queueing.between_ns / MS

    @property
    def handover_ms(self) -> float:
        return self.queueing.handover_ns / MS


REFUSED = (WAIT, QUEUE, QUEUE, ("G", 0.03, 7.0, 1))
"""It is woken to ask for the GIL, queues for 7 ms, is refused and waits again."""

TURN = (
    WAIT, QUEUE, ("R", 0.03, 3.0, 1), QUEUE, ("R", 4.0, 0.0, 0), QUEUE, ("R", 0.03, 60.0, 1), QUEUE, ("G", 0.02, 4.0, 1),
)  # fmt: skip
"""It queues for 3 ms, gets the GIL, computes, queues for 60 ms with it, gives it up, queues for 4 ms and waits again."""


def test_queueing_between_two_waits_in_which_nothing_was_done_is_a_part_of_the_wait() -> None:
    meter = Meter()
    meter.see(*REFUSED, *REFUSED)
    assert meter.between_ms == pytest.approx(14)
    assert meter.handover_ms == 0


def test_queueing_with_the_gil_in_hand_is_none() -> None:
    meter = Meter()
    meter.see(*REFUSED, *TURN)
    assert meter.between_ms == pytest.approx(7)
    assert meter.handover_ms == pytest.approx(3 + 4)


def test_waits_that_the_ticks_missed_are_found_by_the_clocks() -> None:
    meter = Meter()
    meter.see(*REFUSED, WAIT, QUEUE, ("R", 0.06, 14.0, 2), QUEUE, ("R", 4.0, 0.0, 0), ("R", 0.03, 60.0, 1))
    meter.see(("R", 0.02, 4.0, 1), ("G", 0.03, 6.0, 1))
    assert meter.between_ms == pytest.approx(7 + 7 + 6)
    assert meter.handover_ms == pytest.approx(7 + 4)


def test_a_wait_for_anything_else_ends_the_turn() -> None:
    meter = Meter()
    meter.see(*REFUSED, QUEUE, ("S", 0.01, 9.0, 1), QUEUE, ("G", 0.01, 5.0, 1))
    assert meter.between_ms == pytest.approx(7)
    meter.queueing.interrupt()
    meter.see(QUEUE, ("G", 0.01, 5.0, 1))
    assert meter.between_ms == pytest.approx(7)


def test_without_queueing_the_clocks_are_read_once_per_wait() -> None:
    meter = Meter()
    meter.see(*((("G", 0, 0.0, 0), WAIT, WAIT, ("R", 1.0, 0.02, 1), ("R", 1.0, 0.0, 0), ("R", 1.0, 0.0, 0)) * 10))
    assert meter.reads == 10
    assert meter.handover_ms == 0


def test_a_thread_without_clocks_has_no_queueing() -> None:
    queueing = GilQueueing(None)
    for blocked in (True, False, True, False):
        queueing.see(blocked=blocked, ready=not blocked)
    assert (queueing.between_ns, queueing.handover_ns) == (0, 0)


def recorded_threads() -> Iterator[tuple[float, float, list[tuple[str, int, Tick]]]]:
    """Yield of each recorded thread the profiler's figure, the seconds and its changes with their numbers of ticks."""
    for part in RECORDING.read_text().split("thread ")[1:]:
        head, *lines = part.splitlines()
        figure, wall_s = map(float, head.split())
        changes = []
        for line in lines:
            letter, ticks, *clocks = line.split()
            cpu, queued, slices = map(int, clocks or "000")
            changes.append((letter, int(ticks), (letter, cpu / 1000, queued / 1000, slices)))
        yield figure, wall_s, changes


@pytest.mark.parametrize("thread", [0, 1])
def test_at_a_load_of_eight_the_range_contains_what_the_profiler_saw(thread: int) -> None:
    figure, wall_s, changes = list(recorded_threads())[thread]
    meter = Meter()
    for letter, ticks, first in changes:
        meter.see(first, *[(letter, 0.0, 0.0, 0)] * (ticks - 1))
    cpu_s, queued_s = meter.clocks.cpu_ns / 1e9, meter.clocks.queued_ns / 1e9
    blocked_s = wall_s - cpu_s - queued_s
    found = find_gil_wait_range(
        wall_s, blocked_s, queued_s, meter.queueing.between_ns / 1e9, meter.queueing.handover_ns / 1e9
    )
    assert found is not None
    least, greatest = found
    assert blocked_s / wall_s + 0.1 < figure, "the time that it was blocked is far too little"
    assert least <= figure <= greatest
    assert greatest - least < 0.25


ticks = st.tuples(st.sampled_from("RGL"), st.floats(0, 9), st.floats(0, 90), st.integers(0, 5))


@given(st.lists(ticks, max_size=60))
def test_no_more_is_counted_than_was_queued(seen: list[Tick]) -> None:
    meter = Meter()
    meter.see(*seen)
    assert meter.queueing.between_ns >= 0
    assert meter.queueing.handover_ns >= 0
    assert meter.queueing.between_ns + meter.queueing.handover_ns <= meter.clocks.queued_ns
