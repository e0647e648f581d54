"""The source files of kernels and modes, read as text: nothing is imported that they need."""

from __future__ import annotations

import ast
from functools import lru_cache
from importlib import resources
from typing import NamedTuple

from pi_tui.host.kernels.catalog import KERNELS
from pi_tui.host.modes.catalog import MODES


class Source(NamedTuple):
    """A file as text, and the line (from 0) on which the function that runs begins."""

    title: str
    text: str
    line: int


@lru_cache(maxsize=32)
def kernel_source(name: str) -> Source:
    """The file of a kernel."""
    kernel = KERNELS[name]
    return _source(kernel.module, kernel.function)


@lru_cache(maxsize=32)
def mode_source(name: str) -> Source:
    """The file of a mode."""
    mode = MODES[name]
    return _source(mode.module, mode.function)


def _source(module: str, function: str) -> Source:
    package, _, stem = module.rpartition(".")
    file = resources.files(package).joinpath(f"{stem}.py")
    text = file.read_text(encoding="utf-8")
    return Source(f"{module.replace('.', '/')}.py · {function}", text, _line_of(text, function))


def _line_of(text: str, function: str) -> int:
    """The line of a function or of an assignment to its name, decorators included."""
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef) and node.name == function:
            return min([node.lineno, *(each.lineno for each in node.decorator_list)]) - 1
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == function for t in node.targets):
            return node.lineno - 1
    return 0
