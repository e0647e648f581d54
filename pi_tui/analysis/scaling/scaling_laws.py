"""Laws of scaling fitted to measured speed-ups: parameters with intervals, goodness of fit, and predictions.

Amdahl, G. (1967), "Validity of the single processor approach to achieving large scale computing capabilities";
Gustafson, J. (1988), "Reevaluating Amdahl's law"; Karp, A., and Flatt, H. (1990), "Measuring parallel processor
performance"; Gunther, N. (2007), "Guerrilla Capacity Planning" (the Universal Scalability Law).

All of them give 1 for one worker, so only larger numbers of workers determine a fit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from pi_tui.analysis.bootstrap import MIN_TRIALS, percentile_interval, resample_medians
from pi_tui.analysis.results import Interval
from pi_tui.analysis.scaling.series import ScalingSeries
from pi_tui.analysis.text.prose import count

Law = Literal["amdahl", "gustafson", "usl"]
LawValues = tuple[float, ...]
"""The values of a law's parameters, in the law's order."""

MIN_COUNTS = 3
MIN_PREDICTION_COUNTS = 4
"""A law fitted to fewer numbers of workers makes no predictions: three points leave next to nothing to test it by."""
MAX_EXTRAPOLATION_ERROR = 0.25
"""A law with a larger relative error somewhere makes no predictions. If there are no more counts than parameters, it is not
fitted at all.
"""
CLOSE_FIT_ERROR = 0.1
"""A law whose relative error is nowhere larger describes the speed-ups even if their mean does as well: the speed-ups of
threads that share a GIL are all about 1, which leaves R² no variance to explain.
"""

_TITLES: dict[Law, str] = {
    "amdahl": "Amdahl's law",
    "gustafson": "Gustafson's law",
    "usl": "Universal Scalability Law",
}
_PARAMETERS: dict[Law, tuple[str, ...]] = {
    "amdahl": ("serial fraction",),
    "gustafson": ("serial fraction",),
    "usl": ("sigma", "kappa"),
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A fitted parameter; the interval is None if there were too few trials."""

    name: str
    value: float
    interval: Interval | None


@dataclass(frozen=True, slots=True)
class Prediction:
    """The speed-up that a law predicts for a number of workers."""

    workers: float
    speedup: float
    interval: Interval | None


@dataclass(frozen=True, slots=True)
class Fit:
    """A law with the parameters that fit a series best.

    Attributes:
        parameters: "serial fraction"; or "sigma" (contention) and "kappa" (coherency).
        r_squared: the share of the speed-ups' variance that the law explains, at most 1. Below 0 if their mean fits better,
            which is accepted only if all errors are within `CLOSE_FIT_ERROR`. None if there are too few counts to test it.
        worst: the largest relative distance of a measured speed-up from the law.
        counts: the numbers of workers it was fitted to.
        peak: the number of workers beyond which the Universal Scalability Law falls; None if it never does.
        resampled: the parameters of every resample, from which predictions take their intervals.
    """

    law: Law
    parameters: tuple[Parameter, ...]
    r_squared: float | None
    worst: float
    counts: tuple[int, ...]
    peak: float | None
    peak_interval: Interval | None
    resampled: tuple[LawValues, ...] = ()

    @property
    def title(self) -> str:
        """The law's name."""
        return _TITLES[self.law]

    @property
    def values(self) -> LawValues:
        """The values of the parameters."""
        return tuple(parameter.value for parameter in self.parameters)

    def predict(self, workers: float) -> Prediction:
        """Return the law's speed-up for a number of workers, with the interval of its resamples.

        Raises:
            ValueError: fewer than one worker.
        """
        if not (math.isfinite(workers) and workers >= 1):
            raise ValueError(f"a law needs one or more workers, not {workers}")
        found = [law_speedup(self.law, values, workers) for values in self.resampled]
        return Prediction(
            workers, law_speedup(self.law, self.values, workers), percentile_interval(found) if found else None
        )


@dataclass(frozen=True, slots=True)
class RefusedFit:
    """Why a law was not fitted. `lacks_counts`: a run with more numbers of workers would allow a fit.

    How to request those differs between the screen and the command line, so they say it themselves.
    """

    law: Law
    sentence: str
    lacks_counts: bool = False

    @property
    def title(self) -> str:
        """The law's name."""
        return _TITLES[self.law]


