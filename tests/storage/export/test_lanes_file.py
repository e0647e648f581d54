"""The file of a run's lanes: every tick of every trial, told apart, whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pi_tui.analysis.results import Case, TrialKind
from pi_tui.engine.errors import LogError, UsageError
from pi_tui.engine.run.events import Event, LanesMoved, RunFinished
from pi_tui.host.protocol import LanePiece, LanesSeen
from pi_tui.observe.meters.lane_record import decode_runs
from pi_tui.storage.export.lanes_file import LanesFile

THREADS = Case("python", "threads", None, None, "3.11.7", None, 2, 2, 1000)
OVER = RunFinished((), False, 1.0)


def moved(
    kind: TrialKind, number: int, first_tick: int, letters: str, *, ended: bool = False, host_trial: int = 1
) -> LanesMoved:
    lanes = (LanePiece(0, 40, 41, letters),)
    seen = LanesSeen(host_trial, 5_000, 1_000_000, first_tick, len(letters), 0, "system call", lanes, ended=ended)
    return LanesMoved(THREADS, kind, number, seen)


def written(path: Path, *events: Event) -> list[dict[str, object]]:
    file = LanesFile(path)
    for event in events:
        file.add(event)
    file.write()
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert lines[0]["pi_tui_lanes"] == 1
    return lines[1:]


def test_every_trial_is_there_with_its_case(tmp_path: Path) -> None:
    warmup, its_worker, measured, of_measured = written(
        tmp_path / "lanes.jsonl",
        moved("warmup", 0, 0, "RRGG"),
        moved("warmup", 0, 4, "GR", ended=True),
        moved("measured", 1, 0, "RRR", ended=True, host_trial=1),  # another host: it counts anew
        OVER,
    )
    assert (warmup["trial"], warmup["kind"], warmup["number"], warmup["ended"]) == (1, "warmup", 0, True)
    assert warmup["made"] == 2, "the last word of the trial"
    assert {"kernel", "mode", "start_method", "transport", "python", "gil", "workers", "tasks", "samples"} <= set(
        warmup
    )
    assert (its_worker["trial"], its_worker["pid"], its_worker["tid"]) == (1, 40, 41)
    assert decode_runs(str(its_worker["runs"])) == "RRGGGR"
    assert (measured["trial"], measured["kind"], measured["number"]) == (2, "measured", 1)
    assert of_measured["runs"] == "R3"


def test_a_trial_that_broke_off_is_there_as_far_as_it_came(tmp_path: Path) -> None:
    trial, worker = written(tmp_path / "lanes.jsonl", moved("measured", 3, 0, "RG"), OVER)
    assert trial["ended"] is False
    assert worker["runs"] == "RG"


def test_a_run_without_lanes_leaves_the_head_alone(tmp_path: Path) -> None:
    assert written(tmp_path / "lanes.jsonl", OVER) == []


def test_nothing_is_written_before_the_end(tmp_path: Path) -> None:
    path = tmp_path / "lanes.jsonl"
    path.write_text("old")
    file = LanesFile(path)
    file.add(moved("measured", 1, 0, "RRR", ended=True))
    file.add(OVER)
    assert path.read_text() == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["lanes.jsonl"]
    file.write()
    assert file.trials == 1
    assert path.read_text().startswith('{"pi_tui_lanes": 1')


def test_a_file_that_cannot_be_written_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file or directory"):
        LanesFile(tmp_path / "nowhere" / "lanes.jsonl")
    folder = tmp_path / "later"
    folder.mkdir()
    file = LanesFile(folder / "lanes.jsonl")
    folder.rmdir()
    with pytest.raises(LogError, match=r"cannot write .*lanes.jsonl"):
        file.write()
