"""`pip install .` and the built wheel give the same complete program."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from email.parser import BytesParser
from pathlib import Path

import pytest

import pi_tui

PACKAGE = Path(pi_tui.__file__).parent
ROOT = PACKAGE.parent

pytestmark = [
    pytest.mark.skipif(not (ROOT / "pyproject.toml").exists(), reason="the package was installed without its project"),
    pytest.mark.slow,
]


def environment(folder: Path, *what: str) -> Path:
    """Make an environment with `what` installed; its libraries are this environment's, so that nothing is downloaded."""
    venv.create(folder, with_pip=False)
    site = next(folder.glob("lib/python*/site-packages"))
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    command = [sys.executable, "-m", "pip", "--python", str(folder / "bin" / "python"), "install", "--quiet"]
    # What pip must not do is to take away this environment's own pi-tui.
    options = ["--no-deps", "--no-build-isolation", "--ignore-installed", "--disable-pip-version-check"]
    done = subprocess.run([*command, *options, *what], capture_output=True, text=True, cwd=folder, check=False)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this project."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "pip",
        "--disable-pip-version-check",
        "wheel",
        "--quiet",
        "--wheel-dir",
        str(folder),
    ]
    subprocess.run([*command, "--no-deps", "--no-build-isolation", str(ROOT)], check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module", params=["wheel", "source"])
def installed(request: pytest.FixtureRequest, wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with pi-tui installed from its wheel, or from the project's folder."""
    what = wheel if request.param == "wheel" else ROOT
    return environment(tmp_path_factory.mktemp(request.param), str(what))


def call(environment: Path, *arguments: str) -> str:
    """Return what the installed program prints, started in a folder without the project."""
    command = environment / "bin" / "pi-tui"
    done = subprocess.run([str(command), *arguments], capture_output=True, text=True, cwd=environment, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_installed_program_works(installed: Path) -> None:
    assert call(installed, "--version") == f"pi-tui {pi_tui.__version__}\n"
    assert "numba-nogil" in call(installed, "kernels")
    assert call(installed, "manual", "ledger").startswith("# The ledger\n")
    document = json.loads(call(installed, "run", "python", "--mode", "processes", "--samples", "1k", "--repeat", "1"))
    assert [result["status"] for result in document["results"]] == ["ok", "ok"]
    (interpreter,) = document["interpreters"].values()
    assert interpreter["path"].startswith(str(installed))


def test_every_file_of_the_package_is_installed(installed: Path) -> None:
    (package,) = installed.glob("lib/python*/site-packages/pi_tui")
    assert files_in(package) == files_in(PACKAGE)


def files_in(package: Path) -> set[str]:
    """Return all files of a package, style sheets included, without those that Python makes."""
    return {
        str(file.relative_to(package))
        for file in package.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts and not file.name.startswith(".")
    }


def test_the_licence_that_is_named_lies_in_the_wheel(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (metadata,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        told = BytesParser().parsebytes(archive.read(metadata))
        (file,) = told.get_all("License-File", [])
        text = archive.read(f"{metadata.removesuffix('METADATA')}licenses/{file}").decode()
    assert told["License-Expression"] == "MIT"
    assert text == (ROOT / "LICENSE").read_text()
    assert "The pi-tui developers" in text


def test_the_wheel_describes_the_package(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = BytesParser().parsebytes(archive.read(name))
        assert "pi_tui/py.typed" in archive.namelist()
    assert metadata["Author"] == "pi-tui contributors"
    assert metadata["Requires-Python"] == ">=3.11"
    assert "Typing :: Typed" in metadata.get_all("Classifier", [])
    assert metadata.get_all("Project-URL") is None, "there is no public address"


def test_the_documents_lie_in_the_source_distribution(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "--target", "sdist", "--directory", str(tmp_path)]
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
    (built,) = tmp_path.glob("*.tar.gz")
    top = built.name.removesuffix(".tar.gz")
    with tarfile.open(built) as archive:
        names = archive.getnames()
    for name in ("LICENSE", "README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "pi_tui/manual/keys.md"):
        assert f"{top}/{name}" in names
