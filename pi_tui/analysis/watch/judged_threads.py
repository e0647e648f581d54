"""The threads of a watch as verdicts judge them: their ledgers, their counters and how sentences name them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pi_tui.analysis.text.prose import percent
from pi_tui.analysis.watch.watch_record import ThreadLedger, WatchedThread, WatchRecord
from pi_tui.host.watch_protocol import ThreadSeen

Evidence = dict[str, float | int | str]

NOTABLE_SHARE = 0.05
"""Shares of a thread's time below this are not mentioned."""

NOTABLE_WAIT_SHARE = 0.1
"""Waits other than for the GIL are mentioned from this share of a thread's time on."""

SIMILAR_SHARES = 0.1
"""Threads whose shares differ by at most this are described as "each"."""

MIN_SEEN_S = 0.05
"""A thread that was observed for less than this is ignored."""


@dataclass(frozen=True, slots=True)
class JudgedThread:
    """A thread with its ledger over the judged time.

    Attributes:
        name: as a sentence names it; with its process's id if the program has several processes.
        python: it belongs to a Python process.
        recent: the judged time is about the last second, otherwise all of the watch.
    """

    thread: WatchedThread
    ledger: ThreadLedger
    name: str
    python: bool
    recent: bool

    @property
    def seen(self) -> ThreadSeen:
        """Its latest sighting."""
        return self.thread.latest

    def share(self, seconds: float | None) -> float:
        """Return seconds of its ledger as a share of its time; 0 if they are not known."""
        return self.ledger.share(seconds) or 0.0

    def ticks(self, counter: str) -> int:
        """Return the ticks that a counter of `ThreadSeen` counted in the judged time."""
        return self.thread.count_ticks(counter, recent=self.recent)

    @property
    def sampled(self) -> int:
        """The ticks at which it was sampled."""
        return sum(self.ticks(counter) for counter in ("running", "gil", "lock", "sleep", "io", "blocked"))

    @property
    def running(self) -> float:
        """The share of its time that it was on a core."""
        return self.share(self.ledger.running_s)

    @property
    def queued(self) -> float:
        """The share of its time that it was ready and queued for a core."""
        return self.share(self.ledger.queued_s)

    @property
    def wants(self) -> float:
        """The share of its time that it was on a core, or kept off one by other threads or by the GIL."""
        return self.running + self.queued + self.share(self.ledger.gil_wait_s)

    @property
    def page_fault_share(self) -> float:
        """The share of its time that it waited at page faults."""
        io = self.ticks("sleep") + self.ticks("io")
        return self.share(self.ledger.io_wait_s) * self.ticks("page_fault") / io if io else 0.0


def list_judged_threads(record: WatchRecord, *, recent: bool) -> list[JudgedThread]:
    """Return the threads to judge: all of the watch, or those alive in the last second."""
    pythons = {pid for pid, process in record.processes.items() if process.python}
    threads = [each for each in record.threads if not (recent and each.latest.ended)]
    several = len({each.latest.pid for each in threads}) > 1
    ones = [
        JudgedThread(
            each,
            each.recent_ledger() if recent else each.total_ledger(),
            record.name_thread(each.latest).shown + (f" of process {each.latest.pid}" if several else ""),
            each.latest.pid in pythons,
            recent,
        )
        for each in threads
    ]
    return [one for one in ones if one.ledger.wall_s >= MIN_SEEN_S]


def describe_wait(
    ones: Sequence[JudgedThread], part: Callable[[ThreadLedger], float | None], name: str
) -> tuple[str, Evidence]:
    """Return "each waited 48%", "waited 48%" for one, or "waited up to 60%, 31% on average"; and the figures."""
    shares = [one.share(part(one.ledger)) for one in ones]
    mean = sum(shares) / len(shares)
    evidence: Evidence = {"threads": len(ones), name: mean, f"{name}_most": max(shares)}
    if len(shares) == 1:
        return f"waited {percent(mean)}", evidence
    if max(shares) - min(shares) <= SIMILAR_SHARES:
        return f"each waited {percent(mean)}", evidence
    return f"they waited up to {percent(max(shares))}, {percent(mean)} on average,", evidence
