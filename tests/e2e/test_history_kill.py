"""`kill -9` of a run or of its host: the history has every finished trial, and its file is intact."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import psutil
import pytest

PATIENCE_S = 180.0
LONG = ("run", "python", "--mode", "threads", "--workers", "2", "--samples", "100k", "--repeat", "100000", "--force")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def long_run(home: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A run of very many short trials, some of which are done."""
    with (home.parent / "printed").open("wb") as printed:
        process = subprocess.Popen(
            [sys.executable, "-m", "pi_tui", *LONG],
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=printed,
            env={**os.environ, "PI_TUI_HOME": str(home)},
        )
    try:
        wait_until(lambda: recorded(home) >= 4)
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def wait_until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.1)


def recorded(home: Path) -> int:
    """Count the trials in the history."""
    path = home / "data" / "history.db"
    if not path.exists():
        return 0
    with closing(sqlite3.connect(path)) as connection:
        try:
            return int(connection.execute("SELECT count(*) FROM trials").fetchone()[0])
        except sqlite3.OperationalError:  # its tables are not made yet
            return 0


def hosts_among(family: list[psutil.Process]) -> list[psutil.Process]:
    found = []
    for each in family:
        with suppress(psutil.NoSuchProcess):  # it has ended since
            found += [each] if "pi_tui.host" in each.cmdline() else []
    return found


def log(home: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "pi_tui", "log", *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env={**os.environ, "PI_TUI_HOME": str(home)},
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def integrity(home: Path) -> str:
    with closing(sqlite3.connect(home / "data" / "history.db")) as connection:
        return str(connection.execute("PRAGMA integrity_check").fetchone()[0])


@pytest.mark.skipif(sys.platform != "linux", reason="hosts are found by their command lines in /proc")
def test_kill_9_of_everything_in_the_middle_of_a_run(home: Path, long_run: subprocess.Popen[bytes]) -> None:
    family = psutil.Process(long_run.pid).children(recursive=True)
    hosts = hosts_among(family)
    assert hosts
    assert json.loads(log(home, "list", "--format", "json"))[0]["state"] == "running"
    before = recorded(home)
    long_run.send_signal(signal.SIGKILL)
    for host in hosts:
        with suppress(psutil.NoSuchProcess):  # its observer noticed first, and ended it
            host.kill()
    assert long_run.wait(PATIENCE_S) == -signal.SIGKILL
    _, alive = psutil.wait_procs(family, timeout=PATIENCE_S)
    assert not alive

    assert integrity(home) == "ok"
    (line,) = json.loads(log(home, "list", "--format", "json"))
    results = json.loads(log(home, "show", "last"))["results"]
    kept = sum(len(result["trials"]) for result in results)
    assert line["state"] == "interrupted"
    assert line["trials"] == kept == recorded(home) >= before
    assert {result["status"] for result in results} == {"stopped"}
    assert all(sum(worker["running_s"] for worker in trial["workers"]) > 0 for trial in results[0]["trials"])
    assert "interrupted after" in log(home, "show", "last", "--format", "table")
    assert "here the program that ran it ended" in log(home, "replay", "last")
    assert integrity(home) == "ok"


@pytest.mark.skipif(sys.platform != "linux", reason="hosts are found by their command lines in /proc")
def test_kill_9_of_the_host_alone_is_a_failed_case_with_its_trials(
    home: Path, long_run: subprocess.Popen[bytes]
) -> None:
    def failed() -> bool:
        return any(result["status"] == "failed" for result in json.loads(log(home, "show", "last"))["results"])

    hosts_among(psutil.Process(long_run.pid).children(recursive=True))[0].kill()
    wait_until(failed)
    long_run.send_signal(signal.SIGTERM)
    assert long_run.wait(PATIENCE_S) == 130
    results = json.loads(log(home, "show", "last"))["results"]
    assert sum(len(result["trials"]) for result in results) == recorded(home) >= 4
    (killed,) = [result for result in results if result["status"] == "failed"]
    assert killed["error"]["type"] == "SIGKILL"
    assert json.loads(log(home, "list", "--format", "json"))[0]["state"] == "stopped"


def test_two_runs_write_at_once(home: Path) -> None:
    arguments = ("run", "python", "--samples", "1k", "--repeat", "20", "--format", "csv")
    both = [
        subprocess.Popen(
            [sys.executable, "-m", "pi_tui", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env={**os.environ, "PI_TUI_HOME": str(home)},
        )
        for _ in range(2)
    ]
    assert [each.communicate(timeout=PATIENCE_S)[1] for each in both] == [b"", b""]
    assert [each.returncode for each in both] == [0, 0]
    lines = json.loads(log(home, "list", "--format", "json"))
    assert [(line["state"], line["trials"]) for line in lines] == [("ok", 42), ("ok", 42)]
    assert integrity(home) == "ok"
