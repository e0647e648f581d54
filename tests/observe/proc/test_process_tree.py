"""The process tree: living processes and descendants."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from pi_tui.observe.proc.process_tree import PROC, Process, find_descendants, is_alive


@pytest.mark.parametrize(("proc", "zombie_is_alive"), [(PROC, False), ("/nowhere", True)])
def test_a_zombie_is_not_alive(proc: str, zombie_is_alive: bool) -> None:
    process = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(3600)"])
    assert is_alive(process.pid, proc)
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert is_alive(process.pid, proc) == zombie_is_alive
    process.wait()
    assert not is_alive(process.pid, proc)


def test_descendants_are_found_through_zombies() -> None:
    def process(pid: int, parent: int, *, alive: bool = True) -> Process:
        return Process(pid, parent, pid, pid, alive, 0)

    table = {
        each.pid: each
        for each in (
            process(1, 0),
            process(2, 1),
            process(3, 2, alive=False),
            process(4, 3),
            process(5, 1),
            process(6, 5),
        )
    }
    assert find_descendants(table, (2,)) == {4}
    assert find_descendants(table, (2, 5)) == {4, 6}
    assert find_descendants(table, (99,)) == set()


def test_a_cycle_in_the_process_table_ends() -> None:
    """A process id that is reused while the table is read can make a cycle."""
    table = {1: Process(1, 2, 1, 1, True), 2: Process(2, 1, 1, 1, True)}
    assert find_descendants(table, (1,)) == {2}
