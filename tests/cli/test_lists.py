"""What there is and what this machine has."""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import pi_tui
from pi_tui.cli import catalogs, main
from pi_tui.cli.lanes_check import findings, ptrace_scope
from pi_tui.host.kernels.catalog import KERNELS
from pi_tui.host.modes.catalog import MODES
from pi_tui.host.protocol import LanesSeen, WorkerTicks


def output_of(capfd: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as exit_:
        main(arguments)
    out, error = capfd.readouterr()
    assert exit_.value.code == 0, error
    assert error == ""
    return out


def test_the_version(capfd: pytest.CaptureFixture[str]) -> None:
    assert output_of(capfd, "--version") == f"pi-tui {pi_tui.__version__}\n"


@pytest.mark.parametrize(("command", "catalog"), [("kernels", KERNELS), ("modes", MODES)])
def test_everything_in_the_catalog_is_listed(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, command: str, catalog: dict[str, Any]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = output_of(capfd, command).splitlines()
    assert set(catalog) <= {line.split()[0] for line in lines if line}
    assert all(len(line) <= 80 for line in lines)
    entries = json.loads(output_of(capfd, command, "--format", "json"))
    assert [entry["name"] for entry in entries] == list(catalog)
    assert all(entry["available"] is True and entry["reason"] is None for entry in entries)


def test_the_modes_tell_their_options(capfd: pytest.CaptureFixture[str]) -> None:
    modes = {entry["name"]: entry for entry in json.loads(output_of(capfd, "modes", "--format", "json"))}
    assert modes["threads"]["start_methods"] == []
    assert set(modes["pool-map"]["start_methods"]) <= set(multiprocessing.get_all_start_methods())
    assert "spawn" in modes["pool-map"]["start_methods"]
    assert "shared-memory" in modes["processes"]["transports"]
    assert modes["pool-map"]["transports"] == []


def test_what_is_unavailable_says_why(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogs, "find_spec", lambda name: None)
    monkeypatch.setattr(multiprocessing, "get_all_start_methods", lambda: ["spawn"])
    out = output_of(capfd, "kernels")
    assert "Not here: numba: numba cannot be found in this Python." in out
    assert "Not here: python" not in out
    out = output_of(capfd, "modes")
    assert "Not here: start method fork: this system has none." in out
    assert "Not here: transport shared-memory: numpy cannot be found in this Python." in out


def test_doctor_tells_what_the_system_tells(capfd: pytest.CaptureFixture[str]) -> None:
    found = json.loads(output_of(capfd, "doctor", "--format", "json"))
    facts = {part: {fact["about"]: fact for fact in facts} for part, facts in found.items()}
    assert facts["Machine"]["cores"]["found"].startswith(f"{os.cpu_count()} logical")
    assert facts["Python"]["path"]["found"] == sys.executable
    assert facts["Libraries"]["numpy"]["remark"] == ""
    assert facts["System"]["shared memory"]["found"].startswith("works")
    assert facts["Folders"]["cache"]["found"].startswith(os.environ["PI_TUI_HOME"])
    assert facts["Folders"]["cache"]["remark"] == ""
    assert {"ptrace_scope", "seen"} <= set(facts["Lanes"])
    text = output_of(capfd, "doctor")
    assert "Lanes\n" in text
    del facts["Lanes"]  # but for the two above they go by what was seen, which may differ from one time to the next
    for part, its in facts.items():
        assert f"{part}\n" in text
        assert all(f"  {about}  " in text for about in its)


def test_doctor_finds_what_is_wrong(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "a file").touch()
    monkeypatch.setenv("PI_TUI_HOME", str(tmp_path / "a file" / "below"))
    monkeypatch.setenv("NO_COLOR", "1")
    text = " ".join(output_of(capfd, "doctor").split())
    assert "cannot be written; PI_TUI_HOME names another place" in text
    assert "NO_COLOR is set" in text
    assert "seen not checked: The host cannot be started: the cache folder" in text


def last_word(certainty: str, made: int, missed: int, gil: int) -> LanesSeen:
    worker = WorkerTicks(0, 40, 41, running=made - gil, gil=gil)
    return LanesSeen(1, 0, 1_000_000, 0, made, missed, certainty, (), (worker,), ended=True)


@pytest.mark.parametrize(
    ("seen", "gil_enabled", "expected"),
    [
        ([last_word("system call", 995, 5, 480)], True, {"seen": "", "rate": "", "GIL": ""}),
        ([last_word("system call", 900, 100, 480)], True, {"seen": "", "rate": "the machine is busy", "GIL": ""}),
        ([last_word("system call", 995, 5, 0)], True, {"seen": "", "rate": "", "GIL": "waits for it count as"}),
        ([last_word("system call", 995, 5, 0)], False, {"seen": "", "rate": "", "GIL": ""}),
        ([last_word("state", 995, 5, 0)], True, {"seen": "what a worker waits for stays unknown", "rate": ""}),
        ([], True, {"seen": "there are no lanes"}),
    ],
)
def test_doctor_tells_how_sure_the_lanes_are(
    seen: list[LanesSeen], gil_enabled: bool, expected: dict[str, str]
) -> None:
    facts = {fact.about: fact for fact in findings(seen, gil_enabled)}
    assert set(facts) == set(expected)
    for about, remark in expected.items():
        assert remark in facts[about].remark
        assert bool(remark) == bool(facts[about].remark)
    if seen:
        share = seen[0].made / 1000
        assert facts["rate"].found == f"{share * 1000:.0f} ticks a second, {share:.0%} of those due"


@pytest.mark.parametrize(("scope", "restricted"), [("0", False), ("1", False), ("3", True), (None, False)])
def test_doctor_reads_whom_the_kernel_lets_look(tmp_path: Path, scope: str | None, restricted: bool) -> None:
    path = tmp_path / "ptrace_scope"
    if scope is not None:
        path.write_text(f"{scope}\n")
    fact = ptrace_scope(path)
    assert fact.found.startswith("none" if scope is None else scope)
    assert bool(fact.remark) == restricted


def test_an_ascii_terminal_gets_ascii() -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    for arguments in (["doctor"], ["kernels"], ["modes"]):
        done = subprocess.run([sys.executable, "-m", "pi_tui", *arguments], capture_output=True, env=environment)
        assert done.returncode == 0, done.stderr
        done.stdout.decode("ascii")


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
