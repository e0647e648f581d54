"""Where two curves of time against samples cross: from which size on one way of running overtakes another."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pi_tui.analysis.series import BreakEven, SeriesKey, SizePoint, SizeSeries
from pi_tui.analysis.wording import grouped, times
from pi_tui.host.modes.catalog import MODES


@dataclass(frozen=True, slots=True)
class _Lead:
    """How many times as fast one way is as the other, at one size."""

    point: SizePoint
    ratio: float


def crossings(series: Sequence[SizeSeries]) -> tuple[BreakEven, ...]:
    """Each mode against sequential; then each made of processes against each made of threads, with as many workers."""
    parallel = [each for each in series if _made_of(each) != "calling thread"]
    found = [_judged(each, "sequential", list(_over_sequential(each))) for each in parallel]
    found += [
        _judged(processes, threads.key.mode, list(_over(processes, threads)))
        for processes in parallel
        for threads in parallel
        if _made_of(processes) == "processes" and _made_of(threads) == "threads" and _alike(processes, threads)
    ]
    return tuple(each for each in found if each is not None)


def _made_of(series: SizeSeries) -> str:
    return MODES[series.key.mode].made_of


def _alike(one: SizeSeries, other: SizeSeries) -> bool:
    """Whether two series differ in nothing but the mode and its own settings."""
    return _bare(one.key) == _bare(other.key)


def _bare(key: SeriesKey) -> SeriesKey:
    return replace(key, mode="", start_method=None, transport=None, chunksize=None)


def _over_sequential(series: SizeSeries) -> Iterator[_Lead]:
    for point in series.points:
        if point.speedup is not None and point.speedup > 0:
            yield _Lead(point, point.speedup)


def _over(series: SizeSeries, other: SizeSeries) -> Iterator[_Lead]:
    walls = {point.total_samples: point.wall_s for point in other.points}
    for point in series.points:
        if point.total_samples in walls:
            yield _Lead(point, walls[point.total_samples] / point.wall_s)


def _judged(series: SizeSeries, over: str, leads: Sequence[_Lead]) -> BreakEven | None:
    if len(leads) < 2:
        return None
    each = "samples in all" if series.key.split else "samples a task"
    first, last = leads[0], leads[-1]
    between = f"from {grouped(first.point.samples)} to {grouped(last.point.samples)} {each}"
    name = series.name
    behind = [place for place, lead in enumerate(leads) if lead.ratio <= 1.0]
    if not behind:
        least = min(lead.ratio for lead in leads)
        sentence = f"{name} is faster than {over} at every size measured, {between}: at least {times(least)} as fast."
        return BreakEven(series.key, over, None, None, None, True, sentence)
    if behind[-1] == len(leads) - 1:
        ever = "is not faster" if len(behind) == len(leads) else "does not stay faster"
        sentence = (
            f"{name} {ever} than {over} {between}: at the largest size it is {times(last.ratio)} as fast, so no "
            "break-even size lies within what was measured."
        )
        return BreakEven(series.key, over, None, None, None, False, sentence)
    samples, total, wall_s = _crossing(leads[behind[-1]], leads[behind[-1] + 1])
    in_all = "" if series.key.split or series.key.tasks == 1 else f" ({grouped(total)} in all)"
    sentence = (
        f"{name} overtakes {over} from about {grouped(samples)} {each}{in_all}; at {grouped(last.point.samples)} it is "
        f"{times(last.ratio)} as fast."
    )
    return BreakEven(series.key, over, samples, total, wall_s, False, sentence)


def _crossing(before: _Lead, after: _Lead) -> tuple[float, float, float]:
    """Samples, samples in all and wall where the lead passes 1: straight lines between logarithms."""
    low, high = math.log(before.ratio), math.log(after.ratio)
    share = -low / (high - low)

    def between(one: float, other: float) -> float:
        return math.exp(math.log(one) + share * (math.log(other) - math.log(one)))

    return (
        between(before.point.samples, after.point.samples),
        between(before.point.total_samples, after.point.total_samples),
        between(before.point.wall_s, after.point.wall_s),
    )
