"""The rows of a session: begun, refined, finished, packed and dropped."""

from __future__ import annotations

from dataclasses import replace

from pi_tui.engine.run.events import RunStarted
from pi_tui.ui.state.event_reducer import apply_event
from pi_tui.ui.state.session import KEPT_ROWS, Session
from tests.ui.rows import CASES, case, done, events_of, run_once
from tests.ui.scripted import (
    FREE_PYTHON,
    PYTHON,
    machine,
)


def test_a_row_appears_with_the_first_trial_and_is_refined() -> None:
    session = Session()
    session.begin(in_app=False)
    seen = []
    for event in events_of(case()):
        apply_event(session, event)
        seen.append([(row.state, row.active, row.provisional) for row in session.rows])
    assert seen == [
        [],
        [("running", True, True)],
        [("running", False, True)],
        [("running", True, True)],
        [("ok", False, False)],
        [("ok", False, False)],
        [("ok", False, False)],
    ]
    assert not session.running
    assert session.results() == (session.rows[0].result,)


def test_the_same_case_in_another_run_is_another_row() -> None:
    session = Session()
    for _ in range(2):
        session.begin(in_app=False)
        for event in events_of(case()):
            apply_event(session, event)
    assert [(row.number, row.run) for row in session.rows] == [(1, 1), (2, 2)]


def test_unfinished_rows_of_a_run_that_ended_are_stopped() -> None:
    session = Session()
    session.begin(in_app=False)
    for event in events_of(case())[:4]:
        apply_event(session, event)
    session.end()
    assert session.rows[0].state == "stopped"
    assert session.active_case is None


def test_rows_from_inside_the_app_are_no_results() -> None:
    session = Session()
    session.begin(in_app=True)
    for event in events_of(case()):
        apply_event(session, event)
    assert session.rows[0].in_app
    assert session.results() == ()


def test_rows_have_a_bound_and_the_oldest_runs_are_dropped_whole() -> None:
    session = Session()
    for _ in range(KEPT_ROWS):
        run_once(session)
        assert len(session.rows) <= KEPT_ROWS + len(CASES)
    numbers = [row.number for row in session.rows]
    assert numbers == list(range(session.rows_dropped + 1, KEPT_ROWS * len(CASES) + 1))
    assert session.rows_dropped % len(CASES) == 0
    assert session.rows[0].run == session.rows_dropped // len(CASES) + 1
    assert set(session.environments) == {row.run for row in session.rows}
    assert session.row(session.rows_dropped) is session.row(1) is session.row(None) is None
    assert session.row(session.rows_dropped + 1) is session.rows[0]
    assert session.row(numbers[-1]) is session.rows[-1]


def test_the_last_two_runs_stay_however_many_rows_they_have() -> None:
    many = tuple(replace(CASES[0], samples=1000 + number) for number in range(KEPT_ROWS + 1))
    session = Session()
    run_once(session)
    run_once(session, many)
    assert session.rows_dropped == 0
    run_once(session)
    assert (session.rows_dropped, len(session.rows)) == (len(CASES), len(many) + len(CASES))
    run_once(session)
    assert {row.run for row in session.rows} == {3, 4}


def test_a_run_after_dropped_rows_is_like_any_other() -> None:
    session = Session()
    while session.rows_dropped == 0:
        run_once(session)
    session.begin(in_app=False)
    first = session.rows_dropped + len(session.rows) + 1
    session.activate(CASES[0])
    session.activate(CASES[1])
    assert session.active_case == CASES[1]
    session.put_result(done(CASES[0]))
    assert [(row.number, row.state, row.active) for row in session.rows[-2:]] == [
        (first, "ok", False),
        (first + 1, "running", True),
    ]
    session.end()
    assert (session.rows[-1].state, session.active_case) == ("stopped", None)


def test_equal_interpreters_are_kept_once() -> None:

    session = Session()
    for _ in range(3):
        session.begin(in_app=False)
        apply_event(session, RunStarted(machine(), (replace(PYTHON), FREE_PYTHON), CASES, 6, 1))
    (first, _), (second, _), (third, _) = (interpreters for _, interpreters in session.environments.values())
    assert first is second is third
    session.begin(in_app=False)
    apply_event(session, RunStarted(machine(), (replace(PYTHON, path="/elsewhere/python"),), CASES, 6, 1))
    assert session.environments[4][1][0].path == "/elsewhere/python"