def karp_flatt(speedup: float, workers: int) -> float | None:
    """Return the serial fraction that follows from a speed-up: (1/S - 1/p) / (1 - 1/p); None for one worker.

    Below 0 if the speed-up exceeds the workers, above 1 if they are slower than one.

    Raises:
        ValueError: no positive speed-up, or fewer than one worker.
    """
    if not (math.isfinite(speedup) and speedup > 0) or workers < 1:
        raise ValueError(f"a speed-up of {speedup} with {workers} workers has no serial fraction")
    if workers == 1:
        return None
    return (1.0 / speedup - 1.0 / workers) / (1.0 - 1.0 / workers)


def law_speedup(law: Law, values: LawValues, workers: float) -> float:
    """Return the speed-up that a law with these parameters gives."""
    more = workers - 1.0
    if law == "amdahl":
        return workers / (1.0 + values[0] * more)
    if law == "gustafson":
        return workers - values[0] * more
    return workers / (1.0 + values[0] * more + values[1] * workers * more)


def usl_peak(sigma: float, kappa: float) -> float | None:
    """Return where the Universal Scalability Law is highest: sqrt((1 - sigma) / kappa), at least 1; None if kappa is 0."""
    return None if kappa <= 0 else max(1.0, math.sqrt(max(0.0, 1.0 - sigma) / kappa))


def fit_laws(series: ScalingSeries) -> tuple[Fit | RefusedFit, ...]:
    """Fit the laws that suit the series: Amdahl's for strong scaling, Gustafson's for weak, the Universal Scalability Law for
    both.
    """
    laws: tuple[Law, ...] = ("amdahl", "usl") if series.strong else ("gustafson", "usl")
    return tuple(_fit_law(law, series) for law in laws)


def _fit_law(law: Law, series: ScalingSeries) -> Fit | RefusedFit:
    points = series.points
    if any(not _is_valid_point(point.workers, point.speedup) for point in points):
        return RefusedFit(
            law, f"{_TITLES[law]} is not fitted: every speed-up must be a positive number for one or more workers."
        )
    counts = tuple(sorted({point.workers for point in points}))
    if len(counts) < MIN_COUNTS:
        return RefusedFit(
            law,
            f"{_TITLES[law]} is not fitted to {count(len(counts), 'number')} of workers; three or more are needed.",
            lacks_counts=True,
        )
    workers = tuple(float(point.workers) for point in points)
    speedups = tuple(point.speedup for point in points)
    values = _solve(law, workers, speedups)
    resampled = _resample_fits(law, series, workers)
    parameters = tuple(
        Parameter(name, value, _interval([each[place] for each in resampled]))
        for place, (name, value) in enumerate(zip(_PARAMETERS[law], values, strict=True))
    )
    fitted = [law_speedup(law, values, each) for each in workers]
    r_squared = _r_squared(workers, speedups, fitted, len(values))
    worst = max(abs(one / other - 1.0) for one, other in zip(speedups, fitted, strict=True))
    if (misfit := _find_misfit(r_squared, worst)) is not None:
        return RefusedFit(law, f"{_TITLES[law]} is not fitted: {misfit}, so its parameters would mean nothing.")
    top = usl_peak(*values) if law == "usl" else None
    return Fit(
        law=law,
        parameters=parameters,
        r_squared=r_squared,
        worst=worst,
        counts=counts,
        peak=top,
        peak_interval=_peak_interval(resampled) if top is not None else None,
        resampled=resampled,
    )


def _find_misfit(r_squared: float | None, worst: float) -> str | None:
    """Return why the best parameters are useless; None if they are not. `worst` is a share of the law."""
    if r_squared is None and worst > MAX_EXTRAPOLATION_ERROR:
        return f"it is up to {worst * 100:.0f}% off what was measured"
    if r_squared is not None and r_squared < 0 and worst > CLOSE_FIT_ERROR:
        mean = f"R² {r_squared:.2f}, at worst {worst * 100:.0f}% off"
        return f"it fits no better than the mean of the speed-ups ({mean})"
    return None


def _is_valid_point(workers: int, value: float) -> bool:
    return workers >= 1 and math.isfinite(value) and value > 0


def _resample_fits(law: Law, series: ScalingSeries, workers: LawValues) -> tuple[LawValues, ...]:
    """Return the parameters for each resample of the trials; none if a point or its baseline has too few trials."""
    points = series.points
    groups = [point.walls_s for point in points] + [point.baseline_walls_s for point in points]
    if any(len(group) < MIN_TRIALS or not all(math.isfinite(wall) and wall > 0 for wall in group) for group in groups):
        return ()
    found = []
    for medians in resample_medians(groups):
        walls, baselines = medians[: len(points)], medians[len(points) :]
        speedups = [
            point.baselines * baseline / wall for point, wall, baseline in zip(points, walls, baselines, strict=True)
        ]
        found.append(_solve(law, workers, speedups))
    return tuple(found)


