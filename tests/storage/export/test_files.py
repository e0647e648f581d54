"""Files: whole or not at all, and nothing lost that was there."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from pi_tui.engine.errors import LogError
from pi_tui.storage.export.files import check_writable, write_file
from pi_tui.storage.run_record import RunRecord


def test_what_is_there_stays_unless_it_may_be_replaced(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    path.write_text("old")
    for attempt in (write_file, lambda _, path, overwrite: check_writable(path, overwrite=overwrite)):
        with pytest.raises(LogError, match="already exists"):
            attempt(b"new", path, overwrite=False)
    assert path.read_text() == "old"
    write_file(b"new", path, overwrite=True)
    assert path.read_text() == "new"


def test_a_full_disk_leaves_the_old_file_and_no_half_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "results.json"
    path.write_text("old")

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(LogError, match=r"cannot write .*results.json: no space left on device"):
        write_file(b"new", path, overwrite=True)
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["results.json"]


def test_permissions_are_kept_and_new_files_get_the_usual_ones(tmp_path: Path) -> None:
    old, new, usual = tmp_path / "old.json", tmp_path / "new.json", tmp_path / "usual"
    old.write_text("old")
    old.chmod(0o640)
    usual.touch()
    write_file(b"new", old, overwrite=True)
    write_file(b"new", new, overwrite=False)
    assert stat.S_IMODE(old.stat().st_mode) == 0o640
    assert stat.S_IMODE(new.stat().st_mode) == stat.S_IMODE(usual.stat().st_mode)


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    target, link = tmp_path / "real" / "results.json", tmp_path / "latest.json"
    target.write_text("old")
    link.symlink_to(target)
    write_file(b"new", link, overwrite=True)
    assert link.is_symlink()
    assert target.read_text() == "new"


def test_a_device_is_written_to_and_stays_a_device() -> None:
    null = Path(os.devnull)
    check_writable(null, overwrite=True)
    write_file(b"gone", null, overwrite=True)
    assert stat.S_ISCHR(null.stat().st_mode)


def test_a_pipe_is_written_to_also_where_it_has_no_name_of_its_own() -> None:
    ours, theirs = os.pipe()
    path = Path(f"/dev/fd/{theirs}")
    check_writable(path, overwrite=False)
    write_file(b"whole", path, overwrite=False)
    os.close(theirs)
    with open(ours, "rb") as pipe:
        assert pipe.read() == b"whole"


def test_a_pipe_that_nobody_reads_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    check_writable(path, overwrite=True)  # a reader may come
    with pytest.raises(LogError, match="no program reads from it"):
        write_file(b"lost", path, overwrite=True)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    write_file(b"whole", path, overwrite=True)
    assert os.read(reader, 100) == b"whole"
    os.close(reader)


def test_a_folder_cannot_be_written(tmp_path: Path) -> None:
    for attempt in (
        lambda: check_writable(tmp_path, overwrite=True),
        lambda: write_file(b"", tmp_path, overwrite=True),
    ):
        with pytest.raises(LogError, match=r"is a (folder|directory)"):
            attempt()


def test_a_folder_that_is_not_there_is_told_before_anything_runs(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "results.json"
    with pytest.raises(LogError, match=r"cannot write .*nowhere/results.json: no such file or directory"):
        check_writable(path, overwrite=True)
    assert not os.listdir(tmp_path)


def test_asking_whether_a_file_can_be_written_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    check_writable(path, overwrite=False)
    assert not os.listdir(tmp_path)
    path.write_text("old")
    check_writable(path, overwrite=True)
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["results.json"]


def test_a_very_long_name_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 250 + ".json")
    write_file(b"new", path, overwrite=False)
    assert path.read_bytes() == b"new"


def test_a_result_that_cannot_be_written_leaves_the_old_file(run_record: RunRecord, tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    path.write_text("old")

    def pieces() -> Iterator[bytes]:
        yield b"half"
        raise LogError("no way to say it")

    with pytest.raises(LogError, match="no way to say it"):
        write_file(pieces(), path, overwrite=True)
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["results.json"]
