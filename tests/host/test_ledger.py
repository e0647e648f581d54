"""The ledger: its sum, the correction for a shared GIL, and its checks."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pi_tui.host import ledger, worker_runtime
from pi_tui.host.ledger import Reading
from pi_tui.host.protocol import WorkerLedger

MS = 1_000_000


def make_reading(
    kind: int,
    worker: int,
    task: int,
    pid: int,
    tid: int,
    wall_ns: int,
    cpu_ns: int,
    queued_ns: int = 0,
    counters: int = 0,
) -> Reading:
    """A reading of a process with one thread; `counters` is the value of each counter (-1: not known)."""
    return Reading(
        kind, worker, task, pid, tid, 0, wall_ns, cpu_ns, queued_ns, cpu_ns, counters, counters, counters, counters
    )


def reading(kind: int, worker: int, task: int, wall_ms: float, cpu_ms: float, queued_ms: float = 0.0) -> Reading:
    return make_reading(
        kind, worker, task, 10, 100 + worker, round(wall_ms * MS), round(cpu_ms * MS), round(queued_ms * MS)
    )


def call(worker: int, task: int, wall: tuple[float, float], cpu: tuple[float, float]) -> list[Reading]:
    return [
        reading(worker_runtime.ENTERED, worker, task, wall[0], cpu[0]),
        reading(worker_runtime.LEFT, worker, task, wall[1], cpu[1]),
    ]


def total(worker: WorkerLedger) -> float:
    parts = (
        worker.startup_s,
        worker.running_s,
        worker.queued_s or 0,
        worker.waiting_s,
        worker.between_s,
        worker.idle_s,
    )
    return sum(parts)


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Reading], int, int, int]:
    """Draw readings of up to four workers with up to five calls each: readings, workers, tasks and the trial's end."""
    workers = draw(st.integers(1, 4))
    readings: list[Reading] = []
    task = 0
    latest = 0
    for worker in range(workers):
        wall = cpu = queued = 0
        for _ in range(draw(st.integers(0, 5))):
            step = st.integers(0, 10**9)
            wall += draw(step)
            cpu += draw(step)
            readings.append(make_reading(worker_runtime.ENTERED, worker, task, 10, worker, wall, cpu, queued))
            inside = draw(step)
            wall += inside
            cpu += draw(st.integers(0, inside))
            queued += draw(st.integers(0, 10**6))
            readings.append(make_reading(worker_runtime.LEFT, worker, task, 10, worker, wall, cpu, queued))
            task += 1
        latest = max(latest, wall)
    return readings, workers, task, latest + draw(st.integers(0, 10**9))


@given(histories())
def test_a_possible_gil_wait_is_the_wait_under_a_kernel_that_holds_the_gil(
    history: tuple[list[Reading], int, int, int],
) -> None:
    readings, workers, tasks, end = history
    ledgers, _ = ledger.build_ledgers(
        readings, start_ns=0, end_ns=end, task_samples=[7] * tasks, workers=workers, one_gil=True
    )
    waits = {wait.index: wait for wait in ledger.find_possible_gil_waits(readings, start_ns=0, workers=workers)}
    for worker in ledgers:
        assert (worker.index in waits) == (worker.tasks > 0)
        if worker.tasks:
            wait = waits[worker.index]
            assert wait.startup_s + wait.between_s == pytest.approx(worker.held_back_s, abs=1e-9)


@given(histories(), st.booleans())
def test_the_six_parts_sum_to_the_wall_time(history: tuple[list[Reading], int, int, int], one_gil: bool) -> None:
    readings, workers, tasks, end = history
    ledgers, _ = ledger.build_ledgers(
        readings, start_ns=0, end_ns=end, task_samples=[7] * tasks, workers=workers, one_gil=one_gil
    )
    assert len(ledgers) == workers
    for worker in ledgers:
        assert total(worker) == pytest.approx(end / 1e9, abs=1e-6)
        assert min(worker.startup_s, worker.running_s, worker.between_s, worker.idle_s) >= 0
        assert worker.samples == 7 * worker.tasks


def test_a_thread_that_cannot_start_waits_for_the_gil() -> None:
    readings = call(0, 0, (1, 501), (1, 501)) + call(1, 1, (501, 1001), (1, 501))
    naive, _ = ledger.build_ledgers(
        readings, start_ns=0, end_ns=1002 * MS, task_samples=[5, 5], workers=2, one_gil=False
    )
    ledgers, faults = ledger.build_ledgers(
        readings, start_ns=0, end_ns=1002 * MS, task_samples=[5, 5], workers=2, one_gil=True
    )
    assert naive[1].startup_s == pytest.approx(0.501)
    assert naive[1].waiting_s == pytest.approx(0)
    # 500 ms of the other's call, minus the millisecond that the thread itself ran before its own call
    assert ledgers[1].waiting_s == pytest.approx(0.499)
    assert ledgers[1].startup_s == pytest.approx(0.002)
    assert ledgers[0].waiting_s == pytest.approx(0)
    assert faults == ()


