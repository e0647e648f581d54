"""The Pythons to measure with: this one, and those named by a path or a version."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from pi_tui.analysis.results import Interpreter
from pi_tui.engine.errors import UsageError
from pi_tui.host import describe

OLDEST = (3, 11)
PATIENCE_S = 20.0


def own_interpreter() -> Interpreter:
    """The Python that runs the app; asked without starting another."""
    return _interpreter(describe.describe())


def find(asked: str) -> Interpreter:
    """The interpreter that a path (of its file, or of an environment's folder) or a version ("3.14", "3.13t") names.

    Raises:
        UsageError: nothing is there, it is no Python, or one that is too old.
    """
    return inspect(_locate(asked))


def find_all() -> tuple[Interpreter, ...]:
    """This interpreter and every other that PATH names `python3.N` or `python3.Nt`, each once."""
    found = {os.path.realpath(sys.executable): own_interpreter()}
    for folder in os.get_exec_path():
        for file in sorted(Path(folder).glob("python3.[1-9]*")):
            suffix = file.name.removeprefix("python3.").removesuffix("t")
            real = os.path.realpath(file)
            if not suffix.isdigit() or int(suffix) < OLDEST[1] or real in found:
                continue
            try:
                found[real] = inspect(file)
            except UsageError:  # a shim without its Python: "all" means all that work
                continue
    return tuple(found.values())


def inspect(path: Path) -> Interpreter:
    """Ask the interpreter at `path` what it is; takes some 50 ms.

    Raises:
        UsageError: it does not answer like a Python, or is too old.
    """
    try:
        asked = subprocess.run(
            [str(path), "-I", describe.__file__],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE_S,
            check=True,
        )
        answer = json.loads(asked.stdout)
        interpreter = _interpreter({**answer, "path": str(path)})
    except (OSError, subprocess.SubprocessError, ValueError, TypeError, KeyError) as error:
        raise UsageError(f"{str(path)!r} is no Python interpreter") from error
    if _numbers(interpreter.version) < OLDEST:
        raise UsageError(f"{str(path)!r} is Python {interpreter.version}: 3.11 or newer is needed")
    return interpreter


def distinct(found: tuple[Interpreter, ...]) -> tuple[Interpreter, ...]:
    """The same interpreters, each path once, with ids that differ."""
    by_path = {interpreter.path: interpreter for interpreter in found}
    ids: dict[str, int] = {}
    named = []
    for interpreter in by_path.values():
        ids[interpreter.id] = ids.get(interpreter.id, 0) + 1
        count = ids[interpreter.id]
        named.append(interpreter if count == 1 else replace(interpreter, id=f"{interpreter.id}#{count}"))
    return tuple(named)


def _locate(asked: str) -> Path:
    given = Path(asked).expanduser()
    if given.is_dir():
        for file in (given / "bin" / "python", given / "Scripts" / "python.exe"):
            if file.exists():
                return file
        raise UsageError(f"there is no Python in the folder {asked!r}")
    if given.is_file():
        return given if given.is_absolute() else Path.cwd() / given
    name = f"python{asked}" if asked[:1].isdigit() else asked
    file_found = shutil.which(name)
    if file_found is None:
        raise UsageError(f"there is no interpreter {asked!r}: neither a file nor a {name} on the search path")
    return Path(file_found)


def _interpreter(answer: dict[str, Any]) -> Interpreter:
    free = bool(answer["free_threaded_build"])
    version = str(answer["version"])
    return Interpreter(
        id=version + "t" * free,
        path=str(answer["path"]),
        version=version,
        implementation=str(answer["implementation"]),
        free_threaded_build=free,
        gil_enabled=bool(answer["gil_enabled"]),
        packages={str(name): str(of) for name, of in dict(answer["packages"]).items()},
        start_methods=tuple(str(method) for method in answer["start_methods"]),
    )


def _numbers(version: str) -> tuple[int, int]:
    major, minor, *_ = version.split(".")
    return int(major), int(minor)
