"""No modules of the package import each other in a circle, however late and for whatever reason they import."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

import pi_tui

PACKAGE = Path(pi_tui.__file__).parent


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert find_circles(read_imports(PACKAGE)) == []


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("from package.room import second", "import package.room.first"),
        ("from .second import name", "from .. import room\nfrom ..room import first"),
        (
            "if TYPE_CHECKING:\n    from package.room.second import Name",
            "def late():\n    from package.room import first",
        ),
        ("import package", "from package import room"),
    ],
)
def test_a_circle_is_found(tmp_path: Path, first: str, second: str) -> None:
    room = tmp_path / "package" / "room"
    room.mkdir(parents=True)
    (tmp_path / "package" / "__init__.py").write_text("from package import last" if first == "import package" else "")
    (room / "__init__.py").write_text("")
    (room / "first.py").write_text(first)
    (room / "second.py").write_text(second)
    (tmp_path / "package" / "last.py").write_text("import package.room.first\nimport package.room.second\n")
    (circle,) = find_circles(read_imports(tmp_path / "package"))
    assert {"package.room.first", "package.room.second"} & set(circle)
    assert len(circle) > 1


def test_no_circle_is_found_where_none_is(tmp_path: Path) -> None:
    package = tmp_path / "package"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "top.py").write_text("from package import left, right\n")
    for name in ("left", "right"):
        (package / f"{name}.py").write_text("def late():\n    from package.base import value\n")
    (package / "base.py").write_text("import os\n")
    assert find_circles(read_imports(package)) == []


def read_imports(package: Path) -> dict[str, set[str]]:
    """Return the modules of a package by name, each with those of the package that it imports anywhere in its file."""
    files = {}
    for file in sorted(package.rglob("*.py")):
        parts = file.relative_to(package.parent).with_suffix("").parts
        files[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return {name: set(_list_imports(name, file, files)) - {name} for name, file in files.items()}


def _list_imports(name: str, file: Path, modules: Mapping[str, Path]) -> Iterator[str]:
    """Yield the names of the modules that a file imports; `from package import module` is an import of that module."""
    parents = name.split(".") if file.name == "__init__.py" else name.split(".")[:-1]
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in modules)
        elif isinstance(node, ast.ImportFrom):
            above = parents[: len(parents) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                imported = f"{base}.{alias.name}"
                yield from [each for each in (imported, base) if each in modules][:1]


def find_circles(imports: Mapping[str, set[str]]) -> list[list[str]]:
    """Return the groups of modules that reach each other: the strongly connected components, by Kosaraju's algorithm."""
    order: list[str] = []
    known: set[str] = set()
    for module in imports:
        order += _walk(module, imports, known)
    importers: dict[str, set[str]] = {module: set() for module in imports}
    for module, imported in imports.items():
        for each in imported:
            importers[each].add(module)
    known = set()
    groups = [_walk(module, importers, known) for module in reversed(order)]
    return sorted(sorted(group) for group in groups if len(group) > 1)


def _walk(start: str, graph: Mapping[str, set[str]], known: set[str]) -> list[str]:
    """Return what is reached from a module and not known yet, each after everything that is reached from it."""
    if start in known:
        return []
    known.add(start)
    done: list[str] = []
    path = [(start, iter(sorted(graph[start])))]
    while path:
        module, following = path[-1]
        for each in following:
            if each not in known:
                known.add(each)
                path.append((each, iter(sorted(graph[each]))))
                break
        else:
            done.append(module)
            path.pop()
    return done
