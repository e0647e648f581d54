"""Sightings put together: ledgers whose parts sum to the wall, lanes of changing periods, and names."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pi_tui.analysis.watch.watch_record import ENDED_SHOWN_S, LANE_S, make_thread_ledger, resample_lane
from pi_tui.host.watch_protocol import CoreUse, WatchEnded, decode, encode
from tests.analysis.watch.watch_builders import SECOND_NS, THREAD, make_record, make_sighting


def test_messages_survive_the_pipe() -> None:
    narrowed = replace(THREAD, tid=8, major_faults=3, away_s=0.1, allowed_cores=(1,))
    of_cores = replace(make_sighting(THREAD, narrowed), core_use=CoreUse(2.0, 2, 1.0, 0.1, 3.5))
    for message in (make_sighting(THREAD), of_cores, WatchEnded("ended", -9, 2, (5,))):
        assert decode(encode(message)) == message
    with pytest.raises(ValueError, match="not a watch message"):
        decode(b'[99,"Begun",1,2]')


def test_a_ledger_sums_to_its_wall_and_waiting_is_divided_as_seen() -> None:
    ledger = make_thread_ledger(THREAD)
    assert ledger.wall_s == 2.0
    assert ledger.running_s == 1.0
    assert ledger.gil_wait_s == pytest.approx(1.0)
    assert ledger.lock_wait_s == 0.0


def test_clocks_that_the_system_lacks_leave_the_ledger_unknown() -> None:
    ledger = make_thread_ledger(replace(THREAD, cpu_ns=None, queued_ns=None, slices=None))
    assert ledger.running_s is ledger.waiting_s is ledger.gil_wait_s is None


def test_states_alone_divide_nothing() -> None:
    ledger = make_thread_ledger(replace(THREAD, calls=False, gil=0, blocked=50))
    assert ledger.waiting_s == 1.0
    assert ledger.gil_wait_s is None


def test_lanes_are_resampled_when_the_rate_changes() -> None:
    assert resample_lane("RRGG", 1, 2) == "RG"
    assert resample_lane("RG", 2, 1) == "RRGG"


def test_threads_are_named_where_their_names_can_be_known() -> None:
    other = replace(THREAD, tid=8, name="loader")
    assert make_record(THREAD).name_thread(THREAD) == ("MainThread", "MainThread")
    assert make_record(THREAD, other).name_thread(other).python == "loader"
    assert make_record(THREAD, other, python="3.11").name_thread(other) == (None, "loader")
    assert make_record(THREAD, python="").name_thread(THREAD) == (None, "python")


def test_threads_that_have_only_their_processs_name_are_numbered() -> None:
    first, second, named = (replace(THREAD, tid=tid) for tid in (8, 9, 10))
    named = replace(named, name="numba")
    for python in ("3.11", "3.14", ""):
        made = make_record(THREAD, first, second, named, python=python)
        assert [made.name_thread(each).shown for each in (first, second, named)] == ["thread 1", "thread 2", "numba"]
        assert made.name_thread(first).python is None
    made.add(make_sighting(replace(THREAD, tid=11), elapsed_s=2.2, python=""))
    assert made.name_thread(second).shown == "thread 2", "a number stays with its thread"
    assert made.name_thread(replace(THREAD, tid=11)).shown == "thread 4"


def test_a_thread_that_ended_long_ago_loses_its_lane() -> None:
    made = make_record(replace(THREAD, ended=True))
    looks = round(LANE_S * SECOND_NS / 2_000_000) // 100  # a hundred ticks each
    for look in range(1, looks):
        made.add(make_sighting(elapsed_s=2.0 + 0.2 * look))
    assert made.threads[0].letters.startswith("RG")
    made.add(make_sighting(elapsed_s=2.0 + LANE_S))
    assert made.threads[0].letters == ""
    assert made.threads[0].total_ledger().running_s == 1.0


def test_an_ended_thread_keeps_its_place_for_a_while() -> None:
    made = make_record(replace(THREAD, ended=True))
    made.add(make_sighting(elapsed_s=3.0))
    assert len(made.visible_threads) == 1
    made.add(make_sighting(elapsed_s=2.0 + ENDED_SHOWN_S + 0.1))
    assert not made.visible_threads
    assert len(made.threads) == 1
