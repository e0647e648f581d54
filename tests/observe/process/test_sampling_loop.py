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


class Harness:
    """A sampling loop, the pipe that it reads, and its reports."""

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
        """Calls by the millisecond after `START` at which they happen, while the loop sleeps."""
        self.other = 99
        self.ready = False

    def sleep(
        self, listening: Sequence[int], _writing: object, _broken: object, seconds: float
    ) -> tuple[Sequence[int], object, object]:
        """Act as `select.select` on the scripted clock."""
        if seconds == 0:
            return select.select(listening, [], [], 0)
        self.now += round(seconds * 1e9)
        for ms in [ms for ms in self.waking if START + ms * MS <= self.now]:
            self.waking.pop(ms)()
        return ([self.other], [], []) if self.ready else ([], [], [])

    def interrupt(self) -> None:
        """Make another descriptor readable."""
        self.ready = True

    def watch(self) -> bool:
        """Sample until another descriptor is readable."""
        self.ready = False
        return self.loop.sample_until_readable([self.other])

    def begin(self, number: int = 1, workers: int = 1, work: int = 0) -> None:
        """Begin a trial whose workers all enter a kernel call."""
        self.call(worker_runtime.BEGIN, worker=workers, first=self.now, second=work, trial=number)
        for worker in range(workers):
            self.call(worker_runtime.ENTER, worker=worker, tid=11 + worker, first=self.now)
        assert self.loop.read_worker_events()

    def ticks(self) -> int:
        """Return the number of ticks in the current trial."""
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
def harness() -> Iterator[Harness]:
    harness = Harness()
    yield harness
    harness.close()


def test_other_threads_are_sampled_on_request(harness: Harness) -> None:
    for trial, teller in ((1, os.getpid()), (2, 0)):
        harness.call(worker_runtime.BEGIN, worker=2, tid=teller, first=START, trial=trial)
        harness.call(worker_runtime.ENTER, worker=0, tid=11, first=START)
        harness.call(worker_runtime.END, trial=trial)
        assert harness.loop.read_worker_events()
    assert [seen.outside is not None for seen in harness.reports] == [True, False]


def test_it_samples_while_a_worker_is_active(harness: Harness) -> None:
    assert not harness.loop.workers_active
    harness.call(worker_runtime.BEGIN, worker=2, first=START, trial=7)
    assert harness.loop.read_worker_events()
    assert not harness.loop.workers_active
    harness.call(worker_runtime.ENTER, worker=0, tid=11, first=START)
    harness.call(worker_runtime.ENTER, worker=1, tid=12, first=START)
    assert harness.loop.read_worker_events()
    assert harness.loop.workers_active

    def leave() -> None:
        harness.call(worker_runtime.LEAVE, worker=0, tid=11, first=START)
        harness.call(worker_runtime.LEAVE, worker=1, tid=12, first=START)
        harness.call(worker_runtime.END, trial=7)

    harness.waking[4] = leave
    assert harness.watch()
    assert not harness.loop.workers_active
    (seen,) = harness.reports
    assert (seen.trial, seen.start_ns, seen.ended) == (7, START, True)
    assert [(lane.index, lane.pid, lane.tid, lane.letters) for lane in seen.lanes] == [
        (0, 40, 11, ".RRR"),
        (1, 40, 12, ".RRR"),
    ]
    assert [one.running for one in seen.ticks] == [3, 3]


def test_it_returns_when_another_descriptor_is_readable(harness: Harness) -> None:
    harness.begin()
    harness.waking[10] = harness.interrupt
    assert harness.watch()
    assert harness.loop.workers_active
    assert harness.now == START + 10 * MS
    assert harness.ticks() == 9


def test_a_sleep_that_ends_too_early_makes_no_tick(harness: Harness) -> None:
    harness.begin()
    asleep = harness.loop._sleep

    def restless(listening: Sequence[int], writing: object, broken: object, seconds: float) -> object:
        return asleep(listening, writing, broken, seconds / 2 if seconds > 1e-4 else seconds)

    harness.loop._sleep = restless  # type: ignore[assignment]
    harness.waking[10] = harness.interrupt
    assert harness.watch()
    assert harness.ticks() == 9


def test_it_reports_periodically(harness: Harness) -> None:
    harness.begin()
    harness.waking[3 * REPORT_NS // MS - 1] = harness.interrupt
    assert harness.watch()
    assert len(harness.reports) == 2
    assert not any(seen.ended for seen in harness.reports)
    assert harness.reports[1].first_tick == len(harness.reports[0].lanes[0].letters)


def test_an_event_that_arrives_in_two_parts(harness: Harness) -> None:
    begin = harness.record(worker_runtime.BEGIN, 1, 0, START, 0, 3)
    os.write(harness.writing, begin[:10])
    harness.loop.read_worker_events()
    os.write(harness.writing, begin[10:] + harness.record(worker_runtime.END, 0, 0, 0, 0, 3)[:5])
    harness.loop.read_worker_events()
    os.write(harness.writing, harness.record(worker_runtime.END, 0, 0, 0, 0, 3)[5:])
    harness.loop.read_worker_events()
    assert [seen.trial for seen in harness.reports] == [3]


def test_a_reported_gil_is_stored(harness: Harness) -> None:
    harness.call(worker_runtime.GIL, first=0x1000, second=0x10B8)
    harness.loop.read_worker_events()
    assert harness.loop._sampler.gil_locations.find(40) == range(0x1000, 0x10B8)


def test_it_requests_short_slices_when_the_first_trial_begins(harness: Harness) -> None:
    harness.loop.read_worker_events()
    assert harness.requests == 0
    for trial in (1, 2):
        harness.call(worker_runtime.BEGIN, worker=1, first=START, trial=trial)
        harness.loop.read_worker_events()
    assert harness.requests == 1


def test_busy_work_is_sampled_less_often_when_it_is_repeated(harness: Harness) -> None:
    def trial(number: int, work: int) -> int:
        harness.begin(number, workers=2, work=work)
        harness.waking[(harness.now - START) // MS + 400] = lambda: harness.call(worker_runtime.END, trial=number)
        assert harness.watch()
        return harness.reports[-1].period_ns

    assert trial(1, work=77) == MS
    assert trial(2, work=78) == MS
    assert trial(3, work=77) == BUSY_PERIOD_NS


def test_the_end_of_the_pipe_is_reported(harness: Harness) -> None:
    os.close(harness.writing)
    harness.writing = -1
    assert harness.loop.read_worker_events() is False


def test_the_end_of_the_pipe_is_reported_while_sampling(harness: Harness) -> None:
    harness.begin()

    def hang_up() -> None:
        os.close(harness.writing)
        harness.writing = -1

    harness.waking[5] = hang_up
    assert harness.watch() is False
