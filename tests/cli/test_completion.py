"""`pi-tui completion`, and the names that a shell completes with it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from pi_tui.host.kernels.catalog import KERNELS
from tests.cli.calling import output_of


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(capfd: pytest.CaptureFixture[str], shell: str) -> None:
    assert "_PI_TUI_COMPLETE" in output_of(capfd, "completion", shell)


@pytest.mark.parametrize(
    ("words", "position", "expected"),
    [
        ("pi-tui run numb", 2, {name for name in KERNELS if name.startswith("numb")}),
        ("pi-tui run python --mode pool-s", 4, {"pool-starmap", "pool-starmap-async"}),
        ("pi-tui run python --mode threads,proc", 4, {"threads,processes", "threads,process-pool"}),
        ("pi-tui d", 1, {"doctor"}),
    ],
)
def test_names_are_completed(words: str, position: int, expected: set[str]) -> None:
    environment = {
        **os.environ, "_PI_TUI_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(position)
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "pi_tui"], capture_output=True, text=True, env=environment, check=False
    )
    assert {line.split(",", 1)[1] for line in done.stdout.splitlines()} == expected
