"""The ledger from readings: identity, the correction for a shared GIL, and what its checks find."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pi_tui.host import ledger, worker_runtime
from pi_tui.host.ledger import Reading

MS = 1_000_000


def reading(kind: int, worker: int, task: int, wall_ms: float, cpu_ms: float, queued_ms: float = 0.0) -> Reading:
    return Reading(
        kind, worker, task, 10, 100 + worker, round(wall_ms * MS), round(cpu_ms * MS), round(queued_ms * MS), 0, 0
    )


def call(worker: int, task: int, wall: tuple[float, float], cpu: tuple[float, float]) -> list[Reading]:
    return [
        reading(worker_runtime.ENTERED, worker, task, wall[0], cpu[0]),
        reading(worker_runtime.LEFT, worker, task, wall[1], cpu[1]),
    ]


def total(book: ledger.WorkerLedger) -> float:
    parts = (book.startup_s, book.running_s, book.queued_s or 0, book.waiting_s, book.between_s, book.idle_s)
    return sum(parts)


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Reading], int, int, int]:
    """Readings of up to four workers with up to five calls each, and the trial's end."""
    workers = draw(st.integers(1, 4))
    found: list[Reading] = []
    task = 0
    latest = 0
    for worker in range(workers):
        wall = cpu = queued = 0
        for _ in range(draw(st.integers(0, 5))):
            step = st.integers(0, 10**9)
            wall += draw(step)
            cpu += draw(step)
            found.append(Reading(worker_runtime.ENTERED, worker, task, 10, worker, wall, cpu, queued, 0, 0))
            inside = draw(step)
            wall += inside
            cpu += draw(st.integers(0, inside))
            queued += draw(st.integers(0, 10**6))
            found.append(Reading(worker_runtime.LEFT, worker, task, 10, worker, wall, cpu, queued, 0, 0))
            task += 1
        latest = max(latest, wall)
    return found, workers, task, latest + draw(st.integers(0, 10**9))


@given(histories())
def test_what_may_be_held_is_what_a_kernel_that_holds_the_gil_holds(
    history: tuple[list[Reading], int, int, int],
) -> None:
    found, workers, tasks, end = history
    books, _ = ledger.ledgers(found, start_ns=0, end_ns=end, task_samples=[7] * tasks, workers=workers, one_gil=True)
    maybe = {one.index: one for one in ledger.maybe_held(found, start_ns=0, workers=workers)}
    for book in books:
        assert (book.index in maybe) == (book.tasks > 0)
        if book.tasks:
            one = maybe[book.index]
            assert one.startup_s + one.between_s == pytest.approx(book.held_back_s, abs=1e-9)


@given(histories(), st.booleans())
def test_the_six_parts_sum_to_the_wall(history: tuple[list[Reading], int, int, int], one_gil: bool) -> None:
    found, workers, tasks, end = history
    books, _ = ledger.ledgers(found, start_ns=0, end_ns=end, task_samples=[7] * tasks, workers=workers, one_gil=one_gil)
    assert len(books) == workers
    for book in books:
        assert total(book) == pytest.approx(end / 1e9, abs=1e-6)
        assert min(book.startup_s, book.running_s, book.between_s, book.idle_s) >= 0
        assert book.samples == 7 * book.tasks


def test_a_thread_that_cannot_start_waits_for_the_gil() -> None:
    found = call(0, 0, (1, 501), (1, 501)) + call(1, 1, (501, 1001), (1, 501))
    naive, _ = ledger.ledgers(found, start_ns=0, end_ns=1002 * MS, task_samples=[5, 5], workers=2, one_gil=False)
    books, faults = ledger.ledgers(found, start_ns=0, end_ns=1002 * MS, task_samples=[5, 5], workers=2, one_gil=True)
    assert naive[1].startup_s == pytest.approx(0.501)
    assert naive[1].waiting_s == pytest.approx(0)
    # 500 ms of the other's call, less the millisecond that the thread itself ran before it began
    assert books[1].waiting_s == pytest.approx(0.499)
    assert books[1].startup_s == pytest.approx(0.002)
    assert books[0].waiting_s == pytest.approx(0)
    assert faults == ()


def test_a_gap_between_tasks_is_waiting_only_while_another_holds_the_gil() -> None:
    found = call(0, 0, (0, 100), (0, 100)) + call(0, 2, (300, 400), (100, 200)) + call(1, 1, (100, 250), (0, 150))
    books, _ = ledger.ledgers(found, start_ns=0, end_ns=400 * MS, task_samples=[1] * 3, workers=2, one_gil=True)
    assert books[0].waiting_s == pytest.approx(0.150)
    assert books[0].between_s == pytest.approx(0.050)


def test_others_that_overlap_are_counted_once() -> None:
    found = call(0, 0, (0, 300), (0, 300)) + call(1, 1, (100, 300), (0, 200)) + call(2, 2, (300, 400), (0, 100))
    books, _ = ledger.ledgers(found, start_ns=0, end_ns=400 * MS, task_samples=[1] * 3, workers=3, one_gil=True)
    assert books[2].waiting_s == pytest.approx(0.300)


