"""Verdicts on watched threads."""

from __future__ import annotations

from dataclasses import replace

from pi_tui.analysis.advice.codes import AdviceCode
from pi_tui.analysis.watch.watch_verdict import judge_watch
from tests.analysis.watch.watch_builders import THREAD, make_record


def test_two_threads_that_took_turns_are_reported() -> None:
    (advice,) = judge_watch(make_record(THREAD, replace(THREAD, tid=8)))
    assert advice.code == AdviceCode.GIL_TURNS
    assert advice.sentence.startswith("Two Python threads took turns: each waited 50% of the time for the GIL")
    assert advice.evidence["threads"] == 2


def test_a_sleep_is_nothing_wrong() -> None:
    asleep = replace(THREAD, running=0, gil=0, sleep=100, cpu_ns=0, slices=2, waits_at="clock_nanosleep")
    (advice,) = judge_watch(make_record(asleep, python=""))
    assert advice.sentence == "It slept (clock_nanosleep) and was hardly ever on a core. Nothing is wrong."


def test_a_shared_lock_is_not_the_gil_and_an_idle_pool_is_healthy() -> None:
    at_work = replace(THREAD, gil=0, lock=50)
    (advice,) = judge_watch(make_record(at_work, replace(at_work, tid=8)))
    assert advice.code == AdviceCode.LOCK_WAIT
    idle = replace(THREAD, gil=0, running=0, lock=100, cpu_ns=0)
    assert "Nothing is wrong" in judge_watch(make_record(idle))[0].sentence


def test_waiting_of_an_unknown_kind_is_never_called_gil_wait() -> None:
    (advice,) = judge_watch(make_record(replace(THREAD, calls=False, gil=0, blocked=50)))
    assert advice.code == AdviceCode.WAITING
    assert "GIL" not in advice.sentence
