"""The layers of the screen are a contract that holds, and that an import in the wrong direction breaks."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import pi_tui

PACKAGE = Path(pi_tui.__file__).parent
ROOT = PACKAGE.parent

pytest.importorskip("importlinter")
pytestmark = pytest.mark.skipif(
    not (ROOT / "pyproject.toml").exists(), reason="the package was installed without its project"
)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the package with its contracts, to be broken."""
    shutil.copytree(PACKAGE, tmp_path / "pi_tui", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("file", "line", "broken"),
    [
        ("ui/state/session.py", "import json", False),
        ("ui/drawing/spans.py", "from pi_tui.ui.bench import layout", True),
        ("ui/widgets/prompt.py", "def late() -> None:\n    from pi_tui.ui.controllers import run", True),
        ("ui/history/cells.py", "from pi_tui.ui.bench import layout", True),
        ("ui/new_module.py", "", True),
    ],
)
def test_an_import_upwards_breaks_the_layers(copy: Path, file: str, line: str, broken: bool) -> None:
    with (copy / "pi_tui" / file).open("a") as stream:
        stream.write(f"\n{line}\n")
    assert check_contract(copy, "ui-layers") is not broken


@pytest.mark.parametrize("line", ["import textual", "def late() -> None:\n    from rich.text import Text"])
def test_textual_in_the_state_breaks_its_contract(copy: Path, line: str) -> None:
    assert check_contract(copy, "state-without-textual")
    with (copy / "pi_tui" / "ui" / "state" / "session.py").open("a") as stream:
        stream.write(f"\n{line}\n")
    assert not check_contract(copy, "state-without-textual")


def check_contract(root: Path, name: str) -> bool:
    """Return whether a contract holds in a project; any other failure than a broken contract is an error."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()"]
    done = subprocess.run(
        [*command, "--no-cache", "--contract", name],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root), "NO_COLOR": "1", "COLUMNS": "200"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    kept, broken = "1 kept, 0 broken" in done.stdout, "0 kept, 1 broken" in done.stdout
    assert kept or broken or "missing layers" in done.stdout.lower(), done.stdout + done.stderr
    assert (done.returncode == 0) is kept
    return kept
