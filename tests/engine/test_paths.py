"""The folders for data and caches, and the folder from which every interpreter imports pi_tui."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import pi_tui
from pi_tui.engine.paths import Paths

REAL = Path(pi_tui.__file__).parent.resolve()


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths.from_environment({"PI_TUI_HOME": str(tmp_path)})


def test_everything_is_below_the_home_that_is_named(tmp_path: Path) -> None:
    assert Paths.from_environment({"PI_TUI_HOME": str(tmp_path)}) == Paths(tmp_path / "data", tmp_path / "cache")
    assert Paths.from_environment({"PI_TUI_HOME": "~/somewhere"}).data == Path.home() / "somewhere" / "data"
    assert Paths.from_environment({"PI_TUI_HOME": "~no-such-person"}).data == Path.cwd() / "~no-such-person" / "data"
    assert Paths.from_environment({"PI_TUI_HOME": "here"}).cache == Path.cwd() / "here" / "cache"


@pytest.mark.parametrize("environ", [{}, {"PI_TUI_HOME": ""}])
def test_otherwise_the_system_says_where(environ: dict[str, str]) -> None:
    paths = Paths.from_environment(environ)
    assert paths.data != paths.cache
    assert "pi-tui" in paths.data.parts
    assert "pi-tui" in paths.cache.parts


def test_an_interpreter_finds_pi_tui_and_nothing_else_there(paths: Paths) -> None:
    parent = paths.make_import_folder()
    assert [each.name for each in parent.iterdir()] == ["pi_tui"]
    done = subprocess.run(
        [sys.executable, "-P", "-S", "-c", "import pi_tui; print(pi_tui.__file__)"],
        env={"PYTHONPATH": str(parent)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == str(parent / "pi_tui" / "__init__.py")


def test_it_is_the_same_folder_every_time_and_mended_if_need_be(paths: Paths, tmp_path: Path) -> None:
    parent = paths.make_import_folder()
    assert paths.make_import_folder() == parent
    link = parent / "pi_tui"
    link.unlink()
    link.symlink_to(tmp_path / "moved away")
    assert paths.make_import_folder() == parent
    assert link.resolve() == REAL
    link.unlink()
    link.mkdir()
    (link / "stale.py").write_text("")
    assert paths.make_import_folder() == parent
    assert link.resolve() == REAL
    assert [each.name for each in paths.cache.iterdir()] == [parent.name]


def test_another_package_has_another_folder(paths: Paths, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere" / "pi_tui"
    other.mkdir(parents=True)
    assert paths.make_import_folder(other) != paths.make_import_folder()


def test_where_there_are_no_links_it_is_a_copy(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, target: Path, target_is_directory: bool = False) -> None:
        raise OSError("no links here")

    monkeypatch.setattr(Path, "symlink_to", refuse)
    for _ in range(2):
        copy = paths.make_import_folder() / "pi_tui"
        assert not copy.is_symlink()
        assert (copy / "host" / "protocol.py").read_bytes() == (REAL / "host" / "protocol.py").read_bytes()


def test_several_apps_may_start_at_once(paths: Paths) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: paths.make_import_folder(), range(16)))) == 1
    assert (paths.make_import_folder() / "pi_tui").resolve() == REAL


def test_a_cache_that_cannot_be_used_is_told_with_the_way_out_and_a_spare_folder_takes_its_place(
    tmp_path: Path,
) -> None:
    (tmp_path / "file").touch()
    for cache, why in ((tmp_path / "file" / "cache", "not a directory"), (tmp_path / f"a{os.pathsep}b", "search path")):
        used = Paths(tmp_path, cache)
        obstacle = used.describe_cache_obstacle()
        assert obstacle is not None
        assert why in obstacle
        assert "PI_TUI_HOME" in obstacle
        spare = tmp_path / "spare"
        folder, numba_cache = used.open_caches(sys.executable, spare)
        assert (folder / "pi_tui").resolve() == REAL
        assert numba_cache.is_relative_to(spare)
        assert used.find_import_folder() == REAL.parent


def test_a_cache_of_which_a_part_cannot_be_made_is_not_used(paths: Paths, tmp_path: Path) -> None:
    paths.cache.mkdir(parents=True)
    (paths.cache / "numba").write_text("in the way")
    folder, numba_cache = paths.open_caches(sys.executable, tmp_path / "spare")
    assert folder.is_relative_to(tmp_path / "spare")
    assert numba_cache.is_dir()
    assert "file exists" in (paths.describe_cache_obstacle() or "") or "not a directory" in (
        paths.describe_cache_obstacle() or ""
    )


def test_a_cache_that_can_be_used_is_used(paths: Paths, tmp_path: Path) -> None:
    assert paths.describe_cache_obstacle() is None
    assert paths.open_caches(sys.executable, tmp_path / "spare") == (
        paths.make_import_folder(), paths.find_numba_cache(sys.executable)
    )  # fmt: skip
    assert not (tmp_path / "spare").exists()
    assert paths.find_import_folder() == paths.make_import_folder()


def test_each_interpreter_has_its_own_numba_cache(paths: Paths) -> None:
    first, second = paths.find_numba_cache("/a/bin/python3.14"), paths.find_numba_cache("/b/bin/python3.14")
    assert first != second
    assert first == paths.find_numba_cache("/a/bin/../bin/python3.14")
    assert first.is_relative_to(paths.cache / "numba")


def test_kernels_that_say_something_else_have_another_numba_cache(paths: Paths, tmp_path: Path) -> None:
    """Numba compiles `numba_simd` into `numba_parallel`, but checks only the modification time of `numba_parallel`."""
    package = tmp_path / "pi_tui"
    shutil.copytree(
        REAL / "host" / "kernels", package / "host" / "kernels", ignore=shutil.ignore_patterns("__pycache__")
    )
    before = paths.find_numba_cache("/a/python", package)
    assert before == paths.find_numba_cache("/a/python"), "wherever they are"
    counters = package / "host" / "kernels" / "numba_simd.py"
    stamp = counters.stat()
    counters.write_bytes(counters.read_bytes().replace(b"word >> uint64(31)", b"word >> uint64(30)"))
    os.utime(counters, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    edited = paths.find_numba_cache("/a/python", package)
    counters.rename(counters.with_name("counting.py"))
    assert len({before, edited, paths.find_numba_cache("/a/python", package)}) == 3
