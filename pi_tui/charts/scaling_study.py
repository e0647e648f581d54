"""What the results of one run have to say of scaling, made once and drawn in several ways."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, get_args

from pi_tui.analysis.results import Result
from pi_tui.analysis.scaling.breakeven import crossings
from pi_tui.analysis.scaling.build_series import grain_series, scaling_series, size_series
from pi_tui.analysis.scaling.scaling_laws import Fit, Refused, carried_further, fits
from pi_tui.analysis.scaling.series import BreakEven, GrainSeries, ScalingSeries, SizeSeries

Kind = Literal["speedup", "time", "grain"]
KINDS: tuple[Kind, ...] = get_args(Kind)

TITLES: dict[Kind, str] = {
    "speedup": "Speed-up against workers",
    "time": "Time against samples",
    "grain": "Time a task against tasks",
}
NEEDS: dict[Kind, str] = {
    "speedup": "two or more numbers of workers",
    "time": "two or more numbers of samples",
    "grain": "one total cut into three or more numbers of tasks",
}
"""What a run must vary for a chart."""

OPTIONS: dict[Kind, str] = {
    "speedup": "--workers 1,2,4",
    "time": "--samples 1e4,1e6,1e8",
    "grain": "--split --tasks 1,4,16,64",
}
"""How that is asked for on the command line."""

_CLEARLY = 0.005
"""By so much a law's share of the variance must be greater than a simpler one's to be preferred."""


@dataclass(frozen=True, slots=True)
class Study:
    """The series of one run, and the sizes from which on one way overtakes another."""

    usable_cores: int
    scaling: tuple[ScalingSeries, ...]
    sizes: tuple[SizeSeries, ...]
    grains: tuple[GrainSeries, ...]
    break_evens: tuple[BreakEven, ...]

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The charts that there is data for."""
        enough = {
            "speedup": any(len(series.points) >= 2 for series in self.scaling),
            "time": any(len(series.points) >= 2 for series in self.sizes),
            "grain": any(len(series.points) >= 3 for series in self.grains),
        }
        return tuple(kind for kind in KINDS if enough[kind])

    def names(self, kind: Kind) -> tuple[str, ...]:
        """The names of a chart's measured series."""
        if kind == "speedup":
            return tuple(series.name for series in self.scaling)
        return tuple(series.name for series in (self.sizes if kind == "time" else self.grains))


def study_of(results: Iterable[Result], usable_cores: int) -> Study:
    """The study of one run's results."""
    results = tuple(results)
    sizes = size_series(results)
    return Study(
        usable_cores=usable_cores,
        scaling=scaling_series(results, usable_cores),
        sizes=sizes,
        grains=grain_series(results),
        break_evens=crossings(sizes),
    )


def best_fit(found: Iterable[Fit | Refused]) -> Fit | None:
    """The law to carry further: the one that explains most, the simpler one where there is hardly a difference.

    None where no law comes near to what was measured.
    """
    best: Fit | None = None
    for fit in found:
        if isinstance(fit, Fit) and carried_further(fit) and (best is None or _share(fit) > _share(best) + _CLEARLY):
            best = fit
    return best


@lru_cache(maxsize=256)
def laws_of(series: ScalingSeries) -> tuple[Fit | Refused, ...]:
    """The laws of a series, remembered: their intervals take a moment, and a chart is drawn again and again."""
    return fits(series)


def _share(fit: Fit) -> float:
    return float("-inf") if fit.r_squared is None else fit.r_squared