def test_a_gap_between_tasks_is_waiting_only_while_another_holds_the_gil() -> None:
    readings = call(0, 0, (0, 100), (0, 100)) + call(0, 2, (300, 400), (100, 200)) + call(1, 1, (100, 250), (0, 150))
    ledgers, _ = ledger.build_ledgers(
        readings, start_ns=0, end_ns=400 * MS, task_samples=[1] * 3, workers=2, one_gil=True
    )
    assert ledgers[0].waiting_s == pytest.approx(0.150)
    assert ledgers[0].between_s == pytest.approx(0.050)


def test_overlapping_calls_of_others_count_once() -> None:
    readings = call(0, 0, (0, 300), (0, 300)) + call(1, 1, (100, 300), (0, 200)) + call(2, 2, (300, 400), (0, 100))
    ledgers, _ = ledger.build_ledgers(
        readings, start_ns=0, end_ns=400 * MS, task_samples=[1] * 3, workers=3, one_gil=True
    )
    assert ledgers[2].waiting_s == pytest.approx(0.300)


def test_a_worker_without_a_task_is_idle() -> None:
    ledgers, faults = ledger.build_ledgers(
        call(0, 0, (1, 9), (0, 8)), start_ns=0, end_ns=10 * MS, task_samples=[3], workers=2, one_gil=False
    )
    assert ledgers[1].idle_s == pytest.approx(0.010)
    assert (ledgers[1].pid, ledgers[1].tasks, ledgers[1].startup_s, ledgers[1].running_s) == (None, 0, 0.0, 0.0)
    assert faults == ()


def test_a_call_with_threads_inside_has_no_figures() -> None:
    readings = call(0, 0, (2, 12), (1, 11))
    ledgers, faults = ledger.build_ledgers(
        readings, start_ns=0, end_ns=20_000_000, task_samples=[5], workers=2, one_gil=False, threads_inside=True
    )
    first, second = ledgers
    assert (first.running_s, first.queued_s, first.waiting_s) == (None, None, None)
    assert (first.voluntary_switches, first.page_faults) == (None, None)
    assert (first.startup_s, first.between_s, first.idle_s, first.samples) == (0.002, 0.0, 0.008, 5)
    assert (second.running_s, second.waiting_s, second.idle_s) == (0.0, 0.0, 0.02), (
        "a worker without a task has known figures"
    )
    assert faults == ()


def test_unknown_queueing_is_none_and_counts_as_waiting() -> None:
    readings = [
        make_reading(worker_runtime.ENTERED, 0, 0, 1, 1, 0, 0, -1, -1),
        make_reading(worker_runtime.LEFT, 0, 0, 1, 1, 10 * MS, 4 * MS, -1, -1),
    ]
    (worker,), _ = ledger.build_ledgers(
        readings, start_ns=0, end_ns=10 * MS, task_samples=[1], workers=1, one_gil=False
    )
    assert worker.queued_s is None
    assert worker.waiting_s == pytest.approx(0.006)
    assert worker.voluntary_switches is None
    assert worker.page_faults is None


@pytest.mark.parametrize("length", [5, 25])
def test_pool_workers_are_numbered_in_the_order_of_their_first_calls(length: int) -> None:
    def anonymous(pid: int, task: int, start: int, length: int) -> list[Reading]:
        return [
            make_reading(kind, -1, task, pid, pid, (start + offset) * MS, offset * MS)
            for kind, offset in ((worker_runtime.ENTERED, 0), (worker_runtime.LEFT, length))
        ]

    readings = anonymous(77, 1, 20, 5) + anonymous(55, 0, 10, length) + anonymous(77, 2, 30, 5)
    ledgers, faults = ledger.build_ledgers(
        readings, start_ns=0, end_ns=40 * MS, task_samples=[1] * 3, workers=2, one_gil=False
    )
    assert [(worker.pid, worker.tasks) for worker in ledgers] == [(55, 1), (77, 2)]
    assert faults == ()


