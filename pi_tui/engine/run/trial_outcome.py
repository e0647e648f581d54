"""Collect what belongs to one trial: the host's answer, and the lanes that the observer saw."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from pi_tui.analysis.gil_attribution import attribute_gil_waits
from pi_tui.analysis.lanes import divide_all_waiting
from pi_tui.analysis.results import Case, Trial, TrialKind
from pi_tui.engine.hosts.host_failures import HostTimeout
from pi_tui.engine.hosts.stacks import innermost_place
from pi_tui.host.protocol import LanesSeen, LaneState, Message, TrialDone

LANES_PATIENCE_S = 3.0
"""How long to wait for the observer's last lanes of a trial.

They come through another pipe than the host's answer, usually at once. On a busy machine the observer has to wait for a core.
Without its last lanes the kinds of waiting stay unknown.
"""

NEARLY_ALL = 0.9

_DOING: dict[str, str] = {
    LaneState.RUNNING: "ran without an end",
    LaneState.GIL: "ran or waited for the GIL",
    LaneState.LOCK: "stood at a lock",
    LaneState.SLEEP: "slept",
    LaneState.IO: "waited for input or output",
}

Receive = Callable[[float | None], Message]


class TrialOutcome:
    """Listens to one trial until it is over. `answer` is the host's last message."""

    def __init__(self, trial: int, lanes_patience_s: float = LANES_PATIENCE_S) -> None:
        self._trial = trial
        self._lanes_patience_s = lanes_patience_s
        self._last_second: dict[tuple[int, int, int], str] = {}
        self.lanes_missing = False
        self._lanes: LanesSeen | None = None
        self.answer: Message | None = None

    def listen(self, receive: Receive, timeout_s: float | None, clock: Callable[[], float]) -> Iterator[LanesSeen]:
        """Yield the lanes as they come, until the host has answered and the lanes have ended.

        Raises:
            HostTimeout: the host did not answer within `timeout_s`.
            HostError: as `receive`.
        """
        deadline = None if timeout_s is None else clock() + timeout_s
        while self.answer is None:
            message = receive(None if deadline is None else deadline - clock())
            if isinstance(message, LanesSeen):
                yield from self._accept_lanes(message)
            else:
                self.answer = message
        if isinstance(self.answer, TrialDone):
            yield from self._wait_for_last_lanes(receive, clock() + self._lanes_patience_s, clock)

    def _wait_for_last_lanes(
        self, receive: Receive, deadline: float, clock: Callable[[], float]
    ) -> Iterator[LanesSeen]:
        while self._lanes is None:
            try:
                message = receive(deadline - clock())
            except HostTimeout:
                self.lanes_missing = True
                return  # the system has no lanes, or the observer had no core: the kinds of waiting stay unknown
            if isinstance(message, LanesSeen):
                yield from self._accept_lanes(message)

    def _accept_lanes(self, seen: LanesSeen) -> Iterator[LanesSeen]:
        if seen.trial == self._trial:
            self._lanes = seen if seen.ended else None
            ticks = max(1, round(1e9 / seen.period_ns))
            for lane in seen.lanes:
                key = (lane.index, lane.pid, lane.tid)
                self._last_second[key] = (self._last_second.get(key, "") + lane.letters)[-ticks:]
            yield seen

    def describe_last_second(self, case: Case, stacks: Sequence[str]) -> str:
        """Return what the workers did in the last second before a time-out, ready to follow the sentence that says so.

        Args:
            case: tells how many workers there are, and whether they were forked.
            stacks: as of `stacks.parse_stacks`.
        """
        doing = [_most_seen(letters) for letters in self._last_second.values()]
        places = {innermost_place(stack) for stack in stacks}
        if not doing or None in doing or len(set(doing)) != 1:
            return f"; it stood at {' and '.join(sorted(places))}" if places else ""
        where = f" ({places.pop()})" if len(places) == 1 else ""
        state = LaneState(str(doing[0]))
        who = "the worker" if len(doing) == 1 else "both workers" if len(doing) == 2 else f"all {len(doing)} workers"
        told = f"; in the last second {who} {_DOING[state]}{where}"
        if state is LaneState.LOCK and case.start_method == "fork":
            told += "; after a fork, a lock that another thread of the parent held stays locked for ever"
        return told

    def build_trial(
        self, kind: TrialKind, number: int, done: TrialDone, changed_at_import: tuple[str, ...] = ()
    ) -> Trial:
        """Make the trial, with each worker's waiting divided by what the lanes saw.

        `changed_at_import` is what the import of the kernel changed in the host; it counts as the kernel's doing.
        """
        lanes = self._lanes
        workers = done.workers
        if lanes is not None:
            tick_s = lanes.period_ns / 1e9
            workers = attribute_gil_waits(workers, done.maybe_held, lanes.outside, lanes.ticks, tick_s)
            workers = divide_all_waiting(workers, lanes.ticks, tick_s)
        return Trial(
            kind=kind,
            number=number,
            wall_s=done.wall_s,
            started_at=done.started_at,
            workers=workers,
            results=done.results,
            faults=done.faults,
            facts=replace(done.facts, changed=(*changed_at_import, *(done.facts.changed or ())))
            if changed_at_import
            else done.facts,
        )


def _most_seen(letters: str) -> str | None:
    """Return the state that a worker was in for nearly all of some ticks; None without one.

    Running and waiting for the GIL in turn counts as waiting for the GIL.
    """
    seen = [letter for letter in letters if letter in _DOING]
    for state in _DOING:
        alike = (LaneState.RUNNING, LaneState.GIL) if state == LaneState.GIL else (state,)
        if seen and sum(letter in alike for letter in seen) >= NEARLY_ALL * len(seen):
            return state
    return None
