"""Sightings put together: ledgers without remainder, lanes of changing periods, names, and sentences."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pi_tui.analysis.advice.codes import AdviceCode
from pi_tui.analysis.watch.watch_record import ENDED_SHOWN_S, LANE_S, WatchRecord, make_thread_ledger, resample_lane
from pi_tui.analysis.watch.watch_verdict import judge_watch
from pi_tui.host.watch_protocol import CoreUse, ProcessSeen, Sighting, ThreadSeen, WatchEnded, decode, encode

S = 1_000_000_000
THREAD = ThreadSeen(
    pid=7, tid=7, name="python", since_s=0.0, until_s=2.0, ended=False, calls=True, letters="RG" * 50, running=50, gil=50,
    lock=0, sleep=0, io=0, blocked=0, missed=0, cpu_ns=S, queued_ns=0, slices=400, waits_at="GIL",
)  # fmt: skip
PYTHON = ProcessSeen(7, 1, "python work.py", "3.14", "known")


def sighting(
    *threads: ThreadSeen, elapsed_s: float = 2.0, period_ns: int = 2_000_000, python: str = "3.14"
) -> Sighting:
    process = replace(PYTHON, python=python)
    return Sighting(elapsed_s, period_ns, 100, 1000, 0, 0.02, 0, (process,), threads)


def record(*threads: ThreadSeen, python: str = "3.14") -> WatchRecord:
    made = WatchRecord()
    made.add(sighting(*threads, python=python))
    return made


def test_messages_survive_the_pipe() -> None:
    narrowed = replace(THREAD, tid=8, major_faults=3, away_s=0.1, allowed_cores=(1,))
    of_cores = replace(sighting(THREAD, narrowed), core_use=CoreUse(2.0, 2, 1.0, 0.1, 3.5))
    for message in (sighting(THREAD), of_cores, WatchEnded("ended", -9, 2, (5,))):
        assert decode(encode(message)) == message
    with pytest.raises(ValueError, match="not a watch message"):
        decode(b'[99,"Begun",1,2]')


def test_a_ledger_sums_to_its_wall_and_waiting_is_divided_as_seen() -> None:
    ledger = make_thread_ledger(THREAD)
    assert ledger.wall_s == 2.0
    assert ledger.running_s == 1.0
    assert ledger.gil_wait_s == pytest.approx(1.0)
    assert ledger.lock_wait_s == 0.0


def test_what_the_system_does_not_tell_is_not_known() -> None:
    ledger = make_thread_ledger(replace(THREAD, cpu_ns=None, queued_ns=None, slices=None))
    assert ledger.running_s is ledger.waiting_s is ledger.gil_wait_s is None


def test_states_alone_divide_nothing() -> None:
    ledger = make_thread_ledger(replace(THREAD, calls=False, gil=0, blocked=50))
    assert ledger.waiting_s == 1.0
    assert ledger.gil_wait_s is None


def test_lanes_are_resampled_when_the_rate_changes() -> None:
    assert resample_lane("RRGG", 1, 2) == "RG"
    assert resample_lane("RG", 2, 1) == "RRGG"


def test_names_are_told_where_they_can_be_known() -> None:
    other = replace(THREAD, tid=8, name="loader")
    assert record(THREAD).name_thread(THREAD) == ("MainThread", "MainThread")
    assert record(THREAD, other).name_thread(other).python == "loader"
    assert record(THREAD, other, python="3.11").name_thread(other) == (None, "loader")
    assert record(THREAD, python="").name_thread(THREAD) == (None, "python")


def test_of_a_thread_that_ended_long_ago_no_lane_is_kept() -> None:
    made = record(replace(THREAD, ended=True))
    looks = round(LANE_S * S / 2_000_000) // 100  # a hundred ticks each
    for look in range(1, looks):
        made.add(sighting(elapsed_s=2.0 + 0.2 * look))
    assert made.threads[0].letters.startswith("RG")
    made.add(sighting(elapsed_s=2.0 + LANE_S))
    assert made.threads[0].letters == ""
    assert made.threads[0].total_ledger().running_s == 1.0


def test_an_ended_thread_keeps_its_place_for_a_while() -> None:
    made = record(replace(THREAD, ended=True))
    made.add(sighting(elapsed_s=3.0))
    assert len(made.visible_threads) == 1
    made.add(sighting(elapsed_s=2.0 + ENDED_SHOWN_S + 0.1))
    assert not made.visible_threads
    assert len(made.threads) == 1


def test_two_threads_that_took_turns_are_told() -> None:
    (advice,) = judge_watch(record(THREAD, replace(THREAD, tid=8)))
    assert advice.code == AdviceCode.GIL_TURNS
    assert advice.sentence.startswith("Two Python threads took turns: each waited 50% of the time for the GIL")
    assert advice.evidence["threads"] == 2


def test_a_sleep_is_nothing_wrong() -> None:
    asleep = replace(THREAD, running=0, gil=0, sleep=100, cpu_ns=0, waits_at="clock_nanosleep")
    (advice,) = judge_watch(record(asleep, python=""))
    assert advice.sentence == "It slept (clock_nanosleep) and was hardly ever on a core. Nothing is wrong."


def test_a_lock_that_workers_share_is_not_the_gil_and_an_idle_pool_is_no_trouble() -> None:
    at_work = replace(THREAD, gil=0, lock=50)
    (advice,) = judge_watch(record(at_work, replace(at_work, tid=8)))
    assert advice.code == AdviceCode.LOCK_WAIT
    idle = replace(THREAD, gil=0, running=0, lock=100, cpu_ns=0)
    assert "Nothing is wrong" in judge_watch(record(idle))[0].sentence


def test_waiting_of_an_unknown_kind_is_never_called_gil_wait() -> None:
    (advice,) = judge_watch(record(replace(THREAD, calls=False, gil=0, blocked=50)))
    assert advice.code == AdviceCode.WAITING
    assert "GIL" not in advice.sentence
