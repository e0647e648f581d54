"""An ordinary user gets the same results as root, on each Python that is installed.

If the tests run as root, the command runs in a user namespace of its own, as a user without any capability.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.contract.busy_machine import BUSY, TRIES, describe_queueing

NOBODY = 65534
PYTHONS = {
    "own": None,
    "3.14": "PI_TUI_PYTHON_3_14",
    "3.15": "PI_TUI_PYTHON_3_15",
    "3.14t": "PI_TUI_PYTHON_3_14T",
}


def as_nobody() -> list[str]:
    """Return the beginning of a command line that runs without any privileges."""
    if os.geteuid() != 0:
        return []
    if shutil.which("unshare") is None:
        pytest.skip("needs unshare to become an ordinary user")
    command = ["unshare", "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}"]
    status = subprocess.run([*command, "cat", "/proc/self/status"], capture_output=True, text=True, check=False)
    if status.returncode != 0:
        pytest.skip("this system allows no user namespaces")
    assert "CapEff:\t0000000000000000" in status.stdout
    return command


def run(version: str, kernel: str, home: Path, samples: str) -> dict[str, Any]:
    variable = PYTHONS[version]
    path = sys.executable if variable is None else os.environ.get(variable)
    if not path:
        pytest.skip(f"Python {version} was not prepared ({variable})")
    options = ["--mode", "threads", "--workers", "2", "--samples", samples, "--repeat", "2", "--python", path]
    done = subprocess.run(
        [*as_nobody(), sys.executable, "-m", "pi_tui", "run", kernel, *options, "--format", "json"],
        capture_output=True,
        text=True,
        env={**os.environ, "PI_TUI_HOME": str(home)},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)["results"][-1]
    assert (result["mode"], result["status"]) == ("threads", "ok")
    return result


Worker = dict[str, Any]


def total(workers: list[Worker], part: str) -> float:
    return sum(worker[f"{part}_s"] or 0.0 for worker in workers)


def measure_until(measure: Callable[[], dict[str, Any]], right: Callable[[dict[str, Any], list[Worker]], bool]) -> None:
    """Measure until the printed result is right, like `busy_machine.measure_until`."""
    seen = []
    for _ in range(TRIES):
        result = measure()
        workers = [worker for trial in result["trials"] for worker in trial["workers"]]
        if right(result, workers):
            return
        parts = {part: total(workers, part) for part in ("running", "queued", "waiting", "gil_wait", "lock_wait")}
        seen.append(parts)
    queued = min(each["queued"] / (each["running"] + each["queued"] + each["waiting"]) for each in seen)
    if queued < BUSY:
        raise AssertionError(seen)
    pytest.skip(describe_queueing(queued))


@pytest.mark.parametrize("version", PYTHONS)
def test_gil_waits_are_recognised_without_privileges(version: str, tmp_path: Path) -> None:
    def right(result: dict[str, Any], workers: list[Worker]) -> bool:
        awake = total(workers, "waiting") + total(workers, "running")
        if not result["gil_enabled"]:
            return total(workers, "waiting") < 0.1 * awake
        known = [worker for worker in workers if worker["gil_wait_s"] is not None]
        told = total(known, "gil_wait") > 0.9 * total(known, "waiting")
        return bool(known) and told and total(workers, "waiting") > 0.3 * awake

    measure_until(lambda: run(version, "python", tmp_path, "1e6"), right)


@pytest.mark.parametrize("version", ["own", "3.14", "3.15"])
def test_another_lock_is_not_mistaken_for_the_gil(version: str, tmp_path: Path) -> None:
    def right(_: dict[str, Any], workers: list[Worker]) -> bool:
        known = [worker for worker in workers if worker["lock_wait_s"] is not None]
        return total(known, "lock_wait") > total(known, "gil_wait")

    measure_until(lambda: run(version, "numpy", tmp_path, "5e6"), right)
