"""The source files of kernels and modes, read as text without importing them."""

from __future__ import annotations

import ast
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import NamedTuple

from pi_tui.engine.errors import UsageError
from pi_tui.engine.user_kernels.user_file import find_module_file
from pi_tui.engine.user_kernels.user_kernels import resolve_kernel
from pi_tui.host.kernels.catalog import KERNELS
from pi_tui.host.modes.catalog import MODES


class Source(NamedTuple):
    """The text of a file, and the line (from 0) on which the function that runs begins."""

    title: str
    text: str
    line: int


def read_kernel_source(name: str) -> Source:
    """Read the file of a kernel; a user's file is read anew each time, as at every run."""
    if name not in KERNELS:
        return _read_user_source(name)
    kernel = KERNELS[name]
    return _read_source(kernel.module, kernel.function)


def _read_user_source(name: str) -> Source:
    try:
        kernel = resolve_kernel(name, {}, Path.cwd())
        path = kernel.own.path if kernel.own and kernel.own.path else find_module_file(kernel.module, Path.cwd())
        if not path:
            return Source(name, f"# The interpreter that runs it looks for the module {kernel.module}.", 0)
        text = Path(path).read_bytes().decode(errors="replace")
    except UsageError as error:
        return Source(name, f"# {error}", 0)
    except OSError as error:
        return Source(name, f"# {error.strerror or error}", 0)
    return Source(f"{path} · {kernel.function}", text, _find_line(text, kernel.function))


@lru_cache(maxsize=32)
def read_mode_source(name: str) -> Source:
    """Read the file of a mode."""
    mode = MODES[name]
    return _read_source(mode.module, mode.function)


@lru_cache(maxsize=32)
def _read_source(module: str, function: str) -> Source:
    package, _, stem = module.rpartition(".")
    file = resources.files(package).joinpath(f"{stem}.py")
    text = file.read_text(encoding="utf-8")
    return Source(f"{module.replace('.', '/')}.py · {function}", text, _find_line(text, function))


def _find_line(text: str, function: str) -> int:
    """Return the line (from 0) of a function with its decorators, or of an assignment to its name; 0 where there is none."""
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError):
        return 0
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == function:
            return min([node.lineno, *(each.lineno for each in node.decorator_list)]) - 1
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == function for t in node.targets):
            return node.lineno - 1
    return 0
