"""Looking at all threads of a program, from a scripted `/proc`; time is what the test says."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pi_tui.host.protocol import LaneState
from pi_tui.host.watch_protocol import ThreadSeen
from pi_tui.observe.proc.thread_files import ThreadFile
from pi_tui.observe.process.gil_locations import MappedFile
from pi_tui.observe.watch.gil_search import GilSearch
from pi_tui.observe.watch.thread_lane import ThreadLane
from pi_tui.observe.watch.thread_sampler import MANY_THREADS, MAX_THREADS, RESTING_CHECK_NS, ThreadSampler
from tests.observe.watch.proc_folder import ASLEEP, AT_LOCK, DEAD, READING, RUNNING, ProcFolder, waiting_until
from tests.open_files import count_open_files

MS = 1_000_000
PYTHON = MappedFile("/usr/bin/python3.14", range(0x1000, 0x9000))
GIL_IN_PYTHON = 0x2004
GIL_ON_THE_HEAP = 0x7F0028


class World:
    """A program, and who looks at it."""

    def __init__(self, proc: ProcFolder, *, machine: str = "x86_64") -> None:
        self.proc = proc
        self.refusing: OSError | None = None
        self.sampler = ThreadSampler(GilSearch(lambda pid: [PYTHON]), machine=machine, read=self._read, proc=proc.path)
        self.now_ns = 0

    def _read(self, descriptor: int, length: int, offset: int) -> bytes:
        if self.refusing is not None:
            raise self.refusing
        return os.pread(descriptor, length, offset)

    def join(self, *threads: tuple[int, int]) -> None:
        self.sampler.add_threads(threads, self.now_ns)

    def pass_ticks(self, ticks: int) -> None:
        for _ in range(ticks):
            self.now_ns += MS
            self.sampler.tick(self.now_ns - MS)

    def report(self, period_ns: int = MS) -> dict[int, ThreadSeen]:
        ticks, told = self.sampler.report(self.now_ns, period_ns)
        assert all(len(each.letters) == ticks for each in told)
        return {each.tid: each for each in told}


@pytest.fixture
def proc(tmp_path: Path) -> ProcFolder:
    return ProcFolder(tmp_path)


@pytest.fixture
def world(proc: ProcFolder) -> Iterator[World]:
    world = World(proc)
    yield world
    world.sampler.close()


def test_a_letter_a_tick_and_the_clocks_since_it_was_first_seen(world: World) -> None:
    world.proc.thread(70, 71, RUNNING, clocks="5000 200 3", name="crunch")
    world.join((70, 71))
    world.pass_ticks(2)
    world.proc.thread(70, 71, ASLEEP, clocks="9000 250 5", name="crunch")
    world.pass_ticks(2)
    world.proc.thread(70, 71, READING, clocks="9000 250 5", name="crunch")
    world.pass_ticks(1)
    (seen,) = world.report().values()
    assert seen.letters == "RRSSI"
    assert (seen.running, seen.sleep, seen.io) == (2, 2, 1)
    assert (seen.cpu_ns, seen.queued_ns, seen.slices) == (4000, 50, 2)
    assert (seen.name, seen.waits_at, seen.calls) == ("crunch", "clock_nanosleep", True)
    assert (seen.since_s, seen.until_s) == (0.0, 0.005)


def test_letters_are_told_once_totals_always(world: World) -> None:
    world.proc.thread(70, 71, AT_LOCK)
    world.join((70, 71))
    world.pass_ticks(3)
    assert world.report()[71].letters == "LLL"
    world.pass_ticks(1)
    seen = world.report()[71]
    assert (seen.letters, seen.lock) == ("L", 4)


def test_ticks_that_came_too_late_are_missed_not_made_up_for(world: World) -> None:
    world.proc.thread(70, 71)
    world.join((70, 71))
    world.pass_ticks(1)
    world.now_ns += 3 * MS
    world.pass_ticks(1)
    assert world.report()[71].letters == f"R{3 * LaneState.MISSED.value}R"
    assert (world.sampler.made, world.sampler.missed) == (2, 3)


def test_a_thread_that_ends_has_a_last_word_and_does_not_come_again_while_it_lies_unburied(world: World) -> None:
    world.proc.thread(70, 70, ASLEEP)
    world.join((70, 70))
    world.pass_ticks(2)
    world.proc.thread(70, 70, DEAD, state="Z")
    world.pass_ticks(2)
    world.join((70, 70))
    assert world.sampler.threads == 0
    seen = world.report()[70]
    assert seen.ended
    assert seen.letters.startswith("SS")
    world.join((70, 70))
    assert world.report() == {}


def test_a_process_that_is_just_becoming_another_program_is_not_dead(world: World) -> None:
    world.proc.thread(70, 70, RUNNING)
    world.join((70, 70))
    world.proc.thread(70, 70, DEAD)
    world.pass_ticks(1)
    world.proc.thread(70, 70, RUNNING)
    world.pass_ticks(1)
    seen = world.report()[70]
    assert not seen.ended
    assert seen.letters == f"{LaneState.MISSED.value}R"


def test_a_thread_that_the_system_no_longer_knows_has_ended(world: World) -> None:
    world.proc.thread(70, 71)
    world.join((70, 71))
    world.pass_ticks(1)
    world.refusing = ProcessLookupError()
    world.pass_ticks(1)
    assert world.report()[71].ended
    assert world.sampler.threads == 0


def test_who_may_no_longer_be_looked_into_is_looked_at_by_its_state(world: World) -> None:
    world.proc.thread(70, 71, ASLEEP)
    world.join((70, 71))
    world.proc.without(70, 71, "syscall")
    world.refusing = PermissionError()
    world.pass_ticks(10)
    world.refusing = None
    world.pass_ticks(2)
    seen = world.report()[71]
    assert not seen.calls
    assert (seen.missed, seen.blocked) == (10, 2)


def test_on_a_machine_whose_calls_are_not_known_the_state_is_read(proc: ProcFolder) -> None:
    world = World(proc, machine="vax")
    proc.thread(70, 71, ASLEEP, state="R")
    world.join((70, 71))
    world.pass_ticks(1)
    proc.thread(70, 71, ASLEEP, state="S")
    world.pass_ticks(1)
    seen = world.report()[71]
    assert (seen.calls, seen.letters) == (False, f"R{LaneState.BLOCKED.value}")
    proc.thread(70, 71, ASLEEP, state="Z")
    world.pass_ticks(1)
    assert world.report()[71].ended
    world.sampler.close()


def test_where_there_are_no_clocks_nothing_is_said_of_them(world: World) -> None:
    world.proc.thread(70, 71, ASLEEP)
    world.proc.without(70, 71, "schedstat")
    world.join((70, 71))
    world.pass_ticks(1)
    seen = world.report()[71]
    assert (seen.cpu_ns, seen.queued_ns, seen.slices) == (None, None, None)
    assert seen.until_s == 0.001


def test_a_wait_with_a_time_limit_in_the_interpreter_is_the_gil(world: World) -> None:
    world.proc.thread(70, 71, waiting_until(GIL_IN_PYTHON))
    world.proc.thread(70, 72, waiting_until(0x9A0000))
    world.join((70, 71), (70, 72))
    world.pass_ticks(2)
    told = world.report()
    assert (told[71].letters, told[71].waits_at) == ("GG", "GIL")
    assert told[72].letters == "LL"


def told_of_waiters(world: World, clocks: Callable[[int], str]) -> dict[int, ThreadSeen]:
    """What is told of two waiters at one futex after six looks of 100 ticks; `clocks`: theirs at the so many-th look."""
    for tid in (71, 72):
        world.proc.thread(70, tid, waiting_until(GIL_ON_THE_HEAP))
    world.join((70, 71), (70, 72))
    told: dict[int, ThreadSeen] = {}
    for times in range(1, 7):
        world.pass_ticks(100)
        for tid in (71, 72):
            world.proc.thread(70, tid, waiting_until(GIL_ON_THE_HEAP), clocks=clocks(times))
        told = world.report()
    return told


def test_the_gil_of_a_further_interpreter_is_known_by_the_pace_of_its_waiters(world: World) -> None:
    told = told_of_waiters(world, lambda times: f"0 0 {20 * times}")
    assert {each.letters for each in told.values()} == {"G" * 100}
    assert {(each.gil, each.lock, each.waits_at) for each in told.values()} == {(600, 0, "GIL")}


def test_waiters_that_have_to_queue_for_a_core_are_known_by_their_pace_as_well(world: World) -> None:
    """They wait for 5 ms and then for a core for 20 ms, again and again: a lock's waiters are not woken as often."""
    told = told_of_waiters(world, lambda times: f"0 {80 * MS * times} {4 * times}")
    assert {(each.gil, each.lock, each.waits_at) for each in told.values()} == {(600, 0, "GIL")}


