"""Helpers for the tests of hosts: faults, an app that can be killed, and a check that nothing is left."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from pi_tui.engine.hosts.host_process import HostProcess
from pi_tui.engine.hosts.run_folder import find_temporary_root
from pi_tui.host.protocol import Prepare, Prepared

HERE = Path(__file__).parent
DEADLINE_S = 60.0
"""Long enough for a busy machine; waiting ends as soon as the condition holds."""
STORM_S = 60.0
"""A storm of forks ends by itself after this time; `fake_host` has the same number."""
_FEWEST_LOOKS = 20


def wait_until(condition: Callable[[], bool], what: str, within_s: float = DEADLINE_S) -> None:
    """Wait for a condition; fail if it does not come true in time."""
    deadline, looks = time.monotonic() + within_s, 0
    while not condition():
        looks += 1  # time may have passed in which nobody looked
        assert looks < _FEWEST_LOOKS or time.monotonic() < deadline, what
        time.sleep(0.005)


class Remains:
    """What is left of a run, read from the system and not from the code under test."""

    def __init__(self, run_id: str) -> None:
        self._run_id = run_id

    def processes(self) -> set[int]:
        entry = f"PI_TUI_RUN={self._run_id}".encode()
        found = set()
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit():
                try:
                    environment = (folder / "environ").read_bytes()
                except OSError:
                    continue
                if entry in environment.split(b"\0"):
                    found.add(int(folder.name))
        return found

    def shared_memory(self) -> set[str]:
        return {name for name in os.listdir("/dev/shm") if self._run_id in name}

    def temporary(self) -> list[Path]:
        return list(find_temporary_root().glob(f"{self._run_id}*"))

    def is_empty(self) -> bool:
        return not (self.processes() or self.shared_memory() or self.temporary())

    def wait_until_empty(self) -> None:
        wait_until(self.is_empty, "something is left")

    def __str__(self) -> str:
        return f"{self.processes()} {self.shared_memory()} {self.temporary()}"


class HeldPipe:
    """A named pipe that reads end of file once no process holds it: the kernel knows when looking at processes is too slow."""

    def __init__(self, path: Path) -> None:
        os.mkfifo(path)
        self.path = path
        self._descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)

    def is_released(self) -> bool:
        try:
            return os.read(self._descriptor, 1) == b""
        except BlockingIOError:
            return False

    def wait_until_released(self) -> None:
        """Wait for a shorter time than a storm takes to end by itself."""
        wait_until(self.is_released, "the storm goes on", within_s=STORM_S / 3)

    def close(self) -> None:
        os.close(self._descriptor)


def request_fault(host: HostProcess, fault: str, argument: object = "") -> None:
    """Request a fault and return at once."""
    host.send(Prepare(fault, str(argument), ""))


def inject_fault(host: HostProcess, fault: str, argument: object = "") -> None:
    """Request a fault that the host survives, and wait until it is done."""
    request_fault(host, fault, argument)
    answer = host.receive(DEADLINE_S)
    assert isinstance(answer, Prepared)
    assert answer.kernel == fault


class AppProcess:
    """An app in its own process, so that it can be killed."""

    def __init__(self, python: str, home: Path, *fault: str, **environ: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(HERE / "fake_app.py"), python, str(home), *fault],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(HERE.parents[1]), **environ},
        )
        assert self._process.stdout is not None
        words = self._process.stdout.readline().split()
        self.run_id, self.host_pid, self.observer_pid = words[0], int(words[1]), int(words[2])

    def kill(self, number: int) -> None:
        self._process.send_signal(number)
        self._process.wait(DEADLINE_S)

    def close(self) -> None:
        self._process.kill()
        self._process.wait(DEADLINE_S)
        assert self._process.stdout is not None
        self._process.stdout.close()
