"""`pi-tui doctor`."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from pi_tui.cli.doctor import judge_lanes, read_ptrace_scope
from pi_tui.host.protocol import LanesSeen, WorkerTicks
from tests.cli.calling import output_of


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
    facts = {fact.about: fact for fact in judge_lanes(seen, gil_enabled)}
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
    fact = read_ptrace_scope(path)
    assert fact.found.startswith("none" if scope is None else scope)
    assert bool(fact.remark) == restricted
