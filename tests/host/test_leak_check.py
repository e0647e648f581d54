"""Threads and processes that a trial left running."""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from pi_tui.host.leak_check import LeakCheck, list_children


def test_a_thread_that_ends_meanwhile_hides_no_process(tmp_path: Path) -> None:
    (tmp_path / "1").mkdir()
    (tmp_path / "1" / "children").write_text("900001 900002 ")
    (tmp_path / "2").mkdir()  # listed, but ended before its file was opened
    assert list_children(str(tmp_path)) == {900001, 900002}


@pytest.mark.parametrize("tasks", ["nothing", "without"])
def test_without_proc_the_children_come_from_multiprocessing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tasks: str
) -> None:
    (tmp_path / "without" / "1").mkdir(parents=True)
    monkeypatch.setattr(multiprocessing, "active_children", lambda: [SimpleNamespace(pid=900003)])
    assert list_children(str(tmp_path / tasks)) == {900003}


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_leaks_are_threads_by_name_and_processes_by_number() -> None:
    before = LeakCheck.start()
    gate = threading.Event()
    thread = threading.Thread(target=gate.wait, name="one that waits")
    thread.start()
    process = subprocess.Popen((sys.executable, "-c", "input()"), stdin=subprocess.PIPE)
    try:
        assert before.find_leaks() == (
            "a thread is still running: one that waits",
            f"a process is still running: {process.pid}",
        )
    finally:
        gate.set()
        thread.join()
        process.communicate()
    assert before.find_leaks() == ()
