"""The scan for a program's processes and threads, with a scripted `/proc`."""

from __future__ import annotations

from pathlib import Path

import pytest

from pi_tui.observe.watch.process_scan import Members, ProcessScan, find_process, read_command, read_thread_name
from tests.observe.watch.proc_folder import ProcFolder

SECOND = 1_000_000_000


class Clock:
    """A clock in nanoseconds that advances by `costs_ns` per call."""

    def __init__(self) -> None:
        self.now_ns = 0
        self.costs_ns = 0

    def __call__(self) -> int:
        self.now_ns += self.costs_ns
        return self.now_ns


@pytest.fixture
def proc(tmp_path: Path) -> ProcFolder:
    """Process 70 with two threads and its child 80 with one; process 60 does not belong to the program."""
    folder = ProcFolder(tmp_path)
    for pid, parent in ((60, 1), (70, 60), (80, 70)):
        folder.process(pid, parent=parent)
        folder.thread(pid, pid)
    folder.thread(70, 71)
    return folder


def scan_of(proc: ProcFolder, *, reaper: int | None = None, excluded: frozenset[int] = frozenset()) -> ProcessScan:
    return ProcessScan(70, reaper, excluded, Clock(), proc=proc.path)


def threads(members: Members | None) -> set[tuple[int, int]]:
    assert members is not None
    return set(members.threads)


def test_the_program_is_its_first_process_and_all_descendants(proc: ProcFolder) -> None:
    members = scan_of(proc).find_members()
    assert members is not None
    assert set(members.processes) == {70, 80}
    assert threads(members) == {(70, 70), (70, 71), (80, 80)}


def test_nothing_is_read_while_no_new_id_was_assigned(proc: ProcFolder) -> None:
    scan = scan_of(proc)
    assert scan.find_members() is not None
    assert scan.find_members() is None
    proc.thread(70, 72)
    assert (70, 72) in threads(scan.find_members())


def test_ended_threads_are_noticed_when_a_scan_is_requested(proc: ProcFolder) -> None:
    scan = scan_of(proc)
    scan.find_members()
    proc.gone(70, 71)
    assert scan.find_members() is None
    scan.request_scan()
    assert threads(scan.find_members()) == {(70, 70), (80, 80)}
    assert scan.find_members() is None


def test_a_slow_scan_of_processes_is_not_repeated_at_once_but_threads_are_listed(proc: ProcFolder) -> None:
    clock = Clock()
    scan = ProcessScan(70, None, frozenset(), clock, proc=proc.path)
    clock.costs_ns = SECOND // 1000
    scan.find_members()
    proc.process(90, parent=70)
    proc.thread(90, 90)
    proc.thread(80, 81)
    assert threads(scan.find_members()) == {(70, 70), (70, 71), (80, 80), (80, 81)}
    clock.now_ns += 2 * SECOND
    assert (90, 90) in threads(scan.find_members())


def test_a_child_stays_when_its_parent_ends(proc: ProcFolder) -> None:
    scan = scan_of(proc)
    scan.find_members()
    proc.gone(70)
    proc.process(80, parent=1)
    assert threads(scan.find_members()) == {(80, 80)}


def test_a_process_with_a_reused_id_is_no_member_nor_is_its_child(proc: ProcFolder) -> None:
    scan = scan_of(proc)
    scan.find_members()
    proc.process(80, parent=1, born=999)
    proc.process(90, parent=80)
    proc.thread(90, 90)
    assert threads(scan.find_members()) == {(70, 70), (70, 71)}


def test_zombies_are_no_members_unless_their_threads_still_run(proc: ProcFolder) -> None:
    proc.process(80, parent=70, state="Z")
    proc.process(70, parent=60, state="Z", threads=2)
    assert threads(scan_of(proc).find_members()) == {(70, 70), (70, 71)}


def test_orphans_below_the_reaper_are_members_but_excluded_processes_and_the_reaper_are_not(proc: ProcFolder) -> None:
    proc.process(90, parent=60)
    proc.thread(90, 90)
    found = threads(scan_of(proc, reaper=60, excluded=frozenset({80})).find_members())
    assert found == {(70, 70), (70, 71), (90, 90)}


def test_a_process_is_found_by_any_of_its_threads(proc: ProcFolder) -> None:
    (Path(proc.path) / "71").mkdir()
    (Path(proc.path) / "71/status").write_text("Name:\tx\nTgid:\t70\n")
    found = find_process(71, proc.path)
    assert found is not None
    assert found.pid == 70
    assert find_process(4711, proc.path) is None
    proc.process(80, state="Z")
    assert find_process(80, proc.path) is None


def test_names_are_on_one_line_without_unprintable_characters(proc: ProcFolder) -> None:
    proc.process(70, command="python\0-c\0print(1)\nprint(2)\x1b[2J\0")
    assert read_command(70, proc.path) == "python -c print(1) print(2)?[2J"
    proc.process(70, command="")
    assert read_command(70, proc.path) == "[thing]"
    assert read_command(4711, proc.path) == ""
    proc.thread(70, 71, name="net\x07io")
    assert read_thread_name(70, 71, proc.path) == "net?io"
    assert read_thread_name(70, 99, proc.path) == ""
