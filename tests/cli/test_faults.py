"""Faults staged from outside: a sentence, the documented exit code, and nothing lost."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pi_tui.engine.hosts.run_folder import find_temporary_root


def call(*arguments: str, home: Path, **more: object) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PI_TUI_HOME": str(home)}
    command = [sys.executable, "-m", "pi_tui", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, **more)  # type: ignore[call-overload, no-any-return]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A data folder whose history holds one run."""
    done = call("run", "python", "-n", "1000", "--repeat", "1", "-m", "sequential", home=tmp_path)
    assert done.returncode == 0, done.stderr
    assert history_of(tmp_path).is_file()
    return tmp_path


def history_of(home: Path) -> Path:
    (found,) = home.rglob("history.db")
    return found


@pytest.mark.parametrize(
    "command",
    [
        ("log", "export", "1", "--force", "-o"),
        ("run", "python", "-n", "1000", "--repeat", "1", "--format", "csv", "-o"),
        ("run", "python", "-n", "1000", "--repeat", "1", "--lanes"),
    ],
)
@pytest.mark.parametrize("by_link", [False, True])
def test_the_history_in_use_is_never_overwritten(home: Path, command: tuple[str, ...], by_link: bool) -> None:
    target = history_of(home)
    if by_link:
        link = home / "link.db"
        link.symlink_to(target)
        target = link
    before = call("log", "list", "--format", "json", home=home).stdout
    done = call(*command, str(target), home=home)
    assert done.returncode == 2, done.stderr
    assert "is the history in use" in done.stderr
    assert call("log", "list", "--format", "json", home=home).stdout == before


@pytest.mark.parametrize(
    "command",
    [
        ("log", "export", "1", "-o", "{long}"),
        ("run", "{long}/x.py:f"),
        ("run", "python", "-o", "{long}"),
        ("log", "import", "{long}"),
    ],
)
def test_a_name_that_is_too_long_is_a_sentence(home: Path, command: tuple[str, ...]) -> None:
    done = call(*(part.replace("{long}", "n" * 300) for part in command), home=home)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("kind", ["loop", "file"])
def test_a_data_folder_that_is_no_folder_is_reported(tmp_path: Path, kind: str) -> None:
    home = tmp_path / "home"
    if kind == "loop":
        home.symlink_to(home)
    else:
        home.write_text("")
    done = call("log", "list", home=home)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "cannot read the history" in done.stderr


@pytest.mark.parametrize("kind", ["loop", "file"])
@pytest.mark.parametrize("kernel", ["python", "numba"])
def test_without_a_folder_of_its_own_a_run_goes_on_and_says_so_once(tmp_path: Path, kind: str, kernel: str) -> None:
    home = tmp_path / "home"
    if kind == "loop":
        home.symlink_to(home)
    else:
        home.write_text("")
    done = call("run", kernel, "-n", "1000", "--repeat", "2", "-m", "sequential,threads", "--format", "csv", home=home)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(",ok,") >= 2
    assert done.stderr.count("goes on without a cache") + done.stderr.count("go on without a cache") == 1
    assert done.stderr.count("is not recorded in the history") == 1
    assert done.stderr.count("\n") == 2, done.stderr


def test_without_a_folder_of_its_own_a_program_is_watched(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.write_text("")
    done = call("watch", "--format", "table", "--", sys.executable, "-c", "print('worked')", home=home)
    assert done.returncode == 0, done.stderr
    assert "worked" in done.stderr


_FILL = """
import os, subprocess, sys
home, *calls = sys.argv[1:]
run = [sys.executable, "-m", "pi_tui", "run", "python", "-n", "1000", "--repeat", "1", "-m", "sequential"]
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k", "none", home], check=True)
subprocess.run(run, check=True, capture_output=True)
with open(os.path.join(home, "filler"), "wb", buffering=0) as filler:
    try:
        while filler.write(b"x" * 512):
            pass
    except OSError:
        pass
for call in calls:
    done = subprocess.run([sys.executable, "-m", "pi_tui", *call.split()], capture_output=True, text=True)
    print(call, done.returncode, (done.stderr or done.stdout).strip().splitlines(), sep="|")
"""


def can_mount() -> bool:
    """Return whether a file system may be mounted in a name space of the test's own."""
    command = ["unshare", "-rm", "mount", "-t", "tmpfs", "none", "/mnt"]
    return shutil.which("unshare") is not None and subprocess.run(command, capture_output=True).returncode == 0


@pytest.mark.skipif(not can_mount(), reason="no file system can be mounted here")
def test_on_a_full_disk_the_history_is_read_and_what_cannot_be_written_says_why(tmp_path: Path) -> None:
    calls = ("log list", "log show 1", "log show 1 --format csv", "log note 1 text", "run python -n 9 --repeat 1")
    done = subprocess.run(
        ["unshare", "-rm", sys.executable, "-c", _FILL, str(tmp_path), *calls],
        env={**os.environ, "PI_TUI_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    listed, shown, exported, noted, ran = (line.split("|", 2)[1:] for line in done.stdout.splitlines())
    assert (listed[0], shown[0], exported[0]) == ("0", "0", "0")
    assert noted[0] == "1"
    assert "cannot write the history" in noted[1]
    assert "the disk is full" in noted[1]
    assert ran[0] == "0"
    assert "the disk is full; this run is not recorded in the history" in ran[1]


def can_give_up_rights() -> bool:
    """Return whether a program can be started without the right to read everything."""
    return shutil.which("unshare") is not None and subprocess.run(["unshare", "-U", "true"]).returncode == 0


@pytest.mark.skipif(not can_give_up_rights(), reason="the tests' user may read everything")
@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("log list", 1), ("log show 1", 1), ("log export 1 -o {closed}/x.json", 1), ("run {closed}/x.py:f", 2),
        ("run python -o {closed}/x.csv", 2), ("log import {closed}/x.json", 1), ("log note 1 text", 1),
    ],
)  # fmt: skip
def test_a_folder_that_may_not_be_read_is_a_sentence(home: Path, command: str, code: int) -> None:
    closed = history_of(home).parent
    closed.chmod(0)
    try:
        done = subprocess.run(
            ["unshare", "-U", sys.executable, "-m", "pi_tui", *command.format(closed=closed).split()],
            env={**os.environ, "PI_TUI_HOME": str(home)},
            capture_output=True,
            text=True,
            timeout=120,
        )
    finally:
        closed.chmod(0o755)
    assert done.returncode == code, done.stderr
    assert "permission denied" in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


def test_whatever_the_umask_no_folder_of_a_host_stays(tmp_path: Path) -> None:
    (tmp_path / "t").mkdir()
    before = set(find_temporary_root().glob("pt-*"))
    done = subprocess.run(
        ["sh", "-c", f"umask 777; exec {sys.executable} -m pi_tui run python -n 9 --repeat 1 --format csv"],
        env={**os.environ, "PI_TUI_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert "Traceback" not in done.stderr
    ours = [each for each in set(find_temporary_root().glob("pt-*")) - before if each.stat().st_mode & 0o777 == 0]
    assert not ours
