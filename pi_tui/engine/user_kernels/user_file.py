"""Read a Python file without running it: which functions it defines, and whether one of them can be a kernel."""

from __future__ import annotations

import ast
import difflib
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from stat import S_ISREG

from pi_tui.engine.errors import UsageError

Function = ast.FunctionDef | ast.AsyncFunctionDef
_NOT_CALLABLE = (ast.Constant, ast.List, ast.Dict, ast.Set, ast.Tuple, ast.JoinedStr)
"""Expressions whose values cannot be called."""


@dataclass(frozen=True, slots=True)
class UserFile:
    """A file as it is at this moment.

    Attributes:
        path: absolute.
        display_name: the path as the user typed it.
        modified_ns: when it was last changed, in nanoseconds since the epoch.
        tree: its syntax tree; None if this Python cannot parse it: another one may.
        syntax_error: why this Python cannot parse it: "line 3: invalid syntax"; "" if it can.
    """

    path: str
    display_name: str
    modified_ns: int
    tree: ast.Module | None
    syntax_error: str = ""

    @property
    def functions(self) -> tuple[str, ...]:
        """The public functions that the file defines at its top level."""
        body = self.tree.body if self.tree else []
        return tuple(node.name for node in body if isinstance(node, Function) and not node.name.startswith("_"))

    def find_definition(self, name: str) -> Function | None:
        """Return the last definition of a function at the top level; None if there is none, or something may replace it."""
        found: Function | None = None
        for bound, node in _list_bindings(self.tree.body if self.tree else []):
            if bound == name:
                found = node if isinstance(node, Function) else None
        return found

    def check_function(self, function: str) -> None:
        """Raise UsageError if the file certainly has no such function, as far as that is known without running it."""
        if self.tree is None:
            return
        name = function.partition(".")[0]
        bound = list(_list_bindings(self.tree.body))
        names = {each for each, _ in bound}
        if "*" in names or "__getattr__" in names or _may_bind_dynamically(self.tree):
            return
        if name not in names:
            raise UsageError(f"{self.display_name} has no function {name}{self.suggest_function(name)}")
        nodes = [node for each, node in bound if each == name]
        if name == function and all(isinstance(node, _NOT_CALLABLE) for node in nodes):
            raise UsageError(
                f"{name} in {self.display_name} is not a function but a value{self.suggest_function(name)}"
            )

    def suggest_function(self, name: str = "") -> str:
        """Return the end of a sentence: the nearest function's name, or all functions."""
        near = difflib.get_close_matches(name, self.functions, n=1, cutoff=0.5)
        if near:
            return f": did you mean {near[0]}?"
        if not self.functions:
            return ": it defines no functions"
        more = ", …" if len(self.functions) > 5 else ""
        return f": it defines {', '.join(self.functions[:5])}{more}"


def read_user_file(display_name: str, folder: Path) -> UserFile:
    """Read a file that the user named, relative to `folder`.

    Raises:
        UsageError: the file does not exist, is not a regular file, or cannot be read; the message is one sentence.
    """
    path = os.path.abspath(os.path.join(folder, os.path.expanduser(display_name)))
    try:
        if os.path.isdir(path):
            raise UsageError(f"{display_name} is a folder: name a file in it")
        status = os.stat(path)
        if not S_ISREG(status.st_mode):  # a device or a pipe may be endless
            raise UsageError(f"{display_name} is not a regular file")
        text = Path(path).read_bytes()
    except FileNotFoundError:
        raise UsageError(f"there is no file {display_name}{_suggest_file(path)}") from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError(f"{display_name} cannot be read: {reason[:1].lower()}{reason[1:]}") from None
    return UserFile(path, display_name, status.st_mtime_ns, *_parse(text))


def find_module_file(module: str, folder: Path) -> str:
    """Find a module's source file for this interpreter without importing anything; "" if there is none."""
    from importlib.machinery import PathFinder

    places: list[str] | None = [*sys.path, str(folder)]
    spec = None
    for name in module.split("."):
        spec = PathFinder.find_spec(name, places)
        if spec is None:
            return ""
        places = list(spec.submodule_search_locations or ())
    origin = spec.origin if spec is not None else None
    return origin if origin is not None and origin.endswith(".py") else ""


@lru_cache(maxsize=32)
def _parse(text: bytes) -> tuple[ast.Module | None, str]:
    """Return the syntax tree, or None and the reason."""
    try:
        return ast.parse(text), ""
    except SyntaxError as error:
        return None, f"line {error.lineno}: {error.msg}" if error.lineno else f"{error.msg}"
    except (ValueError, RecursionError, MemoryError) as error:
        return None, str(error) or type(error).__name__


def _suggest_file(path: str) -> str:
    """Return the end of a sentence: a file beside `path` with nearly the same name; "" if there is none."""
    folder, name = os.path.split(path)
    try:
        names = os.listdir(folder)
    except OSError:
        return ""
    near = difflib.get_close_matches(name, [each for each in names if each.endswith(".py")], n=1, cutoff=0.6)
    return f": did you mean {near[0]}?" if near else ""


def _list_bindings(body: list[ast.stmt]) -> Iterator[tuple[str, ast.AST]]:
    """Yield the names that statements bind in their own scope, each with its value as far as that is known."""
    for node in body:
        if isinstance(node, Function | ast.ClassDef):
            yield node.name, node
        elif isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                yield alias.asname or alias.name.partition(".")[0], node
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                single = isinstance(target, ast.Name)
                yield from ((name, node.value if single else node) for name in _list_names(target))
        elif isinstance(node, ast.AnnAssign | ast.AugAssign):
            yield from ((name, node.value or node) for name in _list_names(node.target))
        else:
            yield from _list_nested_bindings(node)


def _list_nested_bindings(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """Yield the names that compound statements and expressions bind."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
            yield inner.id, inner
    for part in ("body", "orelse", "finalbody", "handlers", "cases"):
        for inner in getattr(node, part, []):
            if isinstance(inner, ast.stmt):
                yield from _list_bindings([inner])
            else:
                yield from _list_bindings(inner.body)


def _list_names(target: ast.AST) -> Iterator[str]:
    return (node.id for node in ast.walk(target) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))


def _may_bind_dynamically(tree: ast.Module) -> bool:
    """Return whether names may be bound in ways the syntax tree does not show: `globals()`, `exec`, `setattr` or `global`."""
    return any(
        (isinstance(node, ast.Name) and node.id in ("globals", "exec", "setattr", "vars", "locals"))
        or isinstance(node, ast.Global)
        for node in ast.walk(tree)
    )
