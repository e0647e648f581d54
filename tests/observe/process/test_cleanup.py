"""The clean-up of real processes, shared memory and folders."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pi_tui.observe.proc import process_tree
from pi_tui.observe.proc.process_tree import (
    RUN_ID_VARIABLE,
    find_descendants,
    find_marked,
    is_resource_tracker,
    list_processes,
)
from pi_tui.observe.process import cleanup
from pi_tui.observe.process.cleanup import ProcessCriteria

DEADLINE_S = 120.0
SLEEP = "import sys, time; print(flush=True); time.sleep(3600)"
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + SLEEP
NOT_A_TRACKER = "'multiprocessing.resource_tracker'; " + SLEEP
PARENT = (
    "import subprocess, sys; child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(3600)']);"
    "print(flush=True); child.wait()"
)
Start = Callable[..., "subprocess.Popen[bytes]"]


def no_hurry() -> float:
    """A clock that stands still: on a busy machine a killed process may take seconds to end."""
    return 0.0


@pytest.fixture
def run_id() -> str:
    return f"pt-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts Python code that prints a line once it runs."""
    started: list[subprocess.Popen[bytes]] = []

    def begin(code: str, run_id: str = "", *, session: bool = False) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-S", "-c", code],
            env={**os.environ, RUN_ID_VARIABLE: run_id},
            stdout=subprocess.PIPE,
            start_new_session=session,
        )
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == b"\n"
        return process

    yield begin
    for process in started:
        if process.poll() is None and os.getpgid(process.pid) == process.pid:
            os.killpg(process.pid, signal.SIGKILL)  # its descendants too
        process.kill()
        process.wait(DEADLINE_S)
        assert process.stdout is not None
        process.stdout.close()


def test_only_processes_with_the_run_id_are_killed(start: Start, run_id: str) -> None:
    marked_ones = [start(SLEEP, run_id), start(DEAF, run_id)]
    other, longer = start(SLEEP), start(SLEEP, f"{run_id}0")
    ended, survivors = cleanup.kill_processes(ProcessCriteria(run_id, None), clock=no_hurry)
    assert ended == {process.pid for process in marked_ones}
    assert survivors == set()
    assert [process.wait(DEADLINE_S) for process in marked_ones] == [-signal.SIGKILL] * 2
    assert other.poll() is None
    assert longer.poll() is None


def test_the_host_is_killed_but_not_counted(start: Start, run_id: str, tmp_path: Path) -> None:
    host = start(PARENT, run_id, session=True)
    ending = cleanup.clean_up(ProcessCriteria(run_id, host.pid), str(tmp_path), clock=no_hurry)
    assert ending == cleanup.CleanupResult(1, (), ())
    assert host.wait(DEADLINE_S) == -signal.SIGKILL


def test_members_of_the_hosts_session_are_killed_even_without_the_run_id(start: Start, run_id: str) -> None:
    host = start(PARENT.replace("3600)']", "3600)'], env={}"), run_id, session=True)
    (child,) = find_descendants(list_processes(), (host.pid,))
    assert child not in find_marked(list_processes(), run_id)
    ended, _ = cleanup.kill_processes(ProcessCriteria(run_id, host.pid), clock=no_hurry)
    assert ended == {host.pid, child}


def test_a_session_whose_leader_lacks_the_run_id_is_left_alone(start: Start, run_id: str) -> None:
    """The host's process id was reused."""
    other = start(PARENT, session=True)
    assert cleanup.kill_processes(ProcessCriteria(run_id, other.pid)) == (set(), set())
    assert other.poll() is None


def test_stopped_processes_are_killed(start: Start, run_id: str) -> None:
    process = start(SLEEP, run_id)
    process.send_signal(signal.SIGSTOP)
    cleanup.kill_processes(ProcessCriteria(run_id, None), clock=no_hurry)
    assert process.wait(DEADLINE_S) == -signal.SIGKILL


def test_a_resource_tracker_that_does_not_end_by_itself_is_killed_last(start: Start, run_id: str) -> None:
    tracker, other = start(NOT_A_TRACKER, run_id), start(SLEEP, run_id)
    assert is_resource_tracker(tracker.pid)
    waits: list[bool] = []

    def wait(seconds: float) -> None:
        waits.append(other.poll() is not None and tracker.poll() is None)

    ticks = itertools.count()

    def clock() -> float:
        """A clock that stands still until the other process has ended."""
        return 0.0 if other.poll() is None else next(ticks) * 0.01

    ended, _ = cleanup.kill_processes(ProcessCriteria(run_id, None), wait=wait, clock=clock)
    assert ended == {tracker.pid, other.pid}
    assert waits.count(True) >= 10, "it had its grace time after the other process had ended"


