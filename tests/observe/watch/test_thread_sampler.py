"""The sampler of a program's threads, with a scripted `/proc` and a scripted time."""

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
from tests.observe.watch.proc_folder import (
    ASLEEP,
    AT_LOCK,
    DEAD,
    FAULTING,
    IN_EPOLL,
    READING,
    RUNNING,
    ProcFolder,
    waiting_until,
)
from tests.open_files import count_open_files

MS = 1_000_000
PYTHON = MappedFile("/usr/bin/python3.14", range(0x1000, 0x9000))
GIL_IN_PYTHON = 0x2004
GIL_ON_THE_HEAP = 0x7F0028


class World:
    """A program and its sampler."""

    def __init__(self, proc: ProcFolder, *, machine: str = "x86_64") -> None:
        self.proc = proc
        self.refusing: OSError | None = None
        self.cores: dict[int, set[int]] = {}
        self.sampler = ThreadSampler(
            GilSearch(lambda pid: [PYTHON]),
            machine=machine,
            read=self._read,
            proc=proc.path,
            get_affinity=lambda tid: self.cores.get(tid, {0, 1}),
        )
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
        ticks, reports = self.sampler.report(self.now_ns, period_ns)
        assert all(len(each.letters) == ticks for each in reports)
        return {each.tid: each for each in reports}


@pytest.fixture
def proc(tmp_path: Path) -> ProcFolder:
    return ProcFolder(tmp_path)


@pytest.fixture
def world(proc: ProcFolder) -> Iterator[World]:
    world = World(proc)
    yield world
    world.sampler.close()


def test_a_thread_has_a_letter_per_tick_and_its_clocks_since_the_first_reading(world: World) -> None:
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


def test_letters_are_reported_once_and_totals_every_time(world: World) -> None:
    world.proc.thread(70, 71, AT_LOCK)
    world.join((70, 71))
    world.pass_ticks(3)
    assert world.report()[71].letters == "LLL"
    world.pass_ticks(1)
    seen = world.report()[71]
    assert (seen.letters, seen.lock) == ("L", 4)


def test_late_ticks_are_marked_missed_and_not_repeated(world: World) -> None:
    world.proc.thread(70, 71)
    world.join((70, 71))
    world.pass_ticks(1)
    world.now_ns += 3 * MS
    world.pass_ticks(1)
    assert world.report()[71].letters == f"R{3 * LaneState.MISSED.value}R"
    assert (world.sampler.made, world.sampler.missed) == (2, 3)


def test_an_ended_thread_is_reported_once_more_and_not_added_again_while_unreaped(world: World) -> None:
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


def test_a_process_that_executes_another_program_has_not_ended(world: World) -> None:
    world.proc.thread(70, 70, RUNNING)
    world.join((70, 70))
    world.proc.thread(70, 70, DEAD)
    world.pass_ticks(1)
    world.proc.thread(70, 70, RUNNING)
    world.pass_ticks(1)
    seen = world.report()[70]
    assert not seen.ended
    assert seen.letters == f"{LaneState.MISSED.value}R"


def test_a_thread_whose_file_is_gone_has_ended(world: World) -> None:
    world.proc.thread(70, 71)
    world.join((70, 71))
    world.pass_ticks(1)
    world.refusing = ProcessLookupError()
    world.pass_ticks(1)
    assert world.report()[71].ended
    assert world.sampler.threads == 0


def test_a_thread_whose_system_call_becomes_unreadable_is_sampled_by_its_state(world: World) -> None:
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


def test_on_an_unknown_machine_the_state_is_read(proc: ProcFolder) -> None:
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


def test_without_schedstat_the_clocks_are_none(world: World) -> None:
    world.proc.thread(70, 71, ASLEEP)
    world.proc.without(70, 71, "schedstat")
    world.join((70, 71))
    world.pass_ticks(1)
    seen = world.report()[71]
    assert (seen.cpu_ns, seen.queued_ns, seen.slices) == (None, None, None)
    assert seen.until_s == 0.001


def test_a_timed_wait_inside_the_interpreter_is_for_the_gil(world: World) -> None:
    world.proc.thread(70, 71, waiting_until(GIL_IN_PYTHON))
    world.proc.thread(70, 72, waiting_until(0x9A0000))
    world.join((70, 71), (70, 72))
    world.pass_ticks(2)
    reports = world.report()
    assert (reports[71].letters, reports[71].waits_at) == ("GG", "GIL")
    assert reports[72].letters == "LL"


