"""Programs as people have them: what is said of each follows from what was measured (`wild_cases` tells what that is)."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.contract.wild_cases import CASES, Expected, WildCase

FOLDER = Path(__file__).parents[1] / "cases"
TIMES = int(os.environ.get("PI_TUI_CASE_TIMES", "0"))
"""How many times each case is run at its full size, on the machine as it is and beside two busy loops (`make cases`: three).
In the suite, each is run once at a small size."""
TRIES = 1 if TIMES else 3
"""A busy machine can hide a cause once; a sentence that is false is a fault the first time."""
RUNS = [f"{beside}-{number}" for beside in ("alone", "beside") for number in range(TIMES)] or ["quick"]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what a thread waits for")


@contextmanager
def serve(file: str, environment: dict[str, str]) -> Iterator[None]:
    """Run a file as a server meanwhile."""
    server = subprocess.Popen([sys.executable, str(FOLDER / file), "serve"], stdout=subprocess.PIPE, env=environment)
    try:
        assert server.stdout is not None
        assert server.stdout.readline() == b"ready\n"
        yield
    finally:
        server.kill()
        server.communicate()


@contextmanager
def keep_cores_busy(loops: int) -> Iterator[None]:
    """Run busy loops meanwhile."""
    running = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(loops)]
    try:
        yield
    finally:
        for each in running:
            each.kill()
            each.wait()


def run_case(case: WildCase, run: str, folder: Path) -> list[dict[str, object]]:
    """Return the results of one run, as JSON has them."""
    sizes = (case.quick if run == "quick" else case.full).split()
    options = [*case.options.split(), *sizes, "--repeat", "3", "--format", "json"]
    environment = {**os.environ, "PI_TUI_HOME": str(folder / "home"), "TMPDIR": str(folder)}
    with ExitStack() as stack:
        if case.beside:
            stack.enter_context(serve(case.beside, environment))
        if run.startswith("beside"):
            stack.enter_context(keep_cores_busy(2))
        done = subprocess.run(
            [sys.executable, "-m", "pi_tui", "run", f"./{case.target}", *options],
            cwd=FOLDER,
            env=environment,
            capture_output=True,
            text=True,
            timeout=500,
        )
    assert done.returncode in (0, 1), done.stderr
    results: list[dict[str, object]] = json.loads(done.stdout)["results"]
    return results


def list_sentences(results: list[dict[str, object]], modes: str) -> dict[str, list[str]]:
    """Return what is said of each mode's rows that are no baselines, and the messages of failed rows."""
    said: dict[str, list[str]] = {}
    for result in results:
        if result["baseline"] or (modes != "*" and result["mode"] != modes):
            continue
        error = result["error"]
        texts = [advice["sentence"] for advice in result["advice"]]  # type: ignore[attr-defined]
        texts += [f"{error['type']}: {error['message']}"] if error else []  # type: ignore[index]
        said.setdefault(str(result["mode"]), []).extend(texts)
    return said


def find_missing(said: dict[str, list[str]], expected: Expected) -> list[str]:
    """Return what should have been said of each mode and was not."""
    return [
        f"{mode}: {pattern}"
        for mode, texts in said.items()
        for pattern in expected.must
        if not any(re.search(pattern, text, re.IGNORECASE) for text in texts)
    ]


def find_false(said: dict[str, list[str]], expected: Expected) -> list[str]:
    """Return what was said and must never be."""
    return [
        f"{mode}: {text}"
        for mode, texts in said.items()
        for text in texts
        for pattern in expected.never
        if re.search(pattern, text, re.IGNORECASE)
    ]


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder for the files of all cases, with a name short enough for a socket's."""
    with tempfile.TemporaryDirectory(prefix="pt") as name:
        yield Path(name)


@pytest.mark.slow
@pytest.mark.parametrize("run", RUNS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_said_follows_from_what_was_measured(case: WildCase, run: str, folder: Path) -> None:
    for module in case.needs:
        if importlib.util.find_spec(module) is None:
            pytest.skip(f"{module} is not installed")
    tries: list[object] = []
    missing: list[str] = []
    for _ in range(TRIES):
        results = run_case(case, run, folder)
        missing = []
        for modes, expected in case.expected.items():
            said = list_sentences(results, modes)
            tries.append(said)
            assert said, results
            failed = {result["status"] for result in results if not result["baseline"]} == {"failed"}
            assert failed == expected.failed, results
            assert not find_false(said, expected), said
            missing += find_missing(said, expected)
        if not missing:
            return
    raise AssertionError((missing, tries))


HEALTHY = "nothing is wrong"
WATCHED = {
    "asyncio_busy": Expected((r"event loop .* away from its selector .* on a core \d+%",), never=(HEALTHY,)),
    "lock_kept_asleep": Expected(("threads were hardly on a core: .* for a lock or for work",), never=(HEALTHY,)),
    "gil_kept_asleep": Expected(
        (r"MainThread\) waited .* for the GIL; meanwhile .* was blocked in \w+ with the GIL held",),
        never=(HEALTHY, "took turns"),
    ),
}
"""Programs to watch, and what must and must never be said of them."""


def watch_case(name: str, run: str, folder: Path) -> list[str]:
    """Return the sentences on a watched program."""
    with ExitStack() as stack:
        if run.startswith("beside"):
            stack.enter_context(keep_cores_busy(2))
        command = [sys.executable, "-m", "pi_tui", "watch", "--format", "jsonl", "--", sys.executable, f"{name}.py"]
        done = subprocess.run(
            command,
            cwd=FOLDER,
            env={**os.environ, "PI_TUI_HOME": str(folder / "home")},
            capture_output=True,
            text=True,
            timeout=120,
        )
    assert done.returncode == 0, done.stderr
    return [verdict["sentence"] for verdict in json.loads(done.stdout.splitlines()[-1])["verdict"]]


@pytest.mark.slow
@pytest.mark.parametrize("run", RUNS)
@pytest.mark.parametrize("name", WATCHED)
def test_what_is_said_of_a_watched_program_follows_from_what_was_measured(name: str, run: str, folder: Path) -> None:
    tries = []
    for _ in range(TRIES):
        said = {"watch": watch_case(name, run, folder)}
        tries.append(said)
        assert not find_false(said, WATCHED[name]), said
        if not find_missing(said, WATCHED[name]):
            return
    raise AssertionError(tries)
