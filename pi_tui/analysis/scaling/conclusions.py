"""What a whole run shows about scaling, in sentences: laws and predictions, break-even sizes, the cost per task."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pi_tui.analysis.results import Result
from pi_tui.analysis.scaling import task_overhead
from pi_tui.analysis.scaling.breakeven import find_break_evens
from pi_tui.analysis.scaling.build_series import build_grain_series, build_scaling_series, build_size_series
from pi_tui.analysis.scaling.law_sentences import describe_fit, describe_prediction
from pi_tui.analysis.scaling.scaling_laws import (
    MIN_PREDICTION_COUNTS,
    Fit,
    can_extrapolate,
    fit_laws,
    has_enough_counts,
)
from pi_tui.analysis.scaling.series import ScalingSeries
from pi_tui.analysis.text.formatting import speedup_text
from pi_tui.analysis.text.prose import count

PREDICTED_WORKERS = (64, 1024)
"""The numbers of workers that a law predicts speed-ups for."""


def draw_conclusions(results: Iterable[Result], usable_cores: int, more_counts: str = "") -> tuple[str, ...]:
    """Return paragraphs about every dimension that was varied. `more_counts` says how to request more numbers of workers."""
    results = tuple(results)
    return (
        *(
            sentence
            for series in build_scaling_series(results, usable_cores)
            if len(series.points) > 1
            for sentence in _conclude_series(series, more_counts)
        ),
        *(each.sentence for each in find_break_evens(build_size_series(results))),
        *(task_overhead.describe_task_cost(series) for series in build_grain_series(results)),
    )


def describe_scaling(series: ScalingSeries) -> str:
    """Return whether a series is strong or weak scaling, with the meaning."""
    return "strong scaling, one total shared" if series.strong else "weak scaling, the same work for every worker"


def _conclude_series(series: ScalingSeries, more_counts: str) -> Iterator[str]:
    measured = ", ".join(f"{speedup_text(point.speedup)} with {point.workers}" for point in series.points)
    yield f"{series.name} ({describe_scaling(series)}): {measured}."
    for found in fit_laws(series):
        if not isinstance(found, Fit):
            yield f"{found.sentence} {more_counts if found.lacks_counts else ''}".rstrip()
            continue
        if not has_enough_counts(found):
            needed = count(MIN_PREDICTION_COUNTS, "number")
            few = f"From {count(len(found.counts), 'number')} of workers, it predicts nothing; at least {needed} are needed."
            yield f"{describe_fit(found)} {few} {more_counts}".rstrip()
            continue
        if not can_extrapolate(found):
            yield f"{describe_fit(found)} It is too far off to predict more workers."
            continue
        beyond = [workers for workers in PREDICTED_WORKERS if workers > found.counts[-1]]
        carried = "; ".join(describe_prediction(found, workers) for workers in beyond)
        yield f"{describe_fit(found)} {carried}{'; predictions, not measured.' if carried else ''}".strip()
