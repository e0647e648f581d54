"""Nothing is left after a stop, or after the death of the app, the host or the observer."""

from __future__ import annotations

import os
import signal
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pi_tui.engine.hosts.host_command import HostCommand
from pi_tui.engine.hosts.host_failures import HostCrashed
from pi_tui.engine.hosts.host_process import HostProcess
from pi_tui.engine.hosts.run_folder import sweep_abandoned_runs
from pi_tui.engine.paths import Paths
from tests.engine.fault_injection import (
    DEADLINE_S,
    AppProcess,
    HeldPipe,
    Remains,
    inject_fault,
    request_fault,
    wait_until,
)

FAULTS = [("nothing", ""), ("relatives", ""), ("pool", "8"), ("leak", "")]
each_fault = pytest.mark.parametrize(("fault", "argument"), FAULTS)


@each_fault
def test_stop_leaves_nothing(host: HostProcess, fault: str, argument: str) -> None:
    inject_fault(host, fault, argument)
    ended = host.stop()
    assert Remains(host.run_id).is_empty(), Remains(host.run_id)
    assert ended is not None
    assert ended.survivors == ()


@each_fault
def test_the_hosts_death_leaves_nothing(host: HostProcess, fault: str, argument: str) -> None:
    inject_fault(host, fault, argument)
    os.kill(host.pid, signal.SIGKILL)
    with pytest.raises(HostCrashed) as crashed:
        host.receive(DEADLINE_S)
    assert crashed.value.failure.type == "SIGKILL"
    assert Remains(host.run_id).is_empty(), Remains(host.run_id)


@each_fault
def test_the_observers_death_leaves_nothing(host: HostProcess, fault: str, argument: str) -> None:
    inject_fault(host, fault, argument)
    os.kill(host.observer_pid, signal.SIGKILL)
    with pytest.raises(HostCrashed) as crashed:
        host.receive(DEADLINE_S)
    assert "observer" in crashed.value.failure.message
    Remains(host.run_id).wait_until_empty()


@each_fault
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_the_apps_death_leaves_nothing(
    start_app: Callable[..., AppProcess], fault: str, argument: str, number: signal.Signals
) -> None:
    app = start_app(f"{fault}:{argument}")
    app.kill(number)
    Remains(app.run_id).wait_until_empty()


@pytest.mark.parametrize("kind", ["chain", "sessions"])
def test_no_fork_storm_outlives_stop(host: HostProcess, kind: str, held_pipe: HeldPipe) -> None:
    inject_fault(host, "storm", f"{kind}:{held_pipe.path}")
    assert not held_pipe.is_released()
    ended = host.stop()
    assert held_pipe.is_released()
    assert ended is not None
    assert ended.survivors == ()


@pytest.mark.parametrize("kind", ["chain", "sessions"])
@pytest.mark.parametrize("whose", ["host", "observer"])
def test_no_fork_storm_outlives_the_host_or_the_observer(
    host: HostProcess, kind: str, whose: str, held_pipe: HeldPipe
) -> None:
    inject_fault(host, "storm", f"{kind}:{held_pipe.path}")
    os.kill(host.pid if whose == "host" else host.observer_pid, signal.SIGKILL)
    with pytest.raises(HostCrashed):
        host.receive(DEADLINE_S)
    # The end of a process may be noticed by its log, which it closes before its other descriptors.
    held_pipe.wait_until_released()


@pytest.mark.parametrize("kind", ["chain", "sessions"])
def test_no_fork_storm_outlives_the_app(start_app: Callable[..., AppProcess], kind: str, held_pipe: HeldPipe) -> None:
    app = start_app(f"storm:{kind}:{held_pipe.path}")
    app.kill(signal.SIGKILL)
    held_pipe.wait_until_released()


def test_the_death_of_one_of_two_apps_does_not_wait_for_the_other(start_app: Callable[..., AppProcess]) -> None:
    first, second = start_app("relatives"), start_app("relatives")
    first.kill(signal.SIGKILL)
    Remains(first.run_id).wait_until_empty()
    assert len(Remains(second.run_id).processes()) == 5


def test_the_next_app_cleans_up_after_an_app_killed_with_its_observer(
    start_app: Callable[..., AppProcess],
) -> None:
    with tempfile.TemporaryDirectory(prefix="pi-tui-") as root:
        app = start_app("relatives", "leak", TMPDIR=root)
        (folder,) = Path(root).glob("pt-*")
        os.kill(app.observer_pid, signal.SIGSTOP)
        app.kill(signal.SIGKILL)
        os.kill(app.observer_pid, signal.SIGKILL)
        wait_until(
            lambda: sweep_abandoned_runs(Path(root), time.time() + 3600.0) == (app.run_id,),
            "its folder is looked after",
        )
        assert not folder.exists()
        assert Remains(app.run_id).is_empty(), Remains(app.run_id)


def test_code_that_holds_the_gil_is_stopped(host: HostProcess) -> None:
    inject_fault(host, "relatives")
    request_fault(host, "hold")
    host.stop()
    assert Remains(host.run_id).is_empty(), Remains(host.run_id)


def test_stopped_processes_are_ended_too(host: HostProcess) -> None:
    os.kill(host.pid, signal.SIGSTOP)
    os.kill(host.observer_pid, signal.SIGSTOP)
    host.stop()
    assert Remains(host.run_id).is_empty(), Remains(host.run_id)


def test_the_observer_cleans_up_on_sigterm(host: HostProcess) -> None:
    inject_fault(host, "relatives")
    os.kill(host.observer_pid, signal.SIGTERM)
    with pytest.raises(HostCrashed) as crashed:
        host.receive(DEADLINE_S)
    assert crashed.value.ended is not None
    assert crashed.value.ended.ended == 4


def test_ctrl_c_reaches_neither_observer_nor_host(host: HostProcess) -> None:
    assert len({os.getsid(0), os.getsid(host.observer_pid), os.getsid(host.pid)}) == 3
    os.kill(host.observer_pid, signal.SIGINT)
    os.kill(host.observer_pid, signal.SIGHUP)
    inject_fault(host, "nothing")


def test_workers_descend_from_the_observer_even_as_daemons(host: HostProcess) -> None:
    inject_fault(host, "relatives")
    for pid in Remains(host.run_id).processes():
        assert host.observer_pid in ancestors(pid)


def test_stop_returns_what_was_cleaned_up(host: HostProcess) -> None:
    inject_fault(host, "relatives")
    inject_fault(host, "leak")
    ended = host.stop()
    assert ended is not None
    assert ended.ended == 4
    assert set(ended.removed) >= {f"{host.run_id}-leak", f"sem.{host.run_id}-leak"}


def test_a_host_that_ended_well_leaves_nothing_either(host: HostProcess) -> None:
    inject_fault(host, "relatives")
    request_fault(host, "exit", 0)
    with pytest.raises(HostCrashed, match="exit code 0"):
        host.receive(DEADLINE_S)
    assert Remains(host.run_id).is_empty(), Remains(host.run_id)


def test_the_folder_for_temporary_files_is_the_hosts_own(fake_python: str, paths: Paths) -> None:
    host = HostProcess.start(HostCommand(fake_python), paths)
    assert len(Remains(host.run_id).temporary()) == 1
    host.close()
    assert Remains(host.run_id).temporary() == []


def ancestors(pid: int) -> list[int]:
    found = []
    while pid > 1:
        with open(f"/proc/{pid}/stat", "rb") as stat:
            pid = int(stat.read().rpartition(b")")[2].split()[1])
        found.append(pid)
    return found
