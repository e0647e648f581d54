"""`pi-tui doctor`."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from pi_tui.cli import doctor
from pi_tui.cli.doctor import judge_lanes, read_ptrace_scope
from pi_tui.engine.errors import HostError
from pi_tui.host.protocol import LanesSeen, WorkerTicks
from tests.cli.calling import output_of


def test_doctor_reports_what_the_system_reports(capfd: pytest.CaptureFixture[str]) -> None:
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
    del facts["Lanes"]  # the other facts about lanes depend on a measurement, so they may differ between the two calls
    for part, entries in facts.items():
        assert f"{part}\n" in text
        assert all(f"  {about}  " in text for about in entries)


def test_doctor_finds_what_is_wrong(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "a file").touch()
    monkeypatch.setenv("PI_TUI_HOME", str(tmp_path / "a file" / "below"))
    monkeypatch.setenv("NO_COLOR", "1")
    text = " ".join(output_of(capfd, "doctor").split())
    assert "cannot be written; set PI_TUI_HOME to another folder" in text
    assert "NO_COLOR is set" in text


def test_doctor_says_why_lanes_could_not_be_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_machine: object) -> None:
        raise HostError("the host did not start")

    monkeypatch.setattr("pi_tui.cli.doctor._watch_two_threads", fail)
    facts = {fact.about: fact for fact in doctor._check_lanes()}
    assert facts["seen"].found == "not checked: the host did not start"
    assert facts["seen"].remark == "nothing can be measured"


def make_final_lanes(certainty: str, made: int, missed: int, gil: int) -> LanesSeen:
    worker = WorkerTicks(0, 40, 41, running=made - gil, gil=gil)
    return LanesSeen(1, 0, 1_000_000, 0, made, missed, certainty, (), (worker,), ended=True)


@pytest.mark.parametrize(
    ("seen", "gil_enabled", "expected"),
    [
        ([make_final_lanes("system call", 995, 5, 480)], True, {"seen": "", "rate": "", "GIL": ""}),
        (
            [make_final_lanes("system call", 900, 100, 480)],
            True,
            {"seen": "", "rate": "the machine is busy", "GIL": ""},
        ),
        ([make_final_lanes("system call", 995, 5, 0)], True, {"seen": "", "rate": "", "GIL": "waits for it count as"}),
        ([make_final_lanes("system call", 995, 5, 0)], False, {"seen": "", "rate": "", "GIL": ""}),
        ([make_final_lanes("state", 995, 5, 0)], True, {"seen": "what a worker waits for stays unknown", "rate": ""}),
        ([], True, {"seen": "there are no lanes"}),
    ],
)
def test_doctor_says_how_reliable_the_lanes_are(
    seen: list[LanesSeen], gil_enabled: bool, expected: dict[str, str]
) -> None:
    facts = {fact.about: fact for fact in judge_lanes(seen, gil_enabled)}
    assert set(facts) == set(expected)
    for about, remark in expected.items():
        assert remark in facts[about].remark
        assert bool(remark) == bool(facts[about].remark)
    if seen:
        share = seen[0].made / 1000
        assert facts["rate"].found == f"{share * 1000:.0f} ticks per second, {share:.0%} of those due"


@pytest.mark.parametrize(("scope", "restricted"), [("0", False), ("1", False), ("3", True), (None, False)])
def test_doctor_reads_who_may_inspect_processes(tmp_path: Path, scope: str | None, restricted: bool) -> None:
    path = tmp_path / "ptrace_scope"
    if scope is not None:
        path.write_text(f"{scope}\n")
    fact = read_ptrace_scope(path)
    assert fact.found.startswith("none" if scope is None else scope)
    assert bool(fact.remark) == restricted
