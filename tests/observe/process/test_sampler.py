from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pi_tui.host.protocol import LanesSeen, LaneState, WaitTarget, decode, encode
from pi_tui.observe.proc.thread_files import ThreadFile
from pi_tui.observe.process.gil_locations import GilLocations, MappedFile
from pi_tui.observe.process.sampler import MAX_KEPT_TICKS, Sampler
from pi_tui.observe.process.sampling_rate import SamplingRate

MS = 1_000_000
PID = 40
TAIL = "0xffffffff 0x7f0000001000 0x7f0000002000\n"
GIL = range(0x1000, 0x10B8)

RUN = b"running\n"
AT_GIL = f"202 {0x1028:#x} 0x89 0x0 0x7f00 0x0 {TAIL}".encode()
AT_LOCK = f"202 0x9000 0x189 0x0 0x0 0x0 {TAIL}".encode()
ASLEEP = f"230 0x1 0x1 0x7f00 0x0 0x0 {TAIL}".encode()
READING = f"0 0x3 0x7f00 0x400 0x0 0x0 {TAIL}".encode()
FAULTING = f"-1 {TAIL}".encode()


class World:
    """Scripted threads and their sampler."""

    def __init__(self, *, calls: bool = True, machine: str = "x86_64") -> None:
        self.doing: dict[int, bytes] = {}
        self.states: dict[int, str] = {}
        self.readable = calls
        self.threads: dict[int, int] = {}
        self.clocks: dict[int, Path] = {}
        self.now = 0
        self.gil_locations = GilLocations(lambda _pid: [MappedFile("/usr/bin/python3", range(0x1000, 0x2000))])
        self.sampler = Sampler(
            self.gil_locations,
            rate=SamplingRate(2, cpu_clock=lambda: 0),
            machine=machine,
            open_file=self.open,
            read=self.read,
            read_stat=lambda pid, tid: f"{tid} (python) {self.states.get(tid, 'D')} {pid}".encode(),
            open_clocks=self.open_clocks,
        )

    def open(self, _pid: int, tid: int, *, syscall: bool = True) -> ThreadFile | None:
        if tid not in self.doing:
            return None
        descriptor = os.open(os.devnull, os.O_RDONLY)
        self.threads[descriptor] = tid
        return ThreadFile(descriptor, syscall and self.readable)

    def open_clocks(self, _pid: int, tid: int) -> int | None:
        clocks = self.clocks.get(tid)
        return None if clocks is None else os.open(clocks, os.O_RDONLY)

    def read(self, descriptor: int, _most: int, _offset: int) -> bytes:
        tid = self.threads[descriptor]
        if tid not in self.doing:
            raise ProcessLookupError(3, "No such process")
        return self.doing[tid]

    def begin(self, *tids: int, trial: int = 1) -> None:
        self.sampler.begin_trial(trial, max(1, len(tids)), self.now)
        for index, tid in enumerate(tids):
            self.doing.setdefault(tid, RUN)
            self.enter(tid, index)

    def enter(self, tid: int, index: int = -1) -> None:
        self.sampler.set_inside(PID, tid, self.now, inside=True, index=index)

    def leave(self, tid: int) -> None:
        self.sampler.set_inside(PID, tid, self.now, inside=False)

    def wait(self, ms: float) -> None:
        self.now += round(ms * MS)

    def look(self, ticks: int = 1) -> None:
        """Sleep until the next tick is due, then tick, as the sampling loop does."""
        for _ in range(ticks):
            due_ns = self.sampler.due_ns
            assert due_ns is not None
            self.now = max(self.now, due_ns)
            assert self.sampler.tick(self.now) == self.sampler.due_ns

    def end(self) -> LanesSeen:
        seen = self.sampler.end_trial()
        assert seen is not None
        return seen


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    yield world
    world.sampler.end_trial()


def letters(seen: LanesSeen | None) -> list[str]:
    assert seen is not None
    return [lane.letters for lane in seen.lanes]


def test_each_worker_has_a_letter_per_tick(world: World) -> None:
    world.gil_locations.set_reported(PID, GIL)
    world.begin(1, 2)
    world.look(2)
    world.doing = {1: AT_GIL, 2: AT_LOCK}
    world.look(2)
    world.doing = {1: ASLEEP, 2: READING}
    world.look()
    world.doing = {1: FAULTING, 2: RUN}
    world.look()
    seen = world.end()
    assert letters(seen) == [".RRGGSI", ".RRLLIR"]
    assert (seen.first_tick, seen.made, seen.missed, seen.certainty) == (0, 6, 0, "system call")
    assert seen.ended


