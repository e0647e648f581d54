from __future__ import annotations

import os
import select
from collections.abc import Callable, Iterator, Sequence

import pytest

from pi_tui.host import worker_runtime
from pi_tui.host.protocol import LanesSeen
from pi_tui.observe.proc.thread_files import ThreadFile
from pi_tui.observe.process.sampler import Sampler
from pi_tui.observe.process.sampling_loop import REPORT_NS, SamplingLoop
from pi_tui.observe.process.sampling_rate import BUSY_PERIOD_NS, SamplingRate

MS = 1_000_000
START = 5_000 * MS


class Setup:
    """A loop, the pipe that it listens to, and what it reported."""

    def __init__(self) -> None:
        reading, self.writing = os.pipe()
        os.set_blocking(reading, False)
        self.reports: list[LanesSeen] = []
        self.requests = 0
        sampler = Sampler(
            rate=SamplingRate(2, cpu_clock=lambda: 0),
            machine="x86_64",
            open_file=lambda *_, **__: ThreadFile(os.open(os.devnull, os.O_RDONLY), True),
            read=lambda *_: b"running\n",
        )
        self.now = START
        self.loop = SamplingLoop(
            reading,
            self.reports.append,
            sampler,
            request_slices=self.request_slices,
            clock=lambda: self.now,
            wait=self.sleep,
        )
        self.waking: dict[int, Callable[[], object]] = {}
        """What happens at a millisecond after the start, while the loop sleeps until then or for longer."""
        self.other = 99
        self.ready = False

    def sleep(
        self, listening: Sequence[int], _writing: object, _broken: object, seconds: float
    ) -> tuple[Sequence[int], object, object]:
        """As `select.select`, on a clock of our own: it wakes at the end, or when something happens."""
        if seconds == 0:
            return select.select(listening, [], [], 0)
        self.now += round(seconds * 1e9)
        for ms in [ms for ms in self.waking if START + ms * MS <= self.now]:
            self.waking.pop(ms)()
        return ([self.other], [], []) if self.ready else ([], [], [])

    def interrupt(self) -> None:
        """Something comes for somebody else."""
        self.ready = True

    def watch(self) -> bool:
        """Look on until somebody else has something to read."""
        self.ready = False
        return self.loop.sample_until_readable([self.other])

    def begin(self, number: int = 1, workers: int = 1, work: int = 0) -> None:
        """A trial begins, and all its workers enter."""
        self.call(worker_runtime.BEGIN, worker=workers, first=self.now, second=work, trial=number)
        for worker in range(workers):
            self.call(worker_runtime.ENTER, worker=worker, tid=11 + worker, first=self.now)
        assert self.loop.read_worker_events()

    def ticks(self) -> int:
        """How many looks there were in the trial that is under way."""
        seen = self.loop._sampler.drain()
        assert seen is not None
        return seen.made

    def request_slices(self) -> None:
        self.requests += 1

    def call(self, kind: int, worker: int = 0, tid: int = 0, first: int = 0, second: int = 0, trial: int = 0) -> None:
        os.write(self.writing, self.record(kind, worker, tid, first, second, trial))

    def record(self, kind: int, worker: int, tid: int, first: int, second: int, trial: int) -> bytes:
        return worker_runtime.WORKER_EVENT.pack(kind, trial, worker, 40, tid, first, second)

    def close(self) -> None:
        os.close(self.loop.descriptor)
        if self.writing >= 0:
            os.close(self.writing)


@pytest.fixture
def setup() -> Iterator[Setup]:
    setup = Setup()
    yield setup
    setup.close()


def test_it_looks_at_the_others_of_a_process_where_it_is_asked_to(setup: Setup) -> None:
    for trial, teller in ((1, os.getpid()), (2, 0)):
        setup.call(worker_runtime.BEGIN, worker=2, tid=teller, first=START, trial=trial)
        setup.call(worker_runtime.ENTER, worker=0, tid=11, first=START)
        setup.call(worker_runtime.END, trial=trial)
        assert setup.loop.read_worker_events()
    assert [seen.outside is not None for seen in setup.reports] == [True, False]


