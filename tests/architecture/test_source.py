"""Promises about the source as it lies there."""

from __future__ import annotations

import ast
import tomllib
import warnings
from pathlib import Path

import pytest

import pi_tui

PACKAGE = Path(pi_tui.__file__).parent
ROOT = PACKAGE.parent
FILES = sorted(PACKAGE.rglob("*.py"))


def test_long_files_are_told() -> None:
    """A long file asks for a second look; a rule that forbade it once bred a class in four files."""
    for file in FILES:
        if (lines := len(file.read_text().splitlines())) >= 400:
            warnings.warn(f"{file.relative_to(ROOT)} has {lines} lines", stacklevel=1)


def test_nothing_below_the_front_ends_prints_results() -> None:
    another_python_runs_it = PACKAGE / "host" / "interpreter_info.py"
    for file in FILES:
        if file.relative_to(PACKAGE).parts[0] in {"charts", "engine", "host", "analysis", "storage"}:
            assert file == another_python_runs_it or not prints(file), file


def prints(file: Path) -> bool:
    """Whether a file prints to standard output, or reads from standard input."""
    calls = [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call)]
    named = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id in {"print", "input"}]
    return any("file" not in {keyword.arg for keyword in call.keywords} for call in named)


@pytest.mark.skipif(not (ROOT / "pyproject.toml").exists(), reason="the package was installed without its project")
def test_the_import_contracts_name_modules_that_are_there() -> None:
    """A contract over a module that was renamed would hold for nothing."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    named = {
        name
        for contract in contracts
        for key in ("source_modules", "forbidden_modules")
        for name in contract.get(key, [])
        if name.startswith("pi_tui")
    }
    assert named
    for name in named:
        path = ROOT / name.replace(".", "/")
        assert path.is_dir() or path.with_suffix(".py").is_file(), name