def test_totals_are_counted_by_kind_and_by_name(world: World) -> None:
    world.gil_locations.set_reported(PID, GIL)
    world.begin(1)
    for line, ticks in ((RUN, 3), (AT_GIL, 4), (ASLEEP, 2), (READING, 1), (AT_LOCK, 5), (FAULTING, 1)):
        world.doing[1] = line
        world.look(ticks)
    world.states[1] = "T"
    world.look()
    (totals,) = world.end().ticks
    assert (totals.running, totals.gil, totals.sleep, totals.io, totals.lock, totals.blocked) == (3, 4, 2, 2, 5, 1)
    assert totals.waited_for[:2] == (WaitTarget("futex", 5), WaitTarget("GIL", 4))
    names = {one.name for one in totals.waited_for}
    assert names == {"futex", "GIL", "clock_nanosleep", "read", "page fault", "stopped"}
    assert (totals.index, totals.pid, totals.tid) == (0, PID, 1)


def test_queueing_between_two_waits_for_the_gil_is_told_with_the_ticks(world: World, tmp_path: Path) -> None:
    clocks = world.clocks[2] = tmp_path / "schedstat"
    clocks.write_text("1000 2000 3")
    world.begin(2)
    world.sampler.set_gil(PID, range(0x1000, 0x2000))
    for queued_ms in (0, 7, 14):
        clocks.write_text(f"{1000 + queued_ms} {2000 + queued_ms * MS} {3 + queued_ms}")
        world.doing[2] = AT_GIL
        world.look(2)
        world.doing[2] = RUN
        world.look(2)
    (ticks,) = world.end().ticks
    assert (ticks.gil_queued_s, ticks.gil_handover_s) == (0.014, 0.0)
    assert ticks.gil == 6


def test_drains_follow_each_other_without_a_gap(world: World) -> None:
    world.begin(1)
    world.look(3)
    first = world.sampler.drain()
    assert first is not None
    assert not first.ended
    assert first.ticks == ()
    world.doing[2] = RUN
    world.enter(2)
    world.look(2)
    second = world.end()
    assert letters(first) == [".RRR"]
    assert letters(second) == ["RR", "RR"]
    assert second.first_tick == first.first_tick + 4
    assert [one.running for one in second.ticks] == [5, 2]


def test_deadlines_do_not_drift_and_late_ticks_are_marked_missed(world: World) -> None:
    world.begin(1)
    world.look()
    world.wait(0.9)
    assert world.sampler.due_ns == world.now + MS // 10
    world.wait(0.4)  # 0.3 late
    assert world.sampler.tick(world.now) == world.now + 7 * MS // 10
    world.wait(3.7)  # due 0.7 on, looked at 3.7 on: three went by
    world.sampler.tick(world.now)
    seen = world.end()
    assert letters(seen) == [".RR---R"]
    assert (seen.made, seen.missed) == (3, 3)
    assert seen.ticks[0].missed == 3


