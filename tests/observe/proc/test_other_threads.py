from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from pi_tui.host.protocol import OutsideTicks
from pi_tui.observe.proc.other_threads import SAMPLES_PER_LISTING, OtherThreads, list_thread_ids
from pi_tui.observe.proc.thread_files import ThreadFile

GIL = range(0x1000, 0x10B8)
TAIL = "0xffffffff 0x7f0000001000 0x7f0000002000\n"
RUN = b"running\n"
AT_GIL = f"202 {0x1028:#x} 0x89 0x0 0x7f00 0x0 {TAIL}".encode()
AT_LOCK = f"202 0x9000 0x189 0x0 0x0 0x0 {TAIL}".encode()
MAIN, WORKER, NEWBORN = 40, 41, 42


class World:
    """Scripted threads of one process."""

    def __init__(self) -> None:
        self.doing: dict[int, bytes] = {MAIN: AT_LOCK, WORKER: RUN}
        self.threads: dict[int, int] = {}
        self.calls = True
        self.others = OtherThreads(MAIN, "x86_64", self.open, self.read, lambda _pid: list(self.doing))

    def open(self, _pid: int, tid: int, *, syscall: bool = True) -> ThreadFile:
        descriptor = os.open(os.devnull, os.O_RDONLY)
        self.threads[descriptor] = tid
        return ThreadFile(descriptor, syscall and self.calls)

    def read(self, descriptor: int, _most: int, _offset: int) -> bytes:
        if self.threads[descriptor] not in self.doing:
            raise ProcessLookupError(3, "No such process")
        return self.doing[self.threads[descriptor]]

    def look(self, looks: int = 1, gil: range | None = GIL, **doing: bytes) -> OutsideTicks:
        self.doing.update({{"main": MAIN, "newborn": NEWBORN}[name]: line for name, line in doing.items()})
        for _ in range(looks):
            self.others.sample({WORKER}, gil)
        return self.others.count_ticks()


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    yield world
    world.others.close()
    for descriptor in world.threads:
        with pytest.raises(OSError, match="Bad file"):
            os.fstat(descriptor)


def test_threads_blocked_elsewhere_and_threads_inside_do_not_count(world: World) -> None:
    assert world.look(5) == OutsideTicks(0, 0)
    world.doing[WORKER] = AT_GIL
    assert world.look(5) == OutsideTicks(0, 0)


def test_a_waiter_that_is_running_to_request_the_gil_again_still_waits(world: World) -> None:
    assert world.look(main=RUN) == OutsideTicks(0, 1), "it has not waited yet"
    assert world.look(3, main=AT_GIL) == OutsideTicks(3, 1)
    assert world.look(4, main=RUN) == OutsideTicks(7, 1)
    world.look(main=AT_LOCK)
    assert world.look(main=RUN) == OutsideTicks(7, 2), "it has had it meanwhile"


def test_a_new_thread_that_waits_is_found(world: World) -> None:
    world.look(newborn=RUN)
    assert world.look(SAMPLES_PER_LISTING, newborn=AT_GIL).gil > 0


def test_without_the_gils_address_no_thread_counts_as_waiting(world: World) -> None:
    assert world.look(5, gil=None, main=AT_GIL) == OutsideTicks(0, 0)


def test_an_ended_thread_is_forgotten(world: World) -> None:
    assert world.look(2, main=AT_GIL) == OutsideTicks(2, 0)
    del world.doing[MAIN]
    assert world.look(2) == OutsideTicks(2, 0)


def test_threads_without_a_readable_system_call_do_not_count() -> None:
    world = World()
    world.calls = False
    assert world.look(3, main=AT_GIL) == OutsideTicks(0, 0)


def test_the_threads_of_a_process_are_listed() -> None:
    assert os.getpid() in list_thread_ids(os.getpid())
    assert list_thread_ids(2**31 - 1) == []