def test_processes_that_do_not_end_in_time_are_survivors(
    start: Start, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = start(SLEEP, run_id)
    ticks = itertools.count()
    with monkeypatch.context() as powerless:
        powerless.setattr(os, "kill", lambda *_: None)
        ended, survivors = cleanup.kill_processes(ProcessCriteria(run_id, None), clock=lambda: next(ticks) * 0.1)
    assert (ended, survivors) == ({process.pid}, {process.pid})
    assert next(ticks) * 0.1 == pytest.approx(cleanup.PATIENCE_S, abs=0.3)


def test_a_tracker_left_alone_late_is_killed_after_its_grace_time(
    start: Start, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = start(SLEEP, run_id)
    monkeypatch.setattr(cleanup, "is_resource_tracker", lambda pid: pid == process.pid)
    late = itertools.chain([0.0, cleanup.PATIENCE_S - 0.1], itertools.count(cleanup.PATIENCE_S, 0.2))
    monkeypatch.setattr(cleanup, "_MIN_ROUNDS", 0)
    ended, survivors = cleanup.kill_processes(ProcessCriteria(run_id, None), clock=lambda: next(late))
    assert ended == {process.pid}
    assert survivors <= {process.pid}  # it may not have ended yet
    assert process.wait(DEADLINE_S) == -signal.SIGKILL


def test_time_that_passes_on_a_stopped_machine_does_not_count(start: Start, run_id: str) -> None:
    process = start(SLEEP, run_id)
    late = itertools.chain([0.0], itertools.repeat(2 * cleanup.PATIENCE_S))
    ended, _ = cleanup.kill_processes(ProcessCriteria(run_id, None), clock=lambda: next(late))
    assert ended == {process.pid}
    assert process.wait(DEADLINE_S) == -signal.SIGKILL


def test_without_proc_the_hosts_group_is_killed(start: Start, run_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    host = start(PARENT, run_id, session=True)
    (child,) = find_descendants(list_processes(), (host.pid,))
    for module in (process_tree, cleanup):
        monkeypatch.setattr(module, "PROC", "/nowhere")
    cleanup.kill_processes(ProcessCriteria(run_id, host.pid), clock=no_hurry)
    monkeypatch.undo()
    assert host.wait(DEADLINE_S) == -signal.SIGKILL
    while (process := list_processes().get(child)) is not None and process.alive:
        time.sleep(0.01)


def test_a_forked_child_carries_the_run_id(start: Start, run_id: str) -> None:
    host = start("import os, time; os.fork(); print(flush=True) if os.getpid() else 0; time.sleep(3600)", run_id)
    children = find_descendants(list_processes(), (host.pid,))
    assert find_marked(list_processes(), run_id) >= {host.pid, *children}
    cleanup.kill_processes(ProcessCriteria(run_id, None), clock=no_hurry)


def test_only_shared_memory_of_the_run_is_removed(tmp_path: Path, run_id: str) -> None:
    for name in (run_id, f"{run_id}-a", f"sem.{run_id}-b", "psm_other", f"other-{run_id}"):
        (tmp_path / name).write_bytes(b"")
    assert cleanup.remove_shared_memory(run_id, str(tmp_path)) == (run_id, f"{run_id}-a", f"sem.{run_id}-b")
    assert sorted(os.listdir(tmp_path)) == sorted(["psm_other", f"other-{run_id}"])
    assert cleanup.remove_shared_memory("", str(tmp_path)) == ()
    assert cleanup.remove_shared_memory(run_id, str(tmp_path / "none")) == ()


def test_only_the_runs_folder_is_removed_and_no_link_is_followed(tmp_path: Path, run_id: str) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").write_text("stays")
    folder = tmp_path / run_id
    (folder / "below" / "deeper").mkdir(parents=True)
    (folder / "below" / "file").write_text("")
    (folder / "link").symlink_to(precious)
    cleanup.remove_temporary("", str(precious))
    cleanup.remove_temporary(run_id, str(precious))
    cleanup.remove_temporary(run_id, str(folder))
    assert sorted(os.listdir(tmp_path)) == ["precious"]
    assert (precious / "file").read_text() == "stays"
