from __future__ import annotations

import mmap
import os
import sys
from pathlib import Path

import pytest

from pi_tui.host import gil_address
from pi_tui.observe.process.gil_locations import GilLocations, MappedFile, locate_gil, parse_maps, read_mapped_files

PYTHON = "/usr/bin/python3.14"

MAPS = f"""\
55d0c0a00000-55d0c0a01000 r--p 00000000 fe:00 267 {PYTHON}
55d0c0a01000-55d0c0b00000 r-xp 00001000 fe:00 267 {PYTHON}
55d0c0b00000-55d0c0b80000 rw-p 00100000 fe:00 267 {PYTHON}
55d0c0b80000-55d0c0bc0000 rw-p 00000000 00:00 0
55d0c1000000-55d0c1100000 rw-p 00000000 00:00 0                          [heap]
7f1000000000-7f1000100000 r-xp 00000000 fe:00 268 /lib/an odd name.so
7f1000200000-7f1000300000 rw-p 00000000 00:00 0
7ffd00000000-7ffd00021000 rw-p 00000000 00:00 0                          [stack]
"""
BASE = 0x55D0C0A00000
GIL = range(BASE + 0x180100, BASE + 0x180100 + 184)


def test_maps_are_parsed_into_files_with_their_data() -> None:
    assert parse_maps(MAPS) == [
        MappedFile(PYTHON, range(BASE, 0x55D0C0BC0000)),
        MappedFile("/lib/an odd name.so", range(0x7F1000000000, 0x7F1000100000)),
    ]
    assert [mapped.is_interpreter for mapped in parse_maps(MAPS)] == [True, False]


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("name", ["a\rb", "a\u2028b", "a\x85b", "a\x0cb c", "a\nb"])
def test_a_mapped_file_may_have_any_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"x" * mmap.PAGESIZE)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ):
        shown = str(path).replace("\n", "\\012")  # as Linux writes it there
        assert shown in [mapped.path for mapped in read_mapped_files(os.getpid())]


class Machine:
    """Processes by id, with the address that each one's interpreter is mapped at."""

    def __init__(self, **bases: int) -> None:
        self.bases = {int(name[1:]): base for name, base in bases.items()}
        self.reads: list[int] = []

    def mapped_files_of(self, pid: int) -> list[MappedFile]:
        self.reads.append(pid)
        base = self.bases.get(pid)
        if base is None:
            return []
        return [MappedFile(PYTHON, range(base, base + 0x1C0000)), MappedFile("/lib/libc.so.6", range(0x1000, 0x2000))]


def test_a_process_of_the_same_program_has_its_gil_at_the_same_offset() -> None:
    locations = GilLocations(Machine(p1=BASE, p2=0x7000_0000).mapped_files_of)
    locations.set_reported(1, GIL)
    assert locations.find(1) == GIL
    assert locations.find(2) == range(0x7000_0000 + 0x180100, 0x7000_0000 + 0x180100 + 184)


def test_another_programs_gil_is_unknown_until_it_is_reported() -> None:
    machine = Machine(p1=BASE)
    locations = GilLocations(machine.mapped_files_of)
    assert locations.find(1) is None
    assert locations.find(1) is None
    assert machine.reads == [1]  # the maps are read once
    locations.set_reported(2, range(5, 6))  # a process of an unknown program
    assert locations.find(1) is None
    locations.set_reported(1, GIL)
    assert locations.find(1) == GIL


def test_a_timed_futex_in_the_interpreters_own_data_is_the_gil() -> None:
    locations = GilLocations(Machine(p1=BASE, p2=0x7000_0000).mapped_files_of)
    word = GIL.start + 40
    assert locations.add_timed_wait(1, 11, word + 4)
    known = locations.find(1)
    assert known is not None
    assert all(address in known for address in (word, word + 4, word + 8, word + 0x58))
    assert locations.find(2) is not None  # derived for another process of the same program


def test_elsewhere_a_gil_needs_several_threads_and_many_waits() -> None:
    locations = GilLocations(Machine(p1=BASE).mapped_files_of)
    heap = 0x55D0_C100_0000
    assert not any(locations.add_timed_wait(1, 11, heap) for _ in range(100))
    assert locations.add_timed_wait(1, 12, heap + 4)
    assert locations.find(1) is not None


def test_processes_that_reported_nothing_are_forgotten_after_a_trial() -> None:
    machine = Machine(p1=BASE, p2=0x7000_0000)
    locations = GilLocations(machine.mapped_files_of)
    locations.set_reported(1, GIL)
    assert locations.find(2) is not None
    machine.bases[2] = 0x9000_0000
    locations.forget_inferred()
    assert locations.find(1) == GIL
    assert locations.find(2) == range(0x9000_0000 + 0x180100, 0x9000_0000 + 0x180100 + 184)


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_this_interpreter_is_found_in_its_own_maps() -> None:
    found = read_mapped_files(os.getpid())
    assert any(mapped.is_interpreter for mapped in found)
    assert read_mapped_files(2**31 - 1) == []


def test_host_and_observer_agree_on_the_gils_range() -> None:
    assert locate_gil(4096) == range(4096 - gil_address._BEFORE, 4096 + gil_address._AFTER)