def test_a_call_before_the_tick_is_due_does_nothing(world: World) -> None:
    world.begin(1)
    world.look()
    world.sampler.tick(world.now)
    world.sampler.tick(world.now + MS // 2)
    assert letters(world.end()) == [".R"]


def test_without_active_workers_no_tick_is_due_or_missed(world: World) -> None:
    world.begin()
    assert world.sampler.due_ns is None
    world.wait(50)
    world.sampler.tick(world.now)
    world.doing[1] = RUN
    world.enter(1)
    world.look(2)
    world.leave(1)
    assert world.sampler.due_ns is None
    world.wait(10)
    world.enter(1)
    world.look(1)
    seen = world.end()
    assert letters(seen) == ["." * 51 + "RR" + "." * 10 + "R"]
    assert seen.missed == 0
    assert len(seen.lanes) == 1


def test_a_worker_outside_its_kernel_is_absent_while_others_work(world: World) -> None:
    world.begin(1, 2)
    world.look(2)
    world.leave(2)
    world.look(2)
    world.enter(2)
    world.look(1)
    assert letters(world.end()) == [".RRRRR", ".RR..R"]


def test_a_thread_that_ended_is_absent_and_its_file_closed(world: World) -> None:
    world.begin(1, 2)
    world.look(1)
    del world.doing[2]
    world.look(2)
    assert letters(world.end()) == [".RRR", ".R.."]


def test_a_thread_that_ended_before_its_first_sample_is_absent(world: World) -> None:
    world.begin(1)
    world.enter(99)
    world.look(1)
    seen = world.end()
    assert letters(seen) == [".R", ".."]


def test_every_file_is_closed_at_the_end(world: World) -> None:
    world.begin(1, 2)
    world.look(1)
    world.end()
    for descriptor in world.threads:
        with pytest.raises(OSError, match="Bad file"):
            os.fstat(descriptor)


def test_each_trial_starts_with_empty_lanes(world: World) -> None:
    world.begin(1)
    world.look(3)
    world.end()
    assert world.sampler.drain() is None
    assert world.sampler.end_trial() is None
    world.enter(1)  # of nobody's trial
    assert world.sampler.due_ns is None
    world.wait(7.5)
    world.begin(1, trial=2)
    world.look(1)
    seen = world.end()
    assert (seen.trial, seen.start_ns, seen.first_tick, seen.made) == (2, world.now - MS, 0, 1)
    assert letters(seen) == [".R"]


def test_a_gil_that_was_not_reported_is_inferred(world: World) -> None:
    world.begin(1)
    world.doing[1] = AT_GIL  # inside the interpreter's own data
    world.look(2)
    assert letters(world.end()) == [".GG"]


def test_a_gil_reported_late_is_known_from_then_on(world: World) -> None:
    world.begin(1)
    elsewhere = range(0x5000, 0x50B8)
    world.doing[1] = f"202 {0x5028:#x} 0x189 0x0 0x0 0x0 {TAIL}".encode()
    world.look(2)
    world.sampler.set_gil(PID, elsewhere)
    world.look(2)
    assert letters(world.end()) == [".LLGG"]


def test_a_process_whose_gil_is_off_waits_for_other_locks_alone(world: World) -> None:
    world.sampler.set_gil(PID, range(0))
    world.begin(1)
    world.doing[1] = AT_GIL
    world.look(2)
    assert letters(world.end()) == [".LL"]


def test_the_state_is_read_if_system_calls_cannot_be(world: World) -> None:
    world.readable = False
    world.begin(1)
    world.doing[1] = b"1 (python) R 1 1"
    world.look(1)
    world.doing[1] = b"1 (python) S 1 1"
    world.look(2)
    seen = world.end()
    assert letters(seen) == [".R??"]
    assert seen.certainty == "state"
    assert seen.ticks[0].blocked == 2


def test_on_an_unknown_machine_the_state_file_is_opened() -> None:
    world = World(machine="riscv64")
    world.begin(1)
    world.doing[1] = b"1 (python) S 1 1"
    world.look(1)
    assert world.end().certainty == "state"


def test_without_proc_there_are_no_lanes(world: World) -> None:
    world.sampler.begin_trial(1, 1, 0)
    world.enter(5)
    seen = world.end()
    assert seen.certainty == "none"
    assert sum(len(lane) for lane in letters(seen)) == 1  # the tick during which the worker entered


def test_undrained_ticks_are_counted_in_the_totals_and_dropped(world: World) -> None:
    world.begin(1)
    world.look(MAX_KEPT_TICKS + 500)
    seen = world.end()
    assert len(letters(seen)[0]) < MAX_KEPT_TICKS
    assert seen.first_tick + len(letters(seen)[0]) == MAX_KEPT_TICKS + 501
    assert seen.ticks[0].running == MAX_KEPT_TICKS + 500


def test_the_lanes_survive_encoding(world: World) -> None:
    world.gil_locations.set_reported(PID, GIL)
    world.begin(1)
    world.doing[1] = AT_GIL
    world.look(2)
    seen = world.end()
    assert decode(encode(seen)) == seen


def test_more_kinds_than_fit_a_byte_keep_their_letter(world: World) -> None:
    world.begin(1)
    for number in range(1000, 1400):
        world.doing[1] = f"{number} 0x0 0x0 0x0 0x0 0x0 {TAIL}".encode()
        world.look(1)
    seen = world.end()
    assert letters(seen) == ["." + "I" * 400]
    assert seen.ticks[0].io == 400


@given(st.lists(st.tuples(st.sampled_from([RUN, AT_GIL, AT_LOCK, ASLEEP]), st.floats(0.01, 5.0)), max_size=60))
def test_every_tick_is_made_missed_or_not_due(steps: list[tuple[bytes, float]]) -> None:
    world = World()
    world.gil_locations.set_reported(PID, GIL)
    world.begin(1)
    for line, ms in steps:
        world.doing[1] = line
        world.wait(ms)
        world.sampler.tick(world.now)
    seen = world.end()
    (lane,) = letters(seen)
    assert len(lane) == seen.made + seen.missed + 1
    assert lane.count(LaneState.MISSED) == seen.missed
    assert len(lane) == world.now // MS + 1
