from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pi_tui.host.protocol import LanePiece, LanesSeen, LaneState, WorkerTicks
from pi_tui.observe.meters.lane_record import LaneRecord, decode_runs, encode_runs, format_header, format_trial

LETTERS = "".join(LaneState)


def seen(first_tick: int, *lanes: tuple[int, str], made: int = 0, missed: int = 0, trial: int = 1) -> LanesSeen:
    pieces = tuple(LanePiece(index, 40, 100 + index, letters) for index, letters in lanes)
    return LanesSeen(trial, 5_000, 1_000_000, first_tick, made, missed, "system call", pieces)


def letters(record: LaneRecord) -> list[str]:
    return [lane.letters for lane in record.lanes]


def test_pieces_are_joined() -> None:
    record = LaneRecord(seen(0, (0, ".RG")))
    record.add(seen(3, (0, "GG"), (1, ".R")))
    assert letters(record) == [".RGGG", "....R"]
    assert record.first_tick == 0


def test_missing_workers_and_gaps_are_absent() -> None:
    record = LaneRecord(seen(0, (0, "RR"), (1, "RR")))
    record.add(seen(5, (0, "R")))
    assert letters(record) == ["RR...R", "RR...."]


def test_the_last_ticks_of_a_long_trial_are_kept() -> None:
    record = LaneRecord(seen(0, (0, "RRRGGG")), kept_ticks=4)
    assert (record.first_tick, letters(record)) == (2, ["RGGG"])
    record.add(seen(6, (0, "SS")))
    assert (record.first_tick, letters(record)) == (4, ["GGSS"])


def test_totals_come_with_the_last_piece_and_the_rate_with_each() -> None:
    record = LaneRecord(seen(0))
    assert record.ticks_per_s is None
    totals = (WorkerTicks(0, 40, 100, running=7),)
    last = LanesSeen(1, 5_000, 2_000_000, 0, 95, 5, "system call", (), totals, ended=True)
    record.add(last)
    assert record.ticks == totals
    assert record.ticks_per_s == pytest.approx(475)


def test_a_piece_that_does_not_follow_is_refused() -> None:
    record = LaneRecord(seen(0, (0, "RRR")))
    with pytest.raises(ValueError, match="do not follow"):
        record.add(seen(2, (0, "R")))
    with pytest.raises(ValueError, match="do not follow"):
        record.add(seen(3, (0, "R"), trial=2))


@pytest.mark.parametrize(("text", "runs"), [("", ""), ("R", "R"), ("RRRRRGG.", "R5G2."), ("??--", "?2-2")])
def test_run_lengths(text: str, runs: str) -> None:
    assert encode_runs(text) == runs
    assert decode_runs(runs) == text


@given(st.text(alphabet=LETTERS))
def test_run_lengths_lose_nothing(text: str) -> None:
    assert decode_runs(encode_runs(text)) == text


def test_the_file_explains_its_letters() -> None:
    record = LaneRecord(seen(0, (0, ".RRGG"), (1, "...RR"), made=4, missed=0))
    first = json.loads(format_header())
    assert first["pi_tui_lanes"] == 1
    assert set(first["letters"]) == set(LETTERS)
    trial, *workers = map(json.loads, format_trial(record, {"kernel": "python", "mode": "threads"}))
    assert trial == {
        "trial": 1,
        "kernel": "python",
        "mode": "threads",
        "start_ns": 5_000,
        "period_ns": 1_000_000,
        "first_tick": 0,
        "made": 4,
        "missed": 0,
        "certainty": "system call",
    }
    assert [(worker["worker"], decode_runs(worker["runs"])) for worker in workers] == [(0, ".RRGG"), (1, "...RR")]
