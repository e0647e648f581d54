"""The lanes of the latest trials, which `event_reducer` fills from events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from pi_tui.analysis.text.short_names import shorten_kernel_name

if TYPE_CHECKING:
    from pi_tui.analysis.results import Case, TrialKind
    from pi_tui.engine.run.events import LanesMoved
    from pi_tui.host.protocol import LanePiece, LanesSeen
    from pi_tui.observe.meters.lane_record import LaneRecord

KEPT_S = 60.0
"""Of a longer trial, the lanes of the last minute are kept."""

KEPT_CASES = 8
"""The lanes are kept of the last trial of each of this many cases, those that ran last."""


class Lane(NamedTuple):
    """One worker's ticks, a letter of `host.protocol.LaneState` each, the newest last.

    `queued` is the share of its last second that it was ready and not on a core; its letters show that as running. None
    where it is not known.
    """

    label: str
    letters: str
    queued: float | None = None


NONE_QUEUED: Mapping[tuple[int, int], float] = {}


class LanesView(NamedTuple):
    """The lanes of one trial at a moment.

    Attributes:
        first_tick: the tick of each lane's first letter, counted from the trial's start.
        period_ns: the time from one tick to the next.
        rate_hz: the ticks per second that the sampler achieved; None before the first.
        certainty: how the lanes were seen, a `host.protocol.Certainty`; empty without lanes.
        ended: the trial is over.
    """

    title: str = ""
    lanes: tuple[Lane, ...] = ()
    first_tick: int = 0
    period_ns: int = 1_000_000
    rate_hz: float | None = None
    certainty: str = ""
    ended: bool = True

    @property
    def period_ms(self) -> float:
        """The time from one tick to the next in milliseconds."""
        return self.period_ns / 1e6

    @property
    def ticks(self) -> int:
        """The number of ticks that are kept."""
        return len(self.lanes[0].letters) if self.lanes else 0


@dataclass(slots=True)
class TrialLanes:
    """A trial and the record of its lanes.

    Attributes:
        one_gil: all its workers share one GIL, so that lanes before their first call can be drawn as GIL wait.
        run: the number of its run in the session, as in the rows.
    """

    case: Case
    kind: TrialKind
    number: int
    record: LaneRecord
    one_gil: bool = False
    run: int = 0

    def view(self, queued: Mapping[tuple[int, int], float] = NONE_QUEUED) -> LanesView:
        """Return the lanes at this moment; `queued` maps a process and thread id to the share that the thread was queued."""
        latest = self.record.latest
        return LanesView(
            title=format_trial_title(self.case, self.kind, self.number),
            lanes=self._lanes(queued),
            first_tick=self.record.first_tick,
            period_ns=latest.period_ns,
            rate_hz=self.record.ticks_per_s,
            certainty=latest.certainty,
            ended=latest.ended,
        )

    def _lanes(self, queued: Mapping[tuple[int, int], float]) -> tuple[Lane, ...]:
        """Return lanes in worker order; a thread still blocked on the GIL before its first call is drawn as GIL wait."""
        lanes = number_lanes(self.record.lanes, queued)
        if not self.one_gil or not lanes:
            return lanes
        from pi_tui.analysis.lanes import mark_blocked_starts

        ended = self.record.latest.ended
        if not ended:
            lanes = add_absent_workers(lanes, self.case.workers)
        letters = mark_blocked_starts([lane.letters for lane in lanes], ended=ended)
        return tuple(lane._replace(letters=each) for lane, each in zip(lanes, letters, strict=True))

    def add(self, seen: LanesSeen) -> bool:
        """Add lanes that were seen; return False where they belong to another trial."""
        if self.record.latest.ended or self.record.latest.trial != seen.trial:
            return False
        try:
            self.record.add(seen)
        except ValueError:  # the number of another host's trial
            return False
        return True

    @property
    def threads(self) -> tuple[tuple[int, int], ...]:
        """The process and thread id of each worker that was seen."""
        return tuple((lane.pid, lane.tid) for lane in self.record.lanes)


def format_trial_title(case: Case, kind: TrialKind, number: int) -> str:
    """Return the title of a trial: "python threads · trial 3"."""
    return f"{shorten_kernel_name(case.kernel)} {case.mode} · {'warm-up' if kind == 'warmup' else f'trial {number}'}"


def number_lanes(
    pieces: Sequence[LanePiece], queued: Mapping[tuple[int, int], float] = NONE_QUEUED
) -> tuple[Lane, ...]:
    """Return lanes in worker order; a pool's workers, which have no numbers, are numbered in the order they were first seen."""
    known = sorted((piece for piece in pieces if piece.index >= 0), key=lambda piece: piece.index)
    taken = {piece.index for piece in known}
    free = (number for number in range(len(pieces) + len(taken)) if number not in taken)
    numbered = [(piece.index, piece) for piece in known]
    numbered += [(next(free), piece) for piece in pieces if piece.index < 0]
    return tuple(
        Lane(f"w{number}", piece.letters, queued.get((piece.pid, piece.tid)))
        for number, piece in sorted(numbered, key=lambda pair: pair[0])
    )


def add_absent_workers(lanes: Sequence[Lane], workers: int) -> tuple[Lane, ...]:
    """Add empty lanes for workers that were not seen yet."""
    from pi_tui.host.protocol import LaneState

    known = {lane.label: lane for lane in lanes}
    nowhere = LaneState.ABSENT * len(lanes[0].letters)
    labels = [f"w{number}" for number in range(max(workers, len(lanes)))]
    return tuple(known.get(label, Lane(label, nowhere)) for label in labels)


class LaneHistory:
    """The lanes of the last trial of each of the latest cases."""

    def __init__(self) -> None:
        self._trials: dict[Case, TrialLanes] = {}
        self._latest: Case | None = None

    @property
    def latest(self) -> TrialLanes | None:
        """The trial that is running, or the last one."""
        return None if self._latest is None else self._trials.get(self._latest)

    def find(self, case: Case, run: int | None = None) -> TrialLanes | None:
        """Return the last trial of a case, of the run with this number where one is given; None where it is not kept."""
        trial = self._trials.get(case)
        return trial if trial is None or run in (None, trial.run) else None

    def add_event(self, event: LanesMoved, run: int = 0) -> None:
        """Add the lanes of an event to their trial, which belongs to the run with this number."""
        from pi_tui.observe.meters.lane_record import LaneRecord

        seen, case = event.lanes, event.case
        known = self._trials.pop(case, None)
        if known is not None and known.run == run and known.add(seen):
            known.one_gil = event.one_gil  # of a function of a person's own it is only seen meanwhile
        else:
            kept = max(1, round(KEPT_S * 1e9 / seen.period_ns))
            known = TrialLanes(case, event.kind, event.number, LaneRecord(seen, kept), event.one_gil, run)
        self._trials[case] = known
        self._latest = case
        while len(self._trials) > KEPT_CASES:
            del self._trials[next(iter(self._trials))]
