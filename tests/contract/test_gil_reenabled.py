"""On a free-threaded build, an extension that does not support it enables the GIL; the verdict names the extension."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from pi_tui.engine.laboratory import Laboratory
from pi_tui.engine.paths import Paths
from pi_tui.engine.run.events import RunFinished
from pi_tui.engine.run.request import RunRequest
from pi_tui.host.kernels.catalog import KERNELS, Kernel
from pi_tui.host.server import find_gil_enabling_module
from pi_tui.observe.meters.machine import read_machine

EXTENSION = """
#include <Python.h>
static struct PyModuleDef old = {PyModuleDef_HEAD_INIT, "old_fashioned", NULL, -1, NULL};
PyMODINIT_FUNC PyInit_old_fashioned(void) { return PyModule_Create(&old); }
"""

KERNEL = """
import old_fashioned


def spins(samples, seed):
    hits = 0
    for number in range(samples):
        hits += number % 5 < 4
    return hits
"""


def test_the_module_is_found_in_the_warning() -> None:
    text = (
        "The global interpreter lock (GIL) has been enabled to load module 'pkg._old', which has not declared that it can "
        "run safely without the GIL."
    )
    assert find_gil_enabling_module(["something else", text]) == "pkg._old"
    assert find_gil_enabling_module(["something else"]) is None


def test_the_verdict_names_the_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = os.environ.get("PI_TUI_PYTHON_3_14T")
    if not python:
        pytest.skip("no free-threaded Python was prepared (PI_TUI_PYTHON_3_14T)")
    if shutil.which("gcc") is None:
        pytest.skip("no C compiler")
    include, suffix = subprocess.run(
        [python, "-c", "import sysconfig as s; print(s.get_path('include')); print(s.get_config_var('EXT_SUFFIX'))"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    (tmp_path / "old.c").write_text(EXTENSION)
    target = tmp_path / f"old_fashioned{suffix}"
    subprocess.run(
        ["gcc", "-shared", "-fPIC", "-DPy_GIL_DISABLED=1", f"-I{include}", tmp_path / "old.c", "-o", target], check=True
    )
    (tmp_path / "old_kernel.py").write_text(KERNEL)
    kernel = Kernel("old", "imports an old extension", "old_kernel", "spins", holds_gil=True, counts="lower-half")
    monkeypatch.setitem(KERNELS, "old", kernel)
    monkeypatch.setattr("pi_tui.engine.hosts.host_command._PYTHON_SPECIFIC_VARIABLES", ())
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    laboratory = Laboratory(read_machine(), Paths.from_environment(os.environ))
    try:
        request = RunRequest(("old",), ("threads",), (2,), (1_000_000,), pythons=(python,), repeat=3)
        *_, last = laboratory.run(laboratory.plan(request))
    finally:
        laboratory.close()
    assert isinstance(last, RunFinished)
    (result,) = (each for each in last.results if not each.baseline)
    assert result.status == "ok", result.error
    assert result.free_threaded_build
    assert result.gil_enabled
    advice = next(each for each in result.advice if each.code == "gil-reenabled")
    assert "old_fashioned" in advice.sentence
