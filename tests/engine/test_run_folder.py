"""The folder of a run: its name, its lock, and the clean-up of abandoned folders."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from pi_tui.engine.hosts.run_folder import RunFolder, find_temporary_root, sweep_abandoned_runs
from pi_tui.observe.process import cleanup
from tests.engine.fault_injection import DEADLINE_S, Remains

LATER_S = 3600.0


def later() -> float:
    return time.time() + LATER_S


def test_a_folder_is_its_persons_alone_and_named_by_the_run(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    assert folder.path == tmp_path / folder.run_id
    assert folder.path.stat().st_mode & 0o777 == 0o700
    folder.remove()
    folder.remove()
    assert list(tmp_path.iterdir()) == []


def test_a_locked_folder_is_left_alone(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    assert sweep_abandoned_runs(tmp_path, later()) == ()
    assert folder.path.exists()
    folder.close()
    assert sweep_abandoned_runs(tmp_path, later()) == (folder.run_id,)
    assert not folder.path.exists()


def test_a_new_folder_is_left_alone(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    folder.close()
    assert sweep_abandoned_runs(tmp_path) == ()


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    for name in ("pt-1234567", "pt-123456789", "pt-notahexa", "other"):
        (tmp_path / name).mkdir()
    (tmp_path / "pt-00000000").write_text("a file")
    (tmp_path / "pt-11111111").symlink_to(tmp_path / "other")
    before = sorted(tmp_path.iterdir())
    assert sweep_abandoned_runs(tmp_path, later()) == ()
    assert sorted(tmp_path.iterdir()) == before
    assert sweep_abandoned_runs(tmp_path / "nowhere", later()) == ()


def test_processes_and_shared_memory_of_the_abandoned_go_with_it(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    (folder.path / "file").write_text("")
    (Path("/dev/shm") / f"{folder.run_id}-left").write_bytes(b"")
    process = subprocess.Popen(
        [sys.executable, "-S", "-c", "import time; print(flush=True); time.sleep(3600)"],
        env={**os.environ, "PI_TUI_RUN": folder.run_id},
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    with process.stdout:
        process.stdout.readline()
    folder.close()
    assert sweep_abandoned_runs(tmp_path, later()) == (folder.run_id,)
    assert process.wait(DEADLINE_S) == -9
    assert Remains(folder.run_id).is_empty()
    assert not folder.path.exists()


def test_an_interrupted_sweep_leaves_the_rest_to_the_next_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class SweepInterruptedError(Exception):
        pass

    def interrupt(seconds: float) -> None:
        if seconds:
            raise SweepInterruptedError

    folder = RunFolder(tmp_path)
    folder.close()
    with monkeypatch.context() as patched:
        patched.setattr(cleanup, "kill_processes", lambda criteria, *, children_remain, wait, clock: wait(0.1))
        with pytest.raises(SweepInterruptedError):
            sweep_abandoned_runs(tmp_path, later(), wait=interrupt)
    assert folder.path.exists()
    assert sweep_abandoned_runs(tmp_path, later(), wait=interrupt) == (folder.run_id,)


def test_sockets_fit_below_the_folder_for_temporary_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long = tmp_path / ("x" * 90)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    assert len(str(find_temporary_root() / "pt-12345678" / "pymp-12345678" / "listener-12345678")) < 104