def test_a_worker_without_a_task_was_idle() -> None:
    books, faults = ledger.ledgers(
        call(0, 0, (1, 9), (0, 8)), start_ns=0, end_ns=10 * MS, task_samples=[3], workers=2, one_gil=False
    )
    assert books[1].idle_s == pytest.approx(0.010)
    assert (books[1].pid, books[1].tasks, books[1].startup_s, books[1].running_s) == (None, 0, 0.0, 0.0)
    assert faults == ()


def test_what_threads_inside_a_call_did_is_not_known() -> None:
    found = call(0, 0, (2, 12), (1, 11))
    books, faults = ledger.ledgers(
        found, start_ns=0, end_ns=20_000_000, task_samples=[5], workers=2, one_gil=False, threads_inside=True
    )
    first, second = books
    assert (first.running_s, first.queued_s, first.waiting_s) == (None, None, None)
    assert (first.voluntary_switches, first.page_faults) == (None, None)
    assert (first.startup_s, first.between_s, first.idle_s, first.samples) == (0.002, 0.0, 0.008, 5)
    assert (second.running_s, second.waiting_s, second.idle_s) == (0.0, 0.0, 0.02), "it had no task, which is known"
    assert faults == ()


def test_unknown_queueing_is_none_and_counts_as_waiting() -> None:
    found = [
        Reading(worker_runtime.ENTERED, 0, 0, 1, 1, 0, 0, -1, -1, -1),
        Reading(worker_runtime.LEFT, 0, 0, 1, 1, 10 * MS, 4 * MS, -1, -1, -1),
    ]
    (book,), _ = ledger.ledgers(found, start_ns=0, end_ns=10 * MS, task_samples=[1], workers=1, one_gil=False)
    assert book.queued_s is None
    assert book.waiting_s == pytest.approx(0.006)
    assert book.voluntary_switches is None
    assert book.page_faults is None


@pytest.mark.parametrize("length", [5, 25])
def test_pool_workers_are_numbered_as_they_begin_whoever_is_done_first(length: int) -> None:
    def anonymous(pid: int, task: int, start: int, length: int) -> list[Reading]:
        return [
            Reading(kind, -1, task, pid, pid, (start + offset) * MS, offset * MS, 0, 0, 0)
            for kind, offset in ((worker_runtime.ENTERED, 0), (worker_runtime.LEFT, length))
        ]

    found = anonymous(77, 1, 20, 5) + anonymous(55, 0, 10, length) + anonymous(77, 2, 30, 5)
    books, faults = ledger.ledgers(found, start_ns=0, end_ns=40 * MS, task_samples=[1] * 3, workers=2, one_gil=False)
    assert [(book.pid, book.tasks) for book in books] == [(55, 1), (77, 2)]
    assert faults == ()


@pytest.mark.parametrize(
    ("found", "fault"),
    [
        (call(0, 0, (0, 5), (0, 5)), "1 task readings for 2 tasks"),
        (call(0, 0, (0, 5), (0, 5)) + call(0, 1, (6, 20), (5, 9)), "out of order"),
        (call(0, 0, (0, 5), (0, 9)) + call(0, 1, (5, 10), (9, 12)), "less than no time"),
        (call(0, 0, (0, 5), (0, 5)) + call(1, 1, (0, 5), (0, 5)), "2 workers were seen, 1 were asked for"),
    ],
)
def test_the_checks_find_what_is_wrong(found: list[Reading], fault: str) -> None:
    _, faults = ledger.ledgers(found, start_ns=0, end_ns=10 * MS, task_samples=[1] * 2, workers=1, one_gil=False)
    assert any(fault in each for each in faults)


def test_records_are_parsed_however_they_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    records: list[bytes] = []
    monkeypatch.setattr(worker_runtime, "_send", records.append)
    worker_runtime.entered(0, 0)
    worker_runtime.left(0, 0, "ValueError\0täuschend\0Traceback ...")
    worker_runtime.entered(0, 1)
    worker_runtime.left(0, 1)
    data = b"".join(records)
    assert all(len(record) <= 4096 for record in records)
    for cut in range(len(data)):
        first, rest = ledger.parse(data[:cut])
        second, rest = ledger.parse(rest + data[cut:])
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
    from pi_tui.host.result_values import described

    records: list[bytes] = []
    monkeypatch.setattr(worker_runtime, "_send", records.append)
    try:
        raise RuntimeError("ü" * 100_000)
    except RuntimeError as error:
        worker_runtime.left(0, 0, described(error))
    assert len(records[0]) <= 4096
    (found,), rest = ledger.parse(records[0])
    assert rest == b""
    assert found.failure.type == "RuntimeError"
    assert found.failure.message.startswith("üüü")
    assert "test_a_long_exception" in found.failure.traceback, "where it was raised is told however long its message is"
