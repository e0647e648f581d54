"""The scaling study of one run: its series, and the charts that there is data for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, get_args

from pi_tui.analysis.results import Result
from pi_tui.analysis.scaling.breakeven import find_break_evens
from pi_tui.analysis.scaling.build_series import build_grain_series, build_scaling_series, build_size_series
from pi_tui.analysis.scaling.scaling_laws import Fit, RefusedFit, can_extrapolate, fit_laws
from pi_tui.analysis.scaling.series import BreakEven, GrainSeries, ScalingSeries, SizeSeries

ChartKind = Literal["speedup", "time", "grain"]
CHART_KINDS: tuple[ChartKind, ...] = get_args(ChartKind)

CHART_TITLES: dict[ChartKind, str] = {
    "speedup": "Speed-up against workers",
    "time": "Time against samples",
    "grain": "Time per task by number of tasks",
}
CHART_NEEDS: dict[ChartKind, str] = {
    "speedup": "two or more numbers of workers",
    "time": "two or more numbers of samples",
    "grain": "one total cut into three or more numbers of tasks",
}
"""What a run must vary for a chart."""

CHART_OPTIONS: dict[ChartKind, str] = {
    "speedup": "--workers 1,2,4",
    "time": "--samples 1e4,1e6,1e8",
    "grain": "--split --tasks 1,4,16,64",
}
"""The command-line options that vary it."""

_MIN_ADVANTAGE = 0.005
"""How much more variance a law must explain to be preferred to a simpler one."""


@dataclass(frozen=True, slots=True)
class ScalingStudy:
    """The series of one run, and its break-even sizes."""

    usable_cores: int
    scaling: tuple[ScalingSeries, ...]
    sizes: tuple[SizeSeries, ...]
    grains: tuple[GrainSeries, ...]
    break_evens: tuple[BreakEven, ...]

    @property
    def kinds(self) -> tuple[ChartKind, ...]:
        """The charts that there is data for."""
        enough = {
            "speedup": any(len(series.points) >= 2 for series in self.scaling),
            "time": any(len(series.points) >= 2 for series in self.sizes),
            "grain": any(len(series.points) >= 3 for series in self.grains),
        }
        return tuple(kind for kind in CHART_KINDS if enough[kind])

    def names(self, kind: ChartKind) -> tuple[str, ...]:
        """Return the names of a chart's measured series."""
        if kind == "speedup":
            return tuple(series.name for series in self.scaling)
        return tuple(series.name for series in (self.sizes if kind == "time" else self.grains))


def build_study(results: Iterable[Result], usable_cores: int) -> ScalingStudy:
    """Build the study of one run's results."""
    results = tuple(results)
    sizes = build_size_series(results)
    return ScalingStudy(
        usable_cores=usable_cores,
        scaling=build_scaling_series(results, usable_cores),
        sizes=sizes,
        grains=build_grain_series(results),
        break_evens=find_break_evens(sizes),
    )


def choose_fit(found: Iterable[Fit | RefusedFit]) -> Fit | None:
    """Return the law to predict with: the one that explains most, or a simpler one if the difference is negligible.

    None if no law is close to the measurements.
    """
    best: Fit | None = None
    for fit in found:
        if (
            isinstance(fit, Fit)
            and can_extrapolate(fit)
            and (best is None or _explained_share(fit) > _explained_share(best) + _MIN_ADVANTAGE)
        ):
            best = fit
    return best


@lru_cache(maxsize=256)
def fit_laws_once(series: ScalingSeries) -> tuple[Fit | RefusedFit, ...]:
    """Return the cached laws of a series: their intervals take a moment, and a chart is drawn repeatedly."""
    return fit_laws(series)


def _explained_share(fit: Fit) -> float:
    return float("-inf") if fit.r_squared is None else fit.r_squared