def test_it_looks_while_the_roll_call_says_that_somebody_is_at_work(setup: Setup) -> None:
    assert not setup.loop.workers_active
    setup.call(worker_runtime.BEGIN, worker=2, first=START, trial=7)
    assert setup.loop.read_worker_events()
    assert not setup.loop.workers_active
    setup.call(worker_runtime.ENTER, worker=0, tid=11, first=START)
    setup.call(worker_runtime.ENTER, worker=1, tid=12, first=START)
    assert setup.loop.read_worker_events()
    assert setup.loop.workers_active

    def leave() -> None:
        setup.call(worker_runtime.LEAVE, worker=0, tid=11, first=START)
        setup.call(worker_runtime.LEAVE, worker=1, tid=12, first=START)
        setup.call(worker_runtime.END, trial=7)

    setup.waking[4] = leave
    assert setup.watch()
    assert not setup.loop.workers_active
    (seen,) = setup.reports
    assert (seen.trial, seen.start_ns, seen.ended) == (7, START, True)
    assert [(lane.index, lane.pid, lane.tid, lane.letters) for lane in seen.lanes] == [
        (0, 40, 11, ".RRR"),
        (1, 40, 12, ".RRR"),
    ]
    assert [one.running for one in seen.ticks] == [3, 3]


def test_it_stops_looking_when_somebody_else_has_something_to_read(setup: Setup) -> None:
    setup.begin()
    setup.waking[10] = setup.interrupt
    assert setup.watch()
    assert setup.loop.workers_active
    assert setup.now == START + 10 * MS
    assert setup.ticks() == 9


def test_a_sleep_that_ends_too_early_is_no_tick(setup: Setup) -> None:
    setup.begin()
    asleep = setup.loop._sleep

    def restless(listening: Sequence[int], writing: object, broken: object, seconds: float) -> object:
        return asleep(listening, writing, broken, seconds / 2 if seconds > 1e-4 else seconds)

    setup.loop._sleep = restless  # type: ignore[assignment]
    setup.waking[10] = setup.interrupt
    assert setup.watch()
    assert setup.ticks() == 9


def test_it_reports_now_and_then(setup: Setup) -> None:
    setup.begin()
    setup.waking[3 * REPORT_NS // MS - 1] = setup.interrupt
    assert setup.watch()
    assert len(setup.reports) == 2
    assert not any(seen.ended for seen in setup.reports)
    assert setup.reports[1].first_tick == len(setup.reports[0].lanes[0].letters)


def test_a_record_that_comes_in_two_parts(setup: Setup) -> None:
    begin = setup.record(worker_runtime.BEGIN, 1, 0, START, 0, 3)
    os.write(setup.writing, begin[:10])
    setup.loop.read_worker_events()
    os.write(setup.writing, begin[10:] + setup.record(worker_runtime.END, 0, 0, 0, 0, 3)[:5])
    setup.loop.read_worker_events()
    os.write(setup.writing, setup.record(worker_runtime.END, 0, 0, 0, 0, 3)[5:])
    setup.loop.read_worker_events()
    assert [seen.trial for seen in setup.reports] == [3]


def test_the_gil_it_is_told_of_is_remembered(setup: Setup) -> None:
    setup.call(worker_runtime.GIL, first=0x1000, second=0x10B8)
    setup.loop.read_worker_events()
    assert setup.loop._sampler.gil_locations.find(40) == range(0x1000, 0x10B8)


def test_it_asks_to_be_woken_in_time_once_a_trial_begins_not_before(setup: Setup) -> None:
    setup.loop.read_worker_events()
    assert setup.requests == 0
    for trial in (1, 2):
        setup.call(worker_runtime.BEGIN, worker=1, first=START, trial=trial)
        setup.loop.read_worker_events()
    assert setup.requests == 1


def test_work_that_took_every_core_without_a_wait_is_looked_at_seldom_when_it_is_repeated(setup: Setup) -> None:
    def trial(number: int, work: int) -> int:
        setup.begin(number, workers=2, work=work)
        setup.waking[(setup.now - START) // MS + 400] = lambda: setup.call(worker_runtime.END, trial=number)
        assert setup.watch()
        return setup.reports[-1].period_ns

    assert trial(1, work=77) == MS
    assert trial(2, work=78) == MS
    assert trial(3, work=77) == BUSY_PERIOD_NS


def test_nobody_left_to_call(setup: Setup) -> None:
    os.close(setup.writing)
    setup.writing = -1
    assert setup.loop.read_worker_events() is False


def test_nobody_left_to_call_while_somebody_is_looked_at(setup: Setup) -> None:
    setup.begin()

    def hang_up() -> None:
        os.close(setup.writing)
        setup.writing = -1

    setup.waking[5] = hang_up
    assert setup.watch() is False
