"""Requests that mean nothing: one clear sentence, exit 2, nothing started, nothing lost."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NoReturn

import pytest

import pi_tui
from pi_tui.cli import main
from pi_tui.engine.laboratory import Laboratory
from pi_tui.host.kernels.catalog import KERNELS
from tests.cli.calling import COMMAND, PATIENCE_S, output_of

QUICK = ("--samples", "1000", "--repeat", "1")


@pytest.fixture
def refused(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Call the command line in this process; the sentence with which it refuses. A run that starts is an error."""

    def start(*_: object) -> NoReturn:
        raise AssertionError("something was started")

    monkeypatch.setattr(Laboratory, "run", start)

    def call(*arguments: str) -> str:
        with pytest.raises(SystemExit) as exit_:
            main(arguments)
        out, error = capfd.readouterr()
        assert exit_.value.code == 2, error
        assert out == ""
        assert error.startswith("pi-tui: ")
        assert error.count("\n") == 1, "one sentence, on one line"
        return error.removeprefix("pi-tui: ").strip()

    return call


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["run", "pythn"], "there is no kernel 'pythn': did you mean 'python'?"),
        (["run", "numba-nogli"], "there is no kernel 'numba-nogli': did you mean 'numba-nogil'?"),
        (["run", "python,qqqqqq"], f"there is no kernel 'qqqqqq': {', '.join(KERNELS)}"),
        (["run", "python", "--mode", "thread"], "there is no mode 'thread': did you mean 'threads'?"),
        (["run", "python", "--mode", "pool-starmp"], "there is no mode 'pool-starmp': did you mean 'pool-starmap'?"),
        (["run", "python", "--start-method", "forksrv"], "no start method 'forksrv': did you mean 'forkserver'?"),
        (["run", "python", "--transport", "pip"], "there is no transport 'pip': did you mean 'pipe'?"),
        (["run"], f"no kernel was given: {', '.join(KERNELS)}, or a function of your own"),
        (["run", ""], "a name is missing"),
        (["run", "python", "--mode", ","], "a name is missing"),
        (["rnu"], "there is no command 'rnu': did you mean 'run'?"),
        (["run", "python", "--wrokers", "2"], "no such option '--wrokers'"),
        (["run", "python", "--format", "xml"], "'xml' is not one of"),
        (["run", "python", "--gil", "maybe"], "'maybe' is not one of"),
        (["kernels", "extra"], "there is no kernel 'extra'"),
        (["modes", "extra"], "unexpected extra argument"),
        (["run", "python", "--workers"], "requires an argument"),
    ],
)
def test_unknown_names(refused: Any, arguments: list[str], expected: str) -> None:
    assert expected in refused(*arguments)


@pytest.mark.parametrize("option", ["--samples", "--workers", "--tasks", "--repeat", "--chunksize"])
@pytest.mark.parametrize("number", ["0", "-3", "nan", "inf", "1e400", "2.5", "many", "", "9" * 5000])
def test_numbers_without_meaning(refused: Any, option: str, number: str) -> None:
    sentence = refused("run", "python", option, number)
    assert sentence.startswith(f"{option}: ")
    assert len(sentence) < 300


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--seed", "-1"], "--seed: '-1' is below 0"),
        (["--warmup", "-1"], "--warmup: '-1' is below 0"),
        (["--warmup", "0.5"], "--warmup: '0.5' is not a whole number"),
        (["--repeat", "0"], "--repeat: '0' is below 1"),
        (["--until-stable=-5"], "--until-stable: '-5' must be above 0% and below 100%"),
        (["--until-stable=-x"], "--until-stable: '-x' is not a percentage"),
        (["--output", ""], "--output needs a file name"),
        (["--timeout", "0"], "time-out must be a positive number of seconds, not 0"),
        (["--timeout", "nan"], "time-out must be a positive number of seconds, not nan"),
        (["--timeout", "inf"], "time-out must be a positive number of seconds, not inf"),
        (["--workers", "8-1"], "runs backwards"),
        (["--workers", "100000"], "--force"),
        (["--samples", "1e15"], "--force"),
        (["--samples", "1e16"], "too large"),
        (["--samples", "1e-3"], "--samples: '1e-3' is below 1"),
        (["--samples", "25e-1"], "--samples: '25e-1' is not a whole number"),
        (["--workers", "1-1e-2"], "--workers: '1e-2' is below 1"),
        (["--samples", "3", "--tasks", "8", "--split"], "3 samples cannot be split among 8 tasks"),
    ],
)
def test_numbers_beyond_reason(refused: Any, arguments: list[str], expected: str) -> None:
    assert expected in refused("run", "python", *arguments)


def test_memory_beyond_reason_is_refused_with_the_figure(refused: Any) -> None:
    sentence = refused("run", "numpy", "--samples", "1e12", "--mode", "sequential")
    assert "needs about 41 TB" in sentence
    assert "--force" in sentence
    assert "needs about 32 000 TB" in refused(
        "run", "numpy-sort", "--samples", "1e15", "--mode", "threads", "--workers", "2"
    )


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (("PYTHON",), "python"),
        (("NumPy",), "numpy"),
        (("python", "--mode", "THREADS"), "threads"),
        (("pythn",), "python"),
    ],
)
def test_the_nearest_name_is_found_in_capitals_too(refused: Any, arguments: tuple[str, ...], meant: str) -> None:
    assert refused("run", *arguments).endswith(f": did you mean {meant!r}?")