@pytest.mark.parametrize(
    ("readings", "fault"),
    [
        (call(0, 0, (0, 5), (0, 5)), "1 task readings for 2 tasks"),
        (call(0, 0, (0, 5), (0, 5)) + call(0, 1, (6, 20), (5, 9)), "out of order"),
        (call(0, 0, (0, 5), (0, 9)) + call(0, 1, (5, 10), (9, 12)), "negative waiting time"),
        (call(0, 0, (0, 5), (0, 5)) + call(1, 1, (0, 5), (0, 5)), "2 workers ran tasks; the request was for 1"),
    ],
)
def test_the_checks_find_faults(readings: list[Reading], fault: str) -> None:
    _, faults = ledger.build_ledgers(
        readings, start_ns=0, end_ns=10 * MS, task_samples=[1] * 2, workers=1, one_gil=False
    )
    assert any(fault in each for each in faults)


def test_records_can_be_parsed_in_two_parts_cut_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    records: list[bytes] = []
    monkeypatch.setattr(worker_runtime, "_send", records.append)
    worker_runtime.record_enter(0, 0)
    worker_runtime.record_leave(0, 0, "ValueError\0täuschend\0Traceback ...", kind=worker_runtime.RAISED)
    worker_runtime.record_enter(0, 1)
    worker_runtime.record_leave(0, 1)
    data = b"".join(records)
    assert all(len(record) <= 4096 for record in records)
    for cut in range(len(data)):
        first, rest = ledger.parse_readings(data[:cut])
        second, rest = ledger.parse_readings(rest + data[cut:])
        assert rest == b""
        assert [each.kind for each in first + second] == [
            worker_runtime.ENTERED,
            worker_runtime.RAISED,
            worker_runtime.ENTERED,
            worker_runtime.LEFT,
        ]
        raised = (first + second)[1].failure
        assert (raised.type, raised.message) == ("ValueError", "täuschend")


def test_a_long_exception_still_fits_a_record(monkeypatch: pytest.MonkeyPatch) -> None:
    from pi_tui.host.result_values import pack_error

    records: list[bytes] = []
    monkeypatch.setattr(worker_runtime, "_send", records.append)
    try:
        raise RuntimeError("ü" * 100_000)
    except RuntimeError as error:
        worker_runtime.record_leave(0, 0, pack_error(error), kind=worker_runtime.RAISED)
    assert len(records[0]) <= 4096
    (readings,), rest = ledger.parse_readings(records[0])
    assert rest == b""
    assert readings.failure.type == "RuntimeError"
    assert readings.failure.message.startswith("üüü")
    assert "test_a_long_exception" in readings.failure.traceback, "a long message does not push out the traceback"


def test_held_time_covers_what_its_intervals_cover() -> None:
    held = ledger.HeldTime([(10, 20), (15, 30), (50, 60)])
    assert held.overlap((0, 100)) == 30
    assert held.overlap((12, 52)) == 20
    assert held.overlap((30, 50)) == 0
    assert held.overlap((60, 50)) == 0
    assert ledger.HeldTime(()).overlap((0, 100)) == 0


def test_twenty_thousand_tasks_take_about_as_long_per_task_as_two_thousand() -> None:
    """The ledger of threads was quadratic in the tasks: ten times as many took a hundred times as long."""

    def count_steps(tasks: int) -> int:
        readings = []
        for task in range(tasks):
            readings += call(task % 2, task, (task, task + 0.9), (task, task + 0.9))
        steps = 0

        def count(*_: object) -> None:
            nonlocal steps
            steps += 1

        sys.setprofile(count)
        try:
            ledger.build_ledgers(
                readings, start_ns=0, end_ns=(tasks + 1) * MS, task_samples=[1] * tasks, workers=2, one_gil=True
            )
        finally:
            sys.setprofile(None)
        return steps

    assert count_steps(20_000) < 12 * count_steps(2_000)


def test_a_process_tells_its_other_threads_and_children() -> None:
    enter = Reading(worker_runtime.ENTERED, 0, 0, 7, 7, 0, 0, 1 * MS, 0, 2 * MS, 0, 0, 5, 1)
    leave = Reading(worker_runtime.LEFT, 0, 0, 7, 7, 2, 10 * MS, 5 * MS, 0, 12 * MS, 3 * MS, 0, 9, 2, "0,3")
    (worker,), _ = ledger.build_ledgers(
        [enter, leave],
        start_ns=0,
        end_ns=10 * MS,
        task_samples=[1],
        workers=1,
        one_gil=False,
        own_processes=True,
        fresh=True,
    )
    assert worker.other_threads_s == pytest.approx(0.006)
    assert worker.children_s == pytest.approx(0.003)
    assert worker.threads_left == 2
    assert (worker.minor_faults, worker.major_faults, worker.page_faults) == (4, 1, 5)
    assert worker.first_call_s == pytest.approx(0.004)
    assert worker.fresh is True
    assert worker.allowed_cores == (0, 3)
    assert ledger.sum_thread_cpu([enter, leave]) == 5 * MS
    assert ledger.sum_process_cpu([enter, leave]) == (12 * MS, 3 * MS)