def report_of_waiters(world: World, clocks: Callable[[int], str]) -> dict[int, ThreadSeen]:
    """Return the last report on two waiters at one futex after six reports of 100 ticks; `clocks` are theirs at each report."""
    for tid in (71, 72):
        world.proc.thread(70, tid, waiting_until(GIL_ON_THE_HEAP))
    world.join((70, 71), (70, 72))
    reports: dict[int, ThreadSeen] = {}
    for times in range(1, 7):
        world.pass_ticks(100)
        for tid in (71, 72):
            world.proc.thread(70, tid, waiting_until(GIL_ON_THE_HEAP), clocks=clocks(times))
        reports = world.report()
    return reports


def test_a_subinterpreters_gil_is_found_by_its_waiters_wake_up_rate(world: World) -> None:
    reports = report_of_waiters(world, lambda times: f"0 0 {20 * times}")
    assert {each.letters for each in reports.values()} == {"G" * 100}
    assert {(each.gil, each.lock, each.waits_at) for each in reports.values()} == {(600, 0, "GIL")}


def test_waiters_that_queue_for_a_core_have_the_same_wake_up_rate(world: World) -> None:
    """They wait for 5 ms and then queue for a core for 20 ms, again and again. A lock's waiters are not woken as often."""
    reports = report_of_waiters(world, lambda times: f"0 {80 * MS * times} {4 * times}")
    assert {(each.gil, each.lock, each.waits_at) for each in reports.values()} == {(600, 0, "GIL")}


def test_a_thread_queued_nearly_all_the_time_has_no_wake_up_rate(world: World) -> None:
    reports = report_of_waiters(world, lambda times: f"0 {99 * MS * times} {times}")
    assert {each.letters for each in reports.values()} == {"L" * 100}


def test_a_lock_with_a_timeout_stays_a_lock(world: World) -> None:
    for tid in (71, 72):
        world.proc.thread(70, tid, waiting_until(GIL_ON_THE_HEAP))
    world.join((70, 71), (70, 72))
    for _ in range(6):
        world.pass_ticks(100)
        reports = world.report()
    assert {each.letters for each in reports.values()} == {"L" * 100}


def rested(world: World) -> None:
    """Let many sleeping threads run until all of them rest."""
    for tid in range(100, 100 + MANY_THREADS):
        world.proc.thread(70, tid, ASLEEP)
    world.join(*((70, tid) for tid in range(100, 100 + MANY_THREADS)))
    for _ in range(3):
        world.pass_ticks(100)
        world.report()
    world.proc.thread(70, 100, AT_LOCK)  # not sampled, as its clocks have not changed
    world.pass_ticks(100)
    assert {each.letters for each in world.report().values()} == {"S" * 100}


