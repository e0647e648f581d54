"""What a kernel changes in its process is named, and what it puts back is not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pi_tui.host.process_state import cores_text

PROGRAM = """
import json, os, signal, sys, threading, time
from pi_tui.host.process_state import ProcessState, keep_descriptors
os.dup2(os.open(os.devnull, os.O_RDONLY), 3)
keep_descriptors(3)
before = ProcessState.read()
{change}
for change in ProcessState.read().changes_since(before):
    sys.stdout.write(change + "\\n")
sys.stdout.flush()
os._exit(0)
"""


def changes(change: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(change=change)], capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("pass", []),
        ("open(os.devnull)", []),
        ("thread = threading.Thread(target=int); thread.start(); thread.join()", []),
        ("sys.setswitchinterval(1e-6)", ["the switch interval: 0.005 s to 1e-06 s"]),
        ("signal.signal(signal.SIGTERM, signal.SIG_IGN)", ["the handler of SIGTERM"]),
        ("os.environ['OMP_NUM_THREADS'] = '1'; os.environ['A'] = ''", ["the environment: A, OMP_NUM_THREADS"]),
        ("os.chdir('/')", ["the working folder"]),
        ("os.close(3)", ["file 3 closed, which the kernel had not opened"]),
        ("threading.Thread(target=time.sleep, args=(9,), daemon=True, name='spinner').start()",
         ["a thread left running: spinner"]),
        ("time.perf_counter_ns = int", ["the standard library: time.perf_counter_ns"]),
        ("sys.modules['json'] = None", ["the standard library: json"]),
    ],
)  # fmt: skip
def test_a_change_is_named_and_what_was_put_back_is_not(change: str, expected: list[str], tmp_path: Path) -> None:
    assert changes(change) == expected


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="the system has no affinity masks")
def test_a_narrowed_affinity_mask_is_named_with_its_cores() -> None:
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        pytest.skip("one core cannot be narrowed")
    assert changes(f"os.sched_setaffinity(0, {{{cores[0]}}})") == [
        f"the affinity mask: {cores_text(cores)} to core {cores[0]}"
    ]


def test_cores_are_told_in_ranges() -> None:
    assert cores_text([0]) == "core 0"
    assert cores_text([3, 0, 1, 2, 6]) == "cores 0-3,6"
    assert cores_text([1, 3]) == "cores 1,3"


def test_signals_have_their_names() -> None:
    assert changes("signal.signal(signal.SIGUSR1, lambda *_: None)") == [f"the handler of {signal.SIGUSR1.name}"]
