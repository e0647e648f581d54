"""The worked examples of CONTRIBUTING.md, carried out to the letter in a copy of the project.

A comment above each block says which file it makes or where it goes; the text says the same to a person.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

import pi_tui

ROOT = Path(pi_tui.__file__).parents[1]
PAGE = ROOT / "CONTRIBUTING.md"
COPIED = ("pi_tui", "tests", "pyproject.toml", "README.md", "CONTRIBUTING.md")

pytestmark = [
    pytest.mark.skipif(not PAGE.exists(), reason="the package was installed without its project"),
    pytest.mark.slow,
]

_BLOCK = re.compile(
    r"^(?:<!-- (?P<what>new|edit): (?P<path>\S+)(?: \| (?P<where>.+?))? -->\n)?```\w*\n(?P<text>.*?)^```$", re.M | re.S
)


class Block(NamedTuple):
    """A block of a worked example: what to do with it, where, and its text."""

    what: str
    path: str
    where: str
    text: str


def sections() -> dict[str, list[Block]]:
    """Return the blocks of every worked example by its title."""
    parts = re.split(r"^## (Add .+)$", PAGE.read_text(encoding="utf-8").partition("\n## Prose")[0], flags=re.M)[1:]
    return {
        title: [Block(*(found[name] or "" for name in Block._fields)) for found in _BLOCK.finditer(text)]
        for title, text in zip(parts[::2], parts[1::2], strict=True)
    }


def carry_out(block: Block, folder: Path) -> None:
    path = folder / block.path
    if block.what == "new":
        assert not path.exists(), f"{block.path} is there already"
        path.write_text(block.text, encoding="utf-8")
        return
    before = path.read_text(encoding="utf-8")
    if block.where == "end":
        path.write_text(before + block.text, encoding="utf-8")
        return
    how, _, pattern = block.where.partition(": ")
    places = list(re.finditer(pattern, before, re.M))
    assert len(places) == 1, f"{pattern!r} is {len(places)} times in {block.path}"
    start, end = places[0].span()
    after = {
        "before": block.text + before[start:],
        "after": before[start:end] + block.text + before[end:],
        "replace": block.text.rstrip("\n") + before[end:],
    }
    path.write_text(before[:start] + after[how], encoding="utf-8")


def run(folder: Path, *command: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTEST_ADDOPTS": ""}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{shlex.join(command)}\n{done.stdout[-6000:]}\n{done.stderr[-2000:]}"


def test_there_are_four_examples() -> None:
    assert list(sections()) == ["Add a kernel", "Add a mode", "Add an exporter", "Add a verdict"]


@pytest.mark.parametrize("title", ["Add a kernel", "Add a mode", "Add an exporter", "Add a verdict"])
def test_an_example_works_to_the_letter(title: str, tmp_path: Path) -> None:
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "__snapshots__"))
        else:
            shutil.copy(source, tmp_path / name)
    blocks = sections()[title]
    assert any(block.what == "new" for block in blocks)
    made = [block.path for block in blocks if block.what]
    for block in blocks:
        if block.what:
            carry_out(block, tmp_path)
    python = [path for path in dict.fromkeys(made) if path.endswith(".py")]
    run(tmp_path, sys.executable, "-m", "ruff", "check", *python)
    run(tmp_path, sys.executable, "-m", "ruff", "format", "--check", *python)
    calls = re.findall(r'^make test TESTS="(.+)"$', "\n".join(block.text for block in blocks if not block.what), re.M)
    assert calls
    for call in calls:
        run(tmp_path, sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *shlex.split(call))
