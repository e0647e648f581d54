"""How tests call the command line."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest

from pi_tui.cli import main

Call = Callable[..., subprocess.CompletedProcess[str]]

PATIENCE_S = 300.0
"""How long a call may take: the first that needs Numba compiles it, and others may have the cores."""

COMMAND = (sys.executable, "-m", "pi_tui")


def output_of(capfd: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run the command line in this process and return its output, after checking that nothing went wrong."""
    with pytest.raises(SystemExit) as exit_:
        main(arguments)
    out, error = capfd.readouterr()
    assert exit_.value.code == 0, error
    assert error == ""
    return out
