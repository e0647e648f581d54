"""Probes: their answers, and the end of those that do not answer."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from pi_tui.engine.interpreters.interpreter_probe import ProbeCache, probe_interpreter
from pi_tui.engine.interpreters.probe_process import ProbeCancelledError, ProbeRunner

PATIENCE_S = 60.0
LONG_S = 600.0


def wait_until(happened: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.01)


@pytest.fixture
def mute(tmp_path: Path) -> Path:
    """A Python that never answers and has started another process; both write down their process ids."""
    file = tmp_path / "python3.12"
    file.write_text(
        f"#!/bin/sh\nsleep {LONG_S} &\necho $$ $! > '{tmp_path}/scratch'\nmv '{tmp_path}/scratch' '{tmp_path}/ids'\nwait\n"
    )
    file.chmod(0o755)
    return file


def ids(folder: Path) -> list[int]:
    file = folder / "ids"
    wait_until(file.exists)
    return [int(word) for word in file.read_text().split()]


def over(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_an_answer_is_the_printed_text() -> None:
    runner = ProbeRunner()
    assert runner.run([sys.executable, "-c", "print('I')"], PATIENCE_S) == "I\n"
    with pytest.raises(subprocess.CalledProcessError):
        runner.run([sys.executable, "-c", "raise SystemExit(3)"], PATIENCE_S)


def test_a_timed_out_probe_ends_with_all_it_has_started(mute: Path) -> None:
    asking = threading.Thread(target=probe_interpreter, args=(mute, 3.0))
    asking.start()
    for pid in ids(mute.parent):
        wait_until(lambda pid=pid: over(pid))
    asking.join(PATIENCE_S)


@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM"])
def test_a_probe_ends_with_the_process_that_started_it(mute: Path, name: str) -> None:
    code = f"""
from pathlib import Path
from pi_tui.engine.interpreters.interpreter_probe import probe_interpreter
probe_interpreter(Path({str(mute)!r}))
"""
    with subprocess.Popen([sys.executable, "-c", code]) as asking:
        started = ids(mute.parent)
        asking.send_signal(getattr(signal, name))
    for pid in started:
        wait_until(lambda pid=pid: over(pid))


def test_a_command_that_cannot_start_raises_os_error(tmp_path: Path) -> None:
    text = tmp_path / "text"
    text.write_text("no program")
    text.chmod(0o755)
    with pytest.raises(OSError, match="Exec format error"):
        ProbeRunner().run([str(text)], PATIENCE_S)
    with pytest.raises(FileNotFoundError):
        ProbeRunner().run([str(tmp_path / "nothing")], PATIENCE_S)


def test_cancelled_probes_end_at_once_and_no_other_starts(mute: Path) -> None:
    probes, cancelled = ProbeCache(None), []

    def survey() -> None:
        try:
            probes.probe([mute, mute.with_name("python3.13")])
        except ProbeCancelledError as error:
            cancelled.append(error)

    asking = threading.Thread(target=survey)
    asking.start()
    started = ids(mute.parent)
    probes.runner.cancel()
    asking.join(PATIENCE_S)
    assert len(cancelled) == 1
    for pid in started:
        wait_until(lambda pid=pid: over(pid))
    with pytest.raises(ProbeCancelledError):
        probes.runner.run([sys.executable, "-c", "print('I')"], PATIENCE_S)
