"""Finding Pythons, and refusing what is none."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from pi_tui.engine import interpreters
from pi_tui.engine.errors import UsageError


def test_this_python_is_described_alike_from_inside_and_outside() -> None:
    inside = interpreters.own_interpreter()
    outside = interpreters.find(sys.executable)
    assert inside == outside
    assert inside.packages.keys() == {"numpy", "numba"}


def test_an_environment_is_named_by_its_folder() -> None:
    folder = Path(sys.executable).parents[1]
    assert interpreters.find(str(folder)).version == interpreters.own_interpreter().version


def test_what_is_no_python_is_said_to_be_none(tmp_path: Path) -> None:
    liar = tmp_path / "python3.12"
    liar.write_text("#!/bin/sh\necho '{\"version\": 3}'\n")
    liar.chmod(0o755)
    plain = tmp_path / "plain"
    plain.write_text("print(1)")
    for path in (liar, plain, Path("/bin/sh")):
        with pytest.raises(UsageError, match="is no Python interpreter"):
            interpreters.find(str(path))
    with pytest.raises(UsageError, match="there is no Python in the folder"):
        interpreters.find(str(tmp_path))
    with pytest.raises(UsageError, match="no interpreter 'nowhere/python'"):
        interpreters.find("nowhere/python")
    with pytest.raises(UsageError, match=r"no interpreter '3\.99'"):
        interpreters.find("3.99")


def test_an_old_python_is_refused(tmp_path: Path) -> None:
    old = tmp_path / "python3.9"
    answer = '{"path": "", "version": "3.9.1", "implementation": "CPython", "free_threaded_build": false, '
    answer += '"gil_enabled": true, "packages": {}, "start_methods": ["fork"]}'
    old.write_text(f"#!/bin/sh\necho '{answer}'\n")
    old.chmod(0o755)
    with pytest.raises(UsageError, match=r"is Python 3\.9\.1: 3\.11 or newer is needed"):
        interpreters.find(str(old))


def test_a_version_is_looked_up_on_the_search_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "python3.98").symlink_to(sys.executable)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert interpreters.find("3.98").path == str(tmp_path / "python3.98")


def test_all_means_every_python_that_works_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "python3.97").symlink_to(sys.executable)
    (tmp_path / "python3.96").write_text("#!/bin/sh\nexit 127\n")
    (tmp_path / "python3.96").chmod(0o755)
    (tmp_path / "python3.9").symlink_to(sys.executable)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert [each.path for each in interpreters.find_all()] == [interpreters.own_interpreter().path]


def test_ids_differ_even_for_the_same_version() -> None:
    own = interpreters.own_interpreter()
    from dataclasses import replace

    named = interpreters.distinct((own, own, replace(own, path="/elsewhere/python")))
    assert [each.id for each in named] == [own.id, f"{own.id}#2"]
