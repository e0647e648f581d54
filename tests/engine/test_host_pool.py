"""The pool of hosts while one of them is starting."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from pi_tui.engine.hosts import host_reader
from pi_tui.engine.hosts.host_command import HostCommand
from pi_tui.engine.hosts.host_failures import HostStopped
from pi_tui.engine.hosts.host_pool import HostPool
from pi_tui.engine.hosts.host_process import HostProcess
from pi_tui.engine.interpreters.interpreter_list import describe_app_interpreter
from pi_tui.engine.laboratory import Laboratory
from pi_tui.engine.paths import Paths
from pi_tui.engine.run.events import RunFinished
from pi_tui.engine.run.request import RunRequest
from pi_tui.observe.meters.machine import read_machine
from pi_tui.ui.controllers.run_thread import Runner
from tests.engine.fault_injection import DEADLINE_S, Remains

Wait = Callable[[float], None]


@pytest.fixture
def sweeping(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """A leftover of another app that cannot be ended; the event is set once the sweep tries to."""
    begun = threading.Event()

    def sweep(root: Path, *, wait: Wait) -> tuple[str, ...]:
        begun.set()
        while True:
            wait(0.01)

    monkeypatch.setattr(host_reader, "sweep_abandoned_runs", sweep)
    return begun


def test_stop_does_not_wait_for_what_another_app_left_behind(sweeping: threading.Event) -> None:
    launched: list[HostProcess] = []

    def launch(command: HostCommand, paths: Paths) -> HostProcess:
        launched.append(HostProcess.launch(command, paths))
        return launched[-1]

    own = describe_app_interpreter()
    hosts = HostPool(Paths.from_environment(os.environ), own.path, launch)
    raised: list[BaseException] = []

    def get() -> None:
        try:
            hosts.get(own, None)
        except HostStopped as stopped:
            raised.append(stopped)

    asking = threading.Thread(target=get, daemon=True)
    asking.start()
    assert sweeping.wait(DEADLINE_S)
    stopping = threading.Thread(target=hosts.stop_all, daemon=True)
    stopping.start()
    stopping.join(DEADLINE_S)
    asking.join(DEADLINE_S)
    assert not stopping.is_alive()
    assert not asking.is_alive()
    assert [type(each) for each in raised] == [HostStopped]
    (host,) = launched
    Remains(host.run_id).wait_until_empty()


def test_stop_frees_a_run_that_waits_for_a_host_to_be_made_ready(sweeping: threading.Event) -> None:
    laboratory = Laboratory(read_machine(), Paths.from_environment(os.environ))
    request = RunRequest(kernels=("python",), samples=(10,), repeat=1)
    plan = laboratory.plan(request)
    runner = Runner(laboratory, lambda message: None)
    warming = threading.Thread(target=runner.warm, args=(request,), daemon=True)
    warming.start()
    assert sweeping.wait(DEADLINE_S)
    runner.begin()
    running = threading.Thread(target=partial(runner.run, plan), daemon=True)
    running.start()
    runner.stop()
    running.join(DEADLINE_S)
    assert not running.is_alive()
    last = runner.queue.take()[-1]
    assert isinstance(last, RunFinished)
    assert last.stopped
    laboratory.close()


def test_a_host_is_started_only_when_what_was_left_behind_is_gone(
    monkeypatch: pytest.MonkeyPatch, fake_python: str, paths: Paths
) -> None:
    seen: list[set[int]] = []
    gone = threading.Event()

    def sweep(root: Path, *, wait: Wait) -> tuple[str, ...]:
        assert gone.wait(DEADLINE_S)
        return ()

    monkeypatch.setattr(host_reader, "sweep_abandoned_runs", sweep)
    host = HostProcess.launch(HostCommand(fake_python), paths)
    try:
        seen.append(Remains(host.run_id).processes())
        gone.set()
        host.wait_until_ready(DEADLINE_S)
        seen.append(Remains(host.run_id).processes())
    finally:
        host.close()
    assert seen == [set(), {host.pid}]