def _interval(values: Sequence[float]) -> Interval | None:
    return percentile_interval(values) if values else None


def _peak_interval(resampled: Sequence[LawValues]) -> Interval | None:
    """Return the interval of the peak; None if some resamples have no peak, because then it has no upper bound."""
    peaks = [usl_peak(*values) for values in resampled]
    known = [each for each in peaks if each is not None]
    return percentile_interval(known) if known and len(known) == len(peaks) else None


def _r_squared(workers: LawValues, speedups: LawValues, fitted: Sequence[float], parameters: int) -> float | None:
    """Return R squared; None with no degrees of freedom left. One worker does not count: every law gives it 1."""
    tests = sum(each > 1 for each in workers)
    mean = sum(speedups) / len(speedups)
    total = sum((each - mean) ** 2 for each in speedups)
    if tests <= parameters or total <= 0:
        return None
    return 1.0 - sum((one - other) ** 2 for one, other in zip(speedups, fitted, strict=True)) / total


def _solve(law: Law, workers: Sequence[float], speedups: Sequence[float]) -> LawValues:
    """Minimise the squares of relative errors, with the parameters within their bounds.

    In terms of workers / speed-up, Amdahl's law and the Universal Scalability Law are linear, so the sum of
    (measured / law - 1)^2 has its minimum in closed form; Gustafson's law is linear as it is.
    """
    return _SOLVERS[law](workers, speedups)


def _solve_amdahl(workers: Sequence[float], speedups: Sequence[float]) -> LawValues:
    rates = [value / each for each, value in zip(workers, speedups, strict=True)]
    columns = [rate * (each - 1.0) for each, rate in zip(workers, rates, strict=True)]
    return (_clamp_share(_ratio(columns, [1.0 - rate for rate in rates])),)


def _solve_gustafson(workers: Sequence[float], speedups: Sequence[float]) -> LawValues:
    columns = [(each - 1.0) / value for each, value in zip(workers, speedups, strict=True)]
    return (
        _clamp_share(_ratio(columns, [(each - value) / value for each, value in zip(workers, speedups, strict=True)])),
    )


def _solve_usl(workers: Sequence[float], speedups: Sequence[float]) -> LawValues:
    rates = [value / each for each, value in zip(workers, speedups, strict=True)]
    first = [rate * (each - 1.0) for each, rate in zip(workers, rates, strict=True)]
    second = [rate * each * (each - 1.0) for each, rate in zip(workers, rates, strict=True)]
    wanted = [1.0 - rate for rate in rates]
    aa, ab, bb = _dot(first, first), _dot(first, second), _dot(second, second)
    ay, by = _dot(first, wanted), _dot(second, wanted)
    candidates = [(_clamp_share(_ratio(first, wanted)), 0.0), (0.0, max(0.0, _ratio(second, wanted)))]
    candidates.append((1.0, max(0.0, (by - ab) / bb)) if bb > 0 else (1.0, 0.0))
    determinant = aa * bb - ab * ab
    if determinant > 1e-12 * aa * bb:
        sigma, kappa = (bb * ay - ab * by) / determinant, (aa * by - ab * ay) / determinant
        if 0.0 <= sigma <= 1.0 and kappa >= 0.0:
            return sigma, kappa
    return min(candidates, key=lambda each: _misfit(each, first, second, wanted))


_SOLVERS: dict[Law, Callable[[Sequence[float], Sequence[float]], LawValues]] = {
    "amdahl": _solve_amdahl,
    "gustafson": _solve_gustafson,
    "usl": _solve_usl,
}


def _misfit(values: LawValues, first: Sequence[float], second: Sequence[float], wanted: Sequence[float]) -> float:
    sigma, kappa = values
    return sum((sigma * a + kappa * b - y) ** 2 for a, b, y in zip(first, second, wanted, strict=True))


def _ratio(column: Sequence[float], wanted: Sequence[float]) -> float:
    """Return the factor that brings `column` nearest to `wanted`."""
    square = _dot(column, column)
    return _dot(column, wanted) / square if square > 0 else 0.0


def _dot(one: Sequence[float], other: Sequence[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


def _clamp_share(value: float) -> float:
    return min(1.0, max(0.0, value))


def can_extrapolate(fit: Fit) -> bool:
    """Return whether a law is close enough to all measured points, and there are enough of them, to predict more workers."""
    return has_enough_counts(fit) and fit.worst <= MAX_EXTRAPOLATION_ERROR


def has_enough_counts(fit: Fit) -> bool:
    """Return whether a law was fitted to enough numbers of workers to predict more of them."""
    return len(fit.counts) >= MIN_PREDICTION_COUNTS
