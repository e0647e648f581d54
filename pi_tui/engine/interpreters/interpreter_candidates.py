"""Find files that may be a Python interpreter of this machine; none of them is run here.

findpython knows where PATH, pyenv, uv, asdf, rye, the Windows registry and macOS frameworks keep theirs. Virtual and conda
environments are looked for here.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

_NAME = re.compile(r"python(3(\.\d+)?t?)?(\.exe)?")
"""Names of a CPython 3: not `python2.7`, `python3-config`, `pythonw` or `pypy3`."""

SHIM_FOLDER = "shims"
"""pyenv and asdf put a folder of this name on PATH; its scripts only start interpreters that are found elsewhere."""

_SYSTEM_FOLDERS = ("/usr/local/bin", "/usr/bin", "/opt/homebrew/bin")
"""Where systems keep their Pythons, whatever PATH says."""

_ENVIRONMENT_PYTHONS = ("bin/python", "bin/python3", "Scripts/python.exe", "python.exe")
"""Where an environment has its Python."""


def find_candidates(environ: Mapping[str, str], folder: Path) -> tuple[Path, ...]:
    """Find files that may be a Python, each interpreter once: active environments, then PATH, then all others.

    Args:
        environ: `VIRTUAL_ENV`, `CONDA_PREFIX` and `HOME` are used; findpython reads the process's own environment.
        folder: the folder whose `.venv` or `venv` is looked for.
    """
    found: dict[tuple[str, str], Path] = {}
    for file in (*_list_active(environ, folder), *_list_by_findpython(), *_list_conda(environ), *_list_system()):
        if _NAME.fullmatch(file.name) and file.parent.name != SHIM_FOLDER and os.access(file, os.X_OK):
            found.setdefault(identify_interpreter(file), file)
    return tuple(found.values())


def identify_interpreter(file: Path) -> tuple[str, str]:
    """Return the same key for all paths of one interpreter: its virtual environment, and the real file."""
    home = file.parent.parent
    environment = os.path.realpath(home) if os.path.isfile(home / "pyvenv.cfg") else ""
    return environment, os.path.realpath(file)


def find_environment_python(environment: Path) -> Path | None:
    """Return the Python in an environment's folder; None if there is none."""
    return next((environment / place for place in _ENVIRONMENT_PYTHONS if os.path.isfile(environment / place)), None)


def _list_active(environ: Mapping[str, str], folder: Path) -> Iterator[Path]:
    named = (environ[name] for name in ("VIRTUAL_ENV", "CONDA_PREFIX") if environ.get(name))
    yield from _list_environment_pythons((*map(Path, named), folder / ".venv", folder / "venv"))


def _list_by_findpython() -> Iterator[Path]:
    from findpython.providers import ALL_PROVIDERS

    for make in ALL_PROVIDERS.values():
        try:
            provider = make.create()
            files = [each.executable for each in provider.find_pythons()] if provider is not None else []
        except (OSError, RuntimeError):  # an unreadable folder or an unknown home: the other providers remain
            continue
        if make.name() == "path":  # in the order of PATH, and always the same within a folder
            places = {place: number for number, place in reversed(list(enumerate(os.get_exec_path())))}
            files.sort(key=lambda file: (places.get(str(file.parent), len(places)), len(file.name), file.name))
        else:
            files.sort(key=lambda file: (str(file.parent), len(file.name)))
        yield from files


def _list_conda(environ: Mapping[str, str]) -> Iterator[Path]:
    """Yield the Pythons of conda, mamba and micromamba, which record every environment that they create."""
    home = Path(environ.get("HOME") or environ.get("USERPROFILE") or os.path.expanduser("~"))
    try:
        lines = (home / ".conda" / "environments.txt").read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        lines = []
    yield from _list_environment_pythons(Path(line.strip()) for line in lines if line.strip())
    for name in ("miniconda3", "anaconda3", "miniforge3", "mambaforge", "micromamba"):
        root = home / name
        yield from _list_environment_pythons((root, *_list_folders(root / "envs")))


def _list_system() -> Iterator[Path]:
    for place in _SYSTEM_FOLDERS:
        yield from sorted(Path(place).glob("python3*"), key=lambda file: (len(file.name), file.name))


def _list_environment_pythons(environments: Iterable[Path]) -> Iterator[Path]:
    yield from filter(None, map(find_environment_python, environments))


def _list_folders(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.is_dir())
    except OSError:
        return []
