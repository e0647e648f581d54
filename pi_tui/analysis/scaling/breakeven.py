"""Break-even sizes: where two curves of time against samples cross, and one mode overtakes another."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from pi_tui.analysis.bootstrap import MIN_TRIALS, percentile_interval, resample_medians
from pi_tui.analysis.results import Interval
from pi_tui.analysis.scaling.series import BreakEven, SeriesKey, SizePoint, SizeSeries
from pi_tui.analysis.text.prose import grouped, times
from pi_tui.host.modes.catalog import MODES


@dataclass(frozen=True, slots=True)
class _Lead:
    """How many times as fast one mode is as another at one size: `factor` x median `slower_s` / median `faster_s`."""

    point: SizePoint
    ratio: float
    slower_s: tuple[float, ...]
    faster_s: tuple[float, ...]
    factor: float = 1.0


def find_break_evens(series: Sequence[SizeSeries]) -> tuple[BreakEven, ...]:
    """Compare each mode with sequential, then each mode of processes with each mode of threads that has as many workers.

    Series measured at a single size are skipped.
    """
    parallel = [each for each in series if _worker_kind(each) != "calling thread"]
    found = [_judge_leads(each, "sequential", list(_leads_over_sequential(each))) for each in parallel]
    found += [
        _judge_leads(processes, threads.key.mode, list(_leads_over_series(processes, threads)))
        for processes in parallel
        for threads in parallel
        if _worker_kind(processes) == "processes"
        and _worker_kind(threads) == "threads"
        and _differ_in_mode_alone(processes, threads)
    ]
    return tuple(each for each in found if each is not None)


def _worker_kind(series: SizeSeries) -> str:
    return MODES[series.key.mode].made_of


def _differ_in_mode_alone(one: SizeSeries, other: SizeSeries) -> bool:
    """Return whether two series differ only in the mode and its settings."""
    return _strip_mode(one.key) == _strip_mode(other.key)


def _strip_mode(key: SeriesKey) -> SeriesKey:
    return replace(key, mode="", start_method=None, transport=None, chunksize=None)


def _leads_over_sequential(series: SizeSeries) -> Iterator[_Lead]:
    for point in series.points:
        if point.speedup is not None and point.speedup > 0:
            yield _Lead(point, point.speedup, point.baseline_walls_s, point.walls_s, point.baselines)


def _leads_over_series(series: SizeSeries, other: SizeSeries) -> Iterator[_Lead]:
    others = {point.total_samples: point for point in other.points}
    for point in series.points:
        if (against := others.get(point.total_samples)) is not None:
            yield _Lead(point, against.wall_s / point.wall_s, against.walls_s, point.walls_s)


def _judge_leads(series: SizeSeries, over: str, leads: Sequence[_Lead]) -> BreakEven | None:
    if len(leads) < 2:
        return None
    each = "samples in total" if series.key.split else "samples per task"
    first, last = leads[0], leads[-1]
    between = f"from {grouped(first.point.samples)} to {grouped(last.point.samples)} {each}"
    name, ratios, interval = series.name, [lead.ratio for lead in leads], _bound_crossing(tuple(leads))
    behind = [place for place, ratio in enumerate(ratios) if ratio <= 1.0]
    if not behind:
        sentence = (
            f"{name} is faster than {over} at every measured size, {between}: at least {times(min(ratios))} as fast"
            f"{_qualify_lead(interval)}."
        )
        return BreakEven(series.key, over, None, None, None, True, sentence, interval)
    if behind[-1] == len(leads) - 1:
        ever = "is not faster" if len(behind) == len(leads) else "does not stay faster"
        sentence = (
            f"{name} {ever} than {over} {between}: {times(last.ratio)} as fast at the largest size, so no break-even was "
            f"measured{_qualify_missing_crossing(interval)}."
        )
        return BreakEven(series.key, over, None, None, None, False, sentence, interval)
    before, after = leads[behind[-1]], leads[behind[-1] + 1]
    share = _crossing_share(before.ratio, after.ratio)
    samples = _interpolate(before.point.samples, after.point.samples, share)
    total = _interpolate(before.point.total_samples, after.point.total_samples, share)
    wall_s = _interpolate(before.point.wall_s, after.point.wall_s, share)
    in_all = "" if series.key.split or series.key.tasks == 1 else f" ({grouped(total)} in total)"
    sentence = (
        f"{name} overtakes {over} from about {grouped(samples)} {each}{in_all}, {_describe_interval(interval)}; at "
        f"{grouped(last.point.samples)} it is {times(last.ratio)} as fast."
    )
    return BreakEven(series.key, over, samples, total, wall_s, False, sentence, interval)


def _crossing_share(before: float, after: float) -> float:
    """Return where between two sizes the lead passes 1, as a share: logarithms are joined by a straight line."""
    low, high = math.log(before), math.log(after)
    return -low / (high - low)


def _interpolate(one: float, other: float, share: float) -> float:
    return math.exp(math.log(one) + share * (math.log(other) - math.log(one)))


# ---- intervals


@lru_cache(maxsize=64)
def _bound_crossing(leads: tuple[_Lead, ...]) -> Interval | None:
    """Return the interval of the size from which the lead stays above 1, from resamples of all trials; cached during a run."""
    groups = [lead.slower_s for lead in leads] + [lead.faster_s for lead in leads]
    if any(len(group) < MIN_TRIALS or min(group) <= 0 for group in groups):
        return None
    sizes = [lead.point.samples for lead in leads]
    found = []
    for medians in resample_medians(groups):
        pairs = zip(leads, medians[: len(leads)], medians[len(leads) :], strict=True)
        found.append(_find_crossing(sizes, [lead.factor * slower / faster for lead, slower, faster in pairs]))
    return percentile_interval(found)


def _find_crossing(sizes: Sequence[int], ratios: Sequence[float]) -> float:
    """Return the size from which the lead stays above 1; 0 if it always is, infinity if it is not at the largest size."""
    behind = [place for place, ratio in enumerate(ratios) if ratio <= 1.0]
    if not behind:
        return 0.0
    last = behind[-1]
    if last == len(ratios) - 1:
        return math.inf
    return _interpolate(sizes[last], sizes[last + 1], _crossing_share(ratios[last], ratios[last + 1]))


def _describe_interval(interval: Interval | None) -> str:
    if interval is None:
        return "with too few trials for an interval"
    if interval.low <= 0 and math.isinf(interval.high):
        return "but the trials scatter too much to bound it"
    if interval.low <= 0:
        return f"95% interval up to {grouped(interval.high)}"
    if math.isinf(interval.high):
        return f"95% interval from {grouped(interval.low)} to beyond what was measured"
    return f"95% interval {grouped(interval.low)} to {grouped(interval.high)}"


def _qualify_lead(interval: Interval | None) -> str:
    """Return an addition to "faster at every size", for trials that do not rule out a break-even."""
    if interval is None or interval.high <= 0:
        return ""
    if math.isinf(interval.high):
        return ", but by less than the trials scatter"
    return f", though the trials do not rule out a break-even up to {grouped(interval.high)}"


def _qualify_missing_crossing(interval: Interval | None) -> str:
    """Return an addition to "no break-even was measured", for trials that do not rule one out."""
    if interval is None or math.isinf(interval.low):
        return ""
    return ", though the trials do not rule one out"