@pytest.mark.parametrize(
    ("python", "expected"),
    [
        ("/nowhere/python", "no interpreter"),
        ("9.99", "no interpreter"),
        ("/dev/null", "not a Python interpreter|no interpreter"),
        (__file__, "is not a Python interpreter"),
    ],
)
def test_an_unknown_interpreter_is_refused(refused: Any, python: str, expected: str) -> None:
    sentence = refused("run", "python", "--python", python)
    assert any(each in sentence for each in expected.split("|"))


@pytest.mark.parametrize("option", ["--timeout", "--max-time"])
def test_times_without_meaning(refused: Any, option: str) -> None:
    assert refused("run", "python", option, "soon") == f"{option}: 'soon' is not a number of seconds"
    assert "must be a positive number of seconds" in refused("run", "python", option, "nan")
    assert "must be a positive number of seconds" in refused("run", "python", option, "0")


@pytest.mark.parametrize("nonsense", ["0", "49", "1001", "-5", "often"])
def test_looks_a_second_without_meaning(refused: Any, nonsense: str) -> None:
    for command in ("--lanes-hz", nonsense), ("run", "python", "--lanes-hz", nonsense):
        assert refused(*command) == f"--lanes-hz: {nonsense!r} is not a whole number from 50 to 1000"


def test_lanes_hz_before_a_command_is_refused(refused: Any) -> None:
    assert "--lanes-hz before a command is for the screen" in refused("--lanes-hz", "500", "kernels")


@pytest.mark.parametrize("option", ["--ascii", "--light"])
@pytest.mark.parametrize("command", [("kernels",), ("run", "python")])
def test_how_a_screen_looks_is_nothing_to_commands_without_one(
    refused: Any, option: str, command: tuple[str, ...]
) -> None:
    assert refused(option, *command) == f"{option} is for the screen, and `pi-tui {command[0]}` has none"


def test_outputs_that_cannot_be_written(refused: Any, tmp_path: Path) -> None:
    assert "no such file or directory" in refused("run", "python", "--output", str(tmp_path / "no" / "x.json"))
    assert "it is a folder" in refused("run", "python", "--format", "json", "--output", str(tmp_path))
    assert "'x.xls' has an unknown extension" in refused("run", "python", "--output", str(tmp_path / "x.xls"))
    assert "no such file or directory" in refused("run", "python", "--lanes", str(tmp_path / "no" / "x.jsonl"))
    both = str(tmp_path / "x.jsonl")
    assert "--lanes and --output are the same file" in refused("run", "python", "--lanes", both, "--output", both)
    assert list(tmp_path.iterdir()) == []


def test_a_refused_request_leaves_the_output_as_it_was(refused: Any, tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    path.write_text("old")
    refused("run", "python", "--samples", "0", "--output", str(path))
    refused("run", "pythn", "--output", str(path))
    refused("run", "pythn", "--lanes", str(path))
    assert path.read_text() == "old"


def test_without_a_terminal_it_explains_itself(refused: Any, capfd: pytest.CaptureFixture[str]) -> None:
    if sys.stdin.isatty():
        pytest.skip("the tests run on a terminal")
    with pytest.raises(SystemExit) as exit_:
        main([])
    out, error = capfd.readouterr()
    assert exit_.value.code == 2
    assert out == ""
    assert "pi-tui run python" in error
    assert "pi-tui opens a screen, which needs a terminal" in error


def test_a_screen_that_would_be_drawn_into_a_file_is_refused(tmp_path: Path) -> None:
    """Textual draws on standard error; the words go where a person sees them."""
    ours, theirs = os.openpty()
    with (tmp_path / "errors").open("wb") as errors:
        done = subprocess.run([*COMMAND], stdin=theirs, stdout=theirs, stderr=errors, timeout=PATIENCE_S)
    os.close(theirs)
    told = os.read(ours, 65536).decode()
    os.close(ours)
    assert done.returncode == 2
    assert "pi-tui opens a screen, which needs a terminal" in told
    assert (tmp_path / "errors").read_bytes() == b""


@pytest.mark.parametrize(
    "arguments", [["--help"], ["run", "--help"], ["kernels", "-h"], ["modes", "-h"], ["doctor", "-h"]]
)
def test_every_help_has_an_example(arguments: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(arguments)
    out, error = capfd.readouterr()
    assert exit_.value.code == 0
    assert error == ""
    assert "Example" in out
    assert "  pi-tui " in out or ": pi-tui " in out
    assert all(len(line) <= 100 for line in out.splitlines())


def test_the_version(capfd: pytest.CaptureFixture[str]) -> None:
    assert output_of(capfd, "--version") == f"pi-tui {pi_tui.__version__}\n"


def test_an_ascii_terminal_gets_ascii() -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    for arguments in (["doctor"], ["kernels"], ["modes"]):
        done = subprocess.run([sys.executable, "-m", "pi_tui", *arguments], capture_output=True, env=environment)
        assert done.returncode == 0, done.stderr
        done.stdout.decode("ascii")
