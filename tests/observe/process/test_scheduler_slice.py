from __future__ import annotations

import os
import re
import sys
import threading
from pathlib import Path

import pytest

from pi_tui.observe.process.scheduler_slice import SLICE_NS, request_short_slices


def slice_ns() -> int | None:
    """Return the slice of the calling thread; None if the kernel does not show it."""
    try:
        text = Path(f"/proc/self/task/{threading.get_native_id()}/sched").read_text()
    except OSError:
        return None
    found = re.search(r"^se\.slice\s*:\s*(\d+)", text, re.MULTILINE)
    return int(found[1]) if found else None


@pytest.mark.skipif(sys.platform != "linux", reason="slices are Linux's")
def test_short_slices_apply_to_this_thread_and_not_to_its_children() -> None:
    """It asks in a thread of its own, so that the slices of the tests themselves stay as they are."""
    seen: list[int | None] = []

    def ask() -> None:
        usual = slice_ns()
        niceness = os.getpriority(os.PRIO_PROCESS, 0)
        taken = request_short_slices()
        assert os.getpriority(os.PRIO_PROCESS, 0) == niceness
        seen.extend((usual, slice_ns() if taken else usual))
        child = threading.Thread(target=lambda: seen.append(slice_ns()))
        child.start()
        child.join()

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    usual, mine, child = seen
    if usual is None:
        pytest.skip("this kernel does not show slices")
    assert mine in (SLICE_NS, usual)  # a kernel before 6.12 accepts the request and ignores it
    assert child == usual


def test_an_unknown_machine_is_left_unchanged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    assert request_short_slices() is False
