"""The host's environment and command line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from pi_tui.engine.hosts.host_command import (
    SINGLE_THREAD_VARIABLES,
    HostCommand,
    build_host_command_line,
    build_host_environment,
    build_observer_command_line,
    build_observer_environment,
)

BASE = {
    "HOME": "/home/someone",
    "PATH": "/bin",
    "PYTHONPATH": "/their/path",
    "PYTHONHOME": "/their/python",
    "VIRTUAL_ENV": "/their/venv",
    "OMP_NUM_THREADS": "8",
    "PYTHON_GIL": "1",
    "PI_TUI_RUN": "pt-outer",
    "PYTHONDONTWRITEBYTECODE": "1",
}


def environment(command: HostCommand, base: Mapping[str, str] = BASE) -> dict[str, str]:
    return build_host_environment(
        base,
        command,
        run_id="pt-1",
        import_folder=Path("/cache/path-1"),
        numba_cache=Path("/cache/numba/python-1"),
        temporary=Path("/tmp/pt-1"),
    )


@pytest.mark.parametrize("foreign", [False, True])
def test_every_host_is_marked_and_held_to_one_thread(foreign: bool) -> None:
    made = environment(HostCommand("python", foreign=foreign))
    assert {made[name] for name in SINGLE_THREAD_VARIABLES} == {"1"}
    assert made["PI_TUI_RUN"] == made["PI_TUI_PREFIX"] == "pt-1"
    assert made["NUMBA_CACHE_DIR"] == "/cache/numba/python-1"
    assert made["PI_TUI_FOLDER"] == "/tmp/pt-1"
    assert made.get("TMPDIR") == BASE.get("TMPDIR"), "a kernel's temporary files are where the user's are"
    assert made["HOME"] == "/home/someone"
    assert "PYTHONDONTWRITEBYTECODE" not in made


def test_threads_inside_a_kernel_are_as_many_as_cores_unless_a_person_says_otherwise() -> None:
    assert "NUMBA_NUM_THREADS" not in environment(HostCommand("python"))
    assert environment(HostCommand("python", cores=3))["NUMBA_NUM_THREADS"] == "3"
    theirs = BASE | {"NUMBA_NUM_THREADS": "7", "OMP_WAIT_POLICY": "ACTIVE"}
    made = environment(HostCommand("python", cores=3), theirs)
    assert (made["NUMBA_NUM_THREADS"], made["OMP_WAIT_POLICY"]) == ("7", "ACTIVE")


def test_the_apps_own_python_keeps_what_was_set_for_it() -> None:
    made = environment(HostCommand("python"))
    assert made["PYTHONPATH"] == "/cache/path-1:/their/path"
    assert made["PYTHONHOME"] == "/their/python"
    assert made["PYTHON_GIL"] == "1"


def test_a_foreign_python_sees_nothing_of_the_apps_own() -> None:
    made = environment(HostCommand("python", foreign=True))
    assert made["PYTHONPATH"] == "/cache/path-1"
    assert not {"PYTHONHOME", "VIRTUAL_ENV", "PYTHON_GIL"} & set(made)


@pytest.mark.parametrize(("gil", "told"), [(True, "1"), (False, "0")])
def test_the_gil_is_asked_for_where_it_was_asked_for(gil: bool, told: str) -> None:
    assert environment(HostCommand("python", gil=gil, foreign=True))["PYTHON_GIL"] == told


def test_the_observer_is_not_marked_and_sees_no_packages() -> None:
    made = build_observer_environment(BASE, import_folder=Path("/cache/path-1"))
    assert made["PYTHONPATH"] == "/cache/path-1"
    assert "PI_TUI_RUN" not in made
    assert build_observer_command_line("python", 9) == ("python", "-P", "-S", "-m", "pi_tui.observe.process", "9")


def test_the_host_is_told_its_descriptors() -> None:
    assert build_host_command_line(HostCommand("/a/python"), 7, 9) == (
        *("/a/python", "-P", "-m", "pi_tui.host"),
        *("--requests", "7", "--events", "9"),
    )
