"""A package that offers kernels under the entry point group `pi_tui.kernels`, built and installed as any other."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

import pi_tui

PROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "lab-fractals"
version = "1.0"

[project.entry-points."pi_tui.kernels"]
fractal = "lab_fractals.sets:mandelbrot"
"fractal deep" = "lab_fractals.sets:Deep.mandelbrot"
nowhere = "lab_fractals.sets:nothing_such"
numba = "lab_fractals.sets:mandelbrot"
"""
MODULE = '''
def mandelbrot(n, depth=20):
    """Points that stay."""
    return sum(_stays(complex(i % 10 / 5 - 1, i // 10 % 10 / 5 - 1), depth) for i in range(n))


def _stays(c, depth):
    z = 0j
    for _ in range(depth):
        z = z * z + c
        if abs(z) > 2:
            return 0
    return 1


class Deep:
    @staticmethod
    def mandelbrot(n, seed):
        return mandelbrot(n, depth=100) + 0 * seed
'''


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the package; pi-tui and its libraries are this environment's, so that nothing is downloaded."""
    pytest.importorskip("hatchling")
    project, folder = tmp_path_factory.mktemp("project"), tmp_path_factory.mktemp("environment")
    (project / "pyproject.toml").write_text(PROJECT)
    (project / "lab_fractals").mkdir()
    (project / "lab_fractals" / "__init__.py").touch()
    (project / "lab_fractals" / "sets.py").write_text(MODULE)
    venv.create(folder, with_pip=False)
    site = next(folder.glob("lib/python*/site-packages"))
    (site / "libraries.pth").write_text(f"{sysconfig.get_path('purelib')}\n{Path(pi_tui.__file__).parents[1]}\n")
    made = folder / "bin" / "python"
    command = [sys.executable, "-m", "pip", "--python", str(made), "install", "--quiet", "--disable-pip-version-check"]
    done = subprocess.run(
        [*command, "--no-index", "--no-deps", "--no-build-isolation", str(project)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return made


def call(python: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(python), "-P", "-m", "pi_tui", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=python.parent, check=False)


def test_it_is_listed_and_runs_in_threads_and_processes(python: Path) -> None:
    listed = call(python, "kernels").stdout
    assert "fractal " in listed
    assert "lab_fractals.sets" in listed
    asked = ("--mode", "threads,processes", "--start-method", "spawn", "--samples", "500", "--repeat", "1")
    done = call(python, "run", "fractal", "fractal deep", *asked, "--format", "json")
    results = json.loads(done.stdout)["results"]
    assert done.returncode == 0, done.stderr
    assert {result["kernel"] for result in results} == {"fractal", "fractal deep"}
    assert [result["status"] for result in results] == ["ok"] * 6
    values = {result["kernel"]: result["trials"][0]["results"][0] for result in results}
    assert values["fractal"] >= values["fractal deep"] > 0, "what stays longer stayed before"


def test_it_takes_arguments_as_any_function_of_ones_own(python: Path) -> None:
    done = call(python, "run", "fractal(depth=0)", "-m", "sequential", "-n", "50", "--repeat", "1", "--format", "json")
    (result,) = json.loads(done.stdout)["results"]
    assert result["kernel"] == "fractal(depth=0)"
    assert result["trials"][0]["results"] == [50]


def test_an_entry_that_leads_nowhere_is_a_row_and_names_of_the_catalog_stay_its_own(python: Path) -> None:
    done = call(python, "run", "nowhere", "-m", "sequential", "-n", "50", "--repeat", "1", "--format", "json")
    (result,) = json.loads(done.stdout)["results"]
    assert (done.returncode, result["status"]) == (1, "failed")
    assert "nothing_such" in result["error"]["message"]
    (numba,) = [line for line in call(python, "kernels").stdout.splitlines() if line.startswith("numba ")]
    assert "lab_fractals" not in numba
    missing = call(python, "run", "fractals")
    assert missing.returncode == 2
    assert "fractal" in missing.stderr.replace("fractals", "", 1)
