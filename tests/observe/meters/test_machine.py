"""The machine's description, read from this machine."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from pi_tui.observe.meters.machine import count_usable_cores, read_machine


def test_this_machine_is_read() -> None:
    machine = read_machine()
    assert machine.logical_cores == os.cpu_count()
    assert 1 <= machine.usable_cores <= machine.affinity_cores <= machine.logical_cores
    assert 0 < machine.available_bytes <= machine.memory_bytes
    assert machine.processor
    assert machine.system


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system has no CPU affinity")
def test_affinity_limits_the_usable_cores() -> None:
    core = min(os.sched_getaffinity(0))
    code = (
        f"import os; os.sched_setaffinity(0, {{{core}}}); from pi_tui.observe.meters.machine import read_machine as r; "
        "print(r().affinity_cores, r().usable_cores)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1", "1"]


@pytest.mark.parametrize(
    ("affinity", "quota", "usable"), [(8, None, 8), (8, 2.0, 2), (8, 1.5, 2), (2, 4.0, 2), (8, 0.25, 1)]
)
def test_usable_cores_are_the_smaller_of_affinity_and_quota(affinity: int, quota: float | None, usable: int) -> None:
    assert count_usable_cores(affinity, quota) == usable
