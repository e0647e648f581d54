"""The sampling loop: it reads the host's worker events, lets the sampler sample at every tick, and reports the lanes.

It ticks only while a worker is inside a kernel call. The events are those of `host.worker_runtime`.
"""

from __future__ import annotations

import os
import select
import time
from collections.abc import Callable, Sequence

from pi_tui.host import worker_runtime
from pi_tui.host.protocol import LanesSeen
from pi_tui.observe.process.sampler import Sampler
from pi_tui.observe.process.scheduler_slice import request_short_slices

REPORT_NS = 200_000_000
"""The time between two reports."""

_NS = 1e9
_NONE: tuple[int, ...] = ()

Wait = Callable[[Sequence[int], Sequence[int], Sequence[int], float], tuple[Sequence[int], object, object]]
"""The type of `select.select`."""


class SamplingLoop:
    """Samples the workers that the worker events name.

    Args:
        descriptor: non-blocking descriptor of the worker events.
        report: receives the lanes since the last report, five times per second and at a trial's end.
        sampler: samples the workers.
        request_slices: asks the system to wake this thread in time. It is called when the first trial begins and not earlier,
            so that the host, which this process starts before, does not inherit the setting.
        clock: nanoseconds, of the same clock as in the worker events.
        wait: waits for readable descriptors, as `select.select`.
    """

    def __init__(
        self,
        descriptor: int,
        report: Callable[[LanesSeen], None],
        sampler: Sampler | None = None,
        request_slices: Callable[[], object] = request_short_slices,
        clock: Callable[[], int] = time.perf_counter_ns,
        wait: Wait = select.select,
    ) -> None:
        self.descriptor = descriptor
        self._report = report
        self._sampler = sampler or Sampler()
        self._clock = clock
        self._sleep = wait
        self._partial_record = b""
        self._request_slices: Callable[[], object] | None = request_slices
        self._reported_ns = 0

    def read_worker_events(self) -> bool:
        """Read and apply all pending worker events; return False at the end of the pipe, when every writer has ended."""
        while True:
            try:
                data = os.read(self.descriptor, 1 << 16)
            except BlockingIOError:
                return True
            if not data:
                return False
            self._apply(self._partial_record + data)

    def worker_pids(self) -> tuple[int, ...]:
        """Return the processes of the present trial's workers."""
        return self._sampler.worker_pids()

    @property
    def workers_active(self) -> bool:
        """Whether any worker is inside a kernel call."""
        return self._sampler.due_ns is not None

    def sample_until_readable(self, descriptors: Sequence[int]) -> bool:
        """Sample at every tick until no worker is active or one of `descriptors` is readable.

        Worker events are read at the ticks only, as waking up for every task would disturb what is measured. Returns False
        once the pipe of worker events has ended.
        """
        sampler, clock, sleep, events = self._sampler, self._clock, self._sleep, (self.descriptor,)
        due_ns = sampler.due_ns
        while due_ns is not None:
            now_ns = clock()
            if now_ns < due_ns:
                if sleep(descriptors, _NONE, _NONE, (due_ns - now_ns) / _NS)[0]:
                    return True
                now_ns = clock()
            # `select` costs far less than a read that raises BlockingIOError.
            if sleep(events, _NONE, _NONE, 0)[0] and not self.read_worker_events():
                return False
            due_ns = sampler.tick(now_ns)
            if now_ns - self._reported_ns >= REPORT_NS:
                self._reported_ns = now_ns
                self._send(sampler.drain())
        return True

    def _apply(self, data: bytes) -> None:
        size = worker_runtime.WORKER_EVENT.size
        complete = len(data) - len(data) % size
        self._partial_record = data[complete:]
        for kind, trial, worker, pid, tid, first, second in worker_runtime.WORKER_EVENT.iter_unpack(data[:complete]):
            if kind == worker_runtime.BEGIN:
                self._begin_trial(trial, worker, first, second, pid if tid else None)
            elif kind == worker_runtime.END:
                self._send(self._sampler.end_trial())
            elif kind == worker_runtime.GIL:
                self._sampler.set_gil(pid, range(first, second))
            else:
                self._sampler.set_inside(pid, tid, self._clock(), inside=kind == worker_runtime.ENTER, index=worker)

    def _begin_trial(self, trial: int, workers: int, start_ns: int, work: int, other_threads_of: int | None) -> None:
        if self._request_slices is not None:
            self._request_slices()
            self._request_slices = None
        self._sampler.begin_trial(trial, workers, start_ns, work, other_threads_of)
        self._reported_ns = start_ns

    def _send(self, lanes: LanesSeen | None) -> None:
        if lanes is not None:
            self._report(lanes)