def test_who_is_queued_nearly_all_of_the_time_tells_nothing_of_its_pace(world: World) -> None:
    told = told_of_waiters(world, lambda times: f"0 {99 * MS * times} {times}")
    assert {each.letters for each in told.values()} == {"L" * 100}


def test_a_lock_with_a_time_limit_stays_a_lock(world: World) -> None:
    for tid in (71, 72):
        world.proc.thread(70, tid, waiting_until(GIL_ON_THE_HEAP))
    world.join((70, 71), (70, 72))
    for _ in range(6):
        world.pass_ticks(100)
        told = world.report()
    assert {each.letters for each in told.values()} == {"L" * 100}


def rested(world: World) -> None:
    """Very many threads that sleep, until none is looked at any more."""
    for tid in range(100, 100 + MANY_THREADS):
        world.proc.thread(70, tid, ASLEEP)
    world.join(*((70, tid) for tid in range(100, 100 + MANY_THREADS)))
    for _ in range(3):
        world.pass_ticks(100)
        world.report()
    world.proc.thread(70, 100, AT_LOCK)  # which nobody sees, as its clocks do not tell of it
    world.pass_ticks(100)
    assert {each.letters for each in world.report().values()} == {"S" * 100}


def test_of_many_threads_those_that_rest_are_looked_at_again_when_their_clocks_move(world: World) -> None:
    rested(world)
    world.proc.thread(70, 100, RUNNING, clocks="1000 0 1")
    world.pass_ticks(2 * RESTING_CHECK_NS // MS)
    told = world.report()
    assert told[100].letters.endswith("RRRRR")
    assert LaneState.MISSED.value in told[100].letters
    assert set(told[101].letters) == {"S"}


def test_more_threads_than_can_be_looked_at_are_counted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def open_lane(
        pid: int, tid: int, numbers_by_line: object, now_s: float, *, syscall: bool, proc: str
    ) -> ThreadLane | None:
        file = os.open(os.devnull, os.O_RDONLY)
        return ThreadLane(pid, tid, "", {}, ThreadFile(file, True), None, now_s, now_s)

    monkeypatch.setattr(ThreadLane, "open", open_lane)
    monkeypatch.setattr("pi_tui.observe.watch.thread_sampler.MAX_THREADS", 5)
    world.join(*((70, tid) for tid in range(8)))
    assert (world.sampler.threads, world.sampler.unwatched) == (5, 3)
    assert MAX_THREADS >= 1000
    world.join(*((70, tid) for tid in range(6)))
    assert world.sampler.unwatched == 1, "of those that were too many, two have ended"


def test_names_are_asked_again(world: World) -> None:
    world.proc.thread(70, 71, name="python")
    world.join((70, 71))
    world.proc.thread(70, 71, name="fetcher")
    world.sampler.refresh_names()
    assert world.report()[71].name == "fetcher"


def test_no_file_stays_open(proc: ProcFolder) -> None:
    world = World(proc)
    for tid in range(100, 110):
        proc.thread(70, tid)
    world.join(*((70, tid) for tid in range(100, 110)))
    assert count_open_files(proc.path) == 20
    proc.thread(70, 100, DEAD, state="Z")
    world.pass_ticks(1)
    world.report()
    world.sampler.close()
    assert count_open_files(proc.path) == 0
