"""A bare program that answers each line with a line."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Protocol

from tests.benchmarks.terminal import ROOT


class Ask(Protocol):
    """Sends words as a line, and returns the words of the answer."""

    def __call__(self, *words: object) -> list[str]: ...


@contextmanager
def start_line_program(arguments: Sequence[str], environment: Mapping[str, str] | None = None) -> Iterator[Ask]:
    """Start a program, and end it on leaving."""
    process = subprocess.Popen(
        arguments,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})},
        cwd=ROOT,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    asked, answers = process.stdin, process.stdout

    def ask(*words: object) -> list[str]:
        asked.write(" ".join(map(str, words)) + "\n")
        asked.flush()
        answer = answers.readline().split()
        if not answer:
            raise RuntimeError(f"{arguments[-1]} is gone: exit code {process.wait()}")
        return answer

    with process:
        try:
            yield ask
        finally:
            process.terminate()
