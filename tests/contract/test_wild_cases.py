"""Programs as people have them: what is said of each follows from what was measured (`wild_cases` tells what that is)."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.contract.wild_cases import CASES, Expected, WildCase

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "tests" / "cases"
TRIES = 3
"""A busy machine can hide a cause once; a sentence that is false is a fault the first time."""
TIMES = int(os.environ.get("PI_TUI_CASE_TIMES", "1"))
"""How many times over each case is run (`make cases` runs each three times)."""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what a thread waits for")


@contextmanager
def serving(file: str) -> Iterator[None]:
    """Run a file as a server meanwhile."""
    if not file:
        yield
        return
    server = subprocess.Popen([sys.executable, str(FOLDER / file), "serve"])
    try:
        yield
    finally:
        server.kill()
        server.wait()


def run_case(case: WildCase, home: Path) -> list[dict[str, object]]:
    """The results of one run, as JSON has them."""
    command = [sys.executable, "-m", "pi_tui", "run", f"./{case.target}", *case.command.split(), "--format", "json"]
    environment = {**os.environ, "PI_TUI_HOME": str(home)}
    with serving(case.beside):
        done = subprocess.run(command, cwd=FOLDER, env=environment, capture_output=True, text=True, timeout=500)
    assert done.returncode in (0, 1), done.stderr
    results: list[dict[str, object]] = json.loads(done.stdout)["results"]
    return results


def sentences_of(results: list[dict[str, object]], modes: str) -> dict[str, list[str]]:
    """All that is said of each mode's rows that are no baselines; of failed rows their messages."""
    said: dict[str, list[str]] = {}
    for result in results:
        if result["baseline"] or (modes != "*" and result["mode"] != modes):
            continue
        error = result["error"]
        texts = [advice["sentence"] for advice in result["advice"]]  # type: ignore[attr-defined]
        texts += [f"{error['type']}: {error['message']}"] if error else []  # type: ignore[index]
        said.setdefault(str(result["mode"]), []).extend(texts)
    return said


def missing_from(said: dict[str, list[str]], expected: Expected) -> list[str]:
    """What should have been said of each mode and was not."""
    return [
        f"{mode}: {pattern}"
        for mode, texts in said.items()
        for pattern in expected.must
        if not any(re.search(pattern, text, re.IGNORECASE) for text in texts)
    ]


def false_in(said: dict[str, list[str]], expected: Expected) -> list[str]:
    """What was said and must never be."""
    return [
        f"{mode}: {text}"
        for mode, texts in said.items()
        for text in texts
        for pattern in expected.never
        if re.search(pattern, text, re.IGNORECASE)
    ]


@pytest.mark.slow
@pytest.mark.parametrize("time", range(TIMES))
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_said_follows_from_what_was_measured(case: WildCase, time: int, tmp_path: Path) -> None:
    tries: list[object] = []
    for _ in range(TRIES):
        results = run_case(case, tmp_path)
        missing: list[str] = []
        for modes, expected in case.expected.items():
            said = sentences_of(results, modes)
            assert said, results
            failed = {result["status"] for result in results if not result["baseline"]} == {"failed"}
            assert failed == expected.failed or not expected.failed, results
            assert not false_in(said, expected), said
            missing += missing_from(said, expected)
            tries.append(said)
        if not missing:
            return
    raise AssertionError((missing, tries))
