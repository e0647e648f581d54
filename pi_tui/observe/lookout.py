"""The lookout: what lies between the host's roll call, the sampler, and whoever wants to know what it saw.

It hears who is at work, says when it wants to look, looks, and reports several times a second; its loop is the observer's.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from pi_tui.host import roll_call
from pi_tui.host.protocol import LanesSeen
from pi_tui.observe.lanes import Sampler
from pi_tui.observe.promptness import ask_for_short_slices

REPORT_NS = 200_000_000
_NS = 1e9


class Lookout:
    """Watches the workers that the roll call tells of. Times are seconds of a clock that `time.perf_counter` shares.

    Args:
        descriptor: to read the roll call from; must not block.
        report: gets the lanes since the last report, five times a second and at a trial's end.
        sampler: looks.
        ask: asks the system to wake this thread in time, before the first trial. Not earlier: what the process starts
            before is not to inherit it.
    """

    def __init__(
        self,
        descriptor: int,
        report: Callable[[LanesSeen], None],
        sampler: Sampler | None = None,
        ask: Callable[[], object] = ask_for_short_slices,
    ) -> None:
        self.descriptor = descriptor
        self._report = report
        self._sampler = sampler or Sampler()
        self._rest = b""
        self._ask: Callable[[], object] | None = ask
        self._reported_ns = 0

    def hear(self, now: float) -> bool:
        """Take in what the roll call says; False once nobody is left to say anything."""
        while True:
            try:
                data = os.read(self.descriptor, 1 << 16)
            except BlockingIOError:
                return True
            if not data:
                return False
            self._take(self._rest + data, round(now * _NS))

    def due(self, now: float) -> float | None:
        """Seconds until the next look; None while nobody is at work."""
        wanted_ns = self._sampler.due(round(now * _NS))
        return None if wanted_ns is None else wanted_ns / _NS

    def tick(self, now: float) -> None:
        """Look; and report, where it is time."""
        now_ns = round(now * _NS)
        self._sampler.tick(now_ns)
        if now_ns - self._reported_ns >= REPORT_NS:
            self._reported_ns = now_ns
            self._tell(self._sampler.drain())

    def _take(self, data: bytes, now_ns: int) -> None:
        size = roll_call.RECORD.size
        whole = len(data) - len(data) % size
        self._rest = data[whole:]
        for kind, trial, worker, pid, tid, first, second in roll_call.RECORD.iter_unpack(data[:whole]):
            if kind == roll_call.BEGIN:
                self._begin(trial, worker, first, second)
            elif kind == roll_call.END:
                self._tell(self._sampler.end())
            elif kind == roll_call.GIL:
                self._sampler.tell_gil(pid, range(first, second))
            else:
                self._sampler.roll_call(pid, tid, now_ns, inside=kind == roll_call.ENTER, index=worker)

    def _begin(self, trial: int, workers: int, start_ns: int, work: int) -> None:
        if self._ask is not None:
            self._ask()
            self._ask = None
        self._sampler.begin(trial, workers, start_ns, work)
        self._reported_ns = start_ns

    def _tell(self, seen: LanesSeen | None) -> None:
        if seen is not None:
            self._report(seen)
