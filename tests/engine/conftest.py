"""Fixtures: a fake host with faults to inject, and apps that own one."""

from __future__ import annotations

import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pi_tui.engine.hosts import host_process
from pi_tui.engine.hosts.host_command import HostCommand
from pi_tui.engine.hosts.host_process import HostProcess
from pi_tui.engine.paths import Paths
from tests.engine.fault_injection import DEADLINE_S, HERE, AppProcess, HeldPipe, Remains


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths.from_environment({"PI_TUI_HOME": str(tmp_path / "home")})


@pytest.fixture
def fake_python(tmp_path: Path) -> str:
    """An "interpreter" that runs the fake host, whatever module it is asked to run."""
    script = tmp_path / "fake-python"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{HERE / "fake_host.py"}" "$@"\n')
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return str(script)


@pytest.fixture
def host(fake_python: str, paths: Paths, monkeypatch: pytest.MonkeyPatch) -> Iterator[HostProcess]:
    """A host whose observer has time to clean up and report, however seldom it gets a core.

    With the normal time-out the app would kill a slow observer and clean up itself, which is correct but not what is tested.
    """
    monkeypatch.setattr(host_process, "_STOP_TIMEOUT_S", DEADLINE_S)
    process = HostProcess.start(HostCommand(fake_python), paths)
    yield process
    process.close()
    Remains(process.run_id).wait_until_empty()


@pytest.fixture
def held_pipe(tmp_path: Path) -> Iterator[HeldPipe]:
    line = HeldPipe(tmp_path / "held_pipe")
    yield line
    line.close()


@pytest.fixture
def start_app(fake_python: str, tmp_path: Path) -> Iterator[Callable[..., AppProcess]]:
    """Starts an app whose host has injected faults."""
    apps: list[AppProcess] = []

    def start(*fault: str, **environ: str) -> AppProcess:
        apps.append(AppProcess(fake_python, tmp_path / "home", *fault, **environ))
        return apps[-1]

    yield start
    for app in apps:
        app.close()
        Remains(app.run_id).wait_until_empty()