def test_resting_threads_are_sampled_again_when_their_clocks_change(world: World) -> None:
    rested(world)
    world.proc.thread(70, 100, RUNNING, clocks="1000 0 1")
    world.pass_ticks(2 * RESTING_CHECK_NS // MS)
    reports = world.report()
    assert reports[100].letters.endswith("RRRRR")
    assert LaneState.MISSED.value in reports[100].letters
    assert set(reports[101].letters) == {"S"}


def test_threads_beyond_the_maximum_are_counted_as_unwatched(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
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


def test_names_are_read_again(world: World) -> None:
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


def test_page_faults_are_waits_for_the_disk_and_counted_by_the_system(world: World) -> None:
    world.proc.thread(70, 71, RUNNING, faults=40)
    world.join((70, 71))
    world.pass_ticks(2)
    assert world.report()[71].major_faults is None, "no tick saw one"
    world.proc.thread(70, 71, FAULTING, state="D", faults=47)
    world.pass_ticks(3)
    seen = world.report()[71]
    assert (seen.letters, seen.page_fault, seen.io, seen.waits_at) == ("III", 3, 3, "page fault")
    assert seen.major_faults == 7


def test_a_stopped_thread_does_not_wait_for_the_disk(world: World) -> None:
    world.proc.thread(70, 71, FAULTING, state="T")
    world.join((70, 71))
    world.pass_ticks(2)
    seen = world.report()[71]
    assert (seen.letters, seen.page_fault, seen.waits_at) == (2 * LaneState.BLOCKED.value, 0, "stopped")


def test_who_runs_while_another_thread_waits_for_the_gil_is_counted(world: World) -> None:
    world.proc.thread(70, 70, RUNNING)
    world.proc.thread(70, 71, waiting_until(GIL_IN_PYTHON))
    world.proc.thread(80, 80, RUNNING)  # another process, with a GIL of its own
    world.join((70, 70), (70, 71), (80, 80))
    world.pass_ticks(4)
    world.proc.thread(70, 71, ASLEEP)
    world.pass_ticks(2)
    reports = world.report()
    assert [(reports[tid].gil_contended, reports[tid].gil_ran) for tid in (70, 71, 80)] == [(4, 4), (4, 0), (0, 0)]
    assert reports[70].gil_stalled == 0


def test_queueing_between_two_waits_for_the_gil_is_told_in_every_report(world: World) -> None:
    for queued_ms in (0, 7, 14):
        clocks = f"{1000 + queued_ms} {queued_ms * MS} {queued_ms}"
        world.proc.thread(70, 71, waiting_until(GIL_IN_PYTHON), clocks=clocks)
        world.join((70, 71))
        world.pass_ticks(2)
        assert world.sampler.measures_queueing is (queued_ms > 0), "the ticks must then be close to each other"
        world.proc.thread(70, 71, RUNNING, clocks=clocks)
        world.pass_ticks(2)
    seen = world.report()[71]
    assert (seen.gil_queued_ns, seen.gil_handover_ns) == (14 * MS, 0)


def test_a_thread_that_is_blocked_with_the_gil_is_found_with_what_it_is_blocked_at(world: World) -> None:
    world.proc.thread(70, 70, FAULTING, state="D")
    world.proc.thread(70, 71, waiting_until(GIL_IN_PYTHON))
    world.join((70, 70), (70, 71))
    world.pass_ticks(3)
    world.proc.thread(70, 70, RUNNING)
    world.pass_ticks(1)
    reports = world.report()
    assert (reports[70].gil_stalled, reports[70].gil_blocked, reports[70].gil_blocked_at) == (3, 3, "page fault")
    assert (reports[71].gil_stalled, reports[71].gil_blocked, reports[71].gil_blocked_at) == (3, 0, "")


def test_the_absences_of_an_event_loop_from_its_selector_are_measured_across_reports(world: World) -> None:
    world.proc.thread(70, 71, RUNNING)
    world.join((70, 71))
    world.pass_ticks(50)  # before its first wait there, it is no absence
    assert world.report()[71].away_s is None
    for away in (5, 30, 10):
        world.proc.thread(70, 71, IN_EPOLL)
        world.pass_ticks(5)
        world.proc.thread(70, 71, RUNNING)
        world.pass_ticks(away // 2)
        ongoing = world.report()[71].away_s
        assert ongoing == away // 2 / 1000
        world.pass_ticks(away - away // 2)
    seen = world.report()[71]
    assert (seen.selector_returns, seen.longest_away_s, seen.away_s) == (2, 0.03, 0.01)


def test_an_absence_is_not_longer_than_it_was_seen(world: World) -> None:
    world.proc.thread(70, 71, IN_EPOLL)
    world.join((70, 71))
    world.pass_ticks(5)
    world.now_ns += 3 * MS  # missed, while it may have stayed there
    world.pass_ticks(1)
    world.proc.thread(70, 71, RUNNING)
    world.pass_ticks(4)
    world.now_ns += 100 * MS
    world.pass_ticks(6)
    world.proc.thread(70, 71, IN_EPOLL)
    world.pass_ticks(1)
    seen = world.report()[71]
    assert (seen.selector_returns, seen.longest_away_s) == (1, 0.006)


def test_threads_that_may_use_fewer_cores_are_told(world: World) -> None:
    world.cores[72] = {1}
    for tid in (71, 72):
        world.proc.thread(70, tid)
    world.join((70, 71), (70, 72))
    world.pass_ticks(1)
    assert {tid: each.allowed_cores for tid, each in world.report().items()} == {71: None, 72: (1,)}
    world.cores[71] = {0}
    world.sampler.refresh_names()
    world.pass_ticks(1)
    assert world.report()[71].allowed_cores == (0,)
