"""The command line as a person calls it: a process of its own, with its three streams."""

from __future__ import annotations

import subprocess

import pytest

from tests.cli.calling import COMMAND, PATIENCE_S, Call


@pytest.fixture
def call() -> Call:
    """Call `pi-tui` with arguments, without a terminal, and wait for it."""

    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        import os

        return subprocess.run(
            [*COMMAND, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            env={**os.environ, **environment},
        )

    return run
